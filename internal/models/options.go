package models

import (
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/picture"
)

// DefaultModel is the model of a new collection for which none is named.
const DefaultModel = "mobilenetv2-gem"

// Options are akin.Options, which says what the fields mean and is converted to these.
type Options struct {
	Models       []string
	ModelDir     string
	ReadOnly     bool
	Precision    string
	Device       string
	Background   string
	Decode       string
	Colour       string
	Home         home.Dir
	ClusterCache int64
	Hub          api.Hub
	Library      string
	OpenVINO     string
	ModelDirs    []string
	Threads      int
	MaxPixels    int64
	DecodeTime   time.Duration
	Engine       *Engine
	PublicOnly   bool
}

// Limits returns the limits of pictures that the options set.
func (o Options) Limits() picture.Limits {
	return picture.Limits{Pixels: o.MaxPixels, Time: o.DecodeTime}
}
