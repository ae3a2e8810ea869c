package copies

import (
	"cmp"
	"slices"
)

// Groups divides n items into groups of copies, each with its best first. Every other member is a copy of the
// best: a chain whose ends are no copies of one another is not one group. pairs are known to be copies;
// areCopies is called for other pairs of the same connected component. Groups are sorted by their lowest
// item; items without a copy are left out.
func Groups(n int, pairs [][2]int, better func(a, b int) bool, areCopies func(best, other int) bool) [][]int {
	var groups [][]int
	for _, left := range Connected(n, pairs) {
		for len(left) > 1 {
			best := left[0]
			for _, other := range left[1:] {
				if better(other, best) {
					best = other
				}
			}
			group, others := []int{best}, left[:0:0]
			for _, other := range left {
				if other == best {
					continue
				}
				if areCopies(best, other) {
					group = append(group, other)
				} else {
					others = append(others, other)
				}
			}
			if len(group) > 1 {
				groups = append(groups, group)
			}
			left = others
		}
	}
	slices.SortFunc(groups, func(a, b []int) int { return cmp.Compare(slices.Min(a), slices.Min(b)) })
	return groups
}

// Connected returns the connected components of n items, of two or more each, in ascending order.
func Connected(n int, pairs [][2]int) (parts [][]int) {
	parent := make([]int, n)
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for _, p := range pairs {
		a, b := root(p[0]), root(p[1])
		parent[max(a, b)] = min(a, b)
	}
	at := map[int]int{} // root → component
	for i := range n {
		r := root(i)
		if r == i {
			continue
		}
		k, ok := at[r]
		if !ok {
			k = len(parts)
			at[r] = k
			parts = append(parts, []int{r})
		}
		parts[k] = append(parts[k], i)
	}
	return parts
}

// Quality is what decides which of several copies is the best, beside its place.
type Quality struct {
	Signature *Signature // nil if unknown: sharpness is not compared then
	Width     int
	Height    int
	Lossless  bool // the format is
	FromLossy bool // it has the pixels of a lossy copy, and so was made from it
	Bytes     int64
}

// Sharpest is the reason of Better for a copy that is sharper at the same size.
const Sharpest = "sharper"

// Better is negative if a is the better of two copies, and returns the reason. A copy that is less sharp at
// the same size, beyond the tolerance of copies (blurred), was enlarged or blurred. Otherwise more
// pixels are better, then an original, then a lossless format, then more bytes.
func Better(a, b Quality, blurred float64) (int, string) {
	if a.Signature != nil && b.Signature != nil {
		if ratio := Sharper(a.Signature, b.Signature); ratio > blurred*slack {
			return -1, Sharpest
		} else if ratio < 1/(blurred*slack) {
			return 1, Sharpest
		}
	}
	switch {
	case a.Width*a.Height != b.Width*b.Height:
		return cmp.Compare(b.Width*b.Height, a.Width*a.Height), "larger"
	case a.FromLossy != b.FromLossy && b.FromLossy:
		return -1, "the original"
	case a.FromLossy != b.FromLossy:
		return 1, "the original"
	case a.Lossless != b.Lossless && a.Lossless:
		return -1, "lossless"
	case a.Lossless != b.Lossless:
		return 1, "lossless"
	case a.Bytes != b.Bytes && !a.Lossless:
		return cmp.Compare(b.Bytes, a.Bytes), "less compressed"
	}
	return 0, ""
}

// slack widens the tolerance of sharpness, because an error costs pixels.
const slack = 1.1
