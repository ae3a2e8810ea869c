package akin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/akin-search/akin/internal/cluster"
	"github.com/akin-search/akin/internal/collection"
	"github.com/akin-search/akin/internal/simd"
)

// errFar says that a cluster cannot answer a query by itself: all is needed here.
var errFar = errors.New("more is asked for than a cluster gives")

// meant gives the pictures that a query's terms may be, as a view of the space.
func (c *Collection) meant(ctx context.Context, s collection.Space, q Query) (*view, error) {
	var m cluster.Meant
	for _, t := range q {
		switch {
		case t.Text != "":
			continue
		case t.data != nil:
			m.Hashes = append(m.Hashes, hashOf(t.data))
			continue
		}
		m.Names = append(m.Names, norm.NFC.String(t.Picture))
		source, err := absolute(t.Picture)
		if err != nil {
			return nil, err
		}
		m.Sources = append(m.Sources, source)
		if info, err := os.Stat(t.Picture); err == nil && info.Mode().IsRegular() && t.only == "" {
			data, err := read(ctx, c.client, t.Picture)
			if err != nil {
				return nil, err
			}
			m.Hashes = append(m.Hashes, hashOf(data))
		}
	}
	snapshot, err := c.cluster.Meant(ctx, s, m)
	if err != nil {
		return nil, err
	}
	return &view{Snapshot: snapshot, model: s.Model}, nil
}

// searchNear is Search where the vectors lie in a cluster: it finds candidates, which are
// scored and ordered here as any pictures are.
func (c *Collection) searchNear(ctx context.Context, s collection.Space, q Query, o SearchOptions) (Result, error) {
	v, err := c.meant(ctx, s, q)
	if err != nil {
		return Result{}, err
	}
	defer v.Close()
	q = slices.Clone(q)
	t, err := c.target(ctx, v, q)
	if err != nil {
		return Result{}, err
	}
	f, err := c.pushDown(ctx, o.Filter)
	if err != nil {
		return Result{}, err
	}
	if t.shows != nil {
		t.shows.row = -1 // of v, not of what is found
	}
	hits, recall, err := c.near(ctx, s, t, f, o, c.witness())
	return Result{Query: q, Model: s.Model, Recall: stated(recall), Hits: hits, NoGoodMatch: noGoodMatch(hits, t), Missing: f.missing}, err
}

// pushed is a filter as a cluster has it.
type pushed struct {
	cluster.Filter
	narrow  bool                           // it leaves something out
	keep    func(*collection.Picture) bool // what the cluster cannot tell; nil keeps all
	missing []string                       // of Filter.Only: what no picture is called
}

// near finds the hits of one query vector.
func (c *Collection) near(ctx context.Context, s collection.Space, t target, f pushed, o SearchOptions, w *witness) ([]Hit, float64, error) {
	wanted := o.Top
	if wanted <= 0 {
		wanted = 10
	}
	top := max(wanted, judged)
	o.Top, o.All = top, false
	asked := s.Covered
	if f.narrow {
		var err error
		if asked, err = c.cluster.Count(ctx, f.Filter); err != nil {
			return nil, 0, err
		}
	}
	// A score of the cluster is a sum of float32: no further from ours than this.
	slack := float64(s.Dim) * 0x1p-23
	for k := min(top+len(t.self)+8, cluster.MostNear); ; k = min(4*k, cluster.MostNear) {
		found, recall, err := c.cluster.Near(ctx, s, t.vector, k, f.Filter)
		if err != nil {
			return nil, 0, err
		}
		if o.Recall == 1 && recall < 1 {
			return nil, 0, errFar
		}
		n := found.Matrix.Rows()
		if n == 0 && f.narrow {
			return nil, 0, fmt.Errorf("%w: none of those with an embedding of %s in %s", ErrNothingLeft, s.Model, c.path)
		}
		v := &view{Snapshot: found, model: s.Model}
		keep := kept{rows: v.Keep}
		if f.keep != nil {
			keep = v.keepThose(f.keep)
		}
		keep.asked = asked
		exact := o
		exact.Recall = 1
		hits, err := v.search(ctx, t, keep, exact, c.options.Threads, w)
		if err != nil {
			return nil, 0, err
		}
		floor := 1. // of the candidates' scores: whoever is none of them scores no higher
		for row := range n {
			floor = min(floor, float64(simd.Dot(t.vector, found.Matrix.Row(row))))
		}
		beyond := floor + slack
		switch {
		case n < k && n < cluster.MostNear,
			len(hits) == top && hits[top-1].Score > beyond,
			o.MinScore != nil && beyond < *o.MinScore,
			o.MaxChance > 0 && v.Chance(beyond) > o.MaxChance:
			return hits[:min(wanted, len(hits))], recall, nil
		case k == cluster.MostNear:
			return nil, 0, errFar
		}
	}
}

