package akin

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/akin-search/akin/internal/cluster"
	"github.com/akin-search/akin/internal/collection"
)

// PictureInfo tells of a picture of a collection.
type PictureInfo struct {
	Picture
	Format string `json:"format"`
	Width  int    `json:"width"` // upright
	Height int    `json:"height"`
	Bytes  int64  `json:"bytes"` // 0 of an address
	Hash   string `json:"hash"`  // SHA-256 of the file's bytes
	// Taken is when the camera says that it was taken: see Inspection.
	Taken     string   `json:"taken,omitempty"`
	Tags      []string `json:"tags"`
	CoveredBy []string `json:"covered_by"` // the models that answer and have an embedding of it
	HasFile   bool     `json:"has_file"`   // its file is there, or it came by an address
}

// ListOptions say which pictures to list. The zero value is the first fifty of all.
type ListOptions struct {
	// Typed is what someone types who looks for a name: case, diacritics and underscores
	// do not count. Names that begin with it come before names that hold it elsewhere.
	Typed string
	Under string // only pictures whose source lies under this folder or address
	Tag   string // only pictures with this tag
	Limit int    // pictures of a page; 0 means 50
	After string // the Next of the page before
}

// PictureList is a page of a collection's pictures.
type PictureList struct {
	Pictures []PictureInfo `json:"pictures"`
	Next     string        `json:"next,omitempty"` // ListOptions.After of the next page; "" on the last
	Total    int           `json:"total"`          // pictures of all pages
}

// ErrCursor says that a ListOptions.After is none that Pictures gave.
var ErrCursor = errors.New("no page begins there")

// Pictures lists pictures in the order of indexing, a page at a time. Pictures that come
// or go between two pages neither repeat others nor leave some out.
func (c *Collection) Pictures(ctx context.Context, o ListOptions) (PictureList, error) {
	from, err := parseCursor(o.After)
	if err != nil {
		return PictureList{}, err
	}
	if o.Limit <= 0 {
		o.Limit = 50
	}
	s, err := c.catalog(ctx)
	if err != nil {
		return PictureList{}, err
	}
	defer s.Close()
	filter := Filter{Under: o.Under}
	if o.Tag != "" {
		filter.Tags = []string{o.Tag}
	}
	conditions, err := filter.conditions()
	if err != nil {
		return PictureList{}, err
	}
	left := full(s.Pictures.Len())
	for _, condition := range conditions {
		if err := condition.keep(ctx, s, left); err != nil {
			return PictureList{}, err
		}
	}
	heads, inner := left, bitmap(nil) // pictures whose names begin with what was typed, or hold it elsewhere
	if typed := collection.Typed(o.Typed); typed != "" {
		heads, inner = make(bitmap, len(left)), make(bitmap, len(left))
		names := s.TypedNames()
		for i := range left.each() {
			switch at := strings.Index(names.At(i), typed); {
			case at == 0:
				heads[i/64] |= 1 << (i % 64)
			case at > 0:
				inner[i/64] |= 1 << (i % 64)
			}
		}
	}
	out := PictureList{Pictures: []PictureInfo{}, Total: heads.count() + inner.count()}
	var page []collection.Picture
	var last cursor
	for class, of := range []bitmap{heads, inner} {
		if class < from.class {
			continue
		}
		for i := range of.each() {
			if class == from.class && s.Pictures.ID(i) <= from.id {
				continue
			}
			if len(page) == o.Limit {
				out.Next = last.String()
				break
			}
			page, last = append(page, s.Pictures.At(i)), cursor{class, s.Pictures.ID(i)}
		}
	}
	out.Pictures, err = c.about(ctx, page)
	return out, err
}

// cursor is the last picture of a page: a class of names, and an id within it.
type cursor struct {
	class int
	id    int64
}

func (c cursor) String() string { return fmt.Sprintf("%d.%d", c.class, c.id) }

func parseCursor(text string) (c cursor, err error) {
	if text == "" {
		return c, nil
	}
	class, id, _ := strings.Cut(text, ".")
	c.class, err = strconv.Atoi(class)
	if err == nil {
		c.id, err = strconv.ParseInt(id, 10, 64)
	}
	if err != nil || c.class < 0 || c.class > 1 || c.id < 0 {
		return c, fmt.Errorf("%w: %.40q", ErrCursor, text)
	}
	return c, nil
}

// PictureInfo tells of a picture by its name.
func (c *Collection) PictureInfo(ctx context.Context, name string) (PictureInfo, error) {
	p, err := c.find(ctx, name)
	if err != nil {
		return PictureInfo{}, err
	}
	all, err := c.about(ctx, []collection.Picture{p})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%w: %q is gone", ErrNotIndexed, name)
	}
	if err != nil {
		return PictureInfo{}, err
	}
	return all[0], nil
}

// find finds a picture by its name, whether or not it has embeddings.
func (c *Collection) find(ctx context.Context, name string) (collection.Picture, error) {
	var s *collection.Snapshot
	var err error
	if c.cluster != nil {
		s, err = c.cluster.Meant(ctx, collection.Space{}, cluster.Meant{Names: []string{norm.NFC.String(name)}})
	} else {
		s, err = c.folder.Catalog(ctx)
	}
	if err != nil {
		return collection.Picture{}, err
	}
	defer s.Close()
	return s.Find(name)
}

// about tells of pictures; those that were forgotten meanwhile are left out.
func (c *Collection) about(ctx context.Context, pictures []collection.Picture) ([]PictureInfo, error) {
	out := []PictureInfo{}
	ids := make([]int64, len(pictures))
	for i, p := range pictures {
		ids[i] = p.ID
	}
	known, err := c.store.About(ctx, ids)
	if err != nil {
		return out, err
	}
	active, err := c.active(ctx)
	if err != nil {
		return out, err
	}
	models := map[int64]string{}
	for _, s := range active {
		models[s.ID] = s.Model
	}
	for _, p := range pictures {
		a, ok := known[p.ID]
		if !ok {
			continue
		}
		i := PictureInfo{
			Picture: Picture{Name: p.Name, Source: p.Source}, Format: a.Format, Width: a.Width, Height: a.Height, Bytes: a.Size,
			Hash: hex.EncodeToString(a.Hash[:]), Taken: a.Taken, Tags: append([]string{}, a.Tags...), CoveredBy: []string{}, HasFile: hasFile(p.Source),
		}
		for _, space := range a.Spaces {
			if model, ok := models[space]; ok {
				i.CoveredBy = append(i.CoveredBy, model)
			}
		}
		out = append(out, i)
	}
	return out, nil
}

func hasFile(source string) bool {
	if isAddress(source) {
		return true
	}
	info, err := os.Stat(source)
	return err == nil && info.Mode().IsRegular()
}

// Folder is a folder, list, file or address that was indexed.
type Folder struct {
	Path     string `json:"path"`
	Pictures int    `json:"pictures"`
}

// Folders lists what was indexed, for Index to refresh.
func (c *Collection) Folders(ctx context.Context) ([]Folder, error) {
	roots, err := c.store.Roots(ctx)
	out := make([]Folder, len(roots))
	for i, r := range roots {
		out[i] = Folder(r)
	}
	return out, err
}
