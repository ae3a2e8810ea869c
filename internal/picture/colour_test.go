package picture

import (
	"bytes"
	"testing"
)

// marked is a picture of one colour with a mark of another in its middle.
func marked(ground, mark [3]byte) *Picture {
	p := New(9, 7)
	for i := range 9 * 7 {
		c := ground
		if x, y := i%9, i/9; x >= 3 && x < 6 && y >= 2 && y < 5 {
			c = mark
		}
		copy(p.Pix[3*i:], c[:])
	}
	return p
}

func TestAMarkIsTheSameWithoutItsColours(t *testing.T) {
	t.Parallel()
	want := marked([3]byte{255, 255, 255}, [3]byte{0, 0, 0})
	for name, p := range map[string]*Picture{
		"black on white":       marked([3]byte{255, 255, 255}, [3]byte{}),
		"white on black":       marked([3]byte{}, [3]byte{255, 255, 255}),
		"white on green":       marked([3]byte{0, 130, 60}, [3]byte{255, 255, 255}),
		"dark on lighter blue": marked([3]byte{90, 120, 230}, [3]byte{10, 20, 80}),
	} {
		before := bytes.Clone(p.Pix)
		if got := p.Uncoloured(); !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("%s: %v", name, got.Pix)
		}
		if !bytes.Equal(p.Pix, before) {
			t.Errorf("%s: the picture was changed", name)
		}
	}
}

func TestBrightnessIsPillows(t *testing.T) {
	t.Parallel()
	// Image.new("RGB", (1, 1), c).convert("L") in Pillow 13.
	for c, want := range map[[3]byte]int{
		{0, 0, 0}: 0, {255, 255, 255}: 255, {255, 0, 0}: 76, {0, 255, 0}: 150, {0, 0, 255}: 29, {0, 130, 60}: 83, {1, 2, 3}: 2, {200, 100, 50}: 124,
	} {
		if got := brightness(c[:]); got != want {
			t.Errorf("%v: %d, want %d", c, got, want)
		}
	}
	// What is nearly flat is not stretched into noise, and what has no pixels but an edge is no special case.
	p := New(1, 1)
	copy(p.Pix, []byte{200, 200, 200})
	if got := p.Uncoloured(); got.Pix[0] != 200 {
		t.Errorf("%v", got.Pix)
	}
	q := marked([3]byte{200, 200, 200}, [3]byte{210, 210, 210})
	if got := q.Uncoloured(); got.Pix[0] != 200 || got.Pix[3*(2*9+3)] != 210 {
		t.Errorf("%v", got.Pix)
	}
}
