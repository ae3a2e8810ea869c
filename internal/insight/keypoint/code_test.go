package keypoint

import (
	"math"
	"slices"
	"testing"
)

// By hand: of 128 values of which the last three are the largest, the 65th in order is the median, and the 63 above it give a bit.
func TestCodeOf(t *testing.T) {
	descriptor := make([]float32, Width)
	for i := range descriptor {
		descriptor[i] = float32(i)
	}
	if got, want := CodeOf(descriptor), (Code{0, math.MaxUint64 - 1}); got != want {
		t.Errorf("rising: %x, want %x", got, want)
	}
	if got := CodeOf(make([]float32, Width)); got != (Code{}) {
		t.Errorf("all alike: %x", got)
	}
	clear(descriptor)
	descriptor[3], descriptor[64] = 1, 2
	if got, want := CodeOf(descriptor), (Code{8, 1}); got != want {
		t.Errorf("two: %x, want %x", got, want)
	}
	if d := (Code{0b1011, 1 << 63}).Distance(Code{0b0001, 0}); d != 3 {
		t.Errorf("distance %d, want 3", d)
	}
}

// By hand: of five points on a line, by contrast at 0, 1, 10, 10.5 and 4, the nearest stronger is ∞, 1, 9, 0.5 and 3 away.
func TestSpread(t *testing.T) {
	s := &Set{}
	for _, x := range []float32{0, 1, 10, 10.5, 4} {
		s.Points = append(s.Points, Point{X: x})
	}
	if got, want := s.Spread(3), []int{0, 2, 4}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := s.Spread(9); len(got) != 5 {
		t.Errorf("of fewer: %v", got)
	}
}

// What is chosen before it is described is what is chosen afterwards.
func TestFindSpreadIsSpreadOfFind(t *testing.T) {
	t.Parallel()
	p := scene(3, 640, 480)
	all, some := Find(p), FindSpread(p, 100)
	which := all.Spread(100)
	if len(all.Points) < 300 || len(some.Points) != 100 {
		t.Fatalf("%d and %d keypoints", len(all.Points), len(some.Points))
	}
	for i, at := range which {
		if some.Points[i] != all.Points[at] || !slices.Equal(some.Descriptor(i), all.Descriptor(at)) {
			t.Fatalf("keypoint %d: %+v, want %+v", i, some.Points[i], all.Points[at])
		}
	}
}

func TestDirectionIsAtan2(t *testing.T) {
	t.Parallel()
	for i := range 4000 {
		y, x := math.Sincos(float64(i) / 2000 * math.Pi)
		for _, size := range []float64{1, 1e-6, 1e6} {
			got, want := float64(direction(float32(y*size), float32(x*size))), math.Atan2(y, x)
			if d := math.Abs(math.Remainder(got-want, 2*math.Pi)); d > 4e-6 {
				t.Fatalf("%g, %g: %g, want %g", y, x, got, want)
			}
		}
	}
	if d := direction(0, 0); d != 0 {
		t.Errorf("of nothing: %g", d)
	}
}
