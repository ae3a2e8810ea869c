package space

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
)

func TestARegionIsInsideThePicture(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why  string
		crop api.Crop
		want [4]int // of a picture of 200 x 101; zeros are an error
		says string
	}{
		{"pixels", api.Crop{X: 10, Y: 20, Width: 30, Height: 40}, [4]int{10, 20, 30, 40}, ""},
		{"all of it", api.Crop{Width: 200, Height: 101}, [4]int{0, 0, 200, 101}, ""},
		{"its last pixel", api.Crop{X: 199, Y: 100, Width: 1, Height: 1}, [4]int{199, 100, 1, 1}, ""},
		{"beyond the right", api.Crop{X: 199, Width: 2, Height: 1}, [4]int{}, "outside of its 200 x 101 pixels"},
		{"beyond the bottom", api.Crop{Y: 101, Width: 1, Height: 1}, [4]int{}, "outside of its 200 x 101 pixels"},
		{"so large that sums overflow", api.Crop{X: 1, Width: 1 << 62, Height: 1}, [4]int{}, "outside"},
		{"before the left", api.Crop{X: -1, Width: 2, Height: 2}, [4]int{}, "no place in a picture"},
		{"empty", api.Crop{X: 5, Height: 5}, [4]int{}, "is empty"},
		{"half a pixel", api.Crop{Width: 1.5, Height: 1}, [4]int{}, "pixels are whole"},
		{"not a number", api.Crop{Width: math.NaN(), Height: 1}, [4]int{}, "no place"},
		{"the lower half: an edge is rounded", api.Crop{Y: 0.5, Width: 1, Height: 0.5, Relative: true}, [4]int{0, 51, 200, 50}, ""},
		{"and the upper half meets it", api.Crop{Width: 1, Height: 0.5, Relative: true}, [4]int{0, 0, 200, 51}, ""},
		{"0.7 + 0.3 of it", api.Crop{X: 0.7, Width: 0.3, Height: 1, Relative: true}, [4]int{140, 0, 60, 101}, ""},
		{"no less than a pixel", api.Crop{X: 0.999, Y: 1 - 1e-9, Width: 1e-9, Height: 1e-9, Relative: true}, [4]int{199, 100, 1, 1}, ""},
		{"shares beyond the right", api.Crop{X: 0.5, Width: 0.6, Height: 1, Relative: true}, [4]int{}, "50%,0%,60%,100% reaches beyond"},
		{"percent for shares", api.Crop{Width: 50, Height: 50, Relative: true}, [4]int{}, "shares are 0 to 1"},
	} {
		x, y, w, h, err := c.crop.In(200, 101)
		if got := [4]int{x, y, w, h}; got != c.want || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, %v, want %v, %s", c.why, got, err, c.want, c.says)
		}
	}
}

// A region is of the upright picture. The stored one is 3 x 2 and its orientation 6:
//
//	stored    upright
//	0 1 2     10  0
//	10 11 12  11  1
//	          12  2
func TestARegionIsOfTheUprightPicture(t *testing.T) {
	t.Parallel()
	stored := image.NewGray(image.Rect(0, 0, 3, 2))
	for i, v := range []uint8{0, 1, 2, 10, 11, 12} {
		stored.SetGray(i%3, i/3, color.Gray{v})
	}
	var file bytes.Buffer
	if err := png.Encode(&file, stored); err != nil {
		t.Fatal(err)
	}
	turned := []byte("eXIfMM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00")
	chunk := append(binary.BigEndian.AppendUint32(nil, uint32(len(turned)-4)), turned...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(turned))
	data := slices.Concat(file.Bytes()[:33], chunk, file.Bytes()[33:]) // after IHDR

	c := &Collection{Engine: models.NewEngine(models.Options{})}
	var got picture.Picture
	m := embed.Model{
		Prepare: func(p *picture.Picture, _ []float32) {
			got = picture.Picture{Width: p.Width, Height: p.Height, Pix: slices.Clone(p.Pix)}
		},
		Run: func(_ context.Context, _ []float32, _ int, _ []float32) error { return nil },
	}
	pic, err := c.decode(t.Context(), data, &api.Crop{X: 1, Y: 1, Width: 1, Height: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := embedPicture(t.Context(), m, pic, nil); err != nil {
		t.Fatal(err)
	}
	if got.Width != 1 || got.Height != 2 || !bytes.Equal(got.Pix, []byte{1, 1, 1, 2, 2, 2}) {
		t.Errorf("%+v", got)
	}
	_, err = c.decode(t.Context(), data, &api.Crop{Width: 3, Height: 1})
	if err == nil || !strings.Contains(err.Error(), "outside of its 2 x 3 pixels") {
		t.Errorf("upright it is 2 wide: %v", err)
	}
}
