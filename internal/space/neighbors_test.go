package space

import (
	"errors"
	"reflect"
	"testing"

	"github.com/akin-search/akin/api"
)

func TestNeighborsAreWhatSearchFinds(t *testing.T) {
	t.Parallel()
	var vectors [][]float32 // on a grid, so that scores tie
	for i := range 60 {
		vectors = append(vectors, []float32{float32(i%17 - 8), float32(i%11 - 5), 1})
	}
	c := collectionOf(t, vectors)
	minimum := 0.5
	for _, o := range []api.SearchOptions{
		{}, {Top: 3, IncludeSelf: true}, {All: true, MinScore: &minimum}, {Filter: api.Filter{Names: []string{"p1*"}}, Top: 4},
	} {
		seen := 0
		must(t, c.Neighbors(t.Context(), o, func(p api.Picture, hits []api.Hit) {
			seen++
			want, err := c.Search(t.Context(), api.Like(p.Name), o)
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
	for _, o := range []api.SearchOptions{{Fold: true}, {Fuse: &api.Fusion{}}} {
		if err := c.Neighbors(t.Context(), o, nil); !errors.Is(err, api.ErrInvalid) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
