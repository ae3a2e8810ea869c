package space

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store/local"
)

// The pictures of made lie at 0, 10, 20 … degrees: the angle of a query's vector is worked out by hand.
func TestAQueryIsTheWeightedSumOfItsTerms(t *testing.T) {
	t.Parallel()
	c := made(t)
	v, err := c.OpenSpace(t.Context(), "")
	must(t, err)
	defer v.Close()
	zero, twenty := api.Like("query"), api.Like("2024/cat")
	for _, x := range []struct {
		why   string
		query api.Query
		want  float64 // degrees
		self  []string
		one   bool // a single picture, which may be compared by pixels
	}{
		{"a picture", zero, 0, []string{"query"}, true},
		{"by its source", api.Like("/p/2024/cat.jpg"), 20, []string{"2024/cat"}, true},
		{"indexed alone", api.Indexed("2024/cat"), 20, []string{"2024/cat"}, true},
		{"the mean of two", zero.Plus(twenty), 10, []string{"query", "2024/cat"}, false},
		{"weights do not depend on scale", zero.Times(3).Plus(twenty.Times(3)), 10, []string{"query", "2024/cat"}, false},
		{"the opposite", zero.Times(-1), 180, []string{"query"}, false},
		// (cos 20 - 1, sin 20) points to 90 + 20/2 degrees.
		{"the difference", twenty.Minus(zero), 100, []string{"2024/cat", "query"}, false},
		{"a picture of the same content", api.Like("twin"), 10, []string{"twin"}, true},
	} {
		q := slices.Clone(x.query)
		got, err := c.EmbedQuery(t.Context(), v, q)
		if err != nil {
			t.Errorf("%s: %v", x.why, err)
			continue
		}
		angle := math.Atan2(float64(got.Unit[1]), float64(got.Unit[0])) * 180 / math.Pi
		if math.Abs(angle-x.want) > 1e-4 || got.HasText || (got.Picture != nil) != x.one || len(got.Self) != len(x.self) {
			t.Errorf("%s: %g degrees, want %g; %+v", x.why, angle, x.want, got)
		}
		for i, name := range x.self {
			p, err := v.Find(name)
			if err != nil || !got.Self[p.ID] || q[i].Source != p.Source {
				t.Errorf("%s: %q is not its own picture: %+v, %+v, %v", x.why, name, got.Self, q[i], err)
			}
		}
	}
}

func TestQueriesThatCannotBeEmbedded(t *testing.T) {
	t.Parallel()
	c := made(t)
	other, err := c.OpenSpace(t.Context(), "n")
	must(t, err)
	defer other.Close()
	v, err := c.OpenSpace(t.Context(), "m")
	must(t, err)
	defer v.Close()
	for _, x := range []struct {
		why   string
		space *Space
		query api.Query
		is    error
		says  string
	}{
		{"no terms", v, nil, api.ErrInvalid, "empty"},
		{"terms that cancel out", v, api.Like("query").Minus(api.Like("query")), api.ErrInvalid, "cancel each other out"},
		{"an unknown name", v, api.Like("horse"), record.ErrNotIndexed, `"horse"`},
		{"a name that is nearly right", v, api.Indexed("doggg"), record.ErrNotIndexed, "dog"},
		{"a name that must be an address", v, api.Address("dog"), api.ErrInvalid, "not an http or https address"},
		{"a file is not an indexed name", v, api.Indexed("/p/cat.png"), record.ErrNotIndexed, "/p/cat.png"},
		{"an empty region", v, api.Like("query").Cropped(api.Crop{Width: 0, Height: 1}), api.ErrInvalid, "empty"},
		{"a picture without an embedding, whose file is gone", other, api.Like("dog"), os.ErrNotExist, "is gone"},
	} {
		_, err := c.EmbedQuery(t.Context(), x.space, slices.Clone(x.query))
		if !errors.Is(err, x.is) || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: %v", x.why, err)
		}
	}
}

