package akin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/akin-search/akin/internal/collection"
	"github.com/akin-search/akin/internal/simd"
	"github.com/akin-search/akin/internal/vector"
)

// SearchOptions narrow a search. The zero value asks for the ten best hits in
// the collection's own model.
type SearchOptions struct {
	Filter
	Model       string
	Top         int      // hits to return; 0 means 10
	All         bool     // return every hit that MinScore and MaxChance leave, not only the best Top
	MinScore    *float64 // least cosine
	MaxChance   float64  // most chance, in 0…1; 0 means any
	IncludeSelf bool     // keep the queried picture itself
	Fold        bool     // put hits that are the same picture as a better one, by their pixels, under it
	// Recall is the share of the right hits that is enough, on average, in 0…1; less is
	// found sooner. 0 finds all of them, except in a space of more than four thousand
	// million numbers, where 0.99 is enough: there, all would take longer than people like to
	// wait. 1 finds all always.
	Recall float64
}

// interactive is how many numbers a space may have for an exact search that one need not
// wait for.
const interactive = 4e9

// recall is what to ask of the search of v.
func (o SearchOptions) recall(v *view) float64 {
	if o.Recall == 0 && float64(v.Matrix.Rows())*float64(v.Matrix.Dim) > interactive {
		return 0.99
	}
	return o.Recall
}

// Search finds the pictures that are most like the query: best first, equal
// scores in the order of indexing. No hits is an answer, not an error.
func (c *Collection) Search(ctx context.Context, q Query, o SearchOptions) (Result, error) {
	if o.Model == "" && len(c.options.Models) == 0 && q.hasText() {
		readers, err := c.readers(ctx)
		if err != nil {
			return Result{}, err
		}
		o.Model = readers[0]
	}
	s, err := c.spaceOf(ctx, o.Model)
	if err != nil {
		return Result{}, err
	}
	if c.cluster != nil && !o.All {
		r, err := c.searchNear(ctx, s, q, o)
		if !errors.Is(err, errFar) {
			return r, err
		}
	}
	v, err := c.openView(ctx, s)
	if err != nil {
		return Result{}, err
	}
	defer v.Close()
	keep, err := v.keep(ctx, o.Filter)
	if err != nil {
		return Result{}, err
	}
	q = slices.Clone(q)
	target, err := c.target(ctx, v, q)
	if err != nil {
		return Result{}, err
	}
	hits, err := v.search(ctx, target, keep, o, c.options.Threads, c.witness())
	if err != nil {
		return Result{}, err
	}
	return Result{
		Query: q, Model: v.model, Recall: stated(o.recall(v)), Hits: hits, NoGoodMatch: noGoodMatch(hits, target), Missing: keep.missing,
	}, nil
}

// stated is a recall as results tell it: 0 for all.
func stated(recall float64) float64 {
	if recall >= 1 {
		return 0
	}
	return recall
}

// search finds the hits of one query vector in one space. w compares pixels; a nil one does not.
func (v *view) search(ctx context.Context, t target, keep kept, o SearchOptions, threads int, w *witness) ([]Hit, error) {
	if t.words && o.MaxChance > 0 {
		return nil, invalidf("the scores of a text are on a scale of their own and have no chance: use a least score instead")
	}
	top := v.top(o.Top, o.All)
	self := t.self
	if o.IncludeSelf {
		self = nil
	}
	options := vector.Options{K: max(top, judged) + len(self), Keep: keep.rows, Tie: v.Tie, Threads: threads, Recall: o.recall(v)}
	if o.MinScore != nil {
		options.MinScore, options.HasMin = float32(*o.MinScore), true
	}
	if o.Fold {
		// How many fold is known only afterwards.
		options.K = max(4*options.K, 64)
	}
	for {
		rows, err := vector.Search(ctx, v.Matrix, t.vector, options)
		if err != nil {
			return nil, err
		}
		hits := v.hits(rows, self, t.words, keep, o)
		if !t.words {
			if err := w.mark(ctx, v, t.shows, hits); err != nil {
				return nil, err
			}
			v.judge(hits, t.self, keep)
		}
		if o.Fold {
			if hits, err = v.fold(ctx, hits, w); err != nil {
				return nil, err
			}
		}
		if len(hits) >= top || len(rows) < options.K || !o.Fold {
			hits = hits[:min(top, len(hits))]
			for i := range hits {
				hits[i].Rank = i + 1
			}
			return hits, nil
		}
		options.K *= 4
	}
}

