package akin

import (
	"context"
	"io"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/space"
)

// File is the file of an indexed picture, byte for byte as it was indexed.
type File struct {
	api.Picture
	io.ReadSeekCloser
	Type    string // "image/png"
	Hash    string // SHA-256
	ModTime time.Time
}

// File opens an indexed picture's file, or fetches its address. Errors: ErrNotIndexed;
// ErrNoFile; ErrChanged if its bytes are not those that were indexed, which protects a file
// that took its place.
func (c *Collection) File(ctx context.Context, name string) (*File, error) {
	f, err := c.c.File(ctx, name)
	return (*File)(f), err
}

// Folders lists what was indexed, so that Index can refresh it.
func (c *Collection) Folders(ctx context.Context) ([]api.Folder, error) {
	return c.c.Folders(ctx)
}

// KeepSelection stores a list of names in the collection's folder, where links and queries find it by its id.
func (c *Collection) KeepSelection(ctx context.Context, names []string) (api.Selection, error) {
	return c.c.KeepSelection(ctx, names)
}

// Selection returns the names of a stored selection. Errors: ErrNoSelection.
func (c *Collection) Selection(ctx context.Context, id string) ([]string, error) {
	return c.c.Selection(ctx, id)
}

// PictureInfo describes a picture by its name.
func (c *Collection) PictureInfo(ctx context.Context, name string) (api.PictureInfo, error) {
	return c.c.PictureInfo(ctx, name)
}

// Pictures lists pictures in the order of indexing, a page at a time. Pictures that are added or
// removed between two pages cause neither repetitions nor omissions.
func (c *Collection) Pictures(ctx context.Context, o api.ListOptions) (api.PictureList, error) {
	return c.c.Pictures(ctx, o)
}

// AddTag tags pictures. Each of pictures is a name, a file, a folder, which means all pictures
// below it, or a glob as in Filter.Names. If one of them matches no picture, none is tagged:
// ErrNotIndexed. A tag is one or more words; case does not matter. It stays with the picture when
// its file changes or moves.
func (c *Collection) AddTag(ctx context.Context, tag string, pictures ...string) (api.TagReport, error) {
	return c.c.AddTag(ctx, tag, pictures...)
}

// RemoveTag removes a tag from pictures, which are named as for AddTag.
func (c *Collection) RemoveTag(ctx context.Context, tag string, pictures ...string) (api.TagReport, error) {
	return c.c.RemoveTag(ctx, tag, pictures...)
}

// RenameTag gives a tag another name. Where there is a tag of that name, both become one.
func (c *Collection) RenameTag(ctx context.Context, tag, name string) (api.TagReport, error) {
	return c.c.RenameTag(ctx, tag, name)
}

// DeleteTag removes a tag from all pictures that have it.
func (c *Collection) DeleteTag(ctx context.Context, tag string) (api.TagReport, error) {
	return c.c.DeleteTag(ctx, tag)
}

// Tags lists the collection's tags by name.
func (c *Collection) Tags(ctx context.Context) ([]api.TagInfo, error) {
	return c.c.Tags(ctx)
}

// Facets counts the values of metadata among the pictures of a filter: cameras, lenses, labels, keywords, ratings and years.
func (c *Collection) Facets(ctx context.Context, o api.FacetOptions) (api.Facets, error) {
	return c.c.Facets(ctx, o)
}

// WriteTags adds the tags of pictures to the keywords in their sidecars, XMP files beside theirs, where other programs find them.
// The pictures are named as for AddTag; none means all. With dry it only says what it would write. The files of pictures are never
// written to, and nothing is removed from a sidecar.
func (c *Collection) WriteTags(ctx context.Context, dry bool, pictures ...string) (api.SidecarReport, error) {
	return c.c.WriteTags(ctx, dry, pictures...)
}

// TagsOf returns the tags of pictures, which are named as for AddTag.
func (c *Collection) TagsOf(ctx context.Context, pictures ...string) ([]api.TaggedPicture, error) {
	return c.c.TagsOf(ctx, pictures...)
}

// MakeThumbnail makes a thumbnail, of at most size pixels a side, of an encoded picture. That
// of a transparent picture is transparent too.
func MakeThumbnail(ctx context.Context, data []byte, size int, o Options) (api.Thumbnail, error) {
	return space.MakeThumbnail(ctx, data, size, models.Options(o))
}

// KeptThumbnail returns a cached thumbnail, without making one.
func (c *Collection) KeptThumbnail(ctx context.Context, name string, size int) (t api.Thumbnail, ok bool, err error) {
	return c.c.KeptThumbnail(ctx, name, size)
}

// Thumbnail returns a thumbnail of an indexed picture, of at most size pixels a side. It is cached in
// the thumbs folder of the collection, which is bounded and may be deleted at any time; a read-only
// collection makes it each time. Errors: ErrNotIndexed, ErrNoFile, ErrChanged, and those of
// reading pictures.
func (c *Collection) Thumbnail(ctx context.Context, name string, size int) (api.Thumbnail, error) {
	return c.c.Thumbnail(ctx, name, size)
}

// Picture finds an indexed picture by its name.
func (c *Collection) Picture(ctx context.Context, name string) (api.Picture, error) {
	return c.c.Picture(ctx, name)
}
