package page

import (
	"encoding/base64"
	"html/template"

	"github.com/akin-search/akin/internal/thumbnail"
)

// ThumbPixels is a good size for thumbnails: pages show them at up to half of
// it, so that they are sharp on dense screens.
const ThumbPixels = 256

// Thumb is a small picture inside a page. Make one with Thumbnail.
type Thumb struct {
	uri           string
	Width, Height int // pixels
}

// Empty reports whether there is no picture.
func (t Thumb) Empty() bool { return t.uri == "" }

// URI returns the picture as a data: address.
func (t Thumb) URI() template.URL { return template.URL(t.uri) }

// Thumbnail makes a thumbnail of at most box pixels a side (0: ThumbPixels) out of
// pix: (height, width, 3) bytes, row after row.
func Thumbnail(width, height int, pix []byte, box int) (Thumb, error) {
	if box <= 0 {
		box = ThumbPixels
	}
	p, err := thumbnail.Make(width, height, pix, nil, box)
	if err != nil {
		return Thumb{}, err
	}
	return Thumb{
		uri:   "data:" + p.Type + ";base64," + base64.StdEncoding.EncodeToString(p.Data),
		Width: p.Width, Height: p.Height,
	}, nil
}
