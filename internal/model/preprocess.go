package model

import (
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

// Preprocess makes a network's input of a picture, as the reference's image
// processor does: resize, then (pixel/255 - mean) / std.
type Preprocess struct {
	Width  int             `json:"width"`
	Height int             `json:"height"`
	Filter resample.Filter `json:"filter"`
	Mean   [3]float32      `json:"mean"`
	Std    [3]float32      `json:"std"`
}

// Apply fills dst, (3, Height, Width).
func (p Preprocess) Apply(pic *picture.Picture, dst []float32) {
	resized := resample.Resize(pic, p.Width, p.Height, p.Filter)
	defer resized.Release()
	var table [3][256]float32
	for c := range table {
		for v := range table[c] {
			table[c][v] = (float32(v)/255 - p.Mean[c]) / p.Std[c]
		}
	}
	resample.Planar(dst, resized, &table)
}
