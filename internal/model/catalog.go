package model

import (
	"cmp"
	"slices"
	"strings"
)

// Spec is what is known of a model without its weights.
type Spec struct {
	Name        string
	Repository  string    // on the model hub, or ""
	File        string    // torchvision's, or ""
	Addresses   []Address // its authors' own, or nil
	Bundled     bool      // comes with akin
	Dim         int       // length of an embedding
	InputWidth  int
	InputHeight int
	Params      int64  // parameters that an embedding depends on
	Bytes       int64  // of those, as published
	Speed       string // fastest (milliseconds a picture on two cores), fast, medium, slow, slowest (seconds)
	Licence     string
	About       string
	Language    bool // trained on pictures with their captions
}

// Pullable reports whether the weights can be downloaded.
func (s Spec) Pullable() bool { return s.Repository != "" || s.File != "" || s.Addresses != nil }

// Address is a file on a server of a model's authors.
type Address struct {
	URL     string
	To      string   // where it goes in the model's folder
	Members []string // what of a zip archive is needed, as patterns of path.Match; nil is the file itself
}

// Known returns the models that akin knows by name, the smallest first. Other sizes of their families
// are opened from their checkpoints' folders.
func Known() []Spec {
	var all []Spec
	for _, f := range families {
		for _, s := range f.models {
			s.Language = f.language
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b Spec) int {
		return cmp.Or(cmp.Compare(a.Params, b.Params), strings.Compare(a.Name, b.Name))
	})
	return all
}

// Find returns what is known of a model.
func Find(name string) (Spec, bool) {
	for _, s := range Known() {
		if s.Name == name {
			return s, true
		}
	}
	return Spec{Name: name}, false
}

// TrainedOnLanguage reports whether a model was trained on pictures with their captions. It goes by
// the name alone, so that it works for imported embeddings as well: any name that contains that of such
// a family, without its number, as "clip-vit-large" or "my-BLIP".
func TrainedOnLanguage(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(families, func(f family) bool {
		return f.language && strings.Contains(name, strings.TrimRight(f.name, "-0123456789"))
	})
}
