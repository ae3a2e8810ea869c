package akin_test

import (
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

func TestBiasOfTheFlags(t *testing.T) {
	t.Parallel()
	c := sixModels(t)
	r, err := c.Bias(t.Context(), flagPairs(t, "flags-context"), api.BiasOptions{})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(r.Language)
	if !slices.Equal(r.Language, []string{"blip2", "clip"}) || len(r.Visual) != 4 || r.Pictures != 195 || r.Sample {
		t.Errorf("%v and %v over %d pictures", r.Language, r.Visual, r.Pictures)
	}
	p := r.Pairs[0]
	if p.A != "India" || p.B != "Pakistan" {
		t.Fatalf("first is %s – %s", p.A, p.B)
	}
	// Ranks 2/5 and 2/4: the fourth root of 80. 136/32, 117/114, 61/43, 14/42: the eighth
	// root of their product.
	language := math.Pow(2*5*2*4, 1./4)
	visual := math.Pow(136.*32*117*114*61*43*14*42, 1./8)
	if math.Abs(p.Language-language) > 1e-9 || math.Abs(p.Visual-visual) > 1e-9 || math.Abs(p.Ratio-visual/language) > 1e-9 {
		t.Errorf("%+v, want %v and %v", p, language, visual)
	}
	if p.Ranks["clip"] != [2]int{2, 5} || p.Ranks["vit"] != [2]int{136, 32} || p.Chance > 0.002 || p.Chance <= 0 {
		t.Errorf("%+v", p)
	}
	if last := r.Pairs[2]; last.A != "Israel" || last.Ranks["clip"] != [2]int{2, 6} || last.Ratio < 3 {
		t.Errorf("%+v", last)
	}
	// Over all pairs, it is countries that are named together.
	r, err = c.Bias(t.Context(), nil, api.BiasOptions{Top: 5})
	if err != nil || len(r.Pairs) != 5 {
		t.Fatalf("%d pairs, %v", len(r.Pairs), err)
	}
	if p := r.Pairs[0]; p.A != "Malaysia" || p.B != "Singapore" || p.Ranks["clip"] != [2]int{1, 1} || math.Abs(p.Chance-1/18915.) > 1e-9 {
		t.Errorf("first of all: %+v", p)
	}
	for i := 1; i < 5; i++ {
		if r.Pairs[i].Ratio > r.Pairs[i-1].Ratio || r.Pairs[i].Chance < r.Pairs[i-1].Chance {
			t.Errorf("%+v after %+v", r.Pairs[i], r.Pairs[i-1])
		}
	}
	// Exchanging the kinds turns the ranking over.
	other, err := c.Bias(t.Context(), flagPairs(t, "flags-context"), api.BiasOptions{Language: []string{"vit", "efficientnet", "dinov2", "vgg16"}})
	if err != nil || other.Pairs[2].A != "India" || math.Abs(other.Pairs[2].Ratio-language/visual) > 1e-9 {
		t.Errorf("%+v, %v", other.Pairs, err)
	}
	for _, wrong := range []struct {
		o    api.BiasOptions
		want error
	}{
		{api.BiasOptions{Models: []string{"vit", "vgg16"}}, akin.ErrNeedsBothKinds},
		{api.BiasOptions{Models: []string{"clip"}}, akin.ErrNeedsBothKinds},
		{api.BiasOptions{Language: []string{"nobody"}}, akin.ErrNoSpace},
	} {
		if _, err := c.Bias(t.Context(), nil, wrong.o); !errors.Is(err, wrong.want) {
			t.Errorf("%+v: %v", wrong.o, err)
		}
	}
	if _, err := c.Bias(t.Context(), []api.Pair{{A: "Atlantis", B: "Chad"}}, api.BiasOptions{}); !errors.Is(err, akin.ErrNotIndexed) {
		t.Error(err)
	}
}

func TestDisagreementAboutChad(t *testing.T) {
	t.Parallel()
	c := sixModels(t)
	r, err := c.Disagree(t.Context(), akin.Like("Chad"), api.CompareOptions{Top: 5, Models: []string{"dinov2", "clip", "vgg16"}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Hits[0].Name != "Romania" || r.Hits[0].Alone != "" || r.Hits[0].Ranks["vgg16"] != 1 {
		t.Errorf("first: %+v", r.Hits[0])
	}
	alone := map[string]string{}
	for _, h := range r.Hits {
		if h.Alone != "" {
			alone[h.Name] = h.Alone
			for m, rank := range h.Ranks {
				if (rank <= 5) != (m == h.Alone) {
					t.Errorf("%+v", h)
				}
			}
		}
	}
	if alone["Mongolia"] != "clip" || alone["Senegal"] != "vgg16" || alone["Guinea-Bissau"] != "dinov2" {
		t.Errorf("%v", alone)
	}
	// The rows that Compare gives have the same in common.
	compared, err := c.Compare(t.Context(), akin.Like("Chad"), api.CompareOptions{Top: 5, Models: []string{"dinov2", "clip", "vgg16"}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		for j := range 3 {
			if r.Overlap[i][j] != compared.Overlap[i][j] || (i == j) != (r.RankBiased[i][j] > 0.999) {
				t.Errorf("%v, %v; want %v", r.Overlap, r.RankBiased, compared.Overlap)
			}
		}
	}
}

func TestDisagreementOverTheFlags(t *testing.T) {
	t.Parallel()
	c := sixModels(t)
	models := []string{"clip", "vit", "dinov2"}
	r, err := c.DisagreeAll(t.Context(), api.DisagreeOptions{Models: models, Pictures: 195})
	if err != nil || r.Pictures != 195 || len(r.Disputed) != 195 {
		t.Fatalf("%+v, %v", r, err)
	}
	// The mean of what single queries say.
	sum, of := 0., map[string]float64{}
	for _, p := range r.Disputed {
		of[p.Name] = p.Agreement
		sum += p.Agreement
	}
	mean := (r.Overlap[0][1] + r.Overlap[0][2] + r.Overlap[1][2]) / 3
	if math.Abs(sum/195-mean) > 1e-9 {
		t.Errorf("%v, the table says %v", sum/195, mean)
	}
	for _, name := range []string{"Chad", "Nauru", "India"} {
		q, err := c.Disagree(t.Context(), akin.Like(name), api.CompareOptions{Models: models})
		if err != nil {
			t.Fatal(err)
		}
		if want := (q.Overlap[0][1] + q.Overlap[0][2] + q.Overlap[1][2]) / 3; math.Abs(of[name]-want) > 1e-9 {
			t.Errorf("%s: %v, a query for it says %v", name, of[name], want)
		}
	}
	one := open(t, filepath.Join(t.TempDir(), "one.akin"), akin.Options{})
	if _, err := one.DisagreeAll(t.Context(), api.DisagreeOptions{}); !errors.Is(err, akin.ErrNoSpace) {
		t.Error(err)
	}
	if _, err := c.DisagreeAll(t.Context(), api.DisagreeOptions{Models: []string{"clip"}}); err == nil || !strings.Contains(err.Error(), "two models are needed") {
		t.Error(err)
	}
}