// Embeddings that were imported cannot be made for anything else.
func TestAnImportedSpaceAnswersByNameAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "c.akin")
	store, err := local.Open(dir, local.Options{})
	must(t, err)
	w, err := store.Writer()
	must(t, err)
	s, err := w.Space(t.Context(), "m", record.ImportedFingerprint(2), 2)
	must(t, err)
	hash, lone := record.Hash{1}, record.Hash{2}
	must(t, w.Commit(t.Context(), record.Batch{
		Puts: []record.Put{
			{Name: "a", Source: record.ImportedSource("a"), Hash: hash},
			{Name: "b", Source: record.ImportedSource("b"), Hash: lone},
		},
		Embeddings: []record.Embedding{{Space: s.ID, Hash: hash, Vector: []float32{3, 4}}},
	}))
	must(t, errors.Join(w.Close(), store.Close()))
	c, err := Open(t.Context(), dir, models.Options{})
	must(t, err)
	defer c.Close()
	v, err := c.OpenSpace(t.Context(), "")
	must(t, err)
	defer v.Close()
	got, err := c.EmbedQuery(t.Context(), v, api.Like("a"))
	if err != nil || math.Abs(float64(got.Unit[0])-0.6) > 1e-6 {
		t.Errorf("%v, %v", got.Unit, err)
	}
	var imported *ImportedSpaceError
	if _, err := c.EmbedQuery(t.Context(), v, api.LikeBytes("upload", []byte("x"))); !errors.As(err, &imported) || imported.Model != "m" || !errors.Is(err, model.ErrMissing) {
		t.Errorf("bytes: %v", err)
	}
	if _, err := c.EmbedQuery(t.Context(), v, api.Text("words")); !errors.As(err, &imported) {
		t.Errorf("a text: %v", err)
	}
	if _, err := c.EmbedQuery(t.Context(), v, api.Like("b")); !errors.Is(err, api.ErrNoSpace) {
		t.Errorf("a picture without an embedding: %v", err)
	}
	if _, err := c.EmbedQuery(t.Context(), v, api.Like("a").Cropped(api.Crop{Width: 1, Height: 1})); !errors.Is(err, api.ErrInvalid) {
		t.Errorf("a region: %v", err)
	}
	var noText *model.NoTextError
	if _, err := c.TextModels(t.Context()); !errors.As(err, &noText) {
		t.Errorf("text models: %v", err)
	}
	answers, err := c.Answers(t.Context())
	if err != nil || len(answers.Kinds) != 1 || answers.Kinds[0] != (api.ModelKind{Model: "m", Cannot: "the embeddings of m were imported: akin cannot run that model"}) {
		t.Errorf("answers: %+v, %v", answers, err)
	}
}

func TestSpacesAreFoundByTheirModels(t *testing.T) {
	t.Parallel()
	c := made(t)
	c.Options.Models = nil
	s, err := c.SpaceOf(t.Context(), "")
	if err != nil || s.Model != "m" {
		t.Errorf("default: %+v, %v", s, err)
	}
	var missing *NoSpaceError
	if _, err := c.OpenSpace(t.Context(), "x"); !errors.As(err, &missing) || !slices.Equal(missing.Have, []string{"m", "n"}) || !errors.Is(err, api.ErrNoSpace) {
		t.Errorf("unknown: %v", err)
	}
	if _, err := c.Drop(t.Context(), "x", ""); !errors.Is(err, api.ErrNoSpace) {
		t.Errorf("dropping an unknown one: %v", err)
	}
	dropped, err := c.Drop(t.Context(), "m", "")
	if err != nil || dropped.Model != "m" {
		t.Errorf("%+v, %v", dropped, err)
	}
	if s, err = c.SpaceOf(t.Context(), ""); err != nil || s.Model != "n" {
		t.Errorf("the default after that: %+v, %v", s, err)
	}
	w, err := c.Writer()
	must(t, err)
	for _, fingerprint := range []string{"aaaa", "bbbb"} {
		_, err := w.Space(t.Context(), "two", fingerprint, 2)
		must(t, err)
	}
	must(t, w.Close())
	var several *AmbiguousSpaceError
	if _, err := c.Drop(t.Context(), "two", ""); !errors.As(err, &several) || !slices.Equal(several.Fingerprints, []string{"aaaa", "bbbb"}) {
		t.Errorf("two spaces of a model: %v", err)
	}
	if dropped, err := c.Drop(t.Context(), "two", "aa"); err != nil || dropped.Fingerprint != "aaaa" {
		t.Errorf("%+v, %v", dropped, err)
	}
}