// top is how many hits are wanted: with all, as many as there are pictures.
func (v *view) top(top int, all bool) int {
	switch {
	case all:
		return v.Pictures.Len()
	case top <= 0:
		return 10
	}
	return top
}

// hits makes hits of rows: every picture that was kept and whose content a row is,
// but for self.
func (v *view) hits(rows []vector.Hit, self map[int64]bool, words bool, keep kept, o SearchOptions) []Hit {
	hits := []Hit{}
	for _, row := range rows {
		score := float64(row.Score)
		var chance *float64
		if !words {
			share := v.Chance(score)
			if o.MaxChance > 0 && share > o.MaxChance {
				break
			}
			chance = &share
		}
		for i := range v.Of(row.Row) {
			p := v.Pictures.At(i)
			if self[p.ID] || !keep.has(i) {
				continue
			}
			hits = append(hits, Hit{
				Name: p.Name, Source: p.Source, Score: score, Chance: chance,
				id: p.ID, row: row.Row,
			})
		}
	}
	sort.SliceStable(hits, func(i, j int) bool {
		if hits[i].Score != hits[j].Score {
			return hits[i].Score > hits[j].Score
		}
		return hits[i].id < hits[j].id
	})
	for i := range hits {
		hits[i].Rank = i + 1
	}
	return hits
}

// fold puts each hit that is the same picture as a better one under it.
func (v *view) fold(ctx context.Context, hits []Hit, w *witness) ([]Hit, error) {
	heads := []Hit{}
next:
	for _, h := range hits {
		for i := range heads {
			score := float64(simd.Dot(v.Matrix.Row(heads[i].row), v.Matrix.Row(h.row)))
			if !v.close(score) {
				continue
			}
			same, err := w.sameHits(ctx, &heads[i], &h)
			if err != nil {
				return nil, err
			}
			if same {
				heads[i].Folded = append(heads[i].Folded, h)
				continue next
			}
		}
		heads = append(heads, h)
	}
	return heads, nil
}

// absolute is a path as sources have it; an address, and what stands for the source
// of a picture without a file, stays.
func absolute(source string) (string, error) {
	if isAddress(source) || strings.HasPrefix(source, collection.ImportedSource("")) {
		return source, nil
	}
	return filepath.Abs(source)
}

// under reports whether source lies in the folder dir.
func under(source, dir string) bool {
	for dir != "" && os.IsPathSeparator(dir[len(dir)-1]) {
		dir = dir[:len(dir)-1]
	}
	rest, ok := strings.CutPrefix(source, dir)
	return ok && (rest == "" || rest[0] == filepath.Separator || rest[0] == '/')
}

// VectorsResult is the answer to SearchVectors.
type VectorsResult struct {
	Model   string      `json:"model"`
	Seconds float64     `json:"seconds"`          // the search alone
	Recall  float64     `json:"recall,omitempty"` // as in Result
	Names   [][]string  `json:"names"`
	Scores  [][]float64 `json:"scores"`
	ByLuck  [][]float64 `json:"by_luck"` // as in Hit
	Grades  [][]Grade   `json:"grades"`  // never Same: no pixels are compared
	// NoGoodMatch says of each query that luck explains all its hits, or that there are none.
	NoGoodMatch []bool   `json:"no_good_match"`
	Missing     []string `json:"missing,omitempty"` // of Filter.Only: what no picture is called
}

// errEmpty is the ErrNoSpace of a collection without any.
type errEmpty struct{}

func (errEmpty) Is(target error) bool { return target == ErrNoSpace }
func (errEmpty) Error() string {
	return "the collection is empty: index pictures with `akin index PATH`, or `akin import` embeddings"
}

// errSpace says that a model has no embeddings here.
func errSpace(model string, have []string) error {
	if len(have) == 0 {
		return errEmpty{}
	}
	return fmt.Errorf("%w: %q; the collection has %s; index its folders with --model %s first", ErrNoSpace, model, strings.Join(have, ", "), model)
}
