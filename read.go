package akin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
	"github.com/akin-search/akin/internal/source"
)

func isAddress(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// newClient fetches addresses as the options allow.
func newClient(o Options) *source.Client {
	c := &source.Client{}
	if o.PublicOnly {
		c.HTTP, c.Brief, c.Tries = source.PublicOnly(), true, 1 // someone is waiting
	}
	return c
}

// read gives the bytes of a file or an address.
func read(ctx context.Context, client *source.Client, from string) ([]byte, error) {
	it := source.Item{Source: from, Address: isAddress(from)}
	if !it.Address {
		abs, err := filepath.Abs(from)
		if err != nil {
			return nil, err
		}
		it.Source = abs
	}
	return source.Read(ctx, it, client, 0)
}

func hashOf(data []byte) embed.Hash { return sha256.Sum256(data) }

func hashString(data []byte) string {
	h := hashOf(data)
	return hex.EncodeToString(h[:])
}

// embedOne decodes a picture, or a region of it, and embeds it. It tells what the picture was seen on.
func (c *Collection) embedOne(ctx context.Context, m embed.Model, data []byte, crop *Crop, out []float32) (picture.Ground, error) {
	pic, _, err := picture.Decode(ctx, data, c.engine.limits())
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
func cropped(p *picture.Picture, c Crop) (*picture.Picture, error) {
	x, y, w, h, err := c.in(p.Width, p.Height)
	if err != nil {
		return nil, err
	}
	return resample.Crop(p, x, y, w, h), nil
}
