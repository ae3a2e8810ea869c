package space

import (
	"context"
	"fmt"
	"maps"
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

// searchRemote is Search in a remote store: the store proposes candidates, which are scored, ordered
// and graded here. Errors: errNeedsAllVectors.
func (c *Collection) searchRemote(ctx context.Context, s record.Space, q api.Query, o api.SearchOptions) (api.Result, error) {
	v, err := c.lookUpQuery(ctx, s, q)
	if err != nil {
		return api.Result{}, err
	}
	defer v.Close()
	q = slices.Clone(q)
	t, err := c.EmbedQuery(ctx, v, q)
	if err != nil {
		return api.Result{}, err
	}
	f, err := c.remoteFilter(ctx, o.Filter)
	if err != nil {
		return api.Result{}, err
	}
	if t.Picture != nil {
		t.Picture.row = -1 // a row of v, not of the candidates
	}
	hits, recall, err := c.nearRemote(ctx, s, t, f, o, c.PixelComparer())
	return api.Result{Query: q, Model: s.Model, Recall: reportedRecall(recall), Hits: hits, NoGoodMatch: NoGoodMatch(hits, t), Missing: f.missing}, err
}

// lookUpQuery fetches the pictures that a query's terms may refer to, as a space.
func (c *Collection) lookUpQuery(ctx context.Context, s record.Space, q api.Query) (*Space, error) {
	var m store.Lookup
	for _, t := range q {
		switch {
		case t.Text != "":
			continue
		case len(t.Of) > 0:
			return nil, errNeedsAllVectors // each of the vectors whose mean it is
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
		if info, err := source.Stat(t.Picture); err == nil && info.Mode().IsRegular() && t.From == "" {
			data, err := source.Bytes(ctx, c.Client, t.Picture)
			if err != nil {
				return nil, err
			}
			m.Hashes = append(m.Hashes, embed.HashOf(data))
		}
	}
	snapshot, err := c.Remote.Lookup(ctx, s, m)
	if err != nil {
		return nil, err
	}
	return &Space{Snapshot: snapshot, Model: s.Model}, nil
}

// nearRemote finds the hits of one query vector in a remote store. It asks for more and more
// candidates until no picture beyond them can be a hit. Errors: errNeedsAllVectors where the store
// cannot return enough of them.
func (c *Collection) nearRemote(ctx context.Context, s record.Space, t QueryVector, f remoteFilter, o api.SearchOptions, pixels *pixelComparer) ([]api.Hit, float64, error) {
	wanted := o.Top
	if wanted <= 0 {
		wanted = 10
	}
	o.Top, o.All = max(wanted, gradedHits), false
	searched := s.Covered
	if f.selective {
		var err error
		if searched, err = c.Remote.Count(ctx, f.Filter); err != nil {
			return nil, 0, err
		}
	}
	for k := min(o.Top+len(t.Self)+8, store.MaxNear); ; k = min(4*k, store.MaxNear) {
		snapshot, recall, err := c.Remote.Near(ctx, s, t.Unit, k, f.Filter)
		if err != nil {
			return nil, 0, err
		}
		if o.Recall == 1 && recall < 1 {
			return nil, 0, errNeedsAllVectors
		}
		candidates := &Space{Snapshot: snapshot, Model: s.Model}
		if candidates.Matrix.Rows() == 0 && f.selective {
			return nil, 0, fmt.Errorf("%w: none of those with an embedding of %s in %s", api.ErrEmptyFilter, s.Model, c.Location)
		}
		filtered := Filtered{Rows: candidates.Keep}
		if f.recheck != nil {
			filtered = candidates.FilterBy(f.recheck)
		}
		filtered.Candidates = searched
		exact := o
		exact.Recall = 1
		hits, err := candidates.Search(ctx, t, filtered, exact, c.Options.Threads, pixels)
		if err != nil {
			return nil, 0, err
		}
		switch {
		case candidates.complete(t.Unit, hits, k, o):
			return hits[:min(wanted, len(hits))], recall, nil
		case k == store.MaxNear:
			return nil, 0, errNeedsAllVectors
		}
	}
}

// complete reports whether no picture beyond the nearest k, which v's pictures are, can be among the
// hits or pass the options.
func (v *Space) complete(unit []float32, hits []api.Hit, k int, o api.SearchOptions) bool {
	n := v.Matrix.Rows()
	if n < k && n < store.MaxNear {
		return true // there are no others
	}
	lowest := 1. // score of the candidates
	for row := range n {
		lowest = min(lowest, float64(simd.Dot(unit, v.Matrix.Row(row))))
	}
	// No other picture scores more than this: the store's score is a float32 sum, which differs
	// from ours by no more than rounding.
	bound := lowest + float64(v.Matrix.Dim)*0x1p-23
	return len(hits) == o.Top && hits[o.Top-1].Score > bound ||
		o.MinScore != nil && bound < *o.MinScore ||
		o.MaxChance > 0 && v.Chance(bound) > o.MaxChance
}

// remoteFilter is a filter as a remote store applies it.
type remoteFilter struct {
	store.Filter
	selective bool                       // it leaves something out
	recheck   func(*record.Picture) bool // for what the store passes too much of; nil passes all
	missing   []string                   // entries of Filter.Only that no picture has
}

// remoteFilter translates a filter for a remote store, which may pass more pictures than it should:
// recheck drops these.
func (c *Collection) remoteFilter(ctx context.Context, f api.Filter) (out remoteFilter, err error) {
	conditions, err := conditions(f)
	if err != nil {
		return out, err
	}
	var here []condition
	for _, c := range conditions {
		if c.remote == nil {
			here = append(here, c)
		} else {
			c.remote(&out)
		}
	}
	if f.Only != nil {
		if err := c.addOnly(ctx, &out, f.Only); err != nil {
			return out, err
		}
	}
	if len(here) > 0 {
		if err := c.addHere(ctx, &out, here); err != nil {
			return out, err
		}
	}
	out.selective = len(conditions) > 0 || f.Only != nil
	return out, nil
}

// addHere adds conditions that the remote store cannot apply. They are applied to the copy of its pictures: where few pass, the
// store is asked for those alone, else for the nearest, of which those that do not pass are dropped.
func (c *Collection) addHere(ctx context.Context, out *remoteFilter, here []condition) error {
	s, err := c.Catalog(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	left := full(s.Pictures.Len())
	if _, err := narrow(ctx, s, left, here); err != nil {
		return err
	}
	passing := make(map[int64]bool, left.count())
	for i := range left.each() {
		passing[s.Pictures.Borrow(i).ID] = true
	}
	if out.Only != nil || len(passing) <= store.MaxNear {
		if out.Only == nil {
			out.Only = slices.Collect(maps.Keys(passing))
		} else {
			out.Only = slices.DeleteFunc(out.Only, func(id int64) bool { return !passing[id] })
		}
		return nil
	}
	before := out.recheck
	out.recheck = func(p *record.Picture) bool { return passing[p.ID] && (before == nil || before(p)) }
	return nil
}

// looseGlobs returns globs that match at least what one of some patterns matches.
func looseGlobs(names []string, patterns []namePattern) []store.Glob {
	var globs []store.Glob
	for i, pattern := range patterns {
		loose := "*"
		if pattern.path == nil {
			loose = looseGlob(names[i])
		}
		globs = append(globs, store.Glob{Property: "stem", Pattern: loose})
		if pattern.file {
			globs = append(globs, store.Glob{Property: "file", Pattern: loose})
		}
	}
	return globs
}

// addOnly adds a list of names and sources.
func (c *Collection) addOnly(ctx context.Context, out *remoteFilter, only []string) (err error) {
	names, sources := make([]string, len(only)), make([]string, len(only))
	for i, entry := range only {
		names[i] = norm.NFC.String(entry)
		if sources[i], err = source.Absolute(entry); err != nil {
			return err
		}
	}
	ids, missing, err := c.Remote.List(ctx, names, sources)
	if err != nil {
		return err
	}
	out.Only = append([]int64{}, ids...)
	for _, i := range missing {
		out.missing = append(out.missing, only[i])
	}
	if len(ids) == 0 {
		return fmt.Errorf("%w: 0 of the listed ones", api.ErrEmptyFilter)
	}
	return nil
}

// looseGlob returns a lower-case glob of * that matches at least what pattern matches. What ? matches may be several
// letters of a file's name, as Macs write it.
func looseGlob(pattern string) string {
	var b strings.Builder
	runes := []rune(strings.ToLower(norm.NFC.String(filepath.ToSlash(pattern)))) // as names are
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == '[' || r == '{' || r == '\\' || r > 0x7f:
			return strings.TrimRight(b.String(), "*") + "*"
		case r == '?':
			b.WriteByte('*')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
