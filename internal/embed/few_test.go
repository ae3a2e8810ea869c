package embed_test

import (
	"context"
	"image/color"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/akin-search/akin/internal/embed"
)

// Few pictures are run by RunFew, alone on all cores, and more by Run; each batch asks anew.
func TestFewPicturesAreRunByRunFew(t *testing.T) {
	t.Parallel()
	file := encode(t, color.RGBA{5, 6, 7, 255})
	for _, c := range []struct {
		why      string
		few      func(batch int64) bool
		want     [2]int64 // calls of RunFew and of Run, of five pictures one by one
		withoutX bool     // the model has no RunFew
	}{
		{"few", func(int64) bool { return true }, [2]int64{5, 0}, false},
		{"many", func(int64) bool { return false }, [2]int64{0, 5}, false},
		{"more are found after the second", func(batch int64) bool { return batch <= 2 }, [2]int64{2, 3}, false},
		{"a model of one network", func(int64) bool { return true }, [2]int64{0, 5}, true},
	} {
		var asked, few, many, at atomic.Int64
		m := corner(1, &many)
		run := m.Run
		if !c.withoutX {
			m.RunFew = func(ctx context.Context, pixels []float32, n int, out []float32) error {
				if at.Add(1) != 1 {
					t.Errorf("%s: two calls at a time", c.why)
				}
				defer at.Add(-1)
				defer many.Add(-1)
				few.Add(1)
				return run(ctx, pixels, n, out)
			}
		}
		err := embed.Run(t.Context(), queue(t, 5, func(int) ([]byte, error) { return file, nil }), []embed.Model{m},
			embed.Options{Workers: 2, Networks: 2, Few: func(context.Context) bool { return c.few(asked.Add(1)) }},
			func(r embed.Result) error {
				if !slices.Equal(r.Vectors[0], []float32{5, 6, 7}) {
					t.Errorf("%s: %v, %v", c.why, r.Vectors[0], r.Err)
				}
				return nil
			})
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]int64{few.Load(), many.Load()}; got != c.want {
			t.Errorf("%s: %v calls of RunFew and Run, want %v", c.why, got, c.want)
		}
	}
}
