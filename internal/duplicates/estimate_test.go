package duplicates

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
)

// 200 pages of one kind, each with another that differs, and copies of some. What the changes of each say is given, so
// that the rates are known: (k + 0.5) / (n + 1) of them, for 200 pictures.
func TestWhatGoesOfFamilies(t *testing.T) {
	t.Parallel()
	const pages = 200
	for _, c := range []struct {
		why      string
		worst    func(unit, number int) float64
		maxWrong float64
		within   float64 // Inf: nothing is held back
		changed  int
		mistaken int
		wrong    float64
	}{
		{"the sample of 40 is enough", func(int, int) float64 { return 3 }, 1, math.Inf(1), 120, 0, 200 * 0.5 / 121},
		{"none is taken for a copy: all of 600 say so", func(int, int) float64 { return 3 }, 0.5, math.Inf(1), 600, 0, 200 * 0.5 / 601},
		{"every hundredth picture has one at 0.75, in both halves", func(u, n int) float64 {
			if u%100 < 2 && n == 0 {
				return 0.75
			}
			return 3
		}, 0.5, 0.75, 300, 0, 200 * 0.5 / 301},
		{"two at 0.75, in the half that sets the limit", func(u, n int) float64 {
			if u < 4 && u%2 == 0 && n == 1 {
				return 0.75
			}
			return 3
		}, 0.5, 0.75, 300, 0, 200 * 0.5 / 301},
		{"what set the limit did not see what is nearer between", func(u, n int) float64 {
			if u%2 == 1 && n == 0 {
				return 0.2
			}
			return 0.75 + float64(n)
		}, 0.5, 0, 600, 100 + 100, 200.5 / 601},
	} {
		f := &finder{
			c: &space.Collection{}, o: api.DuplicateOptions{MaxWrong: c.maxWrong, Progress: func(api.Progress) {}},
			evidences: evidenceFile{&recordFile{recordFormat: pairFormat, unwritten: map[recordKey][]byte{}}},
			out:       api.Duplicates{Calibration: &api.DuplicateCalibration{}},
		}
		for u := range pages {
			var hash record.Hash
			binary.BigEndian.PutUint32(hash[:], uint32(u)) // they are taken in this order
			f.contents = append(f.contents, content{hash: hash, row: u})
			f.similar = append(f.similar, pair{u, (u + 1) % pages})
			for n := range maxChangedEach {
				f.evidences.put(changedKey(hash, n), evidence.Evidence{Reason: evidence.Place, Worst: c.worst(u, n)})
			}
		}
		f.pairs = []pair{{0, 2}}
		if err := f.estimate(t.Context()); err != nil {
			t.Fatal(err)
		}
		within := math.Inf(1)
		if f.inFamily != nil {
			within = f.within
		}
		k := f.out.Calibration
		if within > c.within || within < c.within-1e-9 || k.Changed != c.changed || k.Mistaken != c.mistaken || k.Wrong != round(c.wrong) ||
			k.Families != pages || k.WrongMost < k.Wrong {
			t.Errorf("%s: within %v, %+v", c.why, within, *k)
		}
	}
}

// What is printed holds for pictures that had no part in it: of changes whose distances are drawn at random, one in 50
// near enough to be taken for a copy, as many are wrong as were to be expected. The half that set the limit would
// tell of half as many.
func TestTheExpectedHoldsForOthers(t *testing.T) {
	t.Parallel()
	const runs, n, of = 4000, 600, 200
	r := rand.New(rand.NewPCG(1, 2))
	half := func() (worst []float64) {
		for range n / 2 {
			w := 3.
			if r.Float64() < 0.02 {
				w = math.Pow(10, -2*r.Float64())
			}
			worst = append(worst, w)
		}
		return worst
	}
	kept, told, wrong := 0, 0., 0.
	for range runs {
		limit := copies.Limit(half(), of, 0.5)
		if rate := copies.Within(half(), limit); limit > 0 && of*rate.Expected() <= 0.5 {
			kept++
			told += of * rate.Expected()
			wrong += of * max(0, 0.02*(1+math.Log10(limit)/2)) // the chance of a distance up to the limit
		}
	}
	if kept < runs/4 || wrong > 1.1*told {
		t.Errorf("of %d runs %d set a limit: %.3f are wrong in each, and %.3f are told", runs, kept, wrong/float64(kept), told/float64(kept))
	}
}
