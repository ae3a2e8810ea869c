package float16

import (
	"math"
	"testing"
)

func TestEveryNumberIsDecodedAsIEEE754DefinesIt(t *testing.T) {
	t.Parallel()
	for bits := range 1 << 16 {
		// (-1)^s · 2^(e-15) · 1.f, and for e = 0: (-1)^s · 2^-14 · 0.f
		s, e, f := bits>>15, bits>>10&31, float64(bits&1023)/1024
		want := math.Ldexp(1+f, e-15)
		switch {
		case e == 0:
			want = math.Ldexp(f, -14)
		case e == 31 && f == 0:
			want = math.Inf(1)
		case e == 31:
			want = math.NaN()
		}
		if s == 1 {
			want = -want
		}
		got := float64(Decode(uint16(bits)))
		if got != want && !(math.IsNaN(got) && math.IsNaN(want)) || math.Signbit(got) != (s == 1) {
			t.Fatalf("%#04x is %v, not %v", bits, got, want)
		}
	}
	// As numpy.float16 prints them.
	for bits, want := range map[uint16]float32{0x3c00: 1, 0xc000: -2, 1: 0x1p-24, 0xfbff: -65504, 0x3555: 0.333251953125} {
		if got := Decode(bits); got != want {
			t.Errorf("%#04x is %v, not %v", bits, got, want)
		}
	}
}

func TestEveryNumberIsItsOwnNearest(t *testing.T) {
	t.Parallel()
	for bits := range 1 << 16 {
		v := Decode(uint16(bits))
		if v != v {
			if got := Decode(Encode(v)); got == got {
				t.Fatalf("%#04x: not a number became %g", bits, got)
			}
			continue
		}
		if got := Encode(v); got != uint16(bits) {
			t.Fatalf("%g is %#04x, not %#04x", v, got, bits)
		}
		// Between it and the next: the nearer one, and the even one in the middle.
		if next := Decode(uint16(bits + 1)); bits&0x7fff < 0x7bff {
			even := uint16(bits + bits&1)
			middle := float32((float64(v) + float64(next)) / 2)
			if got := Encode(middle); got != even {
				t.Fatalf("%g is %#04x, not %#04x", middle, got, even)
			}
			if got := Encode(math.Nextafter32(middle, v)); got != uint16(bits) {
				t.Fatalf("a little nearer to %g is %#04x", v, got)
			}
		}
	}
	if Encode(65519.9) != 0x7bff || Encode(65520) != 0x7c00 || Encode(-1e30) != 0xfc00 {
		t.Error("what is too large is not infinite")
	}
}
