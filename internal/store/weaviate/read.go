package weaviate

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store"
	pb "github.com/weaviate/weaviate/grpc/generated/protocol/v1"
)

const (
	maxResults  = store.MaxNear
	pageObjects = 1000 // that a cursor returns at once
	listValues  = 256  // of one condition
	beginning   = "00000000-0000-0000-0000-000000000000"
)

func decimals(ids []int64) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = strconv.FormatInt(id, 10)
	}
	return out
}

// level is the consistency that calls ask for.
func (c *Collection) level() *pb.ConsistencyLevel {
	l := map[string]pb.ConsistencyLevel{
		"ONE": pb.ConsistencyLevel_CONSISTENCY_LEVEL_ONE, "QUORUM": pb.ConsistencyLevel_CONSISTENCY_LEVEL_QUORUM, "ALL": pb.ConsistencyLevel_CONSISTENCY_LEVEL_ALL,
	}[c.address.Consistency]
	return &l
}

// request is a search in the class, whose results have all properties and some vectors.
func (c *Collection) request(limit int, vectors []string) *pb.SearchRequest {
	return &pb.SearchRequest{
		Collection: c.address.Class, ConsistencyLevel: c.level(), Limit: uint32(limit), Uses_127Api: true,
		Properties: &pb.PropertiesRequest{ReturnAllNonrefProperties: true},
		Metadata:   &pb.MetadataRequest{Uuid: true, Vectors: vectors, LastUpdateTimeUnix: true, CreationTimeUnix: true},
	}
}

// search does a search.
func (c *Collection) search(ctx context.Context, what string, r *pb.SearchRequest) (found []*object, err error) {
	err = c.ask(ctx, what, func(ctx context.Context, n *node) (err error) {
		found, err = n.search(ctx, r)
		return err
	})
	return found, err
}

