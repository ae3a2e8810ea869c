package copies

import (
	"cmp"
	"slices"
)

// Groups divides things into groups of copies, each with its best first, and every other of
// it a copy of that best: a chain, of which the ends are no copies of one another, is no
// group. pairs are those known to be copies; of others of the same connected part is asked.
// Groups come in the order of their least thing, and things in none are left out.
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

// Connected gives the parts of n things that pairs connect, each of two or more and in rising order.
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
	at := map[int]int{} // of a part's least thing
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

// Quality is what decides which of several copies is the best.
type Quality struct {
	Signature *Signature // nil counts as neither sharp nor blurred
	Width     int
	Height    int
	Lossless  bool // saved in a format that loses nothing
	FromLossy bool // of a copy with losses: it shows the same pixels, and was made from it
	Bytes     int64
}

// Better compares two copies: negative where a is the better one, and why it is. One that is less
// sharp at the same size, by more than copies are (blurred), was enlarged or blurred; else
// more pixels are better, then an original, then a format that loses nothing, then more bytes.
func Better(a, b Quality, blurred float64) (int, string) {
	if a.Signature != nil && b.Signature != nil {
		if ratio := Sharper(a.Signature, b.Signature); ratio > blurred*slack {
			return -1, "sharper"
		} else if ratio < 1/(blurred*slack) {
			return 1, "sharper"
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

// slack is what the tolerance of sharpness is widened by, because a wrong answer costs pixels.
const slack = 1.1
