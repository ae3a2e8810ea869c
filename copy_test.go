package akin_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// rowsFile writes a file of random embeddings, and gives its path.
func rowsFile(t testing.TB, rows, dim int) string {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(rows), uint64(dim)))
	var b strings.Builder
	b.WriteString("name")
	for i := range dim {
		fmt.Fprintf(&b, ",v%d", i)
	}
	for i := range rows {
		fmt.Fprintf(&b, "\npicture %d", i)
		for range dim {
			fmt.Fprintf(&b, ",%.6g", r.NormFloat64())
		}
	}
	path := filepath.Join(t.TempDir(), "rows.csv")
	must(t, os.WriteFile(path, []byte(b.String()+"\n"), 0o666))
	return path
}

// imported makes a collection of random embeddings, some of them tagged.
func imported(t testing.TB, path string, rows, dim int) *akin.Collection {
	t.Helper()
	c := open(t, path, akin.Options{})
	_, err := c.Import(t.Context(), api.ImportOptions{Model: "m", File: rowsFile(t, rows, dim)})
	must(t, err)
	_, err = c.AddTag(t.Context(), "Round", "picture 1?", "picture 7", "picture 12")
	must(t, err)
	return c
}

func TestACopyIsTheSameAndGoesOnWhereItWasStopped(t *testing.T) {
	t.Parallel()
	from, to := filepath.Join(t.TempDir(), "from.akin"), filepath.Join(t.TempDir(), "to.akin")
	const rows = 3000
	src := imported(t, from, rows, 16)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := akin.Copy(ctx, from, to, api.CopyOptions{Progress: func(done, total int) {
		if total != rows {
			t.Errorf("%d pictures in all", total)
		}
		if done > rows/3 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped: %v", err)
	}
	first, err := akin.Copy(t.Context(), from, to, api.CopyOptions{})
	must(t, err)
	if first.Pictures != rows || first.Copied >= rows*3/4 || first.Copied == 0 || first.Embeddings != rows {
		t.Errorf("it went on with %+v", first)
	}
	again, err := akin.Copy(t.Context(), from, to, api.CopyOptions{})
	must(t, err)
	if again.Copied != 0 || again.Tagged != 0 || again.Checksum != first.Checksum {
		t.Errorf("once more: %+v, before %+v", again, first)
	}
	dst := open(t, to, akin.Options{ReadOnly: true})
	sameAnswers(t, src, dst, "picture 7", api.SearchOptions{Top: 20, Filter: api.Filter{Tags: []string{"round"}}})
	if problems, err := dst.Verify(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	if _, err := akin.Copy(t.Context(), from, from, api.CopyOptions{}); !errors.Is(err, akin.ErrInvalid) {
		t.Errorf("to itself: %v", err)
	}
	if _, err := akin.Copy(t.Context(), filepath.Join(t.TempDir(), "absent"), to, api.CopyOptions{}); !errors.Is(err, akin.ErrNoCollection) {
		t.Errorf("from nothing: %v", err)
	}
}

// sameAnswers asks two collections the same, and compares names, scores and chances.
func sameAnswers(t testing.TB, want, got *akin.Collection, picture string, o api.SearchOptions) {
	t.Helper()
	right, err := want.Search(t.Context(), akin.Like(picture), o)
	have, err2 := got.Search(t.Context(), akin.Like(picture), o)
	if err != nil || err2 != nil {
		if errors.Is(err, akin.ErrEmptyFilter) && errors.Is(err2, akin.ErrEmptyFilter) {
			return
		}
		t.Errorf("like %s, %+v: %v, %v", picture, o, err, err2)
		return
	}
	if len(right.Hits) != len(have.Hits) || len(right.Missing) != len(have.Missing) || have.Recall != right.Recall {
		t.Errorf("like %s, %+v: %d and %d hits, missing %q and %q, recall %g and %g", picture, o, len(right.Hits), len(have.Hits), right.Missing, have.Missing, right.Recall, have.Recall)
		return
	}
	for i, h := range right.Hits {
		g := have.Hits[i]
		if h.Name != g.Name || h.Score != g.Score || h.Source != g.Source || h.Grade != g.Grade && want.Path()[0] == got.Path()[0] {
			t.Errorf("like %s, %+v: hit %d is %+v, want %+v", picture, o, i, g, h)
			return
		}
	}
}
