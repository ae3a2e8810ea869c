package space

import (
	"context"
	"encoding/hex"
	"path/filepath"
	"strconv"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/thumb"
)

// mostThumb is how many pixels a side of a thumbnail may have.
const maxThumbnail = 2048

// MakeThumbnail makes a thumbnail of at most size pixels a side of an encoded picture. One with
// transparency is flattened on white, or on black or a checker where it cannot be seen on white.
func MakeThumbnail(ctx context.Context, data []byte, size int, o models.Options) (api.Thumbnail, error) {
	if size < 1 || size > maxThumbnail {
		return api.Thumbnail{}, api.Invalidf("make a thumbnail: %d pixels a side are not between 1 and %d", size, maxThumbnail)
	}
	pic, _, err := picture.Decode(ctx, data, models.NewEngine(o).Limits())
	if err != nil {
		return api.Thumbnail{}, err
	}
	defer pic.Release()
	pic.Flatten(picture.Auto)
	t, err := thumb.Make(pic.Width, pic.Height, pic.Pix, size)
	return api.Thumbnail{Type: t.Type, Data: t.Data, Hash: embed.HashString(data)}, err
}

// Thumbnail gives a small picture of an indexed one, of at most size pixels a side. It
// is made once, and kept in the thumbs folder of the collection, which is bounded and may be
// removed at any time; a collection that cannot be written to makes it each time. Errors:
// ErrNotIndexed, ErrNoFile, ErrChanged, and those of reading pictures.
func (c *Collection) Thumbnail(ctx context.Context, name string, size int) (api.Thumbnail, error) {
	f, err := c.file(ctx, name)
	if err != nil {
		return api.Thumbnail{}, err
	}
	if t, ok := c.storedThumbnail(f.hash, size); ok {
		return t, nil
	}
	data, err := f.read(ctx, c.Client)
	if err != nil {
		return api.Thumbnail{}, err
	}
	t, err := MakeThumbnail(ctx, data, size, c.Options)
	if err != nil {
		return api.Thumbnail{}, source.NameError(f.Source, err)
	}
	for suffix, kind := range thumbTypes {
		if kind == t.Type {
			_ = c.thumbs.Put(c.Derived, thumbName(f.hash, size, suffix), t.Data) // made again where it cannot be kept
		}
	}
	return t, nil
}

// KeptThumbnail is Thumbnail where one is kept already, which is had at once.
func (c *Collection) KeptThumbnail(ctx context.Context, name string, size int) (t api.Thumbnail, ok bool, err error) {
	f, err := c.file(ctx, name)
	if err != nil {
		return t, false, err
	}
	t, ok = c.storedThumbnail(f.hash, size)
	return t, ok, nil
}

func (c *Collection) storedThumbnail(hash record.Hash, size int) (api.Thumbnail, bool) {
	for suffix, kind := range thumbTypes {
		if data, err := disk.Read(filepath.Join(c.Derived, filepath.Join(thumbName(hash, size, suffix)...))); err == nil {
			return api.Thumbnail{Type: kind, Data: data, Hash: hex.EncodeToString(hash[:])}, true
		}
	}
	return api.Thumbnail{}, false
}

// thumbName are the folders and the file that a thumbnail is kept in, below those of what is derived. Those of before
// transparency was shown lie in folders without the mark, and go when room is made.
func thumbName(hash record.Hash, size int, suffix string) []string {
	return []string{"thumbs", strconv.Itoa(size) + "-flat", hex.EncodeToString(hash[:1]), hex.EncodeToString(hash[:]) + suffix}
}

var thumbTypes = map[string]string{".png": "image/png", ".jpg": "image/jpeg"}
