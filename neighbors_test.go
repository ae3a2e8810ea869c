package akin_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

func TestNeighborsAreWhatSearchFinds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// A circle, with some pictures at the same place.
	var csv strings.Builder
	csv.WriteString("name,x,y,z\n")
	for i := range 60 {
		fmt.Fprintf(&csv, "p%d,%d,%d,1\n", i, i%17-8, i%11-5)
	}
	file := filepath.Join(dir, "v.csv")
	must(t, os.WriteFile(file, []byte(csv.String()), 0o666))
	c, err := akin.Open(t.Context(), filepath.Join(dir, "c"), akin.Options{})
	must(t, err)
	defer c.Close()
	_, err = c.Import(t.Context(), api.ImportOptions{Model: "m", File: file})
	must(t, err)
	least := 0.5
	for _, o := range []api.SearchOptions{
		{}, {Top: 3, IncludeSelf: true}, {All: true, MinScore: &least}, {Filter: api.Filter{Names: []string{"p1*"}}, Top: 4},
	} {
		seen := 0
		must(t, c.Neighbors(t.Context(), o, func(p api.Picture, hits []api.Hit) {
			seen++
			want, err := c.Search(t.Context(), akin.Like(p.Name), o)
			must(t, err)
			if len(hits) != len(want.Hits) {
				t.Fatalf("%+v: %s has %d neighbours, a search finds %d", o, p.Name, len(hits), len(want.Hits))
			}
			for i, h := range hits {
				if w := want.Hits[i]; !reflect.DeepEqual([]any{h.Rank, h.Name, h.Score, h.Chance, h.Grade}, []any{w.Rank, w.Name, w.Score, w.Chance, w.Grade}) {
					t.Errorf("%+v: %s: %+v, want %+v", o, p.Name, h, w)
				}
			}
		}))
		if want := map[bool]int{true: 60, false: 11}[o.Names == nil]; seen != want {
			t.Errorf("%+v: %d pictures, not %d", o, seen, want)
		}
	}
}
