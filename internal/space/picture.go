package space

import (
	"context"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/source"
)

// picture gives the pixels of a term's picture.
func (c *Collection) PixelsOf(ctx context.Context, v *Space, t api.Term) (*picture.Picture, string, error) {
	data, from := t.Data, t.Picture
	var err error
	if p, missing := v.Find(t.Picture); data == nil && t.From != api.FromAddress && (t.From == api.FromCollection || missing == nil) {
		if missing != nil {
			return nil, from, missing
		}
		var f indexedFile
		if f, err = c.file(ctx, p.Name); err == nil {
			from = f.Source
			data, err = f.read(ctx, c.Client)
		}
	} else if data == nil {
		if t.From == api.FromAddress && !source.IsAddress(from) {
			return nil, from, api.Invalidf("%q is no http or https address", from)
		}
		data, err = source.Bytes(ctx, c.Client, from)
	}
	if err != nil {
		return nil, from, err
	}
	pic, _, err := picture.Decode(ctx, data, c.Engine.Limits())
	if err == nil && t.Crop != nil {
		whole := pic
		pic, err = cropped(whole, *t.Crop)
		whole.Release()
	}
	return pic, from, source.NameError(from, err)
}
