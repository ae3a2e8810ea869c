package local

import (
	"cmp"
	"iter"
	"math/bits"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Misspelt returns the names, of those among, that a misspelt word may mean: at most so many, the nearest first. A name
// is as near as the distance of what was typed to a beginning of one of its words: someone who types has not
// ended, and nobody mistakes where a word begins.
//
// The distance counts letters that were left out, added, changed, or swapped with their neighbour (optimal
// string alignment). One such error is allowed in three letters, two in six, and three in ten.
func (t *TypedNames) Misspelt(typed string, among iter.Seq[int], most int) []int {
	w, ok := newMisspelt(typed)
	if !ok {
		return nil
	}
	type near struct{ name, errors, at, length int }
	best := make([]near, 0, most+1)
	order := func(a, b near) int {
		return cmp.Or(a.errors-b.errors, min(a.at, 1)-min(b.at, 1), a.length-b.length, a.name-b.name)
	}
	for i := range among {
		if bits.OnesCount64(w.has&^t.letters[i]) > w.allowed {
			continue // so many letters are missing, and an error mends one at most
		}
		name := t.At(i)
		errors, at := w.nearest(name)
		if errors > w.allowed {
			continue
		}
		n := near{i, errors, at, len(name)}
		place, _ := slices.BinarySearchFunc(best, n, order)
		if place == most {
			continue
		}
		best = slices.Insert(best, place, n)
		best = best[:min(len(best), most)]
		if len(best) == most {
			w.allowed = best[most-1].errors // with more it would not be among them
		}
	}
	names := make([]int, len(best))
	for i, n := range best {
		names[i] = n.name
	}
	return names
}

// misspelt is a word whose distance to many others is asked for, as Hyyrö's bit-parallel algorithm wants it: one step
// a letter of the other word, for all letters of this one at once ("A bit-vector algorithm for computing
// Levenshtein and Damerau edit distances", Nordic Journal of Computing 10, 2003).
type misspelt struct {
	ascii   [utf8.RuneSelf]uint64 // by letter: where in the word it stands
	others  map[rune]uint64
	has     uint64 // as lettersOf returns it
	letters int
	allowed int // errors
}

// newMisspelt is not ok for a word so short that any other is near, or too long for a machine word.
func newMisspelt(typed string) (w misspelt, ok bool) {
	w.letters = utf8.RuneCountInString(typed)
	switch {
	case w.letters < 3 || w.letters > 64:
		return w, false
	case w.letters < 6:
		w.allowed = 1
	case w.letters < 10:
		w.allowed = 2
	default:
		w.allowed = 3
	}
	w.has = lettersOf(typed)
	w.others = map[rune]uint64{}
	bit := uint64(1)
	for _, r := range typed {
		if r < utf8.RuneSelf {
			w.ascii[r] |= bit
		} else {
			w.others[r] |= bit
		}
		bit <<= 1
	}
	return w, true
}

// nearest returns the least distance to a beginning of one of the words of text, and where that word begins.
func (w *misspelt) nearest(text string) (errors, at int) {
	errors = w.letters
	inside := false
	for i, r := range text {
		if len(text)-i < w.letters-w.allowed {
			break // too few letters are left
		}
		letter := 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsNumber(r))
		if letter && !inside {
			if e := w.distance(text[i:]); e < errors {
				errors, at = e, i
			}
		}
		inside = letter
	}
	return errors, at
}

// distance returns the least distance to a beginning of text.
func (w *misspelt) distance(text string) int {
	last := uint64(1) << (w.letters - 1)
	plus, minus := ^uint64(0), uint64(0) // where a column of the matrix rises and falls
	var diagonal, before uint64
	errors, least := w.letters, w.letters
	read := 0
	for _, r := range text {
		if read++; read > w.letters+w.allowed {
			break // a longer beginning has too many letters more
		}
		var same uint64
		if r < utf8.RuneSelf {
			same = w.ascii[r]
		} else {
			same = w.others[r]
		}
		swapped := (^diagonal & same) << 1 & before
		diagonal = (((same & plus) + plus) ^ plus) | same | minus | swapped
		right := minus | ^(diagonal | plus)
		left := diagonal & plus
		if right&last != 0 {
			errors++
		}
		if left&last != 0 {
			errors--
		}
		least = min(least, errors)
		right = right<<1 | 1
		plus = left<<1 | ^(diagonal | right)
		minus = right & diagonal
		before = same
	}
	return least
}

// lettersOf returns the set of the letters of a text; some share a place in it.
func lettersOf(text string) (set uint64) {
	for _, r := range text {
		set |= 1 << (r & 63)
	}
	return set
}
