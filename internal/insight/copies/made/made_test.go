package made

import (
	"bytes"
	"testing"
)

// The same numbers give the same pixels, and others give others.
func TestMadeAnew(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds {
		one, again, other := Page(kind, 3), Page(kind, 3), Page(kind, 4)
		if !bytes.Equal(one.Pix, again.Pix) || bytes.Equal(one.Pix, other.Pix) || one.Rect != other.Rect {
			t.Errorf("%s: not made anew, or not another one", kind)
		}
		a, b := OneDigit(kind, 3)
		changed := 0
		for i := range a.Pix {
			if a.Pix[i] != b.Pix[i] {
				changed++
			}
		}
		if changed == 0 || changed > 4*26*26 {
			t.Errorf("%s: a digit changes %d values", kind, changed)
		}
	}
	if a, b := Photo(1, 60, 40), Photo(1, 60, 40); !bytes.Equal(a.Pix, b.Pix) {
		t.Error("a photograph is not made anew")
	}
}
