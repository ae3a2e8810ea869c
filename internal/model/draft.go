package model

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/akin-search/akin/internal/checkpoint"
)

// draft is a model before its weights are read: which family a checkpoint is of, and
// how it is configured.
type draft struct {
	family     family
	prefix     string // of the tensors' names
	config     any
	preprocess Preprocess
	weights    *checkpoint.Checkpoint
}

func newDraft(dir string, c *checkpoint.Checkpoint) (*draft, error) {
	config, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	d := &draft{weights: c}
	if d.family, d.prefix, err = familyOf(config, c); err != nil {
		return nil, err
	}
	d.config = d.family.config()
	if err := json.Unmarshal(config, d.config); err != nil {
		return nil, fmt.Errorf("its config.json: %w", err)
	}
	d.preprocess, err = readPreprocess(dir, d.family.preprocess)
	return d, err
}

// pictures writes the network that embeds pictures, or with places one that ends with what it
// makes of each place; where to is not nil, its weights go there.
func (d *draft) pictures(precision Precision, to *pack, places bool) (n *network, dim int, err error) {
	n = newNetwork(d.family.name, d.weights)
	n.prefix, n.precision, n.pack, n.ofPlaces = d.prefix, precision, to, places
	if dim = d.family.build(n, d.config, d.preprocess.Width, d.preprocess.Height); n.err != nil {
		err = fmt.Errorf("as %s: %w", d.family.name, n.err)
	}
	return n, dim, err
}

// texts writes the network that embeds texts: in float32, for a text is one, and short.
func (d *draft) texts() (n *network, tokens int, err error) {
	n = newNetwork(d.family.name+"-text", d.weights)
	n.prefix = d.prefix
	if tokens = d.family.text(n, d.config); n.err != nil {
		err = fmt.Errorf("as %s: %w", d.family.name, n.err)
	}
	return n, tokens, err
}

// Needs gives the tensors that the embeddings of pictures and texts are worked out
// with; dir holds the config. Only names and shapes are asked for, so the tensors
// themselves need not be here.
func Needs(dir string, c *checkpoint.Checkpoint) ([]checkpoint.Tensor, error) {
	d, err := newDraft(dir, c)
	if err != nil {
		return nil, fmt.Errorf("read model %s: %w", c.Path(), err)
	}
	n, _, err := d.pictures(Float32, nil, false)
	if err != nil {
		return nil, fmt.Errorf("read model %s: %w", c.Path(), err)
	}
	if d.family.text != nil {
		texts, _, err := d.texts()
		if err != nil {
			return nil, fmt.Errorf("read model %s: %w", c.Path(), err)
		}
		maps.Copy(n.used, texts.used)
	}
	return slices.Collect(maps.Values(n.used)), nil
}
