package akin

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/text/unicode/norm"

	"github.com/akin-search/akin/internal/collection"
	"github.com/akin-search/akin/internal/glob"
)

// TagInfo tells of a tag of a collection.
type TagInfo struct {
	Tag      string `json:"tag"`
	Pictures int    `json:"pictures"`
}

// TaggedPicture is a picture and its tags.
type TaggedPicture struct {
	Picture
	Tags []string `json:"tags"`
}

// TagReport tells what AddTag or RemoveTag did.
type TagReport struct {
	Tag      string `json:"tag"`
	Pictures int    `json:"pictures"` // that were meant
	Changed  int    `json:"changed"`  // of these, that had it not before, or had it
}

// Tags lists the collection's tags by name.
func (c *Collection) Tags(ctx context.Context) ([]TagInfo, error) {
	tags, err := c.store.Tags(ctx)
	out := make([]TagInfo, len(tags))
	for i, t := range tags {
		out[i] = TagInfo{Tag: t.Name, Pictures: t.Pictures}
	}
	return out, err
}

// TagsOf gives the tags of pictures, which are named as for AddTag.
func (c *Collection) TagsOf(ctx context.Context, pictures ...string) ([]TaggedPicture, error) {
	catalog, err := c.catalog(ctx)
	if err != nil {
		return nil, err
	}
	defer catalog.Close()
	chosen, err := choose(catalog, pictures)
	if err != nil {
		return nil, err
	}
	tags, err := c.store.TagsOf(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]TaggedPicture, len(chosen))
	for i, p := range chosen {
		out[i] = TaggedPicture{Picture: Picture{Name: p.Name, Source: p.Source}, Tags: tags[p.ID]}
		if out[i].Tags == nil {
			out[i].Tags = []string{}
		}
	}
	return out, nil
}

// AddTag tags pictures: each of pictures is a name, a file, a folder with all below
// it, or a glob as Filter.Names takes them. One that means no picture is an error,
// ErrNotIndexed, and then no picture is tagged. A tag is a word or several; case does
// not count. It stays with the picture when its file changes, or moves.
func (c *Collection) AddTag(ctx context.Context, tag string, pictures ...string) (TagReport, error) {
	return c.retag(ctx, tag, pictures, writer.Tag)
}

// RemoveTag takes a tag from pictures, which are named as for AddTag.
func (c *Collection) RemoveTag(ctx context.Context, tag string, pictures ...string) (TagReport, error) {
	return c.retag(ctx, tag, pictures, writer.Untag)
}

func (c *Collection) retag(ctx context.Context, tag string, pictures []string,
	change func(writer, context.Context, []collection.Tagging) (int, error)) (r TagReport, err error) {
	if r.Tag, err = cleanTag(tag); err != nil {
		return r, err
	}
	w, err := c.writer()
	if err != nil {
		return r, err
	}
	defer func() {
		err = errors.Join(err, w.Close())
		c.mirror.outdate()
	}()
	catalog, err := c.catalog(ctx)
	if err != nil {
		return r, err
	}
	defer catalog.Close()
	chosen, err := choose(catalog, pictures)
	if err != nil {
		return r, err
	}
	taggings := make([]collection.Tagging, len(chosen))
	for i, p := range chosen {
		taggings[i] = collection.Tagging{Picture: p.ID, Tag: r.Tag}
	}
	r.Pictures = len(chosen)
	r.Changed, err = change(w, ctx, taggings)
	return r, err
}

// cleanTag is a tag as it is stored.
func cleanTag(tag string) (string, error) {
	clean, err := collection.CleanTag(tag)
	if err != nil {
		return "", invalid{err}
	}
	return clean, nil
}

// choose finds the pictures that people mean, in the order of the collection.
func choose(s *collection.Snapshot, meant []string) ([]collection.Picture, error) {
	if len(meant) == 0 {
		return nil, invalidf("no picture is named")
	}
	sources := make(map[string]int, s.Pictures.Len())
	for i, p := range s.Pictures.All() {
		sources[p.Source] = i
	}
	chosen := make(bitmap, (s.Pictures.Len()+63)/64)
	take := func(i int) { chosen[i/64] |= 1 << (i % 64) }
	takeAll := func(match func(p *collection.Picture) bool) (any bool) {
		for i, p := range s.Pictures.All() {
			if match(&p) {
				take(i)
				any = true
			}
		}
		return any
	}
	for _, m := range meant {
		byName, notFound := s.Find(m)
		if notFound == nil && byName.Name == norm.NFC.String(m) {
			take(sources[byName.Source])
			continue
		}
		path, err := absolute(m)
		if err != nil {
			return nil, err
		}
		if i, ok := sources[path]; ok {
			take(i)
			continue
		}
		if takeAll(func(p *collection.Picture) bool { return under(p.Source, path) }) {
			continue
		}
		if notFound == nil {
			take(sources[byName.Source])
			continue
		}
		if !glob.Has(m) {
			return nil, notFound
		}
		pattern, err := compileName(m)
		if err != nil {
			return nil, err
		}
		if !takeAll(pattern.match) {
			return nil, fmt.Errorf("%w: no picture is called like %s", ErrNotIndexed, filepath.ToSlash(m))
		}
	}
	out := []collection.Picture{}
	for i := range chosen.each() {
		out = append(out, s.Pictures.At(i))
	}
	return out, nil
}
