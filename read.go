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
		c.HTTP, c.Tries = source.PublicOnly(), 1 // someone is waiting
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

// embedOne decodes a picture, or a region of it, and embeds it.
func (c *Collection) embedOne(ctx context.Context, m embed.Model, data []byte, crop *Crop, out []float32) error {
	pic, _, err := picture.Decode(ctx, data, c.engine.limits())
	if err != nil {
		return err
	}
	if crop != nil {
		x, y, w, h, err := crop.in(pic.Width, pic.Height)
		if err != nil {
			pic.Release()
			return err
		}
		region := resample.Crop(pic, x, y, w, h)
		pic.Release()
		pic = region
	}
	pixels := make([]float32, m.Input)
	m.Prepare(pic, pixels)
	pic.Release()
	return m.Run(ctx, pixels, 1, out)
}
