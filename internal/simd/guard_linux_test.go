package simd

import (
	"bytes"
	"math/rand/v2"
	"syscall"
	"testing"
	"unsafe"
)

// guarded is n bytes that end where reading faults.
func guarded(t *testing.T, n int) []byte {
	t.Helper()
	page := syscall.Getpagesize()
	size := (n + page - 1) / page * page
	m, err := syscall.Mmap(-1, 0, size+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { syscall.Munmap(m) })
	if err := syscall.Mprotect(m[size:], syscall.PROT_NONE); err != nil {
		t.Skip(err)
	}
	return m[size-n : size]
}

func floats(b []byte) []float32 {
	if len(b) == 0 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&b[0])), len(b)/4)
}

func TestKernelsReadNothingBeyondTheirInput(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 9))
	for n := range 40 {
		a, b := floats(guarded(t, 4*n)), floats(guarded(t, 4*n*5))
		copy(a, vector(r, n))
		copy(b, vector(r, 5*n))
		out := floats(guarded(t, 4*5))
		Dots(a, b, out)
		if n > 0 {
			Dot(b[4*n:], a)
		}
		DotsOf(a, &[4][]float32{b[4*n:], a, b[4*n:], a})
	}
	for rows := 1; rows < 10; rows++ {
		for width := 1; width < 12; width++ {
			src := guarded(t, 3*rows*width)
			copy(src, pixels(r, len(src)))
			taps := randomTaps(r, width, 11)
			dst, want := guarded(t, 3*rows*11), make([]byte, 3*rows*11)
			Horizontal(dst, src, width, taps)
			horizontalGo(want, src, width, taps)
			if !bytes.Equal(dst, want) {
				t.Errorf("%d rows of %d: not what the twin gives", rows, width)
			}
			HorizontalFloats(floats(guarded(t, 4*3*rows*11)), src, width, taps)
			tall := randomTaps(r, rows, 3)
			tall.Floats = vector(r, len(tall.Weight))
			VerticalFloats(floats(guarded(t, 4*9*7*width)), floats(guarded(t, 4*3*7*rows*width)), 3*7*width, 0, tall)
			Vertical(guarded(t, 9*7*width), guarded(t, 3*7*rows*width), 3*7*width, 0, tall)
		}
	}
}
