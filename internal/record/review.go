package record

import (
	"maps"
	"slices"
)

// Review is a group of contents that someone has looked at, with the number of files of each.
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

// AddReviews adds fresh reviews to known ones. It returns the indexes of the known ones that a fresh one includes, and
// the fresh ones that are new.
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
