// Package model turns a published checkpoint of a vision model into a graph for ONNX
// Runtime and the preprocessing that the model was trained with.
//
// Each architecture is a file, from pixels to embedding, for every size that a config
// can declare. The graph's weights point into the checkpoint's own files. file.go runs
// ONNX files of others.
package model

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/onnx"
)

// Model is ready to run. The graph has one input, "pixels", float32
// (n, 3, InputHeight, InputWidth), and one output, "embedding", float32 (n, Dim).
type Model struct {
	Spec
	// Graph writes the network. In int8 that quantizes the weights, unless the cache has them.
	Graph      func(SessionOptions) (Graph, error)
	Stored     func() Stored // what a session will read; a guess that needs no ONNX Runtime. nil with ONNX
	ONNX       *File         // run instead of Graph, if not nil
	Dir        string        // the checkpoint's folder
	Preprocess Preprocess
	Precision  Precision
	Batch      int      // pictures that a core runs at once with the best throughput
	Packs      bool     // a throughput session packs its weights, which takes longer than a run
	Reorders   bool     // ONNX Runtime lays out its weights anew, as kernels of convolutions
	Text       *Text    // nil if the model reads no text
	Patches    *Patches // nil if the embedding is not made of patches, or they are unknown
	// Weights are the tensors that embeddings of pictures and texts depend on; nil of an ONNX file.
	Weights     map[string]checkpoint.Tensor
	Fingerprint string // SHA-256 of the weights, the graph, the preprocessing and the precision, in hexadecimal
}

// SessionOptions say what a graph is written for. The zero value is a latency session, or one on a
// graphics card: it loads fast. A throughput session takes longer to load and less for each batch.
type SessionOptions struct {
	Throughput bool // on the processor
	// Map maps a file into memory and returns its address. If it is not nil, the network's weights are
	// read there, as OpenVINO reads them; they must stay mapped as long as the network lives.
	Map func(path string) (uintptr, error)
	// Block returns how many channels the runtime's convolutions on the processor want side by side,
	// or 0 where that is unknown. It may be nil.
	Block func() int
}

// Graph is a network as ONNX Runtime reads it.
type Graph struct {
	ONNX   []byte // a ModelProto
	Folder string // of its weights
	Single bool   // takes one picture at a time
}

// Stored is where the weights of a network lie, in the order in which it uses them.
type Stored struct {
	Folder string
	Parts  []onnx.External // of files in it
}

// Text is the text encoder of a model. Its graph has one input, "tokens", int64
// (n, Tokens), and one output, "embedding", float32 (n, Dim), in the same space as the
// pictures.
type Text struct {
	Graph  func(SessionOptions) (Graph, error)
	Tokens int
	// AnyLength says that the graph takes one text of up to Tokens tokens at a time, (1, its tokens).
	AnyLength bool
	// Tokenize returns a text's token ids, (Tokens), padded; without padding if AnyLength. It
	// reads the tokenizer's files on the first call, and is safe for concurrent use.
	Tokenize func(text string) ([]int64, error)
}

// Options of Open. The zero value computes in float32.
type Options struct {
	Precision Precision // "" is Float32
	Cache     string    // folder for fingerprints and weights in other layouts, or ""
}

// Open opens a model by name: the first of paths, folders or files, that exists.
func Open(name string, paths []string, o Options) (*Model, error) {
	spec, known := Find(name)
	for _, path := range paths {
		m, err := OpenDir(path, o)
		if errors.Is(err, os.ErrNotExist) && errors.Is(err, ErrMissing) {
			continue
		}
		if err != nil {
			return nil, err
		}
		m.Name = name
		if known {
			m.Repository, m.File, m.Addresses, m.Speed, m.Licence, m.About, m.Language = spec.Repository, spec.File, spec.Addresses, spec.Speed, spec.Licence, spec.About, spec.Language
		}
		return m, nil
	}
	if !known {
		return nil, &UnknownError{Model: name}
	}
	return nil, &NoWeightsError{spec}
}

// OpenDir opens a checkpoint's folder or file. The config or the tensors determine its
// family. An ONNX file is run with the settings beside it.
func OpenDir(path string, o Options) (*Model, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, Missingf("no model at %s: %w", path, errors.Unwrap(err))
	}
	if isFile(path) {
		return openFolder(path, o)
	}
	if filepath.Ext(path) == ".onnx" && !info.IsDir() {
		return OpenFile(path, "", o)
	}
	dir := path
	if !info.IsDir() {
		dir = filepath.Dir(path)
	} else if _, err := checkpoint.Find(path); errors.Is(err, os.ErrNotExist) {
		return nil, Missingf("open model: %w", err)
	} else if err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	c, err := checkpoint.Open(path)
	if err != nil {
		return nil, err
	}
	m, err := read(dir, c, o)
	if err != nil {
		return nil, fmt.Errorf("read model %s: %w", c.Path(), err)
	}
	return m, nil
}

