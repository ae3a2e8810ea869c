package record

import (
	"maps"
	"slices"
)

// Review are contents that someone has looked at together, with how many files had each.
type Review map[Hash]int

// covers reports whether r holds all that other does.
func (r Review) covers(other Review) bool {
	for h, files := range other {
		if r[h] < files {
			return false
		}
	}
	return true
}

// AddReviews tells what becomes of known reviews when fresh ones join them: which of the known
// are gone, by their indexes, for a fresh one holds them; and which of the fresh say something new.
func AddReviews(known, fresh []Review) (gone []int, added []Review) {
	all := slices.Clone(known)
	for _, r := range fresh {
		if len(r) == 0 || slices.ContainsFunc(all, func(k Review) bool { return k.covers(r) }) {
			continue
		}
		for i, k := range known {
			if r.covers(k) && !slices.Contains(gone, i) {
				gone = append(gone, i)
			}
		}
		all, added = append(all, r), append(added, r)
	}
	return gone, added
}

// HasAny reports whether one of some contents is part of the review.
func (r Review) HasAny(contents []Hash) bool {
	return slices.ContainsFunc(contents, func(h Hash) bool { return r[h] > 0 })
}

// Hashes are the review's contents, in order.
func (r Review) Hashes() []Hash {
	return slices.SortedFunc(maps.Keys(r), func(a, b Hash) int { return slices.Compare(a[:], b[:]) })
}