// search does a search at this node, once.
func (n *node) search(ctx context.Context, r *pb.SearchRequest) ([]*object, error) {
	reply, err := n.wire.Search(ctx, r)
	if err != nil {
		return nil, err
	}
	found := make([]*object, len(reply.Results))
	for i, result := range reply.Results {
		if found[i], err = readObject(result); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// errMany reports that more pictures pass a condition than the server returns; those that it
// returns come with the error.
var errMany = fmt.Errorf("more than %d pictures", maxResults)

// filtered returns the pictures that a condition leaves.
func (c *Collection) filtered(ctx context.Context, what string, w where, vectors []string) (found []*object, err error) {
	if ok, err := c.there(ctx); !ok {
		return nil, err
	}
	for {
		r := c.request(pageObjects, vectors)
		r.Filters, r.Offset = w, uint32(len(found))
		some, err := c.search(ctx, what, r)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
		if len(some) < pageObjects {
			return found, nil
		}
		if len(found)+pageObjects > maxResults {
			return found, fmt.Errorf("collection %s: %s: %w", c.address, what, errMany)
		}
	}
}

// having returns the pictures whose property is one of many values.
func (c *Collection) having(ctx context.Context, property string, values []string, vectors []string) (found []*object, err error) {
	for some := range slices.Chunk(values, listValues) {
		more, err := c.filtered(ctx, "look up by "+property, oneOf(property, some), vectors)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

// each returns all pictures, by their UUIDs, some at a time.
func (c *Collection) each(ctx context.Context, after string, page int, vectors []string, f func([]*object) error) error {
	if ok, err := c.there(ctx); !ok {
		return err
	}
	for {
		r := c.request(page, vectors)
		r.After = after
		some, err := c.search(ctx, "read pictures", r)
		if err != nil {
			return err
		}
		if len(some) == 0 {
			return nil
		}
		after = some[len(some)-1].uuid
		if err := f(some); err != nil {
			return err
		}
	}
}

// count counts the pictures that a condition leaves.
func (c *Collection) count(ctx context.Context, w where) (n int, err error) {
	if ok, err := c.there(ctx); !ok {
		return 0, err
	}
	err = c.ask(ctx, "count pictures", func(ctx context.Context, at *node) error {
		reply, err := at.wire.Aggregate(ctx, &pb.AggregateRequest{Collection: c.address.Class, ObjectsCount: true, Filters: w})
		if err == nil {
			n = int(reply.GetSingleResult().GetObjectsCount())
		}
		return err
	})
	return n, err
}

// Count is how many pictures a filter leaves, or more, where it is one that only Near's caller can apply.
func (c *Collection) Count(ctx context.Context, f store.Filter) (int, error) {
	return c.count(ctx, filterWhere(f))
}

// newest keeps, of pictures at one source, the one that was written last: what a process
// left that was killed before it deleted the others.
func newest(objects map[string]*object, o *object) {
	if old := objects[o.Source]; old == nil || old.updated < o.updated || old.updated == o.updated && old.uuid < o.uuid {
		objects[o.Source] = o
	}
}

// Known returns what is remembered of every source.
func (c *Collection) Known(ctx context.Context) (map[string]record.Known, error) {
	at := map[string]int64{}
	known := map[string]record.Known{}
	err := c.each(ctx, beginning, pageObjects, nil, func(some []*object) error {
		for _, o := range some {
			if o.updated < at[o.Source] {
				continue
			}
			at[o.Source] = o.updated
			k := record.Known{ID: o.ID, Size: o.Size, Mtime: o.Mtime, Failed: o.Error != ""}
			if !k.Failed {
				k.Content = contentID(o.Hash)
			}
			known[o.Source] = k
		}
		return nil
	})
	return known, err
}

// Embedded returns the contents that have an embedding in the space.
func (c *Collection) Embedded(ctx context.Context, space int64) (map[record.Hash]bool, map[int64]bool, error) {
	s, err := c.spaceOf(ctx, space)
	if err != nil {
		return nil, nil, err
	}
	hashes, ids := map[record.Hash]bool{}, map[int64]bool{}
	err = c.each(ctx, beginning, pageObjects, nil, func(some []*object) error {
		for _, o := range some {
			if o.has[s.vector] {
				hashes[o.Hash], ids[contentID(o.Hash)] = true, true
			}
		}
		return nil
	})
	return hashes, ids, err
}

// ContentHashes returns the content of every picture, by its id.
func (c *Collection) ContentHashes(ctx context.Context) (map[int64]record.Hash, error) {
	hashes := map[int64]record.Hash{}
	err := c.each(ctx, beginning, pageObjects, nil, func(some []*object) error {
		for _, o := range some {
			if o.Error == "" {
				hashes[o.ID] = o.Hash
			}
		}
		return nil
	})
	return hashes, err
}

// Files returns the files of pictures, by the picture's id.
func (c *Collection) Files(ctx context.Context) (map[int64]record.File, error) {
	files := map[int64]record.File{}
	err := c.each(ctx, beginning, pageObjects, nil, func(some []*object) error {
		for _, o := range some {
			if o.Error == "" {
				files[o.ID] = record.File{Hash: o.Hash, Size: o.Size, Mtime: o.Mtime, Format: o.Format, Width: o.Width, Height: o.Height, Added: o.created}
			}
		}
		return nil
	})
	return files, err
}

// Places returns the pictures of a content.
func (c *Collection) Places(ctx context.Context, hash record.Hash) ([]record.Picture, error) {
	found, err := c.having(ctx, "hash", []string{hex.EncodeToString(hash[:])}, nil)
	var out []record.Picture
	for _, o := range found {
		out = append(out, record.Picture{ID: o.ID, Name: o.Name, Source: o.Source})
	}
	slices.SortFunc(out, func(a, b record.Picture) int { return strings.Compare(a.Source, b.Source) })
	return out, err
}

// Undated returns no contents: what comes here had its date read.
func (c *Collection) Undated(context.Context) (map[int64]bool, error) { return nil, nil }

// Info counts the pictures and lists those that could not be read.
func (c *Collection) Info(ctx context.Context) (info record.Info, err error) {
	if info.Pictures, err = c.count(ctx, is("failed", false)); err != nil {
		return info, err
	}
	failed, err := c.filtered(ctx, "list failures", is("failed", true), nil)
	for _, o := range failed {
		info.Failures = append(info.Failures, record.Failure{Source: o.Source, Error: o.Error})
	}
	slices.SortFunc(info.Failures, func(a, b record.Failure) int { return strings.Compare(a.Source, b.Source) })
	return info, err
}

// Tags lists the tags by name.
func (c *Collection) Tags(ctx context.Context) ([]record.Tag, error) {
	byKey := map[string]*record.Tag{}
	err := c.each(ctx, beginning, pageObjects, nil, func(some []*object) error {
		for _, o := range some {
			for _, t := range o.Tags {
				key := record.TagKey(t)
				if byKey[key] == nil {
					byKey[key] = &record.Tag{Name: t}
				}
				byKey[key].Pictures++
			}
		}
		return nil
	})
	var out []record.Tag
	for _, t := range byKey {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b record.Tag) int {
		return strings.Compare(record.TagKey(a.Name), record.TagKey(b.Name))
	})
	return out, err
}

// TagsOf returns the tags of every picture that has some, by its id, in order.
func (c *Collection) TagsOf(ctx context.Context) (map[int64][]string, error) {
	out := map[int64][]string{}
	err := c.each(ctx, beginning, pageObjects, nil, func(some []*object) error {
		for _, o := range some {
			if len(o.Tags) > 0 {
				out[o.ID] = o.Tags
			}
		}
		return nil
	})
	return out, err
}

// About returns what is stored of pictures, by their ids. Those that are gone are left out.
func (c *Collection) About(ctx context.Context, ids []int64) (map[int64]record.About, error) {
	out := map[int64]record.About{}
	found, err := c.having(ctx, "number", decimals(ids), nil)
	if err != nil || len(found) == 0 {
		return out, err
	}
	spaces, _, err := c.spaceObjects(ctx, false)
	for _, o := range found {
		if o.Error != "" {
			continue
		}
		a := record.About{Format: o.Format, Width: o.Width, Height: o.Height, Size: o.Size, Mtime: o.Mtime, Taken: o.Taken, Hash: o.Hash, Tags: o.Tags, Metadata: o.Metadata}
		for _, s := range spaces {
			if o.has[s.vector] {
				a.Spaces = append(a.Spaces, s.ID)
			}
		}
		out[o.ID] = a
	}
	return out, err
}

// Roots returns the folders, lists, files and addresses that pictures came by.
func (c *Collection) Roots(ctx context.Context) ([]record.Root, error) {
	pictures := map[string]int{}
	err := c.each(ctx, beginning, pageObjects, nil, func(some []*object) error {
		for _, o := range some {
			if o.Root == "" {
				continue
			}
			pictures[o.Root] += 0
			if o.Error == "" {
				pictures[o.Root]++
			}
		}
		return nil
	})
	out := make([]record.Root, 0, len(pictures))
	for path, n := range pictures {
		out = append(out, record.Root{Path: path, Pictures: n})
	}
	slices.SortFunc(out, func(a, b record.Root) int { return strings.Compare(a.Path, b.Path) })
	return out, err
}

// pageOf is how many pictures a page may have: one of thousands of numbers each
// is not to come near the most that the server sends.
func pageOf(spaces []record.Space) int {
	numbers := 1
	for _, s := range spaces {
		numbers += s.Dim
	}
	return max(10, min(pageObjects, messageBytes/8/(4*numbers)))
}

// Each returns all pictures, also those that could not be read, some at a time, with their
// vectors in some spaces.
func (c *Collection) Each(ctx context.Context, spaces []record.Space, f func([]record.Stored) error) error {
	names := make([]string, len(spaces))
	for i, s := range spaces {
		known, err := c.spaceOf(ctx, s.ID)
		if err != nil {
			return err
		}
		names[i] = known.vector
	}
	return c.each(ctx, beginning, pageOf(spaces), names, func(some []*object) error {
		out := make([]record.Stored, len(some))
		for i, o := range some {
			out[i] = o.stored(spaces, names)
		}
		return f(out)
	})
}

// stored is the picture with its vectors by space.
func (o *object) stored(spaces []record.Space, names []string) record.Stored {
	s := o.Stored
	for i, space := range spaces {
		if v := o.vectors[names[i]]; len(v) == space.Dim && o.has[names[i]] {
			if s.Vectors == nil {
				s.Vectors = map[int64][]float32{}
			}
			s.Vectors[space.ID] = v
		}
	}
	return s
}
