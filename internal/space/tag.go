package space

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/glob"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/local"
	"golang.org/x/text/unicode/norm"
)

// Tags lists the collection's tags by name.
func (c *Collection) Tags(ctx context.Context) ([]api.TagInfo, error) {
	tags, err := c.Store.Tags(ctx)
	out := make([]api.TagInfo, len(tags))
	for i, t := range tags {
		out[i] = api.TagInfo{Tag: t.Name, Pictures: t.Pictures}
	}
	return out, err
}

// TagsOf returns the tags of pictures, which are named as for AddTag.
func (c *Collection) TagsOf(ctx context.Context, pictures ...string) ([]api.TaggedPicture, error) {
	catalog, err := c.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	defer catalog.Close()
	chosen, err := SelectPictures(catalog, pictures)
	if err != nil {
		return nil, err
	}
	tags, err := c.Store.TagsOf(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]api.TaggedPicture, len(chosen))
	for i, p := range chosen {
		out[i] = api.TaggedPicture{Picture: api.Picture{Name: p.Name, Source: p.Source}, Tags: tags[p.ID]}
		if out[i].Tags == nil {
			out[i].Tags = []string{}
		}
	}
	return out, nil
}

// AddTag tags pictures. Each of pictures is a name, a file, a folder, which means all pictures
// below it, or a glob as in Filter.Names. If one of them matches no picture, none is tagged:
// ErrNotIndexed. A tag is one or more words; case does not matter. It stays with the picture when
// its file changes or moves.
func (c *Collection) AddTag(ctx context.Context, tag string, pictures ...string) (api.TagReport, error) {
	return c.retag(ctx, tag, pictures, store.Writer.Tag)
}

// RemoveTag removes a tag from pictures, which are named as for AddTag.
func (c *Collection) RemoveTag(ctx context.Context, tag string, pictures ...string) (api.TagReport, error) {
	return c.retag(ctx, tag, pictures, store.Writer.Untag)
}

func (c *Collection) retag(ctx context.Context, tag string, pictures []string,
	change func(store.Writer, context.Context, []record.Tagging) (int, error)) (r api.TagReport, err error) {
	if r.Tag, err = cleanTag(tag); err != nil {
		return r, err
	}
	err = c.writing(func(w store.Writer) error {
		catalog, err := c.Catalog(ctx)
		if err != nil {
			return err
		}
		defer catalog.Close()
		chosen, err := SelectPictures(catalog, pictures)
		if err != nil {
			return err
		}
		taggings := make([]record.Tagging, len(chosen))
		for i, p := range chosen {
			taggings[i] = record.Tagging{Picture: p.ID, Tag: r.Tag}
		}
		r.Pictures = len(chosen)
		r.Changed, err = change(w, ctx, taggings)
		return err
	})
	return r, err
}

// writing makes a change, after which a local mirror is out of date.
func (c *Collection) writing(change func(store.Writer) error) error {
	w, err := c.Writer()
	if err != nil {
		return err
	}
	err = errors.Join(change(w), w.Close())
	c.Mirror.Outdate()
	return err
}

// RenameTag gives a tag another name. Where there is a tag of that name, both become one.
func (c *Collection) RenameTag(ctx context.Context, tag, name string) (r api.TagReport, err error) {
	if tag, err = cleanTag(tag); err != nil {
		return r, err
	}
	if r.Tag, err = cleanTag(name); err != nil {
		return r, err
	}
	err = c.writing(func(w store.Writer) error {
		r.Changed, err = w.RenameTag(ctx, tag, r.Tag)
		r.Pictures = r.Changed
		return err
	})
	return r, err
}

// DeleteTag removes a tag from all pictures that have it.
func (c *Collection) DeleteTag(ctx context.Context, tag string) (r api.TagReport, err error) {
	if r.Tag, err = cleanTag(tag); err != nil {
		return r, err
	}
	err = c.writing(func(w store.Writer) error {
		all, err := c.Store.TagsOf(ctx)
		if err != nil {
			return err
		}
		var taggings []record.Tagging
		for picture, tags := range all {
			if slices.ContainsFunc(tags, func(t string) bool { return record.TagKey(t) == record.TagKey(tag) }) {
				taggings = append(taggings, record.Tagging{Picture: picture, Tag: r.Tag})
			}
		}
		r.Pictures = len(taggings)
		r.Changed, err = w.Untag(ctx, taggings)
		return err
	})
	return r, err
}

// cleanTag returns a tag as it is stored.
func cleanTag(tag string) (string, error) {
	clean, err := record.CleanTag(tag)
	if err != nil {
		return "", api.Invalidf("%w", err)
	}
	return clean, nil
}

// SelectPictures returns the pictures of names, files, folders and globs, in the order of the collection.
func SelectPictures(s *local.Snapshot, patterns []string) ([]record.Picture, error) {
	if len(patterns) == 0 {
		return nil, api.Invalidf("no picture is named")
	}
	sources := make(map[string]int, s.Pictures.Len())
	for i, p := range s.Pictures.All() {
		sources[p.Source] = i
	}
	chosen := Empty(s.Pictures.Len())
	takeAll := func(match func(p *record.Picture) bool) (any bool) {
		for i, p := range s.Pictures.All() {
			if match(&p) {
				chosen.Add(i)
				any = true
			}
		}
		return any
	}
	for _, m := range patterns {
		byName, notFound := s.Find(m)
		if notFound == nil && byName.Name == norm.NFC.String(m) {
			chosen.Add(sources[byName.Source])
			continue
		}
		path, err := source.Absolute(m)
		if err != nil {
			return nil, err
		}
		if i, ok := sources[path]; ok {
			chosen.Add(i)
			continue
		}
		if takeAll(func(p *record.Picture) bool { return source.Under(p.Source, path) }) {
			continue
		}
		if notFound == nil {
			chosen.Add(sources[byName.Source])
			continue
		}
		if !glob.Has(m) {
			return nil, notFound
		}
		pattern, err := compileName(m)
		if err != nil {
			return nil, api.Invalidf("%w", err)
		}
		if !takeAll(pattern.match) {
			return nil, fmt.Errorf("%w: no picture matches %s", record.ErrNotIndexed, filepath.ToSlash(m))
		}
	}
	out := []record.Picture{}
	for i := range chosen.each() {
		out = append(out, s.Pictures.At(i))
	}
	return out, nil
}
