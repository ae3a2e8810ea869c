package akin

import (
	"context"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/space"
)

// File is the file of an indexed picture, byte for byte as it was indexed.
type File = space.File

// File opens an indexed picture's file, or fetches its address. Errors: ErrNotIndexed;
// ErrNoFile; ErrChanged when it holds other bytes than those that were indexed, so that
// whatever lies in its place now stays where it is.
func (c *Collection) File(ctx context.Context, name string) (*File, error) {
	return c.c.File(ctx, name)
}

// Folders lists what was indexed, for Index to refresh.
func (c *Collection) Folders(ctx context.Context) ([]api.Folder, error) {
	return c.c.Folders(ctx)
}

// PictureInfo tells of a picture by its name.
func (c *Collection) PictureInfo(ctx context.Context, name string) (api.PictureInfo, error) {
	return c.c.PictureInfo(ctx, name)
}

// Pictures lists pictures in the order of indexing, a page at a time. Pictures that come
// or go between two pages neither repeat others nor leave some out.
func (c *Collection) Pictures(ctx context.Context, o api.ListOptions) (api.PictureList, error) {
	return c.c.Pictures(ctx, o)
}

// AddTag tags pictures: each of pictures is a name, a file, a folder with all below
// it, or a glob as Filter.Names takes them. One that means no picture is an error,
// ErrNotIndexed, and then no picture is tagged. A tag is a word or several; case does
// not count. It stays with the picture when its file changes, or moves.
func (c *Collection) AddTag(ctx context.Context, tag string, pictures ...string) (api.TagReport, error) {
	return c.c.AddTag(ctx, tag, pictures...)
}

// RemoveTag takes a tag from pictures, which are named as for AddTag.
func (c *Collection) RemoveTag(ctx context.Context, tag string, pictures ...string) (api.TagReport, error) {
	return c.c.RemoveTag(ctx, tag, pictures...)
}

// Tags lists the collection's tags by name.
func (c *Collection) Tags(ctx context.Context) ([]api.TagInfo, error) {
	return c.c.Tags(ctx)
}

// TagsOf gives the tags of pictures, which are named as for AddTag.
func (c *Collection) TagsOf(ctx context.Context, pictures ...string) ([]api.TaggedPicture, error) {
	return c.c.TagsOf(ctx, pictures...)
}

// MakeThumbnail makes a thumbnail of at most size pixels a side of an encoded picture. One with
// transparency is flattened on white, or on black or a checker where it cannot be seen on white.
func MakeThumbnail(ctx context.Context, data []byte, size int, o Options) (api.Thumbnail, error) {
	return space.MakeThumbnail(ctx, data, size, o)
}

// KeptThumbnail is Thumbnail where one is kept already, which is had at once.
func (c *Collection) KeptThumbnail(ctx context.Context, name string, size int) (t api.Thumbnail, ok bool, err error) {
	return c.c.KeptThumbnail(ctx, name, size)
}

// Thumbnail gives a small picture of an indexed one, of at most size pixels a side. It
// is made once, and kept in the thumbs folder of the collection, which is bounded and may be
// removed at any time; a collection that cannot be written to makes it each time. Errors:
// ErrNotIndexed, ErrNoFile, ErrChanged, and those of reading pictures.
func (c *Collection) Thumbnail(ctx context.Context, name string, size int) (api.Thumbnail, error) {
	return c.c.Thumbnail(ctx, name, size)
}

// Picture finds an indexed picture by its name.
func (c *Collection) Picture(ctx context.Context, name string) (api.Picture, error) {
	return c.c.Picture(ctx, name)
}
