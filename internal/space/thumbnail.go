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
	"github.com/akin-search/akin/internal/thumbnail"
)

// maxThumbnail is the longest side of a thumbnail, in pixels.
const maxThumbnail = 2048

// MakeThumbnail makes a thumbnail, of at most size pixels a side, of an encoded picture. That
// of a transparent picture is transparent too.
func MakeThumbnail(ctx context.Context, data []byte, size int, o models.Options) (api.Thumbnail, error) {
	if size < 1 || size > maxThumbnail {
		return api.Thumbnail{}, api.Invalidf("make a thumbnail: its size is %d pixels, want 1 to %d", size, maxThumbnail)
	}
	pic, _, err := picture.Decode(ctx, data, o.Limits())
	if err != nil {
		return api.Thumbnail{}, err
	}
	defer pic.Release()
	pic.Straighten()
	t, err := thumbnail.Make(pic.Width, pic.Height, pic.Pix, pic.Alpha, size)
	return api.Thumbnail{Type: t.Type, Data: t.Data, Hash: embed.HashString(data)}, err
}

// Thumbnail returns a thumbnail of an indexed picture, of at most size pixels a side. It is cached in
// the thumbs folder of the collection, which is bounded and may be deleted at any time; a read-only
// collection makes it each time. Errors: ErrNotIndexed, ErrNoFile, ErrChanged, and those of
// reading pictures.
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
			_ = c.thumbs.Put(c.DerivedDir, thumbName(f.hash, size, suffix), t.Data) // made again where it cannot be cached
		}
	}
	return t, nil
}

// KeptThumbnail returns a cached thumbnail, without making one.
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
		if data, err := disk.Read(filepath.Join(c.DerivedDir, filepath.Join(thumbName(hash, size, suffix)...))); err == nil {
			return api.Thumbnail{Type: kind, Data: data, Hash: hex.EncodeToString(hash[:])}, true
		}
	}
	return api.Thumbnail{}, false
}

// thumbName is the path of a cached thumbnail below the folder of derived files. Folders of other
// suffixes hold thumbnails of releases that dropped or flattened transparency; they are removed when the cache is full.
func thumbName(hash record.Hash, size int, suffix string) []string {
	return []string{"thumbs", strconv.Itoa(size) + "-alpha", hex.EncodeToString(hash[:1]), hex.EncodeToString(hash[:]) + suffix}
}

var thumbTypes = map[string]string{".png": "image/png", ".jpg": "image/jpeg"}
