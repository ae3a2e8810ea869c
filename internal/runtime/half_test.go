package runtime

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
			if got := half(v); checkpoint.Half(got) == checkpoint.Half(got) {
				t.Fatalf("%#x: not a number became %#x", bits, got)
			}
			continue
		}
		if got := half(v); got != uint16(bits) {
			t.Fatalf("%g is %#x, not %#x", v, got, bits)
		}
		// Between it and the next: the nearer one, and the even one in the middle.
		if next := checkpoint.Half(uint16(bits + 1)); bits&0x7fff < 0x7bff {
			even := uint16(bits + bits&1)
			middle := float32((float64(v) + float64(next)) / 2)
			if got := half(middle); got != even {
				t.Fatalf("%g is %#x, not %#x", middle, got, even)
			}
			if got := half(math.Nextafter32(middle, v)); got != uint16(bits) {
				t.Fatalf("a little nearer to %g is %#x", v, got)
			}
		}
	}
	if half(65519.9) != 0x7bff || half(65520) != 0x7c00 || half(-1e30) != 0xfc00 {
		t.Error("what is too large is not infinite")
	}
}
