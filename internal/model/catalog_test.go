package model

import "testing"

func TestTrainedOnLanguage(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"clip-vit-base-patch32": true, "siglip2-base-patch16-224": true, "blip2-opt-2.7b": true, // the catalogue's
		"clip": true, "blip2": true, "My-BLIP": true, "siglip-so400m": true, // imported, or other sizes
		"vit-large": false, "dinov2-base": false, "efficientnet-lite0": false, "vgg16": false, "": false,
	} {
		if got := TrainedOnLanguage(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}
