package api

import "errors"

// RegionsIndexed is what a run of Index did to the regions of a model.
type RegionsIndexed struct {
	Model    string    `json:"model"`
	Pictures int       `json:"pictures"` // distinct ones whose regions are embedded
	Added    int       `json:"added"`
	Regions  int       `json:"regions"` // that were embedded
	Seconds  float64   `json:"seconds"`
	Failed   []Failure `json:"failed"` // pictures that could not be read; the next run tries them again
}

// ErrNoRegions reports that the regions of a collection's pictures are not embedded by a model.
var ErrNoRegions = errors.New("the regions of the pictures are not embedded by that model")
