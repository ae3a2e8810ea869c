package weaviate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store"
	pb "github.com/weaviate/weaviate/grpc/generated/protocol/v1"
	"golang.org/x/sync/errgroup"
)

// Writer changes a collection. Several may do so at a time, each for other pictures: see docs/explanation/cluster.md.
type Writer struct{ c *Collection }

// Writer returns a writer. A cluster has no lock to take.
func (c *Collection) Writer() (store.Writer, error) { return &Writer{c}, nil }

// Close has nothing to release.
func (w *Writer) Close() error { return nil }

// Commit stores a batch. When it returns nil, all of it is stored at the address's consistency level. After an error a
// part of it may be stored; committing it again completes it. A vector without a direction is refused before anything
// is written.
func (w *Writer) Commit(ctx context.Context, b record.Batch) error {
	x := &change{c: w.c, spaces: map[int64]space{}, write: map[string]*object{}, merge: map[string]bool{}, drop: map[string]bool{}, taken: map[string]string{}, looked: map[record.Hash]bool{}, found: map[string]*object{}}
	err := x.plan(ctx, b)
	if err == nil {
		err = x.send(ctx)
		w.c.forget()
		if slices.ContainsFunc(b.Puts, func(p record.Put) bool { return record.IsImported(p.Source) }) {
			w.c.mu.Lock()
			w.c.imports = recentCount{}
			w.c.mu.Unlock()
		}
	}
	if err != nil {
		return fmt.Errorf("write to collection %s: %w", w.c.address, err)
	}
	return nil
}

// Tag adds tags to pictures and returns how many are new.
func (w *Writer) Tag(ctx context.Context, taggings []record.Tagging) (added int, err error) {
	return w.retag(ctx, taggings, func(tags []string, tag string) []string {
		if slices.ContainsFunc(tags, func(t string) bool { return record.TagKey(t) == record.TagKey(tag) }) {
			return tags
		}
		return append(slices.Clone(tags), tag)
	})
}

// Untag removes tags from pictures and returns how many they had.
func (w *Writer) Untag(ctx context.Context, taggings []record.Tagging) (removed int, err error) {
	return w.retag(ctx, taggings, func(tags []string, tag string) []string {
		return slices.DeleteFunc(slices.Clone(tags), func(t string) bool { return record.TagKey(t) == record.TagKey(tag) })
	})
}

// RenameTag gives a tag another name and returns how many pictures had it. Where there is a tag of that name, both
// become one.
func (w *Writer) RenameTag(ctx context.Context, tag, name string) (changed int, err error) {
	name, err = record.CleanTag(name)
	if err != nil {
		return 0, err
	}
	from, to := record.TagKey(tag), record.TagKey(name)
	found, err := w.c.having(ctx, "keys", []string{from}, nil)
	if err != nil {
		return 0, err
	}
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(mergers)
	for _, o := range found {
		o.Tags = append(slices.DeleteFunc(slices.Clone(o.Tags), func(t string) bool {
			key := record.TagKey(t)
			return key == from || key == to
		}), name)
		sortTags(o.Tags)
		group.Go(func() error { return w.c.merge(inner, o) })
	}
	if err := group.Wait(); err != nil {
		return 0, fmt.Errorf("rename a tag of collection %s: %w", w.c.address, err)
	}
	return len(found), nil
}

func sortTags(tags []string) {
	slices.SortFunc(tags, func(a, b string) int { return strings.Compare(record.TagKey(a), record.TagKey(b)) })
}

func (w *Writer) retag(ctx context.Context, taggings []record.Tagging, change func(tags []string, tag string) []string) (n int, err error) {
	byPicture := map[int64][]string{}
	var ids []int64
	for _, g := range taggings {
		tag, err := record.CleanTag(g.Tag)
		if err != nil {
			return 0, err
		}
		if _, seen := byPicture[g.Picture]; !seen {
			ids = append(ids, g.Picture)
		}
		byPicture[g.Picture] = append(byPicture[g.Picture], tag)
	}
	found, err := w.c.having(ctx, "number", decimals(ids), nil)
	if err != nil {
		return 0, err
	}
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(mergers)
	for _, o := range found {
		changed := 0
		for _, tag := range byPicture[o.ID] {
			now := change(o.Tags, tag)
			if len(now) != len(o.Tags) {
				o.Tags = now
				changed++
			}
		}
		if changed > 0 {
			sortTags(o.Tags)
			n += changed
			group.Go(func() error { return w.c.merge(inner, o) })
		}
	}
	if err := group.Wait(); err != nil {
		return 0, fmt.Errorf("tag pictures of collection %s: %w", w.c.address, err)
	}
	return n, nil
}

// Drop removes a space. Weaviate keeps its vectors until each picture is written again; a space of the same model and
// fingerprint has them again.
func (w *Writer) Drop(ctx context.Context, s record.Space) error {
	defer w.c.forget()
	id := spaceID(s.Model, s.Fingerprint)
	return w.c.ask(ctx, "drop "+s.Model, func(ctx context.Context, n *node) error {
		_, err := n.wire.BatchDelete(ctx, &pb.BatchDeleteRequest{
			Collection: w.c.address.Class + spacesSuffix, Filters: oneOf("_id", []string{formatUUID(id[:])}), ConsistencyLevel: w.c.level(),
		})
		return err
	})
}

// Prepare does nothing: the cluster maintains its indexes.
func (w *Writer) Prepare(context.Context, func(done, total int)) error { return nil }
