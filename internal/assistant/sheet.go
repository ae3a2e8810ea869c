package assistant

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"

	"image/png"
	"strconv"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/picture"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// A sheet is rows of thumbnails, numbered from 1 in each row. One picture costs an assistant fewer tokens
// than many.
type sheet [][]image.Image

const (
	thumbSide = 192 // pixels of a picture's longer side
	gap       = 8
	badge     = 16 // height of a number's ground
)

// thumbs returns thumbnails by name, nil for one that cannot be made.
func (t tools) thumbs(ctx context.Context, names []string) []image.Image {
	row := make([]image.Image, len(names))
	for i, name := range names {
		small, err := t.c.Thumbnail(ctx, name, thumbSide)
		if err != nil {
			continue // its name is in the text
		}
		pic, _, err := picture.Decode(ctx, small.Data, picture.Limits{})
		if err != nil {
			continue
		}
		pic.Flatten(picture.Auto)
		row[i] = picture.RGBA(pic.Pix, pic.Width, pic.Height)
		pic.Release()
	}
	return row
}

func namesOf(hits []api.Hit) []string {
	names := make([]string, len(hits))
	for i, h := range hits {
		names[i] = h.Name
	}
	return names
}

// png draws the sheet.
func (s sheet) png() ([]byte, error) {
	columns := 0
	for _, row := range s {
		columns = max(columns, len(row))
	}
	const cell = thumbSide + gap
	out := image.NewRGBA(image.Rect(0, 0, columns*cell+gap, len(s)*cell+gap))
	draw.Draw(out, out.Rect, image.NewUniform(color.Gray{0xe8}), image.Point{}, draw.Src) // white edges show
	for r, row := range s {
		for c, pic := range row {
			box := image.Rect(0, 0, thumbSide, thumbSide).Add(image.Pt(gap+c*cell, gap+r*cell))
			if pic == nil {
				draw.Draw(out, box, image.NewUniform(color.Gray{0xc4}), image.Point{}, draw.Src)
			} else {
				size := pic.Bounds().Size()
				at := box.Min.Add(image.Pt((thumbSide-size.X)/2, (thumbSide-size.Y)/2))
				draw.Draw(out, image.Rectangle{at, at.Add(size)}, pic, pic.Bounds().Min, draw.Src)
			}
			number(out, box.Min, c+1)
		}
	}
	var data bytes.Buffer
	err := png.Encode(&data, out)
	return data.Bytes(), err
}

// number writes a rank in the upper left corner of a picture.
func number(onto draw.Image, at image.Point, n int) {
	text := strconv.Itoa(n)
	ground := image.Rectangle{at, at.Add(image.Pt(7*len(text)+8, badge))}
	draw.Draw(onto, ground, image.Black, image.Point{}, draw.Src)
	d := font.Drawer{Dst: onto, Src: image.White, Face: basicfont.Face7x13, Dot: fixed.P(at.X+4, at.Y+12)}
	d.DrawString(text)
}
