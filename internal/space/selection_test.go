package space

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/api"
)

// The pictures of made lie at 0, 10, 20 … degrees. Of three with unequal
// distances the mean is not the middle: (cos 0 + cos 10 + cos 50, sin 0 + sin 10 + sin 50) points to
// atan2(0.939693, 2.627595) = 19.67830 degrees.
func TestAMeanIsThatOfAllItsPicturesAndFindsOthers(t *testing.T) {
	t.Parallel()
	c := made(t)
	q := api.MeanOf("query", "cat", "dog", "of another collection")
	v, err := c.OpenSpace(t.Context(), "m")
	must(t, err)
	defer v.Close()
	got, err := c.EmbedQuery(t.Context(), v, q)
	must(t, err)
	if angle := math.Atan2(float64(got.Unit[1]), float64(got.Unit[0])) * 180 / math.Pi; math.Abs(angle-19.67830) > 1e-4 {
		t.Errorf("the mean lies at %.5f degrees", angle)
	}
	r, err := c.Search(t.Context(), q, api.SearchOptions{Model: "m"})
	must(t, err)
	// 20, 10 (of the twin, which is not selected), 30, 40 and 60 degrees.
	var names []string
	for _, h := range r.Hits {
		names = append(names, h.Name)
	}
	if want := "[2024/cat twin São Paulo IMG_7 cow]"; fmt.Sprint(names) != want || r.Query[0].Mean != 3 {
		t.Errorf("found %v, want %s; the mean of %d", names, want, r.Query[0].Mean)
	}
	if want := math.Cos((20 - 19.67830) * math.Pi / 180); math.Abs(r.Hits[0].Score-want) > 1e-6 {
		t.Errorf("score %.7f, want %.7f", r.Hits[0].Score, want)
	}
	r, err = c.Search(t.Context(), q, api.SearchOptions{Model: "m", IncludeSelf: true})
	must(t, err)
	if len(r.Hits) != 8 {
		t.Errorf("%d of 8 pictures with those selected", len(r.Hits))
	}
	// As a term beside others it counts as one picture: 19.67830 and 60 degrees have their middle at 39.83915.
	both, err := c.EmbedQuery(t.Context(), v, q.Plus(api.Indexed("cow")))
	must(t, err)
	if angle := math.Atan2(float64(both.Unit[1]), float64(both.Unit[0])) * 180 / math.Pi; math.Abs(angle-39.83915) > 1e-4 {
		t.Errorf("with another term it lies at %.5f degrees", angle)
	}
	for _, x := range []struct {
		why   string
		query api.Query
		want  error
	}{
		{"none is there", api.MeanOf("nobody"), api.ErrNoSpace},
		{"a region", q.Cropped(api.Crop{Width: 1, Height: 1}), api.ErrInvalid},
	} {
		if _, err := c.EmbedQuery(t.Context(), v, x.query); !errors.Is(err, x.want) {
			t.Errorf("%s: %v", x.why, err)
		}
	}
}

func TestASelectionIsStoredByItsContent(t *testing.T) {
	t.Parallel()
	c := made(t)
	kept, err := c.KeepSelection(t.Context(), []string{"dog", "cat", "dog"})
	must(t, err)
	again, err := c.KeepSelection(t.Context(), []string{"cat", "dog"})
	must(t, err)
	if kept.ID != again.ID || kept.Count != 2 {
		t.Errorf("%+v, then %+v", kept, again)
	}
	names, err := c.Selection(t.Context(), kept.ID)
	if err != nil || fmt.Sprint(names) != "[cat dog]" {
		t.Errorf("%q, %v", names, err)
	}
	if _, err := c.KeepSelection(t.Context(), nil); !errors.Is(err, api.ErrInvalid) {
		t.Errorf("an empty one: %v", err)
	}
	for _, id := range []string{"", "../akin", "0011223344556677889900aa"} {
		if _, err := c.Selection(t.Context(), id); !errors.Is(err, api.ErrNoSelection) {
			t.Errorf("%q: %v", id, err)
		}
	}
	file := filepath.Join(c.LocalDir, "selections", kept.ID+".json")
	must(t, os.WriteFile(file, []byte(`["cat"]`), 0o666))
	if _, err := c.Selection(t.Context(), kept.ID); !errors.Is(err, api.ErrNoSelection) {
		t.Errorf("a damaged one: %v", err)
	}
	for i := range selectionsKept + 3 {
		_, err := c.KeepSelection(t.Context(), []string{fmt.Sprint(i)})
		must(t, err)
	}
	files, err := filepath.Glob(filepath.Join(c.LocalDir, "selections", "*"))
	if err != nil || len(files) != selectionsKept {
		t.Errorf("%d files, %v", len(files), err)
	}
}
