package models

import (
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/picture"
)

// MetadataOf is what a file and its sidecar, which may be nil, say of the picture.
func MetadataOf(data, sidecar []byte) api.Metadata {
	m := picture.ReadMetadata(data)
	if sidecar != nil {
		m = picture.ReadSidecar(sidecar, m)
	}
	return api.Metadata{
		Camera: m.Camera, Lens: m.Lens, Position: (*api.Position)(m.Position), Rating: m.Rating, Label: m.Label,
		Title: m.Title, Caption: m.Caption, Keywords: m.Keywords,
	}
}
