package models

import (
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/picture"
)

// DefaultModel is the model of a new collection for which none is named.
const DefaultModel = "mobilenetv2-gem"

// Options of a collection, a model or an engine. The zero value suits most programs.
type Options struct {
	Models   []string // models to index and search with; nil means the collection's default model, or DefaultModel
	ModelDir string   // folder or file of a checkpoint, or an ONNX file, to use instead of a model's name
	ReadOnly bool     // do not create a collection: fail with ErrNoCollection

	// Precision is the type that models compute in: "fp32"; "bf16", with OpenVINO on processors that have
	// instructions for bfloat16, faster and very near to fp32; "int8", for transformers on the
	// processor, faster and slightly less accurate; "fp16", for graphics cards. Each precision has
	// its own space. Without one, Index continues a collection's space in the precision that it was
	// begun with, and begins a new one in fp32; "auto" begins it in bf16 where that is fast.
	Precision string
	// Device is where models run: "auto", the default, uses a graphics card if one works; else
	// "cpu", "cuda", "cuda:1" for the second card, "coreml", or by OpenVINO "openvino:gpu" and "openvino:npu",
	// Intel's graphics and neural processors.
	Device string

	// Background is what transparent pictures are flattened on before a model sees them: "drop" ignores
	// alpha, as the models' reference implementations do; "auto" chooses a colour on which the picture
	// is visible; "white", "black", "grey" or a colour as "#aabbcc". The default is the background of
	// the collection's embeddings of that model, or "drop" if it has none. Each background has its own
	// space. Duplicates and thumbnails always use "auto".
	Background string

	// Decode is at which size pictures are decoded for models: "exact", as their reference implementations do; "fast",
	// at a reduced size, of at least three times what the network sees, where a file gives that for less work (JPEG); or "auto", which does so
	// with pictures of more than 4 megapixels. The default is that of the collection's embeddings of that model, or
	// "exact" if it has none. Each has its own space. Duplicates and thumbnails are always exact.
	Decode string

	// Home is the folder of the user's models, collections and caches; "" means the system's folders for such.
	Home home.Dir
	// ClusterCache bounds the copy of a cluster's vectors on this machine, in bytes: 0 means 16 GiB, and less than 0
	// none. Searches need no copy; reports and duplicates do.
	ClusterCache int64

	// Hub is where downloaded checkpoints are cached; the zero value is where the hub's Python tools cache them.
	Hub        api.Hub
	Library    string        // ONNX Runtime's shared library; "" searches the usual folders, which Doctor reports
	OpenVINO   string        // OpenVINO's shared library, libopenvino_c; "" searches the folders openvino beside the program and in Home
	ModelDirs  []string      // folders of checkpoints, searched first
	Threads    int           // cores to use; 0 means all
	MaxPixels  int64         // largest picture to decode, in pixels; 0 means Pillow's 178956970
	DecodeTime time.Duration // for one picture; 0 means one minute

	// Engine holds the models in memory. Collections with the same Engine share them; nil gives the
	// collection its own. The options of models, devices and limits are those of the Engine.
	Engine *Engine

	// PublicOnly refuses addresses, and redirects, to this machine and its private network. Set it if
	// addresses come from others than the user.
	PublicOnly bool
}

// Limits returns the limits of pictures that the options set.
func (o Options) Limits() picture.Limits {
	return picture.Limits{Pixels: o.MaxPixels, Time: o.DecodeTime}
}
