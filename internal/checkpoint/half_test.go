package checkpoint_test

import (
	"math"
	"testing"

	"github.com/akin-search/akin/internal/checkpoint"
)

func TestEveryHalfIsItsOwnNearest(t *testing.T) {
	t.Parallel()
	for bits := range 1 << 16 {
		v := checkpoint.Half(uint16(bits))
		if v != v {
			if got := checkpoint.ToHalf(v); checkpoint.Half(got) == checkpoint.Half(got) {
				t.Fatalf("%#x: not a number became %#x", bits, got)
			}
			continue
		}
		if got := checkpoint.ToHalf(v); got != uint16(bits) {
			t.Fatalf("%g is %#x, not %#x", v, got, bits)
		}
		// Between it and the next: the nearer one, and the even one in the middle.
		if next := checkpoint.Half(uint16(bits + 1)); bits&0x7fff < 0x7bff {
			even := uint16(bits + bits&1)
			middle := float32((float64(v) + float64(next)) / 2)
			if got := checkpoint.ToHalf(middle); got != even {
				t.Fatalf("%g is %#x, not %#x", middle, got, even)
			}
			if got := checkpoint.ToHalf(math.Nextafter32(middle, v)); got != uint16(bits) {
				t.Fatalf("a little nearer to %g is %#x", v, got)
			}
		}
	}
	if checkpoint.ToHalf(65519.9) != 0x7bff || checkpoint.ToHalf(65520) != 0x7c00 || checkpoint.ToHalf(-1e30) != 0xfc00 {
		t.Error("what is too large is not infinite")
	}
}

func TestEveryBrainIsItsOwnNearest(t *testing.T) {
	t.Parallel()
	value := func(bits uint16) float32 { return math.Float32frombits(uint32(bits) << 16) }
	for i := range 1 << 16 {
		bits := uint16(i)
		v := value(bits)
		got := checkpoint.ToBrain(v)
		if v != v {
			if w := value(got); w == w {
				t.Fatalf("%#x: not a number became %#x", bits, got)
			}
			continue
		}
		if got != bits {
			t.Fatalf("%g is %#x, not %#x", v, got, bits)
		}
		// Between it and the next: the nearer one, and the even one in the middle.
		if bits&0x7fff >= 0x7f7f { // the largest
			continue
		}
		middle := float32((float64(v) + float64(value(bits+1))) / 2)
		if got, even := checkpoint.ToBrain(middle), bits+bits&1; got != even {
			t.Fatalf("%g is %#x, not %#x", middle, got, even)
		}
		if got := checkpoint.ToBrain(math.Nextafter32(middle, v)); got != bits {
			t.Fatalf("a little nearer to %g is %#x", v, got)
		}
	}
	// The least bits of a float32 that is not a number are no bits of a bfloat16.
	if got := value(checkpoint.ToBrain(math.Float32frombits(0x7f800001))); got == got {
		t.Errorf("not a number became %g", got)
	}
	if got := checkpoint.ToBrain(math.MaxFloat32); got != 0x7f80 {
		t.Errorf("what is too large is %#x, not infinite", got)
	}
}