func read(dir string, c *checkpoint.Checkpoint, o Options) (*Model, error) {
	d, err := readDefinition(readerOf(dir), c)
	if err != nil {
		return nil, err
	}
	if o.Precision == "" {
		o.Precision = Float32
	}
	if err := d.family.allows(o.Precision); err != nil {
		return nil, err
	}
	n, dim, err := d.pictures(graphOptions{precision: Float32}) // every precision uses the same tensors
	if err != nil {
		return nil, err
	}
	m := &Model{Spec: d.spec(n, dim), Preprocess: d.preprocess, Precision: o.Precision, Batch: n.batch(o.Precision, d.family), Packs: d.family.matrices || d.family.packs, Reorders: d.family.reorders}
	m.Dir = c.Folder()
	used := n.used
	if d.family.text != nil {
		texts, tokens, err := d.texts(SessionOptions{})
		if err != nil {
			return nil, err
		}
		if t, ok := d.tokenizer(dir); ok {
			m.Text = &Text{
				Graph: func(o SessionOptions) (Graph, error) { return d.written(d.texts(o)) }, Tokens: tokens, AnyLength: texts.anyText,
				Tokenize: tokenizeWith(t, dir, tokens, !texts.anyText),
			}
		}
		maps.Copy(used, texts.used)
	}
	m.Weights = used
	m.Patches = d.patches(m, n.grid)
	if m.Fingerprint, err = d.family.fingerprint(used, scales(c, used), d.config, d.preprocess, o); err != nil {
		return nil, err
	}
	m.Graph = func(s SessionOptions) (Graph, error) {
		if o.Precision == Int8 && o.Cache != "" {
			folder := int8Folder(o.Cache, m.Fingerprint)
			graph, err := quantizedGraph(folder, func(to *pack) (*network, error) {
				n, _, err := d.pictures(graphOptions{precision: Int8, pack: to})
				return n, err
			})
			if err == nil {
				return Graph{ONNX: graph, Folder: folder}, nil
			}
		}
		precision := o.Precision
		if s.Map != nil || precision == BFloat16 { // OpenVINO rounds what is written in float32
			precision = Float32
		}
		if d.family.blocks && s.Block != nil && precision == Float32 && o.Cache != "" {
			graph, ok, err := d.blockedGraph(blocksFolder(o.Cache, m.Fingerprint), s.Block)
			if ok && err == nil {
				return graph, nil
			}
		}
		// Without a cache, or without space for it, the graph itself holds the weights.
		return d.written(d.pictures(graphOptions{
			precision: precision, throughput: s.Throughput && precision == Float32, blockSize: s.Block, mapped: s.Map,
		}))
	}
	m.Stored = func() Stored { return d.stored(m.Fingerprint, o) }
	return m, nil
}

// batch returns Model.Batch. Transformers take as many pictures as have about 500 tokens: these fit
// into a core's caches and are worth reading the weights for. In int8 it is one: scales are of the
// whole batch, so an embedding would depend on its neighbours.
func (n *network) batch(p Precision, f family) int {
	switch {
	case p == Int8, n.preprocess.MaxPatches > 0:
		return 1
	case n.sequence > 0:
		return max(1, min(520/n.sequence, 8))
	}
	return cmp.Or(f.batch, 4)
}

func (f family) allows(p Precision) error {
	switch {
	case p == Float32, p == BFloat16, p == Float16, p == Int8 && f.matrices:
		return nil
	case p == Int8:
		return fmt.Errorf("%w: %s cannot compute in int8, which is for transformers", ErrPrecision, f.name)
	}
	return fmt.Errorf("%w: unknown precision %q: want one of %v", ErrPrecision, p, Precisions)
}

func tokenizeWith(t textFile, dir string, tokens int, pad bool) func(string) ([]int64, error) {
	open := sync.OnceValues(func() (textEncoder, error) { return t.open(dir) })
	return func(text string) ([]int64, error) {
		w, err := open()
		if err != nil {
			return nil, err
		}
		ids, err := w.Encode(text, tokens)
		if err != nil {
			return nil, fmt.Errorf("read %.40q: %w", text, err)
		}
		if pad {
			ids = append(ids, slices.Repeat([]int64{t.pad}, tokens-len(ids))...)
		}
		return ids, nil
	}
}

// fingerprint changes whenever embeddings may change.
func (f family) fingerprint(used map[string]checkpoint.Tensor, adapter map[string]string, config any, p Preprocess, o Options) (string, error) {
	weights, err := checkpoint.Hash(used, o.Cache)
	if err != nil {
		return "", err
	}
	definition := map[string]any{
		"family": f.name, "version": f.version, "config": config, "preprocess": p,
		"weights": hex.EncodeToString(weights[:]), "precision": o.Precision,
	}
	if adapter != nil {
		definition["adapter"] = adapter
	}
	h := sha256.New()
	err = json.NewEncoder(h).Encode(definition)
	return hex.EncodeToString(h.Sum(nil)), err
}

// pixels is the network's input.
func (n *network) pixels(width, height int) onnx.Value {
	var count any = "n"
	if n.block > 0 {
		count = 1
	}
	return n.computed(n.Input("pixels", onnx.Float32, count, 3, height, width))
}

// tokens is the network's input when it reads text: so many a text, or anyLength.
func (n *network) tokens(count int) onnx.Value {
	if n.anyText = count == anyLength; n.anyText {
		return n.Input("tokens", onnx.Int64, 1, "t")
	}
	return n.Input("tokens", onnx.Int64, "n", count)
}

// embedding is its output.
func (n *network) embedding(x onnx.Value, dim int) {
	if n.precision == Float16 {
		x = n.cast(x, onnx.Float32)
	}
	n.Output("embedding", x, "n", dim)
}
