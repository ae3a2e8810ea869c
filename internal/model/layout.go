package model

import (
	"fmt"
)

// A layout is how publishers describe a network beside its weights: in which file, under which name,
// and how pictures are prepared.
type layout struct {
	file string // the description
	// architecture returns the name that a description has for its network, or "" if the description
	// is not of this layout.
	architecture func(description []byte) (string, error)
	// preprocess reads how pictures are prepared; what is left out is as in fallback. read returns a
	// file beside the weights, or "{}".
	preprocess func(read reader, description []byte, fallback Preprocess) (Preprocess, error)
}

// reader returns a JSON file that lies beside the weights, or "{}" if it is absent.
type reader func(name string) ([]byte, error)

// layouts are all of them. A folder may have the descriptions of several; its tensors have the names of
// one.
var layouts = []*layout{openCLIPLayout, timmLayout, transformersLayout}

// transformersLayout is that of transformers' save_pretrained. Checkpoints without any description
// count as it.
var transformersLayout = &layout{
	file: "config.json",
	architecture: func(description []byte) (string, error) {
		var c struct {
			Type string `json:"model_type"`
		}
		err := unmarshal(description, &c)
		return c.Type, err
	},
	preprocess: func(read reader, _ []byte, fallback Preprocess) (Preprocess, error) {
		return readPreprocess(read, fallback)
	},
}

// described is a description of a network that a checkpoint's folder has.
type described struct {
	layout       *layout
	text         []byte
	architecture string
}

// unknown says that no family has the architecture.
func (d described) unknown() error {
	return &UnknownArchitectureError{File: d.layout.file, Architecture: d.architecture, Known: knownTo(d.layout)}
}

// describe returns the descriptions in a checkpoint's folder that name an architecture.
func describe(read reader) ([]described, error) {
	var all []described
	for _, l := range layouts {
		text, err := read(l.file)
		if err != nil {
			return nil, err
		}
		architecture, err := l.architecture(text)
		if err != nil {
			return nil, fmt.Errorf("its %s: %w", l.file, err)
		}
		if architecture != "" {
			all = append(all, described{l, text, architecture})
		}
	}
	return all, nil
}
