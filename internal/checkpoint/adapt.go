package checkpoint

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// anchor is where the network that an adapter was trained on lies in a checkpoint: outer stands before its layers'
// names in the adapter, and root before them in the checkpoint.
type anchor struct {
	names       *strings.Replacer
	outer, root string
}

// namings turn the layers' names of a network in memory into those of its checkpoint. transformers 5 renamed the
// layers of some networks, and goes on to read and write checkpoints by the old names
// (transformers/conversion_mapping.py); peft saves adapters by the names in memory.
var namings = []*strings.Replacer{
	strings.NewReplacer(),
	strings.NewReplacer( // ViT
		".layers.", ".encoder.layer.",
		".attention.q_proj.", ".attention.attention.query.", ".attention.k_proj.", ".attention.attention.key.",
		".attention.v_proj.", ".attention.attention.value.", ".attention.o_proj.", ".attention.output.dense.",
		".mlp.fc1.", ".intermediate.dense.", ".mlp.fc2.", ".output.dense."),
	strings.NewReplacer( // DINOv2
		".attention.q_proj.", ".attention.attention.query.", ".attention.k_proj.", ".attention.attention.key.",
		".attention.v_proj.", ".attention.attention.value.", ".attention.o_proj.", ".attention.output.dense.",
		".mlp.down_proj.", ".mlp.weights_out."),
	strings.NewReplacer( // Swin
		".attention.q_proj.", ".attention.self.query.", ".attention.k_proj.", ".attention.self.key.",
		".attention.v_proj.", ".attention.self.value.", ".attention.o_proj.", ".attention.output.dense.",
		".mlp.fc1.", ".intermediate.dense.", ".mlp.fc2.", ".output.dense."),
}

// rename applies a naming to a path.
func rename(names *strings.Replacer, path string) string {
	path = names.Replace("." + path + ".")
	return path[1 : len(path)-1]
}

// of returns what a path of the adapter is called in the checkpoint; ok is false if it lies outside of the network.
func (p anchor) of(path string) (name string, ok bool) {
	name, ok = strings.CutPrefix(rename(p.names, path), p.outer)
	return p.root + name, ok
}

// fitted is what an adapter makes of the network that lies at an anchor.
type fitted struct {
	root     string
	deltas   map[string]Delta
	replaced map[string]Tensor
}

// Adapt makes c the checkpoint of a network with an adapter: Delta returns what it adds. The adapter's
// layers may be called by a longer or another path than the base's tensors are, as where the network was part
// of another one; what differs is the same for all. An adapter for other layers, or other shapes, is a
// *LayerError.
func (c *Checkpoint) Adapt(a *Adapter) error {
	layer := a.Layers()[0]
	var fits []fitted
	var fault error
	for _, names := range namings {
		for _, at := range c.anchors(layer, names) {
			f, err := c.fit(a, at)
			if err == nil {
				fits = append(fits, f)
			} else if fault == nil {
				fault = err
			}
		}
		if len(fits) > 0 {
			break
		}
	}
	if len(fits) > 1 { // towers of one shape, of which the adapter's network was one
		fits = slices.DeleteFunc(fits, func(f fitted) bool { return !a.isOfTower(f.root) })
		fault = &LayerError{a.path, c.path, layer, "is in several of its networks"}
	}
	if len(fits) == 0 {
		if half, ok := c.halved(a); ok {
			fault = &UnsupportedAdapterError{Path: a.path, Setting: "layer " + half, Value: "half of one of its checkpoint"}
		}
	}
	if len(fits) != 1 {
		if fault == nil {
			fault = &LayerError{a.path, c.path, layer, "is not in it"}
		}
		return fault
	}
	maps.Copy(c.tensors, fits[0].replaced)
	c.deltas, c.adapter = fits[0].deltas, a
	return nil
}

// halved returns a layer of an adapter that is half of one in c: of DINOv2's gated MLP, transformers 5 makes two.
func (c *Checkpoint) halved(a *Adapter) (layer string, ok bool) {
	for _, layer := range a.Layers() {
		if at, ok := strings.CutSuffix(layer, ".gate_proj"); ok && len(c.anchors(at+".weights_in", namings[0])) > 0 {
			return layer, true
		}
	}
	return "", false
}

// isOfTower reports whether the adapter was trained on the network whose tensors' names begin with root, by the name
// of its class: CLIPVisionModel is vision_model.
func (a *Adapter) isOfTower(root string) bool {
	for _, tower := range []string{"vision", "text"} {
		if strings.Contains(strings.ToLower(a.config.class), tower+"model") {
			return strings.Contains(root, tower)
		}
	}
	return false
}

// anchors returns where a layer of an adapter is in c: by the longest end of its path that tensors of c have.
func (c *Checkpoint) anchors(layer string, names *strings.Replacer) []anchor {
	path := rename(names, layer)
	for at := 0; ; {
		name := path[at:] + ".weight"
		if _, ok := c.tensors[name]; ok {
			return []anchor{{names, path[:at], ""}}
		}
		var found []anchor
		for t := range c.tensors {
			if root, ok := strings.CutSuffix(t, "."+name); ok {
				found = append(found, anchor{names, path[:at], root + "."})
			}
		}
		if len(found) > 0 {
			slices.SortFunc(found, func(p, q anchor) int { return strings.Compare(p.root, q.root) })
			return found
		}
		dot := strings.IndexByte(path[at:], '.')
		if dot < 0 {
			return nil
		}
		at += dot + 1
	}
}

// fit works out what an adapter makes of the network at an anchor.
func (c *Checkpoint) fit(a *Adapter, at anchor) (f fitted, err error) {
	fault := func(layer, format string, args ...any) (fitted, error) {
		return fitted{}, &LayerError{a.path, c.path, layer, fmt.Sprintf(format, args...)}
	}
	f = fitted{at.root, map[string]Delta{}, map[string]Tensor{}}
	for _, path := range slices.Sorted(maps.Keys(a.whole)) {
		name, ok := at.of(path)
		if !ok {
			continue // as the classifier that an embedding's network was trained with
		}
		t := a.whole[path]
		// A module that was trained whole may be a new one, as a classifier of other classes.
		if base, ok := c.tensors[name]; ok && !slices.Equal(base.Shape, t.Shape) && !a.isSaved(path) {
			return fault(path, "is of shape %v there, and %v in the adapter", base.Shape, t.Shape)
		}
		t.Name = name
		f.replaced[name] = t
	}
	for _, layer := range a.Layers() {
		name, ok := at.of(layer)
		var base Tensor
		if ok {
			base, ok = c.tensors[name+".weight"]
		}
		if whole, saved := f.replaced[name+".weight"]; saved {
			base, ok = whole, true
		}
		if !ok {
			return fault(layer, "is not in it")
		}
		l := a.layers[layer]
		d := Delta{A: l.a, B: l.b, Scale: l.scale}
		shape := slices.Concat(l.b.Shape[:1], l.aShape[1:])
		if l.transposed {
			d.A, d.B = l.b.transpose(), l.a.transpose()
			shape = []int64{d.B.Shape[0], d.A.Shape[1]}
		}
		if !slices.Equal(base.Shape, shape) {
			return fault(layer, "is of shape %v there, and B·A of %v", base.Shape, shape)
		}
		f.deltas[base.Name] = d
	}
	return f, nil
}
