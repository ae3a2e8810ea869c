package space

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store/local"
)

// noise returns a space of independent random vectors, in which no two pictures are related.
func noise(t *testing.T, pictures, dim int) *Space {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	vectors := make([][]float32, pictures)
	for i := range vectors {
		vectors[i] = make([]float32, dim)
		for j := range vectors[i] {
			vectors[i][j] = float32(r.NormFloat64())
		}
	}
	c := collectionOf(t, vectors)
	v, err := c.OpenSpace(t.Context(), "m")
	must(t, err)
	t.Cleanup(func() { must(t, v.Close()) })
	return v
}

// collectionOf returns a collection of pictures p0, p1 … with these embeddings of the model "m".
func collectionOf(t *testing.T, vectors [][]float32) *Collection {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "c.akin")
	store, err := local.Open(dir, local.Options{})
	must(t, err)
	w, err := store.Writer()
	must(t, err)
	s, err := w.Space(t.Context(), "m", "f", len(vectors[0]))
	must(t, err)
	var b record.Batch
	for i, vector := range vectors {
		hash := sha256.Sum256(fmt.Append(nil, i))
		b.Puts = append(b.Puts, record.Put{Source: fmt.Sprintf("/p/p%d.png", i), Hash: hash, Format: "png"})
		b.Embeddings = append(b.Embeddings, record.Embedding{Space: s.ID, Hash: hash, Vector: vector})
	}
	must(t, w.Commit(t.Context(), b))
	must(t, errors.Join(w.Close(), store.Close()))
	c, err := Open(t.Context(), dir, models.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	return c
}

// A cosine of 0.999 of 100 dimensions is out of reach of chance; 0 is reached by half of all pictures.
func TestGrades(t *testing.T) {
	t.Parallel()
	v := noise(t, 500, 100)
	all := Filtered{Candidates: 500}
	for _, x := range []struct {
		why  string
		hits []api.Hit
		self map[int64]bool
		want []api.Grade
		none bool // no good match
	}{
		{"far beyond luck", []api.Hit{{ID: 1, Score: 0.999}, {ID: 2, Score: 0}}, nil, []api.Grade{api.Near, api.Weak}, false},
		{"luck alone", []api.Hit{{ID: 1, Score: 0.2}, {ID: 2, Score: 0.1}}, nil, []api.Grade{api.Weak, api.Weak}, true},
		{"the same pixels, whatever the score", []api.Hit{{ID: 1, Score: 0.1, SamePixels: true}}, nil, []api.Grade{api.Same}, false},
		{"the query's own picture does not count", []api.Hit{{ID: 7, Score: 1}, {ID: 1, Score: 0.1}}, map[int64]bool{7: true}, []api.Grade{api.Near, api.Weak}, true},
		{"no hits", nil, nil, nil, true},
	} {
		v.grade(x.hits, x.self, all)
		for i, want := range x.want {
			if x.hits[i].Grade != want || x.hits[i].ByLuck == nil {
				t.Errorf("%s: hit %d is %q, want %q", x.why, i, x.hits[i].Grade, want)
			}
		}
		if got := NoGoodMatch(x.hits, QueryVector{Self: x.self}); got != x.none {
			t.Errorf("%s: no good match is %v", x.why, got)
		}
	}
}

// Half of the pictures score above the median: of 500, 250 by luck; of 50 candidates, 25.
func TestByLuckIsInProportionToTheCandidates(t *testing.T) {
	t.Parallel()
	v := noise(t, 500, 100)
	for candidates, want := range map[int]float64{500: 250, 50: 25} {
		hits := []api.Hit{{ID: 1, Score: v.Median()}}
		v.grade(hits, nil, Filtered{Candidates: candidates})
		if got := *hits[0].ByLuck; math.Abs(got-want) > 0.02*want {
			t.Errorf("%d candidates: %g by luck, want %g", candidates, got, want)
		}
	}
}

func TestOnlyScoresNearOneMayBeDuplicates(t *testing.T) {
	t.Parallel()
	v := noise(t, 500, 100) // whose median is about 0: a fifth of the distance from there to 1 is 0.2
	for score, want := range map[float64]bool{1: true, 0.85: true, 0.75: false, 0: false} {
		if got := v.mayBeDuplicate(score); got != want {
			t.Errorf("%g: %v", score, got)
		}
	}
}
