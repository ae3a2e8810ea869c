package space

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/simd"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/store"
	"golang.org/x/text/unicode/norm"
)

// errFar says that a cluster cannot answer a query by itself: all is needed here.
var ErrFar = errors.New("more is asked for than a cluster gives")

// meant gives the pictures that a query's terms may be, as a view of the space.
func (c *Collection) meant(ctx context.Context, s record.Space, q api.Query) (*Space, error) {
	var m store.Meant
	for _, t := range q {
		switch {
		case t.Text != "":
			continue
		case t.Data != nil:
			m.Hashes = append(m.Hashes, embed.HashOf(t.Data))
			continue
		}
		m.Names = append(m.Names, norm.NFC.String(t.Picture))
		from, err := source.Absolute(t.Picture)
		if err != nil {
			return nil, err
		}
		m.Sources = append(m.Sources, from)
		if info, err := os.Stat(t.Picture); err == nil && info.Mode().IsRegular() && t.From == "" {
			data, err := source.Bytes(ctx, c.Client, t.Picture)
			if err != nil {
				return nil, err
			}
			m.Hashes = append(m.Hashes, embed.HashOf(data))
		}
	}
	snapshot, err := c.Remote.Meant(ctx, s, m)
	if err != nil {
		return nil, err
	}
	return &Space{Snapshot: snapshot, Model: s.Model}, nil
}

// searchNear is Search where the vectors lie in a cluster: it finds candidates, which are
// scored and ordered here as any pictures are.
func (c *Collection) searchNear(ctx context.Context, s record.Space, q api.Query, o api.SearchOptions) (api.Result, error) {
	v, err := c.meant(ctx, s, q)
	if err != nil {
		return api.Result{}, err
	}
	defer v.Close()
	q = slices.Clone(q)
	t, err := c.Target(ctx, v, q)
	if err != nil {
		return api.Result{}, err
	}
	f, err := c.PushDown(ctx, o.Filter)
	if err != nil {
		return api.Result{}, err
	}
	if t.Picture != nil {
		t.Picture.row = -1 // of v, not of what is found
	}
	hits, recall, err := c.Near(ctx, s, t, f, o, c.Witness())
	return api.Result{Query: q, Model: s.Model, Recall: Stated(recall), Hits: hits, NoGoodMatch: NoGoodMatch(hits, t), Missing: f.Missing}, err
}

// pushed is a filter as a cluster has it.
type pushed struct {
	store.Filter
	narrow  bool                       // it leaves something out
	keep    func(*record.Picture) bool // what the cluster cannot tell; nil keeps all
	Missing []string                   // of Filter.Only: what no picture is called
}

// near finds the hits of one query vector.
func (c *Collection) Near(ctx context.Context, s record.Space, t Target, f pushed, o api.SearchOptions, w *witness) ([]api.Hit, float64, error) {
	wanted := o.Top
	if wanted <= 0 {
		wanted = 10
	}
	top := max(wanted, Judged)
	o.Top, o.All = top, false
	asked := s.Covered
	if f.narrow {
		var err error
		if asked, err = c.Remote.Count(ctx, f.Filter); err != nil {
			return nil, 0, err
		}
	}
	// A score of the cluster is a sum of float32: no further from ours than this.
	slack := float64(s.Dim) * 0x1p-23
	for k := min(top+len(t.Self)+8, store.MostNear); ; k = min(4*k, store.MostNear) {
		found, recall, err := c.Remote.Near(ctx, s, t.Vector, k, f.Filter)
		if err != nil {
			return nil, 0, err
		}
		if o.Recall == 1 && recall < 1 {
			return nil, 0, ErrFar
		}
		n := found.Matrix.Rows()
		if n == 0 && f.narrow {
			return nil, 0, fmt.Errorf("%w: none of those with an embedding of %s in %s", api.ErrEmptyFilter, s.Model, c.Location)
		}
		v := &Space{Snapshot: found, Model: s.Model}
		keep := Passed{Rows: v.Keep}
		if f.keep != nil {
			keep = v.keepThose(f.keep)
		}
		keep.Candidates = asked
		exact := o
		exact.Recall = 1
		hits, err := v.Search(ctx, t, keep, exact, c.Options.Threads, w)
		if err != nil {
			return nil, 0, err
		}
		floor := 1. // of the candidates' scores: whoever is none of them scores no higher
		for row := range n {
			floor = min(floor, float64(simd.Dot(t.Vector, found.Matrix.Row(row))))
		}
		beyond := floor + slack
		switch {
		case n < k && n < store.MostNear,
			len(hits) == top && hits[top-1].Score > beyond,
			o.MinScore != nil && beyond < *o.MinScore,
			o.MaxChance > 0 && v.Chance(beyond) > o.MaxChance:
			return hits[:min(wanted, len(hits))], recall, nil
		case k == store.MostNear:
			return nil, 0, ErrFar
		}
	}
}

// keepThose leaves the pictures that pass.
func (v *Space) keepThose(pass func(*record.Picture) bool) Passed {
	k := Passed{Pictures: full(v.Pictures.Len()), Rows: make(Bitmap, len(v.Keep))}
	k.Pictures.filter(func(i int) bool {
		p := v.Pictures.Borrow(i)
		return pass(&p)
	})
	for i := range k.Pictures.each() {
		if row := v.Pictures.Row(i); row >= 0 {
			k.Rows[row/64] |= 1 << (row % 64)
		}
	}
	return k
}

// pushDown turns a filter into the cluster's. It may leave more than the filter does, which
// keep then tells.
func (c *Collection) PushDown(ctx context.Context, f api.Filter) (p pushed, err error) {
	if _, err := conditions(f); err != nil {
		return p, err
	}
	if f.Under != "" {
		if p.Under, err = source.Absolute(f.Under); err != nil {
			return p, err
		}
	}
	var patterns []namePattern
	var globs []store.Glob
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
		globs = append(globs, store.Glob{Property: "stem", Pattern: loose})
		if pattern.file {
			globs = append(globs, store.Glob{Property: "file", Pattern: loose})
		}
	}
	if len(globs) > 0 {
		p.Names = [][]store.Glob{globs}
		p.keep = func(picture *record.Picture) bool {
			return slices.ContainsFunc(patterns, func(n namePattern) bool { return n.match(picture) })
		}
	}
	for _, t := range f.Tags {
		p.Tags = append(p.Tags, record.TagKey(t))
	}
	for _, t := range f.NotTags {
		p.NotTags = append(p.NotTags, record.TagKey(t))
	}
	for i, text := range []string{f.After, f.Before} {
		m, err := parseMoment(text)
		if err != nil {
			return p, err
		}
		if text != "" {
			p.Spans = append(p.Spans, store.Span{Instant: m.zoned, Before: i == 1, Seconds: m.seconds})
		}
	}
	if f.Only != nil {
		names, sources := make([]string, len(f.Only)), make([]string, len(f.Only))
		for i, entry := range f.Only {
			names[i] = norm.NFC.String(entry)
			if sources[i], err = source.Absolute(entry); err != nil {
				return p, err
			}
		}
		ids, missing, err := c.Remote.List(ctx, names, sources)
		if err != nil {
			return p, err
		}
		p.Only = append([]int64{}, ids...)
		for _, i := range missing {
			p.Missing = append(p.Missing, f.Only[i])
		}
		if len(ids) == 0 {
			return p, fmt.Errorf("%w: 0 of the listed ones", api.ErrEmptyFilter)
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
