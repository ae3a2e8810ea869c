package model

import (
	"slices"
	"strings"
)

// Spec is what is known of a model without its weights.
type Spec struct {
	Name        string
	Repository  string // on the model hub, or ""
	File        string // torchvision's, or ""
	Dim         int    // length of an embedding
	InputWidth  int
	InputHeight int
	Params      int64  // the numbers that an embedding is worked out with
	Bytes       int64  // of those, as published
	Speed       string // fastest (thousandths of a second a picture on two cores), fast, medium, slow, slowest (seconds)
	Licence     string
	About       string
}

// catalog are the models that akin knows by name. Other sizes of their families are
// opened from their checkpoints' folders.
var catalog = []Spec{
	{
		Name: "efficientnet-lite0", Dim: 1280, InputWidth: 224, InputHeight: 224, Params: 3_413_024, Bytes: 13_652_096,
		Speed: "fastest", Licence: "Apache-2.0", About: "colour, layout and shape",
	},
	{
		Name: "efficientnet-b7", Repository: "google/efficientnet-b7", Dim: 640, InputWidth: 600, InputHeight: 600,
		Params: 62_449_040, Bytes: 249_796_160,
		Speed: "slow", Licence: "Apache-2.0", About: "fine detail",
	},
	{
		Name: "vit-large", Repository: "google/vit-large-patch16-224-in21k", Dim: 1024, InputWidth: 224, InputHeight: 224,
		Params: 303_301_632, Bytes: 1_213_206_528,
		Speed: "slow", Licence: "Apache-2.0", About: "objects and their parts",
	},
	{
		Name: "dinov2-base", Repository: "facebook/dinov2-base", Dim: 768, InputWidth: 224, InputHeight: 224,
		Params: 86_579_712, Bytes: 346_318_848,
		Speed: "medium", Licence: "Apache-2.0", About: "looks alone: shape and structure, learned without labels",
	},
	{
		Name: "dinov2-with-registers-base", Repository: "facebook/dinov2-with-registers-base", Dim: 768, InputWidth: 224, InputHeight: 224,
		Params: 86_582_784, Bytes: 346_331_136,
		Speed: "medium", Licence: "Apache-2.0", About: "as dinov2-base, steadier on plain backgrounds",
	},
	{
		Name: "clip-vit-base-patch32", Repository: "openai/clip-vit-base-patch32", Dim: 512, InputWidth: 224, InputHeight: 224,
		Params: 87_849_216, Bytes: 351_396_864,
		Speed: "fast", Licence: "MIT", About: "meaning as captions have it",
	},
	{
		Name: "siglip2-base-patch16-224", Repository: "google/siglip2-base-patch16-224", Dim: 768, InputWidth: 224, InputHeight: 224,
		Params: 92_884_224, Bytes: 371_536_896,
		Speed: "medium", Licence: "Apache-2.0", About: "meaning as captions in many languages have it",
	},
	{
		Name: "blip2-opt-2.7b", Repository: "Salesforce/blip2-opt-2.7b", Dim: 768, InputWidth: 224, InputHeight: 224,
		Params: 1_091_114_496, Bytes: 4_364_457_984,
		Speed: "slowest", Licence: "MIT", About: "meaning, and what a caption would tell",
	},
	{
		Name: "vgg16", File: "vgg16-397923af.pth", Dim: 1000, InputWidth: 224, InputHeight: 224,
		Params: 138_357_544, Bytes: 553_430_176,
		Speed: "medium", Licence: "BSD-3-Clause", About: "texture and colour",
	},
}

// Known lists the models that akin knows by name.
func Known() []Spec { return append([]Spec(nil), catalog...) }

// Find gives what is known of a model.
func Find(name string) (Spec, bool) {
	for _, s := range catalog {
		if s.Name == name {
			return s, true
		}
	}
	return Spec{Name: name}, false
}

// TrainedOnLanguage reports whether a model of that name is of a family that was trained on pictures
// with their captions. It goes by the name alone, so that it also knows imported embeddings: any name
// that contains the family's, without its number, as "clip-vit-large" or "my-BLIP".
func TrainedOnLanguage(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(families, func(f family) bool {
		return f.language && strings.Contains(name, strings.TrimRight(f.name, "-0123456789"))
	})
}

// remedy tells how to get the weights.
func (s Spec) remedy() string {
	if s.Repository == "" && s.File == "" {
		return "run `make setup` in akin's checkout, or put its checkpoint into a folder " + s.Name + " of a folder that AKIN_MODELS names"
	}
	return "run `akin pull " + s.Name + "`"
}
