package indexer

import (
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
)

// metadataOf is what a picture's file and its sidecar say, as it is stored.
func metadataOf(it source.Item, r embed.Result) *record.Metadata {
	sidecar := source.Sidecar(it.Source)
	m := models.MetadataOf(r.Info.Shot, r.Metadata, sidecar.Packet)
	out := &record.Metadata{Camera: m.Camera, Lens: m.Lens, Label: m.Label, Rating: m.Rating, Keywords: m.Keywords, Title: m.Title, Caption: m.Caption, Sidecar: sidecar.Written}
	if m.Position != nil {
		out.Position = &record.Position{Latitude: m.Position.Latitude, Longitude: m.Position.Longitude}
	}
	return out
}
