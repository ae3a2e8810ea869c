package models

import (
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/home"
)

// DefaultModel is the model that a collection is first indexed with when none is named.
const DefaultModel = "efficientnet-lite0"

// Options open a collection. The zero value is right for most.
type Options struct {
	Models   []string // models to index and ask with; nil means the one that the collection was first indexed with, or DefaultModel
	ModelDir string   // a checkpoint folder or file, or an ONNX file, to use instead of a known model
	ReadOnly bool     // fail with ErrNoCollection instead of creating one

	// Precision is what models compute in: "fp32", which "" means; "int8", for
	// transformers on the processor: some three times as fast, and a little off; or
	// "fp16", for graphics cards. Each precision has a space of its own.
	Precision string
	// Device is where models run: "auto", which "" means, takes a graphics card where
	// one works; "cpu", "cuda", "cuda:1" for the second card, or "coreml".
	Device string

	// Background is what pictures with transparency are flattened on before a model sees them: "drop",
	// which is none: alpha is dropped, as the references of embeddings do; "auto", one on which
	// the picture can be seen; "white", "black", "grey", or a colour as #aabbcc. "" is what
	// the model's embeddings in the collection were made on, and "drop" where there are none.
	// Each background has a space of its own. Duplicates and thumbnails do not go by it: they
	// show what is seen, as "auto" does.
	Background string

	// Home is the folder of the user's models, collections and caches; "" means the system's folders for such.
	Home home.Dir
	// ClusterCache bounds the copy of a cluster's vectors on this machine, in bytes: 0 means 16 GiB, and less than 0
	// none. Searches need no copy; reports and duplicates do.
	ClusterCache int64

	// Hub is where downloaded checkpoints are cached; the zero value is where the hub's Python tools cache them.
	Hub        api.Hub
	Library    string   // ONNX Runtime's shared library; "" means where set-up puts it (see Doctor)
	ModelDirs  []string // folders that hold checkpoints, searched first
	Threads    int      // cores to use; 0 means all
	MaxPixels  int64    // pixels of the largest picture to decode; 0 means 178 956 970, as Pillow
	DecodeTime time.Duration

	// Engine has the models that several collections share, so that each is in memory once;
	// nil makes one of this collection's own. What these options say of models, devices and
	// pictures' limits should be what it was made with.
	Engine *Engine

	// PublicOnly fetches addresses, and what they redirect to, from hosts of the public
	// internet alone: not from this machine or its network. Set it where addresses
	// come from others than its user.
	PublicOnly bool
}
