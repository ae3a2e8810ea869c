package space

import (
	"context"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

// embedOne decodes a picture, or a region of it, and embeds it. It tells what the picture was seen on.
func (c *Collection) embedPicture(ctx context.Context, m embed.Model, data []byte, crop *api.Crop, out []float32) (picture.Ground, error) {
	pic, _, err := picture.Decode(ctx, data, c.Engine.Limits())
	if err != nil {
		return picture.Ground{}, err
	}
	if crop != nil {
		whole := pic
		pic, err = cropped(whole, *crop)
		whole.Release()
		if err != nil {
			return picture.Ground{}, err
		}
	}
	pixels := make([]float32, m.Input)
	ground := m.Flatten(pic, pixels)
	pic.Release()
	return ground, m.Run(ctx, pixels, 1, out)
}

// cropped gives a region of a picture.
func cropped(p *picture.Picture, c api.Crop) (*picture.Picture, error) {
	x, y, w, h, err := c.In(p.Width, p.Height)
	if err != nil {
		return nil, err
	}
	return resample.Crop(p, x, y, w, h), nil
}
