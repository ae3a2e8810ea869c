package render

import (
	"context"
	"image"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/page"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// Pixels are a picture's: upright, 8-bit RGB.
type Pixels struct {
	Width, Height int
	RGB           []byte
}

// Pictures is where tables and pages get pictures from. It makes each thumbnail once.
type Pictures struct {
	Find  func(ctx context.Context, name string) (api.Picture, error)          // an indexed picture
	Read  func(ctx context.Context, source string) (Pixels, error)             // as a person is to see it
	Alter func(ctx context.Context, source, alteration string) (Pixels, error) // as a model was given it

	thumbs map[string]page.Thumb
}

// image reads a picture; nil where it cannot be read.
func (p *Pictures) image(ctx context.Context, source string) image.Image {
	x, err := p.Read(ctx, source)
	if err != nil {
		return nil
	}
	return term.RGB(x.Width, x.Height, x.RGB)
}

// of returns the picture at source, without a thumbnail where it cannot be read.
func (p *Pictures) of(ctx context.Context, name, source string) page.Picture {
	thumb, ok := p.thumbs[source]
	if !ok {
		if x, err := p.Read(ctx, source); err == nil {
			thumb, _ = page.Thumbnail(x.Width, x.Height, x.RGB, 0)
		}
		if p.thumbs == nil {
			p.thumbs = map[string]page.Thumb{}
		}
		p.thumbs[source] = thumb
	}
	return page.Picture{Name: name, Source: source, Thumb: thumb}
}

// named returns indexed pictures.
func (p *Pictures) named(ctx context.Context, names ...string) ([]page.Picture, error) {
	var out []page.Picture
	for _, name := range names {
		found, err := p.Find(ctx, name)
		if err != nil {
			return nil, err
		}
		out = append(out, p.of(ctx, found.Name, found.Source))
	}
	return out, nil
}

func (p *Pictures) hits(ctx context.Context, hits []api.Hit) []page.Hit {
	out := make([]page.Hit, len(hits))
	for i, h := range hits {
		out[i] = page.Hit{Picture: p.of(ctx, h.Name, h.Source), Rank: h.Rank, Score: h.Score, Chance: -1, Luck: h.ByLuck, Grade: string(h.Grade)}
		if h.Chance != nil {
			out[i].Chance = *h.Chance
		}
		for _, f := range h.Folded {
			out[i].Folded = append(out[i].Folded, f.Name)
		}
	}
	return out
}

// altered returns a picture as a model was given it; false where that cannot be made.
func (p *Pictures) altered(ctx context.Context, name, source, alteration string) (page.Picture, bool) {
	x, err := p.Alter(ctx, source, alteration)
	if err != nil {
		return page.Picture{}, false
	}
	thumb, err := page.Thumbnail(x.Width, x.Height, x.RGB, 0)
	return page.Picture{Name: name, Thumb: thumb}, err == nil
}
