package models

import (
	"cmp"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/picture"
)

// MetadataOf is what a file, which m is read from, and its sidecar, which may be nil, say of the picture. shot is what decoding it
// has told already: of some formats only that does.
func MetadataOf(shot picture.Shot, m picture.Metadata, sidecar []byte) api.Metadata {
	if sidecar != nil {
		m = picture.ReadSidecar(sidecar, m)
	}
	out := api.Metadata{
		Camera: cmp.Or(shot.Camera, m.Camera), Lens: cmp.Or(shot.Lens, m.Lens), Rating: m.Rating, Label: m.Label,
		Title: m.Title, Caption: m.Caption, Keywords: m.Keywords,
	}
	if p := cmp.Or(shot.Position, m.Position); p.Known {
		out.Position = &api.Position{Latitude: p.Latitude, Longitude: p.Longitude}
	}
	return out
}
