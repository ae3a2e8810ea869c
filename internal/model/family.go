package model

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/akin-search/akin/internal/checkpoint"
)

// families are all architectures. The file of each one registers it.
var families []family

func register(f family) { families = append(families, f) }

// family is an architecture: every size of it, by its config.
type family struct {
	name     string // as config.json's model_type has it
	models   []Spec // those that are known by name
	language bool   // trained on pictures with their captions, as CLIP is; else on pictures alone or with labels
	// version goes into the fingerprint: raise it when the graph or the
	// preprocessing begins to produce other embeddings.
	version    int
	preprocess Preprocess // where the checkpoint has none
	config     func() any // a pointer to its config, filled with the family's defaults

	// A checkpoint without a config is of the family whose probe is among its tensors, after one of
	// the prefixes, and whose without, if any, is not.
	probe, without string
	prefixes       []string

	matrices bool // its work is matrix multiplication: it can compute in int8
	// packs says that ONNX Runtime packs its weights for a throughput session, or that it has
	// another graph for one. Families of matrices always do.
	packs bool
	// build writes the graph from pixels() to embedding(), and returns the embedding's
	// length. Pictures are width x height.
	build func(n *network, config any, width, height int) (dim int)
	// text does so for texts, from tokens() to embedding(), and returns how many tokens a text has.
	// It is nil where the family reads no text.
	text func(n *network, config any) (tokens int)
	// tokenizer opens the one in a checkpoint's folder, which has tokenizerFile.
	tokenizer     func(dir string) (textEncoder, error)
	tokenizerFile string
}

// textEncoder turns a text into the ids of its tokens, at most limit of them.
type textEncoder interface {
	Encode(text string, limit int) ([]int64, error)
}

// familyOf finds the family by the config's model_type or, without one, by the
// tensors, and the prefix that the tensors' names have.
func familyOf(config []byte, c *checkpoint.Checkpoint) (f family, prefix string, err error) {
	var kind struct {
		Type string `json:"model_type"`
	}
	if err := json.Unmarshal(config, &kind); err != nil {
		return family{}, "", fmt.Errorf("its config.json: %w", err)
	}
	var names []string
	for _, f := range families {
		names = append(names, f.name)
		if kind.Type != "" && kind.Type != f.name {
			continue
		}
		if prefix, ok := f.matches(c); ok {
			return f, prefix, nil
		}
		if kind.Type == f.name {
			return family{}, "", fmt.Errorf("%w: it is a %s without the tensor %s", checkpoint.ErrCorrupt, f.name, f.probe)
		}
	}
	slices.Sort(names)
	known := strings.Join(names, ", ")
	if kind.Type != "" {
		return family{}, "", fmt.Errorf("its config.json has the model_type %q; akin knows %s", kind.Type, known)
	}
	return family{}, "", fmt.Errorf("%w: its tensors are those of none of %s", checkpoint.ErrCorrupt, known)
}

func (f family) matches(c *checkpoint.Checkpoint) (prefix string, ok bool) {
	for _, prefix := range f.prefixes {
		if c.Has(prefix+f.probe) && (f.without == "" || !c.Has(prefix+f.without)) {
			return prefix, true
		}
	}
	return "", false
}
