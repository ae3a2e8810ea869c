// Package akin finds pictures that look alike, and shows what "alike" means to
// each vision model.
//
// A collection is a folder that stores the names and sources of some pictures, and
// one embedding per picture and model. Open one, index a folder of pictures, and
// search:
//
//	c, err := akin.Open(ctx, "flags.akin", akin.Options{})
//	if err != nil { … }
//	defer c.Close()
//	report, err := c.Index(ctx, []string{"flags/"}, api.IndexOptions{})
//	result, err := c.Search(ctx, akin.Like("Chad"), api.SearchOptions{Top: 5})
//
// Package api has the types of options and answers. To query a server instead, use package client.
//
// Index, and a query by a picture that was not indexed, run a model in ONNX
// Runtime, which is loaded when the first of them needs it. Everything else
// (queries by name, comparing, evaluating, import and export) works without it.
//
// A Collection may be used by several goroutines at once. Several processes may
// read one collection while one writes to it.
package akin

import (
	"context"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/store"
)

// Options open a collection, or a model. The zero value is right for most.
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

	// Colour is what models are shown of colours: "keep" is all, as their reference implementations do; "drop" is none: the
	// brightness, stretched to the full range, dark on light, so that a mark is the same whatever its colours. The default
	// is that of the collection's embeddings of that model, or "keep" if it has none. Each has its own space. Duplicates and
	// thumbnails have their colours.
	Colour string

	// Home is the folder of the user's models, collections and caches; "" means the system's folders for such.
	Home Home
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

// DefaultModel is the model that a collection is first indexed with when none is named.
const DefaultModel = models.DefaultModel

// Collection is an open collection.
type Collection struct {
	c *space.Collection
}

// Home is the folder of a user's collections, models and caches. "" means the system's folders for such, which the
// functions below use: on Linux $XDG_DATA_HOME/akin and $XDG_CACHE_HOME/akin.
type Home = home.Dir

// CollectionPath returns the folder of a collection in the user's data folder.
func CollectionPath(name string) (string, error) {
	return Home("").CollectionFolder(name)
}

// Collections returns the names of the collections in the user's data folder, "default" first, including those that
// cannot be opened. It fails when the folder itself cannot be read.
func Collections() ([]string, error) {
	return Home("").Collections()
}

// DefaultPath returns where the collection that a user names lies. The address of a cluster, and anything that looks
// like a path or is the folder of a collection, is returned as it is; any other name is a folder in the user's data
// folder, and "" is "default".
func DefaultPath(name string) (string, error) {
	return Home("").CollectionPath(name)
}

// Open opens the collection in the folder at path, or in a cluster, at an address such as
// weaviate://host:port/Name (docs/how-to/cluster.md). It creates one that does not exist, unless
// ReadOnly. Open takes no lock: Index and the other methods that write take it while they run,
// and fail with ErrLocked while another process holds it. A cluster has no lock.
func Open(ctx context.Context, path string, o Options) (*Collection, error) {
	c, err := space.Open(ctx, path, models.Options(o))
	if err != nil {
		return nil, err
	}
	return &Collection{c}, nil
}

// Close closes the collection's sessions and files. What was stored is safe whether or not it is
// called.
func (c *Collection) Close() error {
	return c.c.Close()
}

// Path is the collection's folder, or its address.
func (c *Collection) Path() string {
	return c.c.Path()
}

// Rest closes the files that no call is using. The next call opens them again, which takes some
// milliseconds. It is for programs that serve many collections.
func (c *Collection) Rest() {
	c.c.Rest()
}

// Copy copies the pictures, embeddings, tags and reviews of one collection into another, each a
// folder or the address of a cluster. What else the other holds stays. A copy that was
// interrupted continues where it stopped when it is run again. At the end everything is read back
// and compared, bit by bit.
func Copy(ctx context.Context, from, to string, o api.CopyOptions) (r api.CopyReport, err error) {
	return store.Copy(ctx, from, to, o)
}

// DataDir returns the system's folder for the data of akin's user. It may not exist yet.
func DataDir() (string, error) {
	return Home("").Data()
}

// Repair repairs the collection at a path or address as far as possible, even one that cannot be opened. It rebuilds
// derived files, rebuilds a damaged database from what can be read of it and from the embeddings' files, and removes
// damaged embeddings, so that Index makes them again.
func Repair(ctx context.Context, path string) (api.Repaired, error) {
	return store.Repair(ctx, path)
}

// Drop removes the embeddings of one model. The pictures stay, and indexing with the model again
// restores embeddings that were not imported. fingerprint, or the first digits of it, tells apart the
// spaces of one model; "" is fine where it has only one. Errors: ErrNoSpace, ErrAmbiguous, ErrLocked.
func (c *Collection) Drop(ctx context.Context, model, fingerprint string) (api.SpaceInfo, error) {
	return c.c.Drop(ctx, model, fingerprint)
}

// Info returns what the collection holds.
func (c *Collection) Info(ctx context.Context) (api.Info, error) {
	return c.c.Info(ctx)
}

// Verify reads the whole collection and checks it against its checksums and its own records. It
// returns a line for each problem, and changes nothing.
func (c *Collection) Verify(ctx context.Context) ([]string, error) {
	return c.c.Verify(ctx)
}