// keepThose leaves the pictures that pass.
func (v *view) keepThose(pass func(*collection.Picture) bool) kept {
	k := kept{pictures: full(v.Pictures.Len()), rows: make(bitmap, len(v.Keep))}
	k.pictures.filter(func(i int) bool {
		p := v.Pictures.Borrow(i)
		return pass(&p)
	})
	for i := range k.pictures.each() {
		if row := v.Pictures.Row(i); row >= 0 {
			k.rows[row/64] |= 1 << (row % 64)
		}
	}
	return k
}

// pushDown turns a filter into the cluster's. It may leave more than the filter does, which
// keep then tells.
func (c *Collection) pushDown(ctx context.Context, f Filter) (p pushed, err error) {
	if _, err := f.conditions(); err != nil {
		return p, err
	}
	if f.Under != "" {
		if p.Under, err = absolute(f.Under); err != nil {
			return p, err
		}
	}
	var patterns []namePattern
	var globs []cluster.Glob
	for _, name := range f.Names {
		pattern, err := compileName(name)
		if err != nil {
			return p, err
		}
		patterns = append(patterns, pattern)
		loose := "*"
		if pattern.path == nil {
			loose = loosen(name)
		}
		globs = append(globs, cluster.Glob{Property: "stem", Pattern: loose})
		if pattern.file {
			globs = append(globs, cluster.Glob{Property: "file", Pattern: loose})
		}
	}
	if len(globs) > 0 {
		p.Names = [][]cluster.Glob{globs}
		p.keep = func(picture *collection.Picture) bool {
			return slices.ContainsFunc(patterns, func(n namePattern) bool { return n.match(picture) })
		}
	}
	for _, t := range f.Tags {
		p.Tags = append(p.Tags, collection.TagKey(t))
	}
	for _, t := range f.NotTags {
		p.NotTags = append(p.NotTags, collection.TagKey(t))
	}
	for i, text := range []string{f.After, f.Before} {
		m, err := parseMoment(text)
		if err != nil {
			return p, err
		}
		if text != "" {
			p.Spans = append(p.Spans, cluster.Span{Instant: m.zoned, Before: i == 1, Seconds: m.seconds})
		}
	}
	if f.Only != nil {
		names, sources := make([]string, len(f.Only)), make([]string, len(f.Only))
		for i, entry := range f.Only {
			names[i] = norm.NFC.String(entry)
			if sources[i], err = absolute(entry); err != nil {
				return p, err
			}
		}
		ids, missing, err := c.cluster.List(ctx, names, sources)
		if err != nil {
			return p, err
		}
		p.Only = append([]int64{}, ids...)
		for _, i := range missing {
			p.missing = append(p.missing, f.Only[i])
		}
		if len(ids) == 0 {
			return p, fmt.Errorf("%w: 0 of the listed ones", ErrNothingLeft)
		}
	}
	p.narrow = f.Under != "" || len(f.Names)+len(f.Tags)+len(f.NotTags)+len(p.Spans) > 0 || f.Only != nil
	return p, nil
}

// loosen makes of a glob one of * and ? in small letters, which matches no less.
func loosen(pattern string) string {
	var b strings.Builder
	runes := []rune(strings.ToLower(filepath.ToSlash(pattern)))
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == '[' || r == '{' || r == '\\' || r > 0x7f:
			return strings.TrimRight(b.String(), "*") + "*"
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
