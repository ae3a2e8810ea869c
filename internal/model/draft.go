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

// form is how a network is written.
type form struct {
	precision Precision
	pack      *pack      // takes the weights of a network in int8, or nil
	ofPlaces  bool       // it ends with what it makes of each place, not with the embedding
	many      bool       // it is for many runs, on the processor: see spaced.go, winograd.go, blocked.go and attention
	blockSize func() int // Use.Block
}

// pictures writes the network that embeds pictures.
func (d *draft) pictures(f form) (n *network, dim int, err error) {
	n = newNetwork(d.family.name, d.weights)
	n.prefix, n.form = d.prefix, f
	if dim = d.family.build(n, d.config, d.preprocess.Width, d.preprocess.Height); n.err != nil {
		err = fmt.Errorf("as %s: %w", d.family.name, n.err)
	}
	return n, dim, err
}

// texts writes the network that embeds texts: in float32, for a text is one, and short.
func (d *draft) texts(u Use) (n *network, tokens int, err error) {
	n = newNetwork(d.family.name+"-text", d.weights)
	n.prefix, n.form = d.prefix, form{precision: Float32, many: u.Many}
	if tokens = d.family.text(n, d.config); n.err != nil {
		err = fmt.Errorf("as %s: %w", d.family.name, n.err)
	}
	return n, tokens, err
}

// written gives a network that pictures or texts wrote.
func (d *draft) written(n *network, _ int, err error) (Graph, error) {
	folder := ""
	if err == nil {
		folder, err = n.folder()
	}
	if err != nil {
		return Graph{}, fmt.Errorf("read model %s: %w", d.weights.Path(), err)
	}
	return Graph{ONNX: n.Bytes(), Folder: folder, Single: n.block > 0}, nil
}

// Needs gives the tensors that the embeddings of pictures and texts are worked out
// with; dir holds the config. Only names and shapes are asked for, so the tensors
// themselves need not be here.
func Needs(dir string, c *checkpoint.Checkpoint) ([]checkpoint.Tensor, error) {
	d, err := newDraft(dir, c)
	if err != nil {
		return nil, fmt.Errorf("read model %s: %w", c.Path(), err)
	}
	n, _, err := d.pictures(form{precision: Float32})
	if err != nil {
		return nil, fmt.Errorf("read model %s: %w", c.Path(), err)
	}
	if d.family.text != nil {
		texts, _, err := d.texts(Use{})
		if err != nil {
			return nil, fmt.Errorf("read model %s: %w", c.Path(), err)
		}
		maps.Copy(n.used, texts.used)
	}
	return slices.Collect(maps.Values(n.used)), nil
}
