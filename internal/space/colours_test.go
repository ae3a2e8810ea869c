package space

import (
	"math/rand/v2"
	"testing"

	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

// Colours of a flag, by thirds, as the flags of Chad and of Romania have them.
var (
	chad    = [3][3]byte{{0, 38, 100}, {254, 203, 0}, {198, 12, 48}}
	romania = [3][3]byte{{0, 43, 127}, {252, 209, 22}, {206, 17, 38}}
)

// thirds paints a flag; noise moves every value by so many levels at most.
func thirds(width, height int, colours [3][3]byte, noise int) *picture.Picture {
	r := rand.New(rand.NewPCG(1, 2))
	p := picture.New(width, height)
	for i := range width * height {
		for c, v := range colours[min(2, 3*(i%width)/width)] {
			p.Pix[3*i+c] = byte(min(255, max(0, int(v)+r.IntN(2*noise+1)-noise)))
		}
	}
	return p
}

func TestColoursTellFlagsOfOneShapeApart(t *testing.T) {
	t.Parallel()
	whole := evidence.Transform{ScaleX: 1, ScaleY: 1}
	half := evidence.Transform{ScaleX: 0.5, ScaleY: 0.5}
	original := thirds(210, 140, chad, 0)
	for _, c := range []struct {
		why  string
		b    *picture.Picture
		t    evidence.Transform
		want bool
	}{
		{"itself", original, whole, true},
		{"losses of a coarse JPEG", thirds(210, 140, chad, 12), whole, true},
		{"half the size", resample.Resize(original, 105, 70, resample.Bicubic), half, true},
		{"trimmed by five pixels, and laid two beside its place", resample.Crop(original, 5, 5, 200, 130), evidence.Transform{ScaleX: 1, ScaleY: 1, ShiftX: -7, ShiftY: -7}, true},
		{"another blue, yellow and red", thirds(210, 140, romania, 0), whole, false},
		{"the same, small", thirds(105, 70, romania, 3), half, false},
		{"laid where nothing of it is", original, evidence.Transform{ScaleX: 1, ScaleY: 1, ShiftX: 500}, false},
		{"laid nowhere", original, evidence.Transform{}, false},
	} {
		if got := sameColours(original, c.b, c.t); got != c.want {
			t.Errorf("%s: the same colours: %v", c.why, got)
		}
	}
}
