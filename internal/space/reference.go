package space

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/resample"
	"github.com/akin-search/akin/internal/source"
)

// reference is what the picture of a query's term refers to.
type reference struct {
	picture record.Picture // the indexed picture that it is; its ID is 0 where it is none
	indexed bool           // to that picture as it was indexed, not to what its source holds now
	from    string         // the file or address to read, where not indexed
	data    []byte         // the encoded picture, where the term has it
}

// resolve finds out what a term's picture refers to. A name goes before a file, unless it looks
// like a path; a path or address that is gone may still be an indexed picture's source.
func (v *Space) resolve(t api.Term) (reference, error) {
	if t.Data != nil {
		return reference{from: t.Picture, data: t.Data}, nil
	}
	address := source.IsAddress(t.Picture)
	switch {
	case t.From == api.FromCollection:
		p, err := v.Find(t.Picture)
		if err != nil {
			return reference{}, fmt.Errorf("query: %w", err)
		}
		return reference{picture: p, indexed: true}, nil
	case t.From == api.FromAddress && !address:
		return reference{}, api.Invalidf("query %q is not an http or https address", t.Picture)
	}
	if !address {
		looksLikePath := strings.ContainsAny(t.Picture, `/\`) || filepath.Ext(t.Picture) != ""
		byName, notFound := v.Find(t.Picture)
		_, missing := source.Stat(t.Picture)
		switch {
		case notFound == nil && (!looksLikePath || missing != nil):
			return reference{picture: byName, indexed: true}, nil
		case missing != nil:
			if p, ok := v.bySource(t.Picture); ok {
				return reference{picture: p, indexed: true}, nil
			}
			if e, ok := errors.AsType[*record.NotIndexedError](notFound); ok {
				e.File = true
			}
			return reference{}, fmt.Errorf("query: %w", notFound)
		}
	}
	r := reference{from: t.Picture}
	r.picture, _ = v.bySource(t.Picture)
	return r, nil
}

// bySource finds the indexed picture of a file or address.
func (v *Space) bySource(from string) (record.Picture, bool) {
	if !source.IsAddress(from) {
		if abs, err := filepath.Abs(from); err == nil {
			from = abs
		}
	}
	return v.BySource(from)
}

// PixelsOf decodes a term's picture, or the region of it that the term names. It also returns the
// source of the picture.
func (c *Collection) PixelsOf(ctx context.Context, v *Space, t api.Term) (*picture.Picture, string, error) {
	r, err := v.resolve(t)
	if err != nil {
		return nil, t.Picture, err
	}
	data := r.data
	if r.indexed {
		var f indexedFile
		if f, err = c.fileOf(ctx, r.picture); err == nil {
			r.from = f.Source
			data, err = f.read(ctx, c.Client)
		}
	} else if data == nil {
		data, err = source.Bytes(ctx, c.Client, r.from)
	}
	if err != nil {
		return nil, r.from, err
	}
	pic, err := c.decode(ctx, data, t.Crop)
	return pic, r.from, source.NameError(r.from, err)
}

// decode decodes a picture, or a region of it.
func (c *Collection) decode(ctx context.Context, data []byte, crop *api.Crop) (*picture.Picture, error) {
	pic, _, err := picture.Decode(ctx, data, c.Engine.Limits())
	if err != nil || crop == nil {
		return pic, err
	}
	defer pic.Release()
	x, y, w, h, err := crop.In(pic.Width, pic.Height)
	if err != nil {
		return nil, err
	}
	return resample.Crop(pic, x, y, w, h), nil
}
