package storetest

import (
	"cmp"
	"context"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/local"
	"github.com/akin-search/akin/internal/vector"
)

// Reference is a remote store in a folder of this machine, which reads everything for each answer. Others are compared
// with it, and what asks remote stores is tested with it.
type Reference struct {
	*local.Collection
	address string
}

// scheme is that of a Reference's address, before its folder.
const scheme = "reference"

func init() {
	store.Register(scheme, func(_ context.Context, address string, readOnly bool) (store.Remote, error) {
		dir := strings.TrimPrefix(address, scheme+"://")
		c, err := local.Open(filepath.FromSlash(dir), local.Options{ReadOnly: readOnly})
		if err != nil {
			return nil, err
		}
		return &Reference{c, address}, nil
	})
}

// ReferenceIn returns the address of a Reference in a folder. Programs that link storetest can open it.
func ReferenceIn(dir string) string { return scheme + "://" + filepath.ToSlash(dir) }

func (r *Reference) Address() string { return r.address }

func (r *Reference) Writer() (store.Writer, error) { return r.Collection.Writer() }

func (r *Reference) Repair(ctx context.Context) (repaired record.Repaired, err error) {
	repaired.Problems, err = r.Verify(ctx)
	return repaired, err
}

// those returns the pictures for which keep is true, with their embeddings of a space; the zero space has none. Files
// that could not be read are no pictures.
func (r *Reference) those(ctx context.Context, s record.Space, keep func(record.Stored) bool) (out []record.Stored, err error) {
	var spaces []record.Space
	if s.ID != 0 {
		spaces = append(spaces, s)
	}
	err = r.Each(ctx, spaces, func(some []record.Stored) error {
		for _, p := range some {
			if p.Error == "" && keep(p) {
				out = append(out, p)
			}
		}
		return nil
	})
	return out, err
}

func (r *Reference) snapshot(ctx context.Context, s record.Space, pictures []record.Stored) (*local.Snapshot, error) {
	var chance []float32
	if s.ID != 0 {
		all, err := r.those(ctx, s, func(record.Stored) bool { return true })
		if err != nil {
			return nil, err
		}
		chance = local.RandomPairsOf(s, all)
	}
	return local.SnapshotOf(s, pictures, chance), nil
}

func (r *Reference) Near(ctx context.Context, s record.Space, unit []float32, k int, f store.Filter) (*local.Snapshot, float64, error) {
	near, err := r.those(ctx, s, func(p record.Stored) bool { return p.Vectors[s.ID] != nil && passes(p, f) })
	if err != nil {
		return nil, 0, err
	}
	slices.SortStableFunc(near, func(a, b record.Stored) int {
		return cmp.Compare(vector.Dot(unit, b.Vectors[s.ID]), vector.Dot(unit, a.Vectors[s.ID]))
	})
	snapshot, err := r.snapshot(ctx, s, near[:min(k, len(near))])
	return snapshot, 1, err
}

func (r *Reference) Lookup(ctx context.Context, s record.Space, m store.Lookup) (*local.Snapshot, error) {
	found, err := r.those(ctx, s, func(p record.Stored) bool {
		alike := func(name string) bool { return name == p.Name || record.FoldName(name) == record.FoldName(p.Name) }
		return slices.ContainsFunc(m.Names, alike) || slices.Contains(m.Sources, p.Source) || slices.Contains(m.Hashes, p.Hash)
	})
	if err != nil {
		return nil, err
	}
	return r.snapshot(ctx, s, found)
}

func (r *Reference) List(ctx context.Context, names, sources []string) (ids []int64, missing []int, err error) {
	found := map[int]bool{}
	_, err = r.those(ctx, record.Space{}, func(p record.Stored) bool {
		listed := false
		for i := range names {
			if names[i] == p.Name || sources[i] == p.Source {
				found[i], listed = true, true
			}
		}
		if listed {
			ids = append(ids, p.ID)
		}
		return listed
	})
	for i := range names {
		if !found[i] {
			missing = append(missing, i)
		}
	}
	slices.Sort(ids)
	return ids, missing, err
}

func (r *Reference) Count(ctx context.Context, f store.Filter) (int, error) {
	found, err := r.those(ctx, record.Space{}, func(p record.Stored) bool { return passes(p, f) })
	return len(found), err
}

// passes reports whether a picture passes a filter.
func passes(p record.Stored, f store.Filter) bool {
	tags := map[string]bool{}
	for _, t := range p.Tags {
		tags[record.TagKey(t)] = true
	}
	clock, instant := record.DateOf(p.Taken, p.Mtime, time.Local)
	switch {
	case f.Under != "" && !source.Under(p.Source, f.Under),
		f.Only != nil && !slices.Contains(f.Only, p.ID),
		slices.ContainsFunc(f.Tags, func(t string) bool { return !tags[t] }),
		slices.ContainsFunc(f.NotTags, func(t string) bool { return tags[t] }):
		return false
	}
	for _, globs := range f.Names {
		if !slices.ContainsFunc(globs, func(g store.Glob) bool { return matches(p, g) }) {
			return false
		}
	}
	for _, s := range f.Spans {
		at := clock
		if s.Instant {
			at = instant
		}
		if at == record.NoDate || (at < s.Seconds) != s.Before {
			return false
		}
	}
	return true
}

func matches(p record.Stored, g store.Glob) bool {
	text := p.Name
	if g.Property == "file" {
		text = filepath.ToSlash(p.Source)
	}
	text = strings.ToLower(text[strings.LastIndexByte(text, '/')+1:])
	pattern := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(g.Pattern))
	return regexp.MustCompile("^(?s:" + pattern + ")$").MatchString(text)
}
