package weaviate

import (
	"context"
	"encoding/json"

	"github.com/akin-search/akin/internal/record"
)

// The metadata of a picture is one property, which the server does not look into: a filter by it is worked out in the copy of the
// pictures that each machine has.

// metadataText is metadata as the property has it.
func metadataText(m *record.Metadata) string {
	text, err := json.Marshal(m)
	if err != nil { // a position that is no number
		return "{}"
	}
	return string(text)
}

// metadataOf is the metadata of a property; nil where there is none.
func metadataOf(text string) *record.Metadata {
	var m record.Metadata
	if text == "" || json.Unmarshal([]byte(text), &m) != nil {
		return nil // it is read of the file again
	}
	return &m
}

// Sidecars returns when the sidecar of each picture whose metadata is stored was last written, by its id.
func (c *Collection) Sidecars(ctx context.Context) (map[int64]int64, error) {
	out := map[int64]int64{}
	err := c.each(ctx, beginning, pageObjects, nil, func(some []*object) error {
		for _, o := range some {
			if o.Metadata != nil {
				out[o.ID] = o.Metadata.Sidecar
			}
		}
		return nil
	})
	return out, err
}
