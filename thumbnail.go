package akin

import (
	"context"
	"encoding/hex"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/akin-search/akin/internal/collection"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/thumb"
)

// Thumbnail is a small picture, encoded.
type Thumbnail struct {
	Type string // "image/png" or "image/jpeg"
	Data []byte
	Hash string // SHA-256 of the bytes that it was made of
}

// mostThumb is how many pixels a side of a thumbnail may have.
const mostThumb = 2048

// MakeThumbnail makes a thumbnail of at most size pixels a side of an encoded picture. One with
// transparency is flattened on white, or on black or a checker where it cannot be seen on white.
func MakeThumbnail(ctx context.Context, data []byte, size int, o Options) (Thumbnail, error) {
	if size < 1 || size > mostThumb {
		return Thumbnail{}, invalidf("make a thumbnail: %d pixels a side are not between 1 and %d", size, mostThumb)
	}
	pic, _, err := picture.Decode(ctx, data, NewEngine(o).limits())
	if err != nil {
		return Thumbnail{}, err
	}
	defer pic.Release()
	pic.Flatten(picture.Auto)
	t, err := thumb.Make(pic.Width, pic.Height, pic.Pix, size)
	return Thumbnail{Type: t.Type, Data: t.Data, Hash: hashString(data)}, err
}

// Thumbnail gives a small picture of an indexed one, of at most size pixels a side. It
// is made once, and kept in the thumbs folder of the collection, which is bounded and may be
// removed at any time; a collection that cannot be written to makes it each time. Errors:
// ErrNotIndexed, ErrNoFile, ErrChanged, and those of reading pictures.
func (c *Collection) Thumbnail(ctx context.Context, name string, size int) (Thumbnail, error) {
	f, err := c.file(ctx, name)
	if err != nil {
		return Thumbnail{}, err
	}
	if t, ok := c.kept(f.hash, size); ok {
		return t, nil
	}
	data, err := f.read(ctx, c.client)
	if err != nil {
		return Thumbnail{}, err
	}
	t, err := MakeThumbnail(ctx, data, size, c.options)
	if err != nil {
		return Thumbnail{}, nameError(f.Source, err)
	}
	for suffix, kind := range thumbTypes {
		if kind == t.Type {
			_ = c.keepThumb(thumbName(f.hash, size, suffix), t.Data) // made again where it cannot be kept
		}
	}
	return t, nil
}

// KeptThumbnail is Thumbnail where one is kept already, which is had at once.
func (c *Collection) KeptThumbnail(ctx context.Context, name string, size int) (t Thumbnail, ok bool, err error) {
	f, err := c.file(ctx, name)
	if err != nil {
		return t, false, err
	}
	t, ok = c.kept(f.hash, size)
	return t, ok, nil
}

func (c *Collection) kept(hash collection.Hash, size int) (Thumbnail, bool) {
	for suffix, kind := range thumbTypes {
		if data, err := disk.Read(filepath.Join(c.files, filepath.Join(thumbName(hash, size, suffix)...))); err == nil {
			return Thumbnail{Type: kind, Data: data, Hash: hex.EncodeToString(hash[:])}, true
		}
	}
	return Thumbnail{}, false
}

// thumbName are the folders and the file that a thumbnail is kept in, below those of what is derived. Those of before
// transparency was shown lie in folders without the mark, and go when room is made.
func thumbName(hash collection.Hash, size int, suffix string) []string {
	return []string{"thumbs", strconv.Itoa(size) + "-flat", hex.EncodeToString(hash[:1]), hex.EncodeToString(hash[:]) + suffix}
}

var thumbTypes = map[string]string{".png": "image/png", ".jpg": "image/jpeg"}

// isImported says that a picture came with embeddings and without a file.
func isImported(source string) bool { return strings.HasPrefix(source, "import:") }
