package copies

import (
	"math"
	"slices"
	"sort"

	"github.com/akin-search/akin/internal/insight/alter"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

// Alterations are what copies go through that people would still call the same picture.
// Tolerances are measured on them.
func Alterations() []alter.Change {
	return []alter.Change{
		{Name: "half", Kind: "size", About: "half of each side", Apply: func(p *picture.Picture) *picture.Picture { return smaller(p, 2) }},
		{Name: "quarter", Kind: "size", About: "a quarter of each side", Apply: func(p *picture.Picture) *picture.Picture { return smaller(p, 4) }},
		{Name: "jpeg-50", Kind: "saved anew", About: "as JPEG of quality 50", Apply: func(p *picture.Picture) *picture.Picture { return alter.JPEG(p, 50) }},
		{Name: "half-jpeg-75", Kind: "both", About: "half of each side, as JPEG of quality 75", Apply: func(p *picture.Picture) *picture.Picture {
			half := smaller(p, 2)
			defer half.Release()
			return alter.JPEG(half, 75)
		}},
		{Name: "trimmed", Kind: "trimmed", About: "one part in 50 cut off at the left and at the top", Apply: func(p *picture.Picture) *picture.Picture {
			left, top := p.Width/50, p.Height/50
			return resample.Crop(p, left, top, p.Width-left, p.Height-top)
		}},
	}
}

// smallest is the longer side below which no copy is made: too little would be left of it.
const smallest = 128

func smaller(p *picture.Picture, times int) *picture.Picture {
	longer := max(p.Width, p.Height)
	return atLength(p, max(min(smallest, longer), longer/times))
}

// Moved is how far a copy is from what it was made of.
type Moved struct {
	Change
	Embedding float64 // 1 - cosine; 0 where no model embeds
	Blurred   float64 // by how many times it is less sharp, or sharper: 1 or more
}

// Tolerance is how far copies move in each measure, but for the worst one in fifty.
type Tolerance struct {
	Bits       int
	Difference float64
	Cast       float64
	Aspect     float64
	Embedding  float64 // NaN where embeddings were not measured
	Blurred    float64
}

// within is the share of the made copies that a tolerance holds, in each measure.
const within = 0.98

// Calibrate gives the tolerances that made copies need. Each measure is a little wider than
// nothing: the next picture may be the first that moves.
func Calibrate(made []Moved, embedded bool) Tolerance {
	at := func(value func(Moved) float64, least float64) float64 {
		values := make([]float64, len(made))
		for i, m := range made {
			values[i] = value(m)
		}
		slices.Sort(values)
		return max(least, values[min(len(values)-1, int(math.Ceil(within*float64(len(values))))-1)])
	}
	if len(made) == 0 {
		made = make([]Moved, 1)
	}
	t := Tolerance{
		Bits:       int(at(func(m Moved) float64 { return float64(m.Bits) }, 1)),
		Difference: at(func(m Moved) float64 { return m.Difference }, 4),
		Cast:       at(func(m Moved) float64 { return m.Cast }, 2),
		Aspect:     at(func(m Moved) float64 { return m.Aspect }, 0.005),
		Blurred:    at(func(m Moved) float64 { return m.Blurred }, 1.05),
		Embedding:  math.NaN(),
	}
	if embedded {
		t.Embedding = at(func(m Moved) float64 { return m.Embedding }, 1e-5)
	}
	return t
}

// Distance says how far a picture is from another, where 1 is as far as copies go: the
// largest of what it has moved in each measure, by its tolerance.
func (t Tolerance) Distance(m Moved) float64 {
	d := max(float64(m.Bits)/float64(t.Bits), m.Difference/t.Difference, m.Cast/t.Cast, m.Aspect/t.Aspect)
	if !math.IsNaN(t.Embedding) {
		d = max(d, m.Embedding/t.Embedding)
	}
	return d
}

// Kept is the share of made copies within a distance.
func (t Tolerance) Kept(made []Moved, limit float64) float64 {
	n := 0
	for _, m := range made {
		if t.Distance(m) <= limit {
			n++
		}
	}
	return float64(n) / float64(max(1, len(made)))
}

// Beyond is the distance beyond which a picture is taken for a different one where Tail asks:
// copies hardly go three times as far as those that were made.
const Beyond = 3

// Tail estimates how many pictures have a different one within the distance of copies, from those
// whose nearest different one is further, where no copies disturb.
//
// The distance to the nearest of many has, near 0, a distribution of the form (d/To)^Shape
// whatever the pictures are (the extreme value theorem for minima). Shape is what makes the
// distances between Beyond and To most likely, which is Hill's estimate (1975) for a tail that
// is cut off at Beyond; To is the distance below which a tenth of the pictures have
// their nearest, and at least half as far again as Beyond.
type Tail struct {
	Pictures int // of all
	Sample   int // of which the nearest is known
	Near     int // of these, with one between Beyond and To
	To       float64
	Shape    float64 // at least 1
}

// NewTail takes the distances from a sample of pictures to their nearest beyond Beyond; those
// that have none may be left out, but count in the sample.
func NewTail(pictures, sample int, nearest []float64) Tail {
	t := Tail{Pictures: pictures, Sample: max(1, sample)}
	sorted := slices.DeleteFunc(slices.Clone(nearest), func(d float64) bool { return !(d > Beyond) || math.IsInf(d, 1) })
	slices.Sort(sorted)
	t.To = 1.5 * Beyond
	if n := min(len(sorted), max(10, sample/10)); n > 0 {
		t.To = max(t.To, sorted[n-1])
	}
	t.Near = sort.Search(len(sorted), func(i int) bool { return sorted[i] > t.To })
	sorted = sorted[:t.Near]
	sum := 0.
	for _, d := range sorted {
		sum += math.Log(d / Beyond)
	}
	// One more, in the middle, so that few or none do not look like certainty.
	span := t.To / Beyond
	mean := (sum + math.Log(span)/2) / float64(t.Near+1)
	// The likelihood's derivative 1/a + mean - log(span)/(1 - span^-a) falls with a.
	low, high := 1., 50.
	for range 60 {
		a := (low + high) / 2
		if 1/a+mean-math.Log(span)/(1-math.Pow(span, -a)) > 0 {
			low = a
		} else {
			high = a
		}
	}
	t.Shape = low
	return t
}

// Wrong is how many pictures are to be expected to have a different one within a distance of
// at most 1.
func (t Tail) Wrong(limit float64) float64 {
	if t.Pictures < 2 {
		return 0
	}
	share := float64(t.Near+1) / float64(t.Sample)
	return float64(t.Pictures) * share * math.Pow(limit/Beyond, t.Shape) / (math.Pow(t.To/Beyond, t.Shape) - 1)
}

// Limit is the distance, at most 1, within which no more than that many are to be expected.
func (t Tail) Limit(wrong float64) float64 {
	at1 := t.Wrong(1)
	if at1 <= wrong {
		return 1
	}
	return math.Pow(wrong/at1, 1/t.Shape)
}
