package simd

import (
	"slices"
	"testing"
)

func FuzzSymmetric(f *testing.F) {
	f.Add([]byte("some bytes"), uint8(37), uint8(3), uint8(1))
	f.Add([]byte{0xff, 0, 0x55}, uint8(64), uint8(1), uint8(9))
	f.Add([]byte{7}, uint8(0), uint8(0), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, size, taps, stride uint8) {
		value := func(b byte) float32 { return float32(int8(b)) / 3 }
		weights := around(int(taps%20), data, value)
		reach := max(0, len(weights)-1) * int(stride)
		src := around(2*reach+int(size), data, value)
		want := make([]float32, size)
		if len(weights) > 0 {
			symmetricGo(want, src, reach, int(stride), weights)
		}
		each(func() {
			got := make([]float32, size)
			Symmetric(got, src, reach, int(stride), weights)
			if !slices.Equal(got, want) {
				t.Fatalf("%s: %v, want %v", Kernels(), got, want)
			}
		})
	})
}

// By hand: a row of 1, 2, 4, 8, 16 with weights 1/2 in the middle and 1/4 beside it.
func TestSymmetric(t *testing.T) {
	for _, stride := range []int{1, 3} {
		src := make([]float32, 5*stride)
		for i := range 5 {
			src[i*stride] = float32(int(1) << i)
		}
		var got []float32
		for i := 1; i < 4; i++ {
			out := []float32{0}
			Symmetric(out, src, i*stride, stride, []float32{0.5, 0.25})
			got = append(got, out[0])
		}
		if want := []float32{2.25, 4.5, 9}; !slices.Equal(got, want) {
			t.Errorf("stride %d: %v, want %v", stride, got, want)
		}
	}
}
