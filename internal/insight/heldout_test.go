package insight

import (
	"math"
	"testing"
)

// Four units of weights 1, 1, 1 and 2, left out in turn.
func TestTheBestModelIsChosenOnOtherUnits(t *testing.T) {
	t.Parallel()
	of := func(values ...float64) (units [][]float64) {
		for i, v := range values {
			units = append(units, []float64{v, []float64{1, 1, 1, 2}[i]})
		}
		return units
	}
	units := [][][]float64{of(1, 0.5, 0, 1), of(0, 1, 1, 0.5), of(0.25, 0.25, 0.25, 0.25)}
	got := HeldOut([]string{"a", "b", "fused"}, units)
	// Left out in turn: a has 2.5, 3, 3.5, 1.5 and b has 3, 2, 2, 2: chosen are b, a, a, b.
	want := (0 + 0.5 + 0 + 2*0.5) / 5
	if math.Abs(got.Best-want) > 1e-12 || math.Abs(got.Fused-0.25) > 1e-12 || got.Model != "a" {
		t.Errorf("%+v, want %g", got, want)
	}
	// The differences, with their weights.
	d, extreme := []float64{-0.25, 0.25, -0.25, 0.5}, 0
	for signs := range 16 {
		sum := 0.
		for i, v := range d {
			if signs>>i&1 != 0 {
				v = -v
			}
			sum += v
		}
		if math.Abs(sum) >= 0.25-1e-12 {
			extreme++
		}
	}
	if math.Abs(got.P-float64(extreme)/16) > 1e-12 {
		t.Errorf("p = %g, want %d/16", got.P, extreme)
	}
	if HeldOut([]string{"a", "fused"}, units[:2]) != nil {
		t.Error("one model is no choice")
	}
}
