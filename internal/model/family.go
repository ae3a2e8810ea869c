package model

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/akin-search/akin/internal/checkpoint"
)

// families are all architectures. The file of each one registers it.
var families []family

func register(f family) { families = append(families, f) }

// family is an architecture: every size of it, by its config.
type family struct {
	name   string  // of transformers' layout: as config.json's model_type has it
	layout *layout // nil is transformersLayout
	// architectures are the names that a description of another layout has for the family's networks:
	// a prefix of them, or, before a "$", the whole name.
	architectures []string

	models   []Spec // those that are known by name
	language bool   // trained on pictures with their captions, as CLIP is; else on pictures alone or with labels
	// version goes into the fingerprint: raise it when the graph or the
	// preprocessing begins to produce other embeddings.
	version    int
	preprocess Preprocess // where the checkpoint has none
	// published has the preprocessing of files that are published without one and named by a hash, as
	// torchvision's resnet50-11ad3fa6.pth, by the hash. Others are prepared as preprocess says.
	published map[string]Preprocess
	config    func() any // a pointer to its config, filled with the family's defaults

	// adapter is the folder of the LoRA adapter that its checkpoints have, or "" if they need none.
	adapter string
	// The family's probe is among its tensors, after one of the prefixes, and its without, if any, is
	// not. A checkpoint without a description is of the family of transformersLayout for which this
	// holds.
	probe, without string
	prefixes       []string

	// unused are the tensors, without their prefix, that the embedding does not depend on. Any other that is
	// left over is an error: the checkpoint is of another network. If nil, none is looked for.
	unused *regexp.Regexp

	matrices bool // its work is matrix multiplication: it can compute in int8
	// packs says that ONNX Runtime packs its weights for a throughput session, or that it has
	// another graph for one. Families of matrices always do.
	packs bool
	// batch is how many pictures a core runs at once, where that is not said by the length of the sequence; 0 is 4.
	batch int
	// reorders says that its weights are kernels of convolutions: ONNX Runtime lays them out anew.
	reorders bool
	// blocks says that its networks can be blocked ones: see blocked.go.
	blocks bool
	// build writes the graph from pixels() to embedding(), and returns the embedding's
	// length. Pictures are width x height.
	build func(n *network, config any, width, height int) (dim int)
	trunk trunk // of timm's networks that OpenCLIP's checkpoints have as their vision towers
	// text does so for texts, from tokens() to embedding(), and returns how many tokens a text has, at most if
	// tokens takes any length.
	// It is nil where the family reads no text.
	text func(n *network, config any) (tokens int)
	// tokenizers read the family's texts: the first whose file lies in the checkpoint's folder.
	tokenizers []textFile
	// tokenizersOf is in place of tokenizers where the config decides.
	tokenizersOf func(config any) []textFile
}

// textFile is a kind of tokenizer: a file that its checkpoints have, and how the folder is opened.
type textFile struct {
	file string
	open func(dir string) (textEncoder, error)
	pad  int64 // the id that fills texts up
}

// textEncoder turns a text into the ids of its tokens, at most limit of them.
type textEncoder interface {
	Encode(text string, limit int) ([]int64, error)
}

// recognize finds the family and the prefix that the tensors' names have: by a description beside the
// weights and the tensors, or, without a description, by the tensors alone. Families register themselves in no
// order that counts, so where several take a checkpoint it is a SeveralFamiliesError.
func (d *definition) recognize(read reader) (described, error) {
	all, err := describe(read)
	if err != nil {
		return described{}, err
	}
	var lacking, unknown error
	for _, of := range all {
		fitting := fittingFamilies(of)
		if len(fitting) == 0 {
			unknown = cmp.Or(unknown, of.unknown())
			continue
		}
		if found, err := d.among(fitting); found || err != nil {
			return of, err
		}
		lacking = cmp.Or(lacking, fmt.Errorf("%w: its %s names the architecture %.100q, and the tensor %s is not there", checkpoint.ErrCorrupt, of.layout.file, of.architecture, fitting[0].probe))
	}
	if err := cmp.Or(lacking, unknown); err != nil {
		return described{}, err
	}
	found, err := d.among(slices.DeleteFunc(slices.Clone(families), func(f family) bool { return f.of() != transformersLayout }))
	if err == nil && !found {
		err = fmt.Errorf("%w: its tensors are those of none of %s", checkpoint.ErrCorrupt, strings.Join(knownTo(transformersLayout), ", "))
	}
	return described{layout: transformersLayout, text: []byte("{}")}, err
}

// among sets the one of some families that the tensors are of; found is false where there is none.
func (d *definition) among(some []family) (found bool, err error) {
	var names []string
	for _, f := range some {
		if prefix, ok := f.matches(d.weights); ok {
			names = append(names, f.name)
			d.family, d.prefix = f, prefix
		}
	}
	if len(names) > 1 {
		slices.Sort(names)
		return false, &SeveralFamiliesError{Families: names}
	}
	return len(names) == 1, nil
}

// fittingFamilies returns the families that a description may be of.
func fittingFamilies(of described) (fitting []family) {
	for _, f := range families {
		if f.fits(of) {
			fitting = append(fitting, f)
		}
	}
	return fitting
}

func (f family) of() *layout { return cmp.Or(f.layout, transformersLayout) }

// fits reports whether a description may be of the family.
func (f family) fits(of described) bool { return f.of() == of.layout && f.isNamed(of.architecture) }

// isNamed reports whether a description that has the name architecture may be of the family.
func (f family) isNamed(architecture string) bool {
	if f.layout == nil {
		return f.name == architecture
	}
	return slices.ContainsFunc(f.architectures, func(a string) bool {
		if whole, ok := strings.CutSuffix(a, "$"); ok {
			return architecture == whole
		}
		return strings.HasPrefix(architecture, a)
	})
}

// knownTo returns the names of the architectures that akin knows of a layout, sorted.
func knownTo(l *layout) []string {
	var names []string
	for _, f := range families {
		switch {
		case f.of() != l:
		case f.layout == nil:
			names = append(names, f.name)
		default:
			for _, a := range f.architectures {
				if whole, ok := strings.CutSuffix(a, "$"); ok {
					names = append(names, whole)
				} else {
					names = append(names, a+"*")
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// prepares returns how pictures are prepared where no file beside the weights says it.
func (f family) prepares(c *checkpoint.Checkpoint) Preprocess {
	name := strings.TrimSuffix(filepath.Base(c.Path()), filepath.Ext(c.Path()))
	if p, ok := f.published[name[strings.LastIndexByte(name, '-')+1:]]; ok {
		return p
	}
	return f.preprocess
}

func (f family) matches(c *checkpoint.Checkpoint) (prefix string, ok bool) {
	if f.adapter != "" && (c.Adapter() == nil || filepath.Base(filepath.Dir(c.Adapter().Path())) != f.adapter) {
		return "", false
	}
	for _, prefix := range f.prefixes {
		if c.Has(prefix+f.probe) && (f.without == "" || !c.Has(prefix+f.without)) {
			return prefix, true
		}
	}
	return "", false
}
