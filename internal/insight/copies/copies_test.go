package copies

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

func flag(t testing.TB, name string) *picture.Picture {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(golden.Flags(t), "images", name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := picture.Decode(t.Context(), data, picture.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func signature(t testing.TB, p *picture.Picture) *Signature {
	t.Helper()
	s, err := Of(p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// of is a picture of a width, of grey pixels.
func of(width int, pixels ...byte) *picture.Picture {
	p := picture.New(width, len(pixels)/width)
	for i, v := range pixels {
		p.Pix[3*i], p.Pix[3*i+1], p.Pix[3*i+2] = v, v, v
	}
	return p
}

// The eight turns of
//
//	1 2 3
//	4 5 6
//
// by hand.
func TestTurns(t *testing.T) {
	t.Parallel()
	for turn, want := range []struct {
		says string
		p    *picture.Picture
	}{
		{"", of(3, 1, 2, 3, 4, 5, 6)},
		{"mirrored", of(3, 3, 2, 1, 6, 5, 4)},
		{"turned by 90°", of(2, 3, 6, 2, 5, 1, 4)},
		{"mirrored, turned by 90°", of(2, 1, 4, 2, 5, 3, 6)},
		{"turned by 180°", of(3, 6, 5, 4, 3, 2, 1)},
		{"mirrored, turned by 180°", of(3, 4, 5, 6, 1, 2, 3)},
		{"turned by 270°", of(2, 4, 1, 5, 2, 6, 3)},
		{"mirrored, turned by 270°", of(2, 6, 3, 5, 2, 4, 1)},
	} {
		got := Turn(turn).Apply(of(3, 1, 2, 3, 4, 5, 6))
		if got.Width != want.p.Width || !slices.Equal(got.Pix, want.p.Pix) || Turn(turn).String() != want.says {
			t.Errorf("%v: %d wide %v, want %s %v", Turn(turn), got.Width, got.Pix, want.says, want.p.Pix)
		}
	}
}

// Whatever way a copy was turned, there is a turn in which it lies as the original; and its signature
// survives being written.
func TestATurnedCopyIsFound(t *testing.T) {
	t.Parallel()
	original := flag(t, "Bhutan") // no symmetry in it
	a := signature(t, original)
	for turn := range Turn(Turns) {
		b, err := Parse(signature(t, turn.Apply(original)).AppendTo(nil))
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for back := range Turn(Turns) {
			c := Compare(a, b, back)
			if c.Difference <= 2 && c.Bits <= 2 && c.Aspect == 0 {
				found++
				if got := back.Apply(turn.Apply(original)); !slices.Equal(got.Pix, original.Pix) {
					t.Errorf("%v does not undo %v", back, turn)
				}
			}
		}
		if found != 1 {
			t.Errorf("%v: %d turns bring it back", turn, found)
		}
	}
	if _, err := Parse(a.AppendTo(nil)[1:]); err == nil {
		t.Error("a signature that was cut off is read")
	}
}

func TestDifference(t *testing.T) {
	t.Parallel()
	flat := func(left, right byte, edge int) *picture.Picture {
		p := picture.New(64, 64)
		for i := range 64 * 64 {
			v := left
			if i%64 >= edge {
				v = right
			}
			p.Pix[3*i], p.Pix[3*i+1], p.Pix[3*i+2] = v, v, v
		}
		return p
	}
	for _, c := range []struct {
		why              string
		a, b             *picture.Picture
		difference, cast float64
	}{
		{"itself", flat(10, 200, 32), flat(10, 200, 32), 0, 0},
		{"an edge that went one place on", flat(10, 200, 32), flat(10, 200, 34), 0, 0},
		{"the left half another grey", flat(10, 200, 32), flat(37, 200, 32), 27, 27},
		{"all another grey", flat(50, 50, 0), flat(60, 60, 0), 10, 10},
	} {
		got := Compare(signature(t, c.a), signature(t, c.b), 0)
		if math.Abs(got.Difference-c.difference) > 1 || math.Abs(got.Cast-c.cast) > 1 {
			t.Errorf("%s: %+v", c.why, got)
		}
	}
	// A star is one place in a hundred: a difference, and no cast.
	if got := Compare(signature(t, flag(t, "Mali")), signature(t, flag(t, "Senegal")), 0); got.Difference < 100 {
		t.Errorf("Senegal's star is not seen: %+v", got)
	}
}

// The blue of Chad and Romania differs by 27 of 255, over a third of the flag.
func TestChadIsNotRomania(t *testing.T) {
	t.Parallel()
	c := Compare(signature(t, flag(t, "Chad")), signature(t, flag(t, "Romania")), 0)
	if c.Cast < 20 || c.Aspect != 0 {
		t.Errorf("%+v", c)
	}
	// A half of 220 x 147 is 110 x 73 or 110 x 74.
	for _, height := range []int{73, 74} {
		if a := Aspect(220, 147, height, 110, 2); a != 0 {
			t.Errorf("%v", a)
		}
	}
	// Monaco is shorter.
	if c := Compare(signature(t, flag(t, "Indonesia")), signature(t, flag(t, "Monaco")), 0); c.Aspect < 0.15 {
		t.Errorf("%+v", c)
	}
}

func TestAnEnlargedCopyIsLessSharp(t *testing.T) {
	t.Parallel()
	original := flag(t, "Bhutan")
	small := resample.Resize(original, 110, original.Height/2, resample.Bilinear)
	enlarged := resample.Resize(small, 440, 2*original.Height, resample.Bilinear)
	o, e := signature(t, original), signature(t, enlarged)
	if r := Sharper(o, e); r < 1.2 {
		t.Errorf("the original is %.2f times as sharp as its enlarged half", r)
	}
	if d, why := Better(Quality{Signature: o, Width: 220, Height: 147}, Quality{Signature: e, Width: 440, Height: 294}, 1.1); d >= 0 || why != "sharper" {
		t.Errorf("%d %s", d, why)
	}
	half := resample.Resize(original, 146, original.Height*146/220, resample.Bilinear)
	if r := Sharper(o, signature(t, half)); r < 0.8 || r > 1.25 {
		t.Errorf("at the same size the original is %.2f times as sharp as its half", r)
	}
	for _, c := range []struct {
		a, b Quality
		d    int
		why  string
	}{
		{Quality{Width: 10, Height: 10}, Quality{Width: 20, Height: 10}, 1, "larger"},
		{Quality{Width: 10, Height: 10, Lossless: true, Bytes: 5}, Quality{Width: 10, Height: 10, Bytes: 9}, -1, "lossless"},
		{Quality{Width: 10, Height: 10, Lossless: true, FromLossy: true, Bytes: 9}, Quality{Width: 10, Height: 10, Bytes: 5}, 1, "the original"},
		{Quality{Width: 20, Height: 10, Lossless: true, FromLossy: true}, Quality{Width: 10, Height: 10}, -1, "larger"},
		{Quality{Width: 10, Height: 10, Bytes: 5}, Quality{Width: 10, Height: 10, Bytes: 9}, 1, "less compressed"},
		{Quality{Width: 10, Height: 10, Bytes: 5}, Quality{Width: 10, Height: 10, Bytes: 5}, 0, ""},
		{Quality{Width: 10, Height: 10, Lossless: true, Bytes: 5}, Quality{Width: 10, Height: 10, Lossless: true, Bytes: 9}, 0, ""},
	} {
		if d, why := Better(c.a, c.b, 1.1); d != c.d || why != c.why {
			t.Errorf("%+v: %d %s", c, d, why)
		}
	}
}

func TestToleranceHoldsWhatCopiesNeed(t *testing.T) {
	t.Parallel()
	var made []Displacement
	for i := range 100 {
		made = append(made, Displacement{SignatureDistance: SignatureDistance{Bits: i / 10, Difference: float64(i), Aspect: 0.001 * float64(i)}, Embedding: 0.01 * float64(i), Blurred: 1})
	}
	want := Tolerance{Bits: 9, Difference: 97, Cast: 2, Aspect: 0.097, Embedding: 0.97, Blurred: 1.05}
	got := Calibrate(made, true)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	within := 0
	for _, m := range made {
		if got.Distance(m) <= 1 {
			within++
		}
	}
	if within != 98 {
		t.Errorf("%d of 100 are within the tolerance", within)
	}
	if d := got.Distance(Displacement{SignatureDistance: SignatureDistance{Bits: 9, Difference: 194}}); d != 2 {
		t.Errorf("%v", d)
	}
	if none := Calibrate(nil, false); none.Bits != 1 || !math.IsNaN(none.Embedding) || math.IsNaN(none.Distance(Displacement{Embedding: 5})) {
		t.Errorf("%+v", none)
	}
}

// Clopper and Pearson's upper bounds, one-sided, 95 %: the rate at which the chance of at most k of n is 0.05,
// summed in Python with whole numbers (math.comb).
func TestRate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why    string
		k, n   int
		atMost float64
	}{
		{"none of none", 0, 0, 1},
		{"none of ten", 0, 10, 0.25887},
		{"none of 100: the rule of three", 0, 100, 0.029513},
		{"one of 100", 1, 100, 0.046560},
		{"five of 20", 5, 20, 0.455582},
		{"all", 3, 3, 1},
	} {
		if got := (Rate{c.k, c.n}).AtMost(); math.Abs(got-c.atMost) > 1e-4 {
			t.Errorf("%s: %v, want %v", c.why, got, c.atMost)
		}
	}
	if e := (Rate{0, 99}).Expected(); e != 0.005 {
		t.Errorf("%v", e)
	}
}

// Of nine, k within a limit are to be expected with a rate of (k + 0.5) / 10: worked by hand.
func TestLimit(t *testing.T) {
	t.Parallel()
	worst := []float64{4, 0.8, 1.5, 3, math.Inf(1), 2, 0.9, 5, 6}
	for _, c := range []struct {
		why          string
		of, wrong, k float64 // pictures, wrong ones, changed ones within the limit
		limit        float64
	}{
		{"not even none of nine is rare enough", 20, 0.9, 0, 0},
		{"none may be within", 20, 1, 0, 0.8},
		{"one is too many", 20, 2.9, 0, 0.8},
		{"one may be", 20, 3, 1, 0.9},
		{"two may be: up to where losses end", 20, 5, 2, 1},
	} {
		got := Limit(worst, c.of, c.wrong)
		if got > c.limit || got < c.limit-1e-9 {
			t.Errorf("%s: %v, want %v", c.why, got, c.limit)
		}
		if r := Within(worst, got); r != (Rate{int(c.k), 9}) {
			t.Errorf("%s: %+v", c.why, r)
		}
	}
	// Of 100 five are nearer than 2, each by a factor of e: within w are 0.05 · w/2, and a quarter of 0.4 of ten at 0.4.
	tail := []float64{2 / math.E, 2 / math.E, 2 / math.E, 2 / math.E, 2 / math.E}
	for len(tail) < 100 {
		tail = append(tail, 2)
	}
	if got := Limit(tail, 10, 0.4); math.Abs(got-0.4) > 1e-9 {
		t.Errorf("of the tail: %v", got)
	}
	if got := Limit(nil, 1, 0.4); got != 0 {
		t.Errorf("nothing was measured: %v", got)
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	lessIsBetter := func(a, b int) bool { return a < b }
	moreIsBetter := func(a, b int) bool { return a > b }
	apart := func(most int) func(a, b int) bool {
		return func(a, b int) bool { return max(a-b, b-a) <= most }
	}
	for _, c := range []struct {
		why    string
		n      int
		pairs  [][2]int
		better func(a, b int) bool
		copies func(a, b int) bool
		want   string
	}{
		{"none", 3, nil, lessIsBetter, apart(9), "[]"},
		{"two", 4, [][2]int{{3, 1}}, lessIsBetter, apart(9), "[[1 3]]"},
		{"best first", 4, [][2]int{{1, 3}}, moreIsBetter, apart(9), "[[3 1]]"},
		{"a pair that nobody named", 4, [][2]int{{0, 1}, {1, 2}}, lessIsBetter, apart(2), "[[0 1 2]]"},
		{"the ends of a chain are no copies", 3, [][2]int{{0, 1}, {1, 2}}, lessIsBetter, apart(1), "[[0 1]]"},
		{"a chain falls apart", 4, [][2]int{{0, 1}, {1, 2}, {2, 3}}, lessIsBetter, apart(1), "[[0 1] [2 3]]"},
		{"several", 6, [][2]int{{4, 5}, {0, 2}}, lessIsBetter, apart(9), "[[0 2] [4 5]]"},
	} {
		if got := fmt.Sprint(Groups(c.n, c.pairs, c.better, c.copies)); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}

func BenchmarkSignature(b *testing.B) {
	p := picture.New(4000, 3000)
	for i := range p.Pix {
		p.Pix[i] = byte(i * i >> 7)
	}
	for b.Loop() {
		signature(b, p)
	}
}

func BenchmarkCompare(b *testing.B) {
	x, y := signature(b, flag(b, "Chad")), signature(b, flag(b, "Bhutan"))
	for b.Loop() {
		Compare(x, y, 0)
	}
}
