package space

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/local"
	"golang.org/x/text/unicode/norm"
)

// Pictures lists pictures, a page at a time. Pictures that are added or removed between two pages cause neither
// repetitions nor omissions.
func (c *Collection) Pictures(ctx context.Context, o api.ListOptions) (api.PictureList, error) {
	sort, down := strings.CutPrefix(o.Sort, "-")
	if sort != "" && !slices.Contains(api.Sorts, sort) || o.Sort == "-" {
		return api.PictureList{}, fmt.Errorf("%w: sort by %.40q: expected one of %s", api.ErrInvalid, o.Sort, strings.Join(api.Sorts, ", "))
	}
	if sort == local.ByAge && !down {
		sort = "" // as they are stored
	}
	from, err := parseCursor(o.After, sort != "")
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
	left, err := passing(ctx, s, filter)
	if err != nil {
		return api.PictureList{}, err
	}
	heads, inner := called(s, left, o.Typed)
	out := api.PictureList{Pictures: []api.PictureInfo{}, Total: heads.count() + inner.count()}
	if o.Typed != "" && out.Total == 0 {
		return c.misspelt(ctx, s, left, o)
	}
	walk, key, err := walk(ctx, s, sort, down)
	if err != nil {
		return api.PictureList{}, err
	}
	var page []record.Picture
	var last cursor
pages:
	for class, of := range []Bitmap{heads, inner} {
		var after *cursor
		switch {
		case class < from.class || of == nil:
			continue
		case class == from.class && o.After != "":
			after = &from
		}
		next, err := walk(of, after)
		if err != nil {
			return api.PictureList{}, fmt.Errorf("%w: %.40q", api.ErrCursor, o.After)
		}
		for i := range next {
			if len(page) == o.Limit {
				out.Next = last.String()
				break pages
			}
			page, last = append(page, s.Pictures.At(i)), cursor{class, s.Pictures.ID(i), key(i)}
		}
	}
	out.Pictures, err = c.about(ctx, page)
	return out, err
}

// called returns those of some pictures whose names begin with what was typed, and those whose names contain it elsewhere.
// Without anything typed, all of them are the former, and the latter is nil.
func called(s *local.Snapshot, some Bitmap, typed string) (heads, inner Bitmap) {
	typed = local.Typed(typed)
	if typed == "" {
		return some, nil
	}
	heads, inner = make(Bitmap, len(some)), make(Bitmap, len(some))
	for i, at := range s.TypedNames().Containing(typed) {
		switch {
		case !some.Has(i):
		case at == 0:
			heads.Add(i)
		default:
			inner.Add(i)
		}
	}
	return heads, inner
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

// walk returns a function that yields the pictures of a bitmap in an order, all or those after a cursor, and one that
// returns a picture's key for a cursor; none where they come as they are stored.
func walk(ctx context.Context, s *local.Snapshot, sort string, down bool) (
	next func(of Bitmap, after *cursor) (iter.Seq[int], error), key func(i int) *string, err error) {
	if sort == "" {
		return func(of Bitmap, after *cursor) (iter.Seq[int], error) {
			first := 0
			if after != nil {
				var seen bool
				if first, seen = s.Pictures.Index(after.id); seen {
					first++
				}
			}
			return of.from(first), nil
		}, func(int) *string { return nil }, nil
	}
	order, err := s.Order(ctx, sort)
	if err != nil {
		return nil, nil, err
	}
	return func(of Bitmap, after *cursor) (iter.Seq[int], error) {
		all := order.All(down)
		if after != nil {
			var err error
			if all, err = order.After(*after.key, after.id, down); err != nil {
				return nil, err
			}
		}
		return func(yield func(int) bool) {
			for i := range all {
				if of.Has(i) && !yield(i) {
					return
				}
			}
		}, nil
	}, func(i int) *string { k := order.Key(i); return &k }, nil
}

// cursor is the last picture of a page: 0 for a name that begins with what was typed and 1 for one that contains it,
// an id, and what it is sorted by.
type cursor struct {
	class int
	id    int64
	key   *string // nil where pictures come as they are stored
}

func (c cursor) String() string {
	text := fmt.Sprintf("%d.%d", c.class, c.id)
	if c.key != nil {
		text += "." + *c.key
	}
	return text
}

func parseCursor(text string, sorted bool) (c cursor, err error) {
	if text == "" {
		return c, nil
	}
	class, id, _ := strings.Cut(text, ".")
	if at := strings.IndexByte(id, '.'); at >= 0 && sorted {
		key := id[at+1:]
		id, c.key = id[:at], &key
	} else if sorted {
		return c, fmt.Errorf("%w: %.40q", api.ErrCursor, text)
	}
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
	if m, ok := c.metadata(ctx, p, all[0]); ok {
		all[0].Metadata = m
	}
	return all[0], nil
}

// metadataBytes is the size of the largest file that is read for its metadata alone.
const metadataBytes = 64 << 20

// metadata is what a picture's file and its sidecar say; not ok where the file cannot be read, or is another one by now.
func (c *Collection) metadata(ctx context.Context, p record.Picture, i api.PictureInfo) (m api.Metadata, ok bool) {
	if !i.HasFile || source.IsAddress(p.Source) || i.Bytes > metadataBytes {
		return m, false
	}
	f := indexedFile{Picture: p}
	if n, err := hex.Decode(f.hash[:], []byte(i.Hash)); err != nil || n != len(f.hash) {
		return m, false
	}
	data, err := f.read(ctx, c.Client)
	if err != nil {
		return m, false
	}
	return models.MetadataOf(picture.Shot{}, picture.ReadMetadata(data), source.Sidecar(p.Source).Packet), true
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
			Hash: hex.EncodeToString(a.Hash[:]), Taken: a.Taken, Date: dateText(a), Tags: append([]string{}, a.Tags...), CoveredBy: []string{}, HasFile: hasFile(p.Source),
			Metadata: metadataOf(a.Metadata),
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

// dateText returns the date that filters and sorting go by, or "".
func dateText(a record.About) string {
	clock, _ := record.DateOf(a.Taken, a.Mtime, time.Local)
	if clock == record.NoDate {
		return ""
	}
	return time.Unix(clock, 0).UTC().Format("2006-01-02T15:04:05")
}

func hasFile(from string) bool {
	if source.IsAddress(from) {
		return true
	}
	info, err := source.Stat(from)
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
