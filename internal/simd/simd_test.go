package simd

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func vector(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

func TestDotGivesTheBitsOfItsTwin(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 200 {
		a, b := vector(r, n+3), vector(r, n+3)
		for at := range 4 { // unaligned
			a, b := a[at:at+n], b[3-at:3-at+n]
			if got, want := Dot(a, b), dotGo(a, b); math.Float32bits(got) != math.Float32bits(want) {
				t.Fatalf("length %d: %v, twin %v", len(a), got, want)
			}
		}
	}
}

func TestDotRoundsOnceOnly(t *testing.T) {
	t.Parallel()
	// In float32 the small terms would vanish one by one.
	a := make([]float32, 1001)
	b := make([]float32, len(a))
	for i := range a {
		a[i], b[i] = 1, 1.0/(1<<25)
	}
	b[0] = 1
	if got, want := Dot(a, b), float32(1+1000.0/(1<<25)); got != want {
		t.Errorf("%v, want %v", got, want)
	}
	inf := float32(math.Inf(1))
	if got := Dot([]float32{inf, 0, 1}, []float32{1, 1, 1}); got != inf {
		t.Errorf("infinity times one: %v", got)
	}
	if got := Dot([]float32{inf}, []float32{0}); got == got {
		t.Errorf("infinity times zero: %v, want NaN", got)
	}
}

func TestDotsAreDotOfEveryRow(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for n := range 70 {
		for count := range 10 {
			q, rows := vector(r, n), vector(r, n*count)
			out := make([]float32, count)
			Dots(q, rows, out)
			for i, got := range out {
				if want := dotGo(q, rows[i*n:(i+1)*n]); math.Float32bits(got) != math.Float32bits(want) {
					t.Fatalf("row %d of %d, length %d: %v, want %v", i, count, n, got, want)
				}
			}
		}
	}
}

func TestDotsOfAreDotOfFourRows(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for n := range 200 {
		q := vector(r, n)
		var rows [4][]float32
		for i := range rows {
			rows[i] = vector(r, n+i)[i:] // unaligned
		}
		rows[3] = rows[r.IntN(4)]
		for i, got := range DotsOf(q, &rows) {
			if want := dotGo(q, rows[i]); math.Float32bits(got) != math.Float32bits(want) {
				t.Fatalf("row %d, length %d: %v, want %v", i, n, got, want)
			}
		}
	}
}

// randomTaps reach anywhere within in pixels, with weights of any size.
func randomTaps(r *rand.Rand, in, out int) *Taps {
	size := 1 + r.IntN(in)
	first, count := make([]int, out), make([]int, out)
	weight := make([]int32, out*size)
	for i := range out {
		count[i] = 1 + r.IntN(size)
		first[i] = r.IntN(in - count[i] + 1)
	}
	for i := range weight {
		weight[i] = int32(r.Uint32()) >> r.IntN(32)
	}
	return NewTaps(size, first, count, weight)
}

func pixels(r *rand.Rand, n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(r.Uint32())
		if r.IntN(4) == 0 {
			p[i] = 255
		}
	}
	return p
}

func checkHorizontal(t *testing.T, seed uint64, rows, width, out int) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 5))
	taps := randomTaps(r, width, out)
	src := pixels(r, 3*rows*width)
	got, want := make([]byte, 3*rows*out+1), make([]byte, 3*rows*out+1)
	Horizontal(got, src, width, taps)
	horizontalGo(want, src, width, taps)
	if !bytes.Equal(got, want) {
		t.Errorf("seed %d: %d rows of %d to %d: not what the twin gives", seed, rows, width, out)
	}
	gotFloats, wantFloats := make([]float32, 3*rows*out+1), make([]float32, 3*rows*out+1)
	HorizontalFloats(gotFloats, src, width, taps)
	horizontalFloatsGo(wantFloats, src, width, taps)
	if !slices.Equal(gotFloats, wantFloats) {
		t.Errorf("seed %d: %d rows of %d to %d: in floats not what the twin gives", seed, rows, width, out)
	}
}

func checkVertical(t *testing.T, seed uint64, rows, stride, out int) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 6))
	taps := randomTaps(r, rows, out)
	src := pixels(r, rows*stride)
	got, want := make([]byte, out*stride+1), make([]byte, out*stride+1)
	Vertical(got, src, stride, 0, taps)
	for y, first := range taps.First {
		verticalGo(want[y*stride:(y+1)*stride], src[first*stride:], taps, y)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("seed %d: %d rows of %d bytes to %d: not what the twin gives", seed, rows, stride, out)
	}
	taps.Floats = vector(r, len(taps.Weight))
	numbers := vector(r, rows*stride)
	gotFloats, wantFloats := make([]float32, out*stride+1), make([]float32, out*stride+1)
	VerticalFloats(gotFloats, numbers, stride, 0, taps)
	for y, first := range taps.First {
		verticalFloatsGo(wantFloats[y*stride:(y+1)*stride], numbers[first*stride:], taps.Floats[y*taps.Size:y*taps.Size+taps.Count[y]])
	}
	if !slices.Equal(gotFloats, wantFloats) {
		t.Errorf("seed %d: %d rows of %d numbers to %d: not what the twin gives", seed, rows, stride, out)
	}
}

func TestResamplingGivesTheBitsOfItsTwin(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	for seed := range uint64(400) {
		checkHorizontal(t, seed, r.IntN(12), 1+r.IntN(60), 1+r.IntN(40))
		checkVertical(t, seed, 1+r.IntN(30), 1+r.IntN(150), 1+r.IntN(10))
	}
}

func FuzzHorizontal(f *testing.F) {
	f.Add(uint64(1), byte(5), uint16(40), byte(9))
	f.Fuzz(func(t *testing.T, seed uint64, rows byte, width uint16, out byte) {
		checkHorizontal(t, seed, int(rows%16), 1+int(width%2000), 1+int(out))
	})
}

func FuzzVertical(f *testing.F) {
	f.Add(uint64(1), uint16(40), uint16(100), byte(9))
	f.Fuzz(func(t *testing.T, seed uint64, rows, stride uint16, out byte) {
		checkVertical(t, seed, 1+int(rows%500), 1+int(stride%1000), 1+int(out%32))
	})
}

func FuzzDot(f *testing.F) {
	f.Add([]byte("sixteen bytes in the first corpus entry, as float32"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := len(data) / 8
		a, b := make([]float32, n), make([]float32, n)
		for i := range a {
			a[i] = float32(int8(data[8*i])) * float32(math.Exp2(float64(int8(data[8*i+1]))))
			b[i] = float32(int8(data[8*i+2])) * float32(math.Exp2(float64(int8(data[8*i+3]))))
		}
		if got, want := Dot(a, b), dotGo(a, b); math.Float32bits(got) != math.Float32bits(want) && (got == got || want == want) {
			t.Errorf("%v, twin %v", got, want)
		}
		// Four rows, and one that is left.
		n /= 6
		q, rows, out := a[:n], b[:5*n], make([]float32, 5)
		Dots(q, rows, out)
		for i, got := range out {
			if want := dotGo(q, rows[i*n:(i+1)*n]); math.Float32bits(got) != math.Float32bits(want) && (got == got || want == want) {
				t.Errorf("row %d: %v, twin %v", i, got, want)
			}
		}
		four := [4][]float32{rows[4*n:], rows[n:], a, rows}
		for i, got := range DotsOf(q, &four) {
			if want := dotGo(q, four[i][:n]); math.Float32bits(got) != math.Float32bits(want) && (got == got || want == want) {
				t.Errorf("row %d of four: %v, twin %v", i, got, want)
			}
		}
	})
}
