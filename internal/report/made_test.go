package report

import (
	"crypto/sha256"
	"errors"
	"math"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
)

// Collections of made vectors: nothing here needs a model.

type row struct {
	name   string
	vector []float32
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newCollection(t testing.TB) *space.Collection {
	t.Helper()
	c, err := space.Open(t.Context(), filepath.Join(t.TempDir(), "c"), models.Options{})
	must(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

// addRows adds pictures without files and their embeddings, as an import does.
func addRows(t testing.TB, c *space.Collection, model string, rows []row) {
	t.Helper()
	w, err := c.Folder.Writer()
	must(t, err)
	dim := len(rows[0].vector)
	s, err := w.Space(t.Context(), model, record.ImportedFingerprint(dim), dim)
	must(t, err)
	var b record.Batch
	for _, r := range rows {
		from := record.ImportedSource(r.name)
		hash := sha256.Sum256([]byte(from))
		b.Puts = append(b.Puts, record.Put{Name: r.name, Source: from, Hash: hash})
		b.Embeddings = append(b.Embeddings, record.Embedding{Space: s.ID, Hash: hash, Vector: r.vector})
	}
	must(t, errors.Join(w.Commit(t.Context(), b), w.Calibrate(t.Context()), w.Prepare(t.Context(), nil), w.Close()))
}

// at returns a unit vector by its angle: the smaller the angle between two, the higher their score.
func at(degrees float64) []float32 {
	s, c := math.Sincos(degrees * math.Pi / 180)
	return []float32{float32(c), float32(s)}
}

// twoModels is a collection of four pictures in two models, one of each kind. Their neighbours, the nearest first:
//
//	       clip    dinov2
//	a      b c d   c d b
//	b      a c d   d c a
//	c      b a d   a d b
//	d      c a b   b c a
func twoModels(t testing.TB) *space.Collection {
	t.Helper()
	c := newCollection(t)
	addRows(t, c, "clip", []row{{"a", at(0)}, {"b", at(10)}, {"c", at(100)}, {"d", at(210)}})
	addRows(t, c, "dinov2", []row{{"a", at(0)}, {"b", at(170)}, {"c", at(20)}, {"d", at(100)}})
	return c
}
