package model

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/akin-search/akin/internal/checkpoint"
)

// definition is a model without its weights: the family of a checkpoint and its config.
type definition struct {
	family     family
	prefix     string // of the tensors' names
	config     any
	preprocess Preprocess
	weights    *checkpoint.Checkpoint
}

func readDefinition(read reader, c *checkpoint.Checkpoint) (*definition, error) {
	d := &definition{weights: c}
	of, err := d.recognize(read)
	if err != nil {
		return nil, err
	}
	d.config = d.family.config()
	if err := unmarshal(of.text, d.config); err != nil {
		return nil, fmt.Errorf("its %s: %w", of.layout.file, err)
	}
	d.preprocess, err = of.layout.preprocess(read, of.text, d.family.prepares(c))
	return d, err
}

// graphOptions say how a network is written.
type graphOptions struct {
	precision  Precision
	pack       *pack                              // receives the weights of a network in int8, or nil
	ofPatches  bool                               // ends with one vector per patch instead of the embedding
	throughput bool                               // for a throughput session on the processor: see padded.go, winograd.go, blocked.go and attention
	blockSize  func() int                         // SessionOptions.Block
	mapped     func(path string) (uintptr, error) // SessionOptions.Map
}

// pictures writes the network that embeds pictures.
func (d *definition) pictures(f graphOptions) (n *network, dim int, err error) {
	n = newNetwork(d.family.name, d.weights)
	n.prefix, n.preprocess, n.graphOptions = d.prefix, d.preprocess, f
	dim = d.family.build(n, d.config, d.preprocess.Width, d.preprocess.Height)
	if !f.ofPatches {
		n.leftover(d.family.unused)
	}
	if n.err != nil {
		err = fmt.Errorf("as %s: %w", d.family.name, n.err)
	}
	return n, dim, err
}

// texts writes the network that embeds texts, always in float32: a query is one short text.
func (d *definition) texts(o SessionOptions) (n *network, tokens int, err error) {
	n = newNetwork(d.family.name+"-text", d.weights)
	n.prefix, n.graphOptions = d.prefix, graphOptions{precision: Float32, throughput: o.Throughput}
	if tokens = d.family.text(n, d.config); n.err != nil {
		err = fmt.Errorf("as %s: %w", d.family.name, n.err)
	}
	return n, tokens, err
}

// written serializes what pictures or texts returned.
func (d *definition) written(n *network, _ int, err error) (Graph, error) {
	if err != nil {
		return Graph{}, fmt.Errorf("read model %s: %w", d.weights.Path(), err)
	}
	return Graph{ONNX: n.Bytes(), Folder: n.folder, Single: n.block > 0 || n.preprocess.MaxPatches > 0}, nil
}

// Needed is what can be known of a checkpoint by the names and shapes of its tensors.
type Needed struct {
	Spec
	Text    bool                // it reads texts
	Tensors []checkpoint.Tensor // that the embeddings of pictures and texts depend on
}

// Needs returns what the embeddings of a checkpoint depend on; dir holds its config and its tokenizer. It
// reads names and shapes only, so the tensors themselves may be on the hub.
func Needs(dir string, c *checkpoint.Checkpoint) (Needed, error) {
	fail := func(err error) (Needed, error) {
		return Needed{}, fmt.Errorf("read model %s: %w", c.Path(), err)
	}
	d, err := readDefinition(readerOf(dir), c)
	if err != nil {
		return fail(err)
	}
	n, dim, err := d.pictures(graphOptions{precision: Float32})
	if err != nil {
		return fail(err)
	}
	out := Needed{Spec: d.spec(n, dim)}
	if d.family.text != nil {
		texts, _, err := d.texts(SessionOptions{})
		if err != nil {
			return fail(err)
		}
		_, out.Text = d.tokenizer(dir)
		maps.Copy(n.used, texts.used)
	}
	// What a checkpoint is recognized by need not be used.
	probe, err := c.Tensor(d.prefix + d.family.probe)
	if err != nil {
		return fail(err)
	}
	n.used[probe.Name] = probe
	out.Tensors = slices.Collect(maps.Values(n.used))
	return out, nil
}

// spec describes the network for pictures.
func (d *definition) spec(n *network, dim int) Spec {
	s := Spec{
		Name: d.family.name, Dim: dim, InputWidth: d.preprocess.Width, InputHeight: d.preprocess.Height, Language: d.family.language,
	}
	for _, t := range n.used {
		count := int64(1)
		for _, d := range t.Shape {
			count *= d
		}
		s.Params += count
		s.Bytes += t.Length
	}
	return s
}

// tokenizer returns which of the family's tokenizers lies in a folder.
func (d *definition) tokenizer(dir string) (textFile, bool) {
	tokenizers := d.family.tokenizers
	if d.family.tokenizersOf != nil {
		tokenizers = d.family.tokenizersOf(d.config)
	}
	for _, t := range tokenizers {
		if _, err := os.Stat(filepath.Join(dir, t.file)); err == nil {
			return t, true
		}
	}
	return textFile{}, false
}

// CheckDescription fails if the descriptions in a checkpoint's folder name architectures, and none that akin
// builds: the error is an UnknownArchitectureError.
func CheckDescription(dir string) error {
	all, err := describe(readerOf(dir))
	if err != nil {
		return err
	}
	var unknown error
	for _, of := range all {
		if len(fittingFamilies(of)) > 0 {
			return nil
		}
		unknown = cmp.Or(unknown, of.unknown())
	}
	return unknown
}
