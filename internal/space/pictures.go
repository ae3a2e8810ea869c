package space

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/local"
	"golang.org/x/text/unicode/norm"
)

// Pictures lists pictures in the order of indexing, a page at a time. Pictures that are added or
// removed between two pages cause neither repetitions nor omissions.
func (c *Collection) Pictures(ctx context.Context, o api.ListOptions) (api.PictureList, error) {
	from, err := parseCursor(o.After)
	if err != nil {
		return api.PictureList{}, err
	}
	if o.Limit <= 0 {
		o.Limit = 50
	}
	s, err := c.Catalog(ctx)
	if err != nil {
		return api.PictureList{}, err
	}
	defer s.Close()
	filter := o.Filter
	filter.Under = cmp.Or(filter.Under, o.Under)
	if o.Tag != "" {
		filter.Tags = append(slices.Clone(filter.Tags), o.Tag)
	}
	conditions, err := conditions(filter)
	if err != nil {
		return api.PictureList{}, err
	}
	left := full(s.Pictures.Len())
	for _, condition := range conditions {
		if err := condition.apply(ctx, s, left); err != nil {
			return api.PictureList{}, err
		}
	}
	heads, inner := left, Bitmap(nil) // pictures whose names begin with what was typed, or contain it elsewhere
	if typed := local.Typed(o.Typed); typed != "" {
		heads, inner = make(Bitmap, len(left)), make(Bitmap, len(left))
		for i, at := range s.TypedNames().Containing(typed) {
			switch {
			case !left.Has(i):
			case at == 0:
				heads.Add(i)
			default:
				inner.Add(i)
			}
		}
	}
	out := api.PictureList{Pictures: []api.PictureInfo{}, Total: heads.count() + inner.count()}
	if o.Typed != "" && out.Total == 0 {
		return c.misspelt(ctx, s, left, o)
	}
	var page []record.Picture
	var last cursor
pages:
	for class, of := range []Bitmap{heads, inner} {
		first := 0
		switch {
		case class < from.class:
			continue
		case class == from.class:
			var seen bool
			if first, seen = s.Pictures.Index(from.id); seen {
				first++
			}
		}
		for i := range of.from(first) {
			if len(page) == o.Limit {
				out.Next = last.String()
				break pages
			}
			page, last = append(page, s.Pictures.At(i)), cursor{class, s.Pictures.ID(i)}
		}
	}
	out.Pictures, err = c.about(ctx, page)
	return out, err
}

// misspelt returns pictures whose names nearly contain what was typed, on one page.
func (c *Collection) misspelt(ctx context.Context, s *local.Snapshot, left Bitmap, o api.ListOptions) (out api.PictureList, err error) {
	var page []record.Picture
	for _, i := range s.TypedNames().Misspelt(local.Typed(o.Typed), left.each(), o.Limit) {
		page = append(page, s.Pictures.At(i))
	}
	out.Total, out.Misspelt = len(page), len(page) > 0
	out.Pictures, err = c.about(ctx, page)
	return out, err
}

// cursor is the last picture of a page: 0 for a name that begins with what was typed and 1 for one that contains it,
// and an id.
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
		return c, fmt.Errorf("%w: %.40q", api.ErrCursor, text)
	}
	return c, nil
}

// PictureInfo describes a picture by its name.
func (c *Collection) PictureInfo(ctx context.Context, name string) (api.PictureInfo, error) {
	p, err := c.find(ctx, name)
	if err != nil {
		return api.PictureInfo{}, err
	}
	all, err := c.about(ctx, []record.Picture{p})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%w: %q was removed meanwhile", record.ErrNotIndexed, name)
	}
	if err != nil {
		return api.PictureInfo{}, err
	}
	return all[0], nil
}

// find finds a picture by its name, whether or not it has embeddings.
func (c *Collection) find(ctx context.Context, name string) (record.Picture, error) {
	var s *local.Snapshot
	var err error
	if c.Remote != nil {
		s, err = c.Remote.Lookup(ctx, record.Space{}, store.Lookup{Names: []string{norm.NFC.String(name)}})
	} else {
		s, err = c.Folder.Catalog(ctx)
	}
	if err != nil {
		return record.Picture{}, err
	}
	defer s.Close()
	return s.Find(name)
}

// about describes pictures, except those that were removed meanwhile.
func (c *Collection) about(ctx context.Context, pictures []record.Picture) ([]api.PictureInfo, error) {
	out := []api.PictureInfo{}
	ids := make([]int64, len(pictures))
	for i, p := range pictures {
		ids[i] = p.ID
	}
	known, err := c.Store.About(ctx, ids)
	if err != nil {
		return out, err
	}
	active, err := c.Active(ctx)
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
		i := api.PictureInfo{
			Picture: api.Picture{Name: p.Name, Source: p.Source}, Format: a.Format, Width: a.Width, Height: a.Height, Bytes: a.Size,
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

func hasFile(from string) bool {
	if source.IsAddress(from) {
		return true
	}
	info, err := os.Stat(from)
	return err == nil && info.Mode().IsRegular()
}

// Folders lists what was indexed, so that Index can refresh it.
func (c *Collection) Folders(ctx context.Context) ([]api.Folder, error) {
	roots, err := c.Store.Roots(ctx)
	out := make([]api.Folder, len(roots))
	for i, r := range roots {
		out[i] = api.Folder(r)
	}
	return out, err
}
