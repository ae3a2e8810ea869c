// Package akin finds pictures that look alike, and shows what "alike" means to
// each vision model.
//
// A collection is a folder that holds what was learnt of some pictures: their
// names and places, and one unit vector a picture and model. Open one, index a
// folder of pictures, and ask:
//
//	c, err := akin.Open("flags.akin", akin.Options{})
//	if err != nil { … }
//	defer c.Close()
//	report, err := c.Index(ctx, []string{"flags/"}, akin.IndexOptions{})
//	hits, err := c.Search(ctx, akin.Like("Chad"), akin.SearchOptions{Top: 5})
//
// Index, and a query by a picture that was not indexed, run a model in ONNX
// Runtime, which is loaded when the first of them needs it. Everything else
// (queries by name, comparing, evaluating, import and export) works without it.
//
// A Collection may be used by several goroutines at once. Several processes may
// read one collection while one writes to it.
package akin

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/akin-search/akin/internal/cluster"
	"github.com/akin-search/akin/internal/collection"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/runtime"
	"github.com/akin-search/akin/internal/source"
)

// What callers may act on, with errors.Is. Every error's text says what was
// being done to which file, and what to do.
var (
	ErrNoCollection = collection.ErrNotFound   // nothing was indexed at this path yet
	ErrLocked       = collection.ErrLocked     // another process is writing to the collection
	ErrVersion      = collection.ErrVersion    // written by a newer akin
	ErrOld          = collection.ErrOld        // written by an older akin, before it knew what was asked for: index again
	ErrDamaged      = collection.ErrDamaged    // bytes that are not as they were written: see Repair
	ErrCluster      = cluster.ErrCluster       // no machine of the cluster answers
	ErrNotIndexed   = collection.ErrNotIndexed // no picture of that name
	ErrAmbiguous    = collection.ErrAmbiguous  // several pictures of nearly that name
	ErrNoSpace      = errors.New("no embeddings of that model")
	ErrNoModel      = model.ErrMissing     // a model that is unknown, or whose weights are not here
	ErrPrecision    = model.ErrPrecision   // a model that cannot compute in that precision
	ErrDevice       = runtime.ErrDevice    // a device that models cannot run on
	ErrNoRuntime    = runtime.ErrLibrary   // ONNX Runtime is not here, or cannot be loaded
	ErrNotAPicture  = picture.ErrFormat    // a file in no picture format that akin knows
	ErrCorrupt      = picture.ErrCorrupt   // a picture that is damaged or cut off
	ErrTooLarge     = picture.ErrTooLarge  // a picture beyond the limits
	ErrFetch        = source.ErrFetch      // an address that gave no picture
	ErrTooLong      = source.ErrTooLong    // a file or an answer of more bytes than are read
	ErrPrivate      = source.ErrPrivate    // an address that Options.PublicOnly refuses
	ErrNoDecoder    = picture.ErrNoDecoder // a format whose decoder is not on this machine
)

// ErrInvalid marks errors of what was asked: the same question is wrong whenever it is
// asked. Their text says what is wrong with it.
var ErrInvalid = errors.New("the question is wrong")

// invalid is an error of what was asked.
type invalid struct{ error }

func (e invalid) Unwrap() error        { return e.error }
func (e invalid) Is(target error) bool { return target == ErrInvalid }

func invalidf(format string, args ...any) error { return invalid{fmt.Errorf(format, args...)} }

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

// Collection is an open collection.
type Collection struct {
	place
	options  Options
	engine   *Engine
	client   *source.Client
	mirror   mirror // of a cluster
	thumbs   thumbs
	verified verified
	sights   sights
}

// Open opens the collection in the folder at path, or in a cluster, at an address as
// weaviate://host:port/Name (docs/cluster.md). It creates a collection that is absent
// when it is not ReadOnly. It takes no lock: Index and the other methods that write take
// it while they run, and fail with ErrLocked when another process holds it; a cluster has
// none.
func Open(path string, o Options) (*Collection, error) {
	p, err := openPlace(path, o.ReadOnly)
	if err != nil {
		return nil, err
	}
	c := &Collection{place: p, options: o, engine: o.Engine, client: newClient(o)}
	if c.engine == nil {
		c.engine = NewEngine(o)
	}
	return c, nil
}

// Path is the collection's folder, or its address.
func (c *Collection) Path() string { return c.path }

// Close ends the collection's sessions and files. Pictures and embeddings that
// were stored are safe whether or not it is called.
func (c *Collection) Close() error {
	var err error
	if c.options.Engine == nil {
		err = c.engine.Close()
	}
	return errors.Join(err, c.mirror.close(), c.store.Close())
}

// Rest gives back the files that no question uses now. The next one opens them again, which takes
// some milliseconds: it is for programs that serve many collections.
func (c *Collection) Rest() {
	if c.folder != nil {
		c.folder.Rest()
	}
}

// DefaultPath is where the command line keeps the collection of that name: the
// folder itself when name looks like a path, the address of a cluster as it is, else in
// the user's data folder.
func DefaultPath(name string) (string, error) {
	if name == "" {
		name = "default"
	}
	if cluster.IsAddress(name) {
		return name, nil
	}
	if filepath.IsAbs(name) || filepath.Base(name) != name || name == "." || name == ".." {
		return filepath.Abs(name)
	}
	if info, err := os.Stat(filepath.Join(name, "akin.db")); err == nil && info.Mode().IsRegular() {
		return filepath.Abs(name)
	}
	return CollectionPath(name)
}

// CollectionPath is the folder of a collection in the user's data folder.
func CollectionPath(name string) (string, error) {
	folder, err := collectionsDir()
	return filepath.Join(folder, name), err
}

func collectionsDir() (string, error) {
	data, err := dataDir()
	return filepath.Join(data, "collections"), err
}

// Collections lists the names of the collections in the user's data folder, "default"
// first, also of those that cannot be read. It is an error when the folder itself cannot be.
func Collections() ([]string, error) {
	folder, err := collectionsDir()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(folder) // in order
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the collections: %w", err)
	}
	names := []string{}
	for _, e := range entries {
		_, err := os.Stat(filepath.Join(folder, e.Name(), "akin.db"))
		if err == nil || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			names = append(names, e.Name())
		}
	}
	if at := slices.Index(names, "default"); at > 0 {
		names = slices.Insert(slices.Delete(names, at, at+1), 0, "default")
	}
	return names, nil
}
