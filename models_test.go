package akin_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// reference is what the reference implementation gives: unit rows, in the order of
// names.
type reference struct {
	names []string
	rows  [][]float64
}

func unitRows(t *testing.T, path string, n int) [][]float64 {
	t.Helper()
	array := golden.NPY(t, path)
	if array.Shape[0] != n {
		t.Fatalf("%s has %d rows, not %d", path, array.Shape[0], n)
	}
	rows := make([][]float64, n)
	values := array.Float32()
	for i := range rows {
		row, norm := make([]float64, array.Shape[1]), 0.
		for j := range row {
			row[j] = float64(values[i*len(row)+j])
			norm += row[j] * row[j]
		}
		for j := range row {
			row[j] /= math.Sqrt(norm)
		}
		rows[i] = row
	}
	return rows
}

// golds reads a model's reference embeddings of the nine pictures.
func golds(t *testing.T, model string) reference {
	t.Helper()
	var files []string
	readJSON(t, filepath.Join(golden.Dir(t), "inputs.json"), &files)
	r := reference{rows: unitRows(t, filepath.Join(golden.Dir(t), "models", model, "embeddings.npy"), len(files))}
	for _, f := range files {
		r.names = append(r.names, strings.TrimSuffix(f, filepath.Ext(f)))
	}
	return r
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// check holds hits to the reference: every picture but self, the best first, with
// its cosine to the query.
func (r reference) check(t *testing.T, why string, hits []api.Hit, query []float64, self string) {
	t.Helper()
	score := map[string]float64{}
	var want []string
	for i, name := range r.names {
		for j, x := range query {
			score[name] += x * r.rows[i][j]
		}
		if name != self {
			want = append(want, name)
		}
	}
	slices.SortFunc(want, func(a, b string) int { return int(math.Copysign(1, score[b]-score[a])) })
	if len(hits) != len(want) {
		t.Errorf("%s: %d hits, want %d", why, len(hits), len(want))
		return
	}
	for i, h := range hits {
		if math.Abs(h.Score-score[h.Name]) > 1e-4 || math.Abs(score[h.Name]-score[want[i]]) > 1e-4 {
			t.Errorf("%s: rank %d is %s with %.5f; the reference has %s with %.5f", why, i+1, h.Name, h.Score, want[i], score[want[i]])
		}
	}
}

// indexGolden indexes the nine pictures with checkpoints of golden/models.
func indexGolden(t *testing.T, models ...string) *akin.Collection {
	t.Helper()
	dir := golden.Dir(t)
	golden.Deps(t)
	o := akin.Options{Models: models, ModelDirs: []string{filepath.Join(dir, "models")}}
	path := filepath.Join(t.TempDir(), "c.akin")
	c := open(t, path, o)
	report, err := c.Index(t.Context(), []string{filepath.Join(dir, "inputs")}, api.IndexOptions{})
	if err != nil || report.Added != 9 || report.Embedded != 9*len(models) {
		t.Fatalf("%+v, %v", report, err)
	}
	o.Models = nil
	return open(t, path, o)
}

func TestEveryModelRanksAsItsReference(t *testing.T) {
	t.Parallel()
	models := []string{"vit", "dinov2", "clip", "blip2", "efficientnet", "vgg16"}
	c := indexGolden(t, models...)
	for _, model := range models {
		r := golds(t, model)
		for i, name := range r.names {
			found, err := c.Search(t.Context(), akin.Like(name), api.SearchOptions{Model: model})
			if err != nil {
				t.Fatal(err)
			}
			r.check(t, model+": "+name, found.Hits, r.rows[i], name)
		}
	}
	compared, err := c.Compare(t.Context(), akin.Like("Nepal"), api.CompareOptions{})
	if err != nil || len(compared.Rows) != len(models)+1 {
		t.Errorf("%d rows, %v", len(compared.Rows), err)
	}
}

func TestWordsFindWhatTheReferenceFinds(t *testing.T) {
	t.Parallel()
	c := indexGolden(t, "vit", "clip") // the first is not asked: it cannot read
	r := golds(t, "clip")
	var texts []struct{ Text string }
	dir := filepath.Join(golden.Dir(t), "models", "clip")
	readJSON(t, filepath.Join(dir, "tokens.json"), &texts)
	queries := unitRows(t, filepath.Join(dir, "text_embeddings.npy"), len(texts))
	for i, x := range texts {
		if x.Text == "" {
			continue // is no query
		}
		found, err := c.Search(t.Context(), akin.Text(x.Text), api.SearchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if found.Model != "clip" {
			t.Errorf("%s was asked", found.Model)
		}
		for _, h := range found.Hits {
			if h.Chance != nil || h.Grade != "" {
				t.Errorf("a text's hit has chance %g, grade %q", *h.Chance, h.Grade)
			}
		}
		r.check(t, x.Text, found.Hits, queries[i], "")
	}

	// Words and pictures mix: the sum of unit vectors, each times its weight.
	brazil := slices.Index(r.names, "Brazil")
	mix := make([]float64, len(queries[0]))
	norm := 0.
	for j := range mix {
		mix[j] = queries[0][j] - 0.5*r.rows[brazil][j]
		norm += mix[j] * mix[j]
	}
	for j := range mix {
		mix[j] /= math.Sqrt(norm)
	}
	found, err := c.Search(t.Context(), akin.Text(texts[0].Text).Minus(akin.Like("Brazil").Times(0.5)), api.SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r.check(t, "a mix", found.Hits, mix, "Brazil")

	compared, err := c.Compare(t.Context(), akin.Text("a flag"), api.CompareOptions{})
	if err != nil || compared.Rows[0].Model != "clip" {
		t.Errorf("%+v, %v", compared.Rows, err)
	}
	if _, err := c.Search(t.Context(), akin.Text("a flag"), api.SearchOptions{Model: "vit"}); !errors.Is(err, akin.ErrNoModel) {
		t.Errorf("a model that cannot read: %v", err)
	}
	if _, err := c.Search(t.Context(), akin.Text("a flag"), api.SearchOptions{MaxChance: 0.1}); err == nil {
		t.Error("a text has a chance")
	}
	if _, err := indexGolden(t, "vit").Search(t.Context(), akin.Text("a flag"), api.SearchOptions{}); !errors.Is(err, akin.ErrNoModel) {
		t.Errorf("a collection that cannot be read to: %v", err)
	}
}

func TestTextsAreEmbedded(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(golden.Dir(t), "models")
	golden.Deps(t)
	m, err := akin.OpenModel("clip", akin.Options{ModelDirs: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	rows, err := m.EmbedText(t.Context(), []string{"a photo of a flag"}, nil)
	if err != nil || len(rows) != 1 || len(rows[0].Vector) != m.Dim() {
		t.Fatalf("%v, %v", rows, err)
	}
	want := golden.NPY(t, filepath.Join(dir, "clip", "text_embeddings.npy")).Float32()
	for j, x := range rows[0].Vector {
		if math.Abs(float64(x-want[j])) > 1e-5 {
			t.Errorf("value %d is %g, not %g", j, x, want[j])
		}
	}
	vit, err := akin.OpenModel("vit", akin.Options{ModelDirs: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	defer vit.Close()
	if _, err := vit.EmbedText(t.Context(), []string{"x"}, nil); vit.ReadsText() || !errors.Is(err, akin.ErrNoModel) {
		t.Errorf("a model that cannot read: %v", err)
	}
}

// Each precision has a space of its own, and a query is made in that of the space.
func TestPrecisionsNeverMeet(t *testing.T) {
	t.Parallel()
	dir := golden.Dir(t)
	golden.Deps(t)
	o := akin.Options{Models: []string{"vit"}, ModelDirs: []string{filepath.Join(dir, "models")}}
	path := filepath.Join(t.TempDir(), "c.akin")
	for _, precision := range []string{"fp32", "int8", "int8"} {
		o.Precision = precision
		c := open(t, path, o)
		if _, err := c.Index(t.Context(), []string{filepath.Join(dir, "inputs")}, api.IndexOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	o = akin.Options{ModelDirs: o.ModelDirs}
	c := open(t, path, o)
	info, err := c.Info(t.Context())
	if err != nil || len(info.Spaces) != 2 || info.Spaces[0].Rows != 9 || info.Spaces[1].Rows != 9 || info.Spaces[0].Active || !info.Spaces[1].Active {
		t.Fatalf("%+v, %v", info, err)
	}
	// The newer space answers. A region is embedded anew, in its precision: the whole
	// picture as a region is the picture.
	whole := akin.Like("Chad").Cropped(api.Crop{Width: 220, Height: 147})
	found, err := c.Search(t.Context(), whole, api.SearchOptions{IncludeSelf: true, Top: 1})
	if err != nil || len(found.Hits) != 1 || found.Hits[0].Name != "Chad" || found.Hits[0].Score < 0.999999 {
		t.Errorf("%+v, %v", found.Hits, err)
	}
	if _, err := c.Drop(t.Context(), "vit", ""); !errors.Is(err, akin.ErrAmbiguous) {
		t.Errorf("one of two spaces is dropped: %v", err)
	}
	if s, err := c.Drop(t.Context(), "vit", info.Spaces[1].Fingerprint[:12]); err != nil || s.Rows != 9 {
		t.Errorf("%+v, %v", s, err)
	}
	if info, err := c.Info(t.Context()); err != nil || len(info.Spaces) != 1 || !info.Spaces[0].Active || info.Pictures != 9 {
		t.Errorf("dropped: %+v, %v", info, err)
	}
	o.Precision = "int8"
	o.Models = []string{"vgg16"}
	if _, err := open(t, path, o).Index(t.Context(), []string{filepath.Join(dir, "inputs")}, api.IndexOptions{}); !errors.Is(err, akin.ErrPrecision) {
		t.Errorf("a convolutional network: %v", err)
	}
}
