// Package model knows the vision models: from a checkpoint as published it makes
// what ONNX Runtime runs, and the preprocessing that the model was trained with.
//
// One file is one architecture, from pixels to embedding. The graph's weights
// point into the checkpoint's own file.
package model

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/onnx"
)

// ErrMissing says that a model is not known, or that its weights are not here.
var ErrMissing = errors.New("the model is not here")

// Spec is what is known of a model without its weights.
type Spec struct {
	Name        string
	Dim         int // length of an embedding
	InputWidth  int
	InputHeight int
	Params      int64
	Bytes       int64 // of the checkpoint
	Licence     string
	About       string
}

// architecture makes the graph of a family.
type architecture struct {
	Spec
	preprocess Preprocess
	// version goes into the fingerprint: raise it when the graph or the
	// preprocessing begins to give other embeddings.
	version int
	build   func(*checkpoint.Checkpoint) (*onnx.Graph, error)
}

var architectures = []architecture{efficientNetLite0}

// Known lists the models that akin knows.
func Known() []Spec {
	specs := make([]Spec, len(architectures))
	for i, a := range architectures {
		specs[i] = a.Spec
	}
	return specs
}

// Model is ready to run. The graph has one input, "pixels", float32
// (n, 3, InputHeight, InputWidth), and one output, "embedding", float32 (n, Dim).
type Model struct {
	Spec
	Graph       []byte // an ONNX ModelProto
	Dir         string // the folder that the graph's weights lie in
	Preprocess  Preprocess
	Fingerprint string // 64 hexadecimal digits: of the weights, the graph, the preprocessing and the precision
}

// Open opens a model by name. Its checkpoint is the .pth file in DIR/NAME, of the
// first of dirs that has one.
func Open(name string, dirs []string) (*Model, error) {
	for _, a := range architectures {
		if a.Name != name {
			continue
		}
		for _, dir := range dirs {
			path, err := weights(filepath.Join(dir, name))
			if err == nil {
				return a.open(path)
			}
			if !errors.Is(err, ErrMissing) {
				return nil, err
			}
		}
		return nil, fmt.Errorf("%w: no weights of %s in %s; run `make setup` in akin's checkout, or put the checkpoint into a folder %s of a folder that AKIN_MODELS names",
			ErrMissing, name, strings.Join(dirs, ", "), name)
	}
	var names []string
	for _, a := range architectures {
		names = append(names, a.Name)
	}
	return nil, fmt.Errorf("%w: akin knows no model %q, only %s", ErrMissing, name, strings.Join(names, ", "))
}

// OpenDir opens the checkpoint in a folder, or that file, as it is: the
// architecture is found out by its tensors.
func OpenDir(path string) (*Model, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMissing, err)
	} else if info.IsDir() {
		if path, err = weights(path); err != nil {
			return nil, err
		}
	}
	var errs []error
	for _, a := range architectures {
		m, err := a.open(path)
		if err == nil {
			return m, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// weights finds the checkpoint in a folder; ErrMissing when there is none.
func weights(dir string) (string, error) {
	found, err := filepath.Glob(filepath.Join(dir, "*.pth"))
	switch {
	case err != nil:
		return "", err
	case len(found) == 0:
		return "", fmt.Errorf("%w: %s holds no .pth file", ErrMissing, dir)
	case len(found) > 1:
		return "", fmt.Errorf("read model: %s holds %d .pth files; leave one, or name the file", dir, len(found))
	}
	return found[0], nil
}

func (a architecture) open(path string) (*Model, error) {
	c, err := checkpoint.Open(path)
	if err != nil {
		return nil, err
	}
	graph, err := a.build(c)
	if err != nil {
		return nil, fmt.Errorf("read %s as %s: %w", path, a.Name, err)
	}
	hash, err := c.Hash()
	if err != nil {
		return nil, err
	}
	return &Model{
		Spec: a.Spec, Graph: graph.Bytes(), Dir: filepath.Dir(c.Path()),
		Preprocess: a.preprocess, Fingerprint: a.fingerprint(hash),
	}, nil
}

// fingerprint changes whenever embeddings may.
func (a architecture) fingerprint(weights [32]byte) string {
	h := sha256.New()
	_ = json.NewEncoder(h).Encode(map[string]any{
		"model": a.Name, "version": a.version, "preprocess": a.preprocess,
		"weights": hex.EncodeToString(weights[:]), "precision": "fp32",
	})
	return hex.EncodeToString(h.Sum(nil))
}
