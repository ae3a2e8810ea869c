package space

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
)

// madeOfMany makes a collection of pictures that are in some spaces.
func madeOfMany(tb testing.TB, pictures, in int) *Collection {
	tb.Helper()
	c, err := Open(tb.Context(), filepath.Join(tb.TempDir(), "c.akin"), models.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.Close() })
	w, err := c.Writer()
	if err != nil {
		tb.Fatal(err)
	}
	var spaces []record.Space
	for i := range in {
		s, err := w.Space(tb.Context(), fmt.Sprint("m", i), "f", 1)
		if err != nil {
			tb.Fatal(err)
		}
		spaces = append(spaces, s)
	}
	words := []string{"beach", "Mountain", "Crème brûlée", "IMG"}
	var batch record.Batch
	for i := range pictures {
		path := fmt.Sprintf("/pictures/%03d/%s_%06d.jpg", i/1000, words[i%len(words)], i)
		hash := sha256.Sum256([]byte(path))
		batch.Puts = append(batch.Puts, record.Put{Source: path, Root: "/pictures", Size: int64(1 + i*7919%pictures), Mtime: int64(1+i*104729%pictures) * 1e12, Hash: hash, Format: "jpeg", Width: 1 + i%4000, Height: 3000})
		for _, s := range spaces {
			batch.Embeddings = append(batch.Embeddings, record.Embedding{Space: s.ID, Hash: hash, Vector: []float32{1}})
		}
	}
	err = w.Commit(tb.Context(), batch)
	if err == nil {
		err = w.Prepare(tb.Context(), nil)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		tb.Fatal(err)
	}
	return c
}

// Whoever reads the rows of all pictures for one page of them allocates more where there are more; what is read once after
// a commit may be in proportion to them.
func TestAPageCostsTheSameOfManyPicturesAsOfFew(t *testing.T) {
	const few, many = 1000, 20_000
	small, large := madeOfMany(t, few, 2), madeOfMany(t, many, 2)
	for _, x := range []struct {
		why     string
		options api.ListOptions
	}{
		{"the first page", api.ListOptions{Limit: 60}},
		{"a later page", api.ListOptions{Limit: 60, After: "0.700"}},
		{"by name", api.ListOptions{Limit: 60, Sort: "name"}},
		{"the newest first", api.ListOptions{Limit: 60, Sort: "-date"}},
		{"what is typed", api.ListOptions{Limit: 8, Typed: "creme brulee 000"}},
	} {
		allocations := func(c *Collection) float64 {
			return testing.AllocsPerRun(5, func() {
				list, err := c.Pictures(t.Context(), x.options)
				if err != nil || len(list.Pictures) != x.options.Limit {
					t.Fatal(x.why, len(list.Pictures), err)
				}
			})
		}
		if a, b := allocations(small), allocations(large); b > a+a/4+50 {
			t.Errorf("%s: %.0f allocations of %d pictures, %.0f of %d", x.why, a, few, b, many)
		} else {
			t.Logf("%s: %.0f and %.0f allocations", x.why, a, b)
		}
	}
}
