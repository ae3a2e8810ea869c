package local

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestTheDistanceOfAMisspeltWord(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		typed, text string
		want        int // by hand
		why         string
	}{
		{"france", "france", 0, "the word itself"},
		{"frnace", "france", 1, "a and n are swapped"},
		{"frace", "france", 1, "n was left out"},
		{"frannce", "france", 1, "n is there twice"},
		{"framce", "france", 1, "m for n"},
		{"rfance", "france", 1, "the first two letters are swapped"},
		{"drance", "france", 1, "the first letter is another"},
		{"frnac", "france", 1, "swapped, and the rest is not typed yet"},
		{"fra", "france", 0, "a beginning"},
		{"frm", "france", 1, "a beginning with another letter"},
		{"germnay", "germany", 1, "n and a are swapped"},
		{"grmnay", "germany", 2, "e was left out, n and a are swapped"},
		{"kitten", "sitting", 2, "of the classic three, the g is beyond the beginning sittin"},
		{"saturday", "sunday", 3, "the classic one"},
		{"münchen", "munchen", 1, "letters count, not bytes"},
		{"росия", "россия", 1, "letters count, not bytes"},
		{"росаая", "россия", 2, "two letters are others"},
		{"xyz", "abc", 3, "nothing is alike: as far as from no letters at all"},
	} {
		w, ok := newMisspelt(x.typed)
		if !ok {
			t.Fatal(x.typed)
		}
		if got := w.distance(x.text); got != x.want {
			t.Errorf("%q to %q: %d, want %d: %s", x.typed, x.text, got, x.want, x.why)
		}
	}
}

// textbook returns the optimal string alignment distance of a to the nearest beginning of b, by its definition.
func textbook(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for j := range d[i] {
			switch {
			case i == 0:
				d[i][j] = j
			case j == 0:
				d[i][j] = i
			default:
				cost := 1
				if a[i-1] == b[j-1] {
					cost = 0
				}
				d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
				if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
					d[i][j] = min(d[i][j], d[i-2][j-2]+1)
				}
			}
		}
	}
	return slices.Min(d[len(a)])
}

func TestTheDistanceIsTheTextbooks(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 7))
	word := func(least, most int) []rune {
		w := make([]rune, least+random.IntN(most-least+1))
		for i := range w {
			w[i] = []rune("abcдñ")[random.IntN(5)]
		}
		return w
	}
	near := 0
	for range 20_000 {
		a, b := word(3, 64), word(0, 70)
		if random.IntN(2) == 0 { // b is a with some errors
			b = slices.Clone(a)
			for range random.IntN(5) {
				b[random.IntN(len(b))] = word(1, 1)[0]
				if i := random.IntN(len(b)); i > 0 {
					b[i-1], b[i] = b[i], b[i-1]
				}
			}
		}
		w, ok := newMisspelt(string(a))
		if !ok {
			t.Fatal(string(a))
		}
		got, want := w.distance(string(b)), textbook(a, b)
		if want <= w.allowed {
			near++
		}
		// Beyond what is allowed only that it is beyond counts.
		if got != want && min(got, want) <= w.allowed {
			t.Fatalf("%s to %s: %d, want %d", string(a), string(b), got, want)
		}
	}
	if near < 2000 {
		t.Errorf("only %d pairs were near", near)
	}
}

func TestMisspeltNames(t *testing.T) {
	t.Parallel()
	names := []string{"France", "French_Guiana", "Île-de-France", "Trance", "France_(civil)", "Chad", "São_Tomé", "Ivory_Coast", "img_2024"}
	s := &Snapshot{Pictures: *picturesCalled(names...), sharedParts: &sharedParts{}}
	typed := s.TypedNames()
	for _, x := range []struct {
		typed string
		most  int
		want  []string
		why   string
	}{
		{"frnace", 8, []string{"France", "France_(civil)", "Île-de-France", "Trance"}, "at a name's beginning before within, the shorter first, fewer errors before all"},
		{"frnace", 2, []string{"France", "France_(civil)"}, "the first two"},
		{"sao tmoe", 8, []string{"São_Tomé"}, "accents and the underscore do not count, a swap does"},
		{"coatz", 8, nil, "two errors in five letters are too many"},
		{"coats", 8, []string{"Ivory_Coast"}, "one is not, and a later word counts as well"},
		{"vory", 8, []string{"Ivory_Coast"}, "the first letter was left out"},
		{"xy", 8, nil, "two letters are near to everything"},
		{"chda", 8, []string{"Chad"}, "swapped"},
		{"igm 2024", 8, []string{"img_2024"}, "digits are letters"},
		{strings.Repeat("france", 11), 8, nil, "66 letters"},
	} {
		var got []string
		for _, i := range typed.Misspelt(Typed(x.typed), count(len(names)), x.most) {
			got = append(got, names[i])
		}
		if !slices.Equal(got, x.want) {
			t.Errorf("%q: %q, want %q: %s", x.typed, got, x.want, x.why)
		}
	}
	if got := typed.Misspelt("frnace", slices.Values([]int{2, 5}), 8); !slices.Equal(got, []int{2}) {
		t.Errorf("of Île-de-France and Chad alone: %v", got)
	}
}

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// BenchmarkMisspelt looks for a misspelt name among a hundred thousand of three words each.
func BenchmarkMisspelt(b *testing.B) {
	words := []string{"river", "bridge", "night", "holiday", "garden", "mountain", "portrait", "street", "winter", "market"}
	names := make([]string, 100_000)
	for i := range names {
		names[i] = fmt.Sprintf("%s_%s_%d", words[i%10], words[i/10%10], i)
	}
	s := &Snapshot{Pictures: *picturesCalled(names...), sharedParts: &sharedParts{}}
	typed := s.TypedNames()
	for b.Loop() {
		if got := typed.Misspelt("mountian gradne", count(len(names)), 8); len(got) != 8 {
			b.Fatal(got)
		}
	}
}
