package checkpoint

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

const (
	namesLimit   = 64 << 20 // bytes of all names that are put together of attributes
	nestedLimit  = 64       // modules in modules
	wrapperLimit = 4        // dicts in dicts, and wrappers of modules in one another
	visitLimit   = 1 << 22  // attributes that are looked at
)

// stateKeys are where trainers put the state dict of the network that is used, the best
// first. Averaged weights go first, as in timm's load_checkpoint, and DINO's teacher before its
// student, as in its eval_knn.py.
var stateKeys = []string{
	"state_dict_ema",   // timm's CheckpointSaver
	"model_ema",        // torchvision's and DeiT's training scripts
	"state_dict",       // PyTorch's ImageNet example, Lightning, OpenCLIP, timm
	"model_state_dict", // PyTorch's tutorial of checkpoints, CSD
	"model_state",      // pycls
	"model",            // torchvision, DeiT, MAE, Swin, ConvNeXt, BLIP
	"teacher",          // DINO, iBOT, DINOv2
	"student",          // DINO, DreamSim
}

// wrapped are what PyTorch's wrappers of modules put before each name: DataParallel and
// AveragedModel, FSDP, and torch.compile.
var wrapped = []string{"module.", "_fsdp_wrapped_module.", "_orig_mod."}

// averagedCount is a tensor of AveragedModel's own, beside those that it wraps.
const averagedCount = "n_averaged"

// stripWrappers takes the wrappers' prefixes from the names if all have them.
func (c *Checkpoint) stripWrappers() {
	for range wrapperLimit {
		prefix := c.wrapper()
		if prefix == "" {
			return
		}
		tensors, absent := map[string]Tensor{}, map[string]string{}
		for name, t := range c.tensors {
			if inner, ok := strings.CutPrefix(name, prefix); ok {
				t.Name = inner
				tensors[inner] = t
			}
		}
		for name, shard := range c.absent {
			absent[strings.TrimPrefix(name, prefix)] = shard
		}
		c.tensors, c.absent = tensors, absent
	}
}

// wrapper returns the prefix of a wrapper that all names have, or "".
func (c *Checkpoint) wrapper() string {
	for _, prefix := range wrapped {
		has := func(name string) bool { return len(name) > len(prefix) && strings.HasPrefix(name, prefix) }
		some, all := false, true
		for name := range c.tensors {
			some = some || has(name)
			all = all && (has(name) || name == averagedCount && prefix == wrapped[0])
		}
		for name := range c.absent {
			all = all && has(name)
		}
		if some && all {
			return prefix
		}
	}
	return ""
}

// placeAll places every tensor of what a pickle holds in the file.
func placeAll(value any, find func(storage) (offset, length int64, err error)) ([]Tensor, error) {
	var w collector
	var err error
	if o, ok := value.(*object); ok && o.of.isScript() {
		if err = w.attributes(o, "", 0); err == nil && len(w.found) == 0 {
			err = errors.New("it is a TorchScript program without parameters (a frozen one has them as nameless constants)")
		}
	} else {
		err = w.states(value)
	}
	if err != nil {
		return nil, err
	}
	out := make([]Tensor, 0, len(w.found))
	for _, named := range w.found {
		name, t := named.name, named.tensor
		offset, length, err := find(t.storage)
		if err != nil {
			return nil, fmt.Errorf("tensor %.200q: %w", name, err)
		}
		if t.storage.count < 0 || t.storage.count > math.MaxInt64/16 || t.storage.count*typeBytes[t.storage.typ] > length {
			return nil, fmt.Errorf("tensor %.200q: its storage has %d bytes for %d elements", name, length, t.storage.count)
		}
		placed, err := place(name, t.storage.typ, t.shape, t.stride, t.offset, offset, length)
		if err != nil {
			return nil, err
		}
		out = append(out, placed)
	}
	return out, nil
}

type namedTensor struct {
	name   string
	tensor strided
}

// collector collects tensors by name.
type collector struct {
	found   []namedTensor
	seen    map[string]struct{}
	visited int // attributes
	bytes   int // of the names that were put together
}

func (w *collector) add(name string, t strided) error {
	switch _, twice := w.seen[name]; {
	case len(name) > nameLimit:
		return fmt.Errorf("a tensor's name has %d bytes", len(name))
	case twice:
		return fmt.Errorf("two tensors are called %.200q", name)
	case len(w.found) == tensorLimit:
		return fmt.Errorf("it holds more than %d tensors", tensorLimit)
	}
	if w.seen == nil {
		w.seen = map[string]struct{}{}
	}
	w.seen[name] = struct{}{}
	w.found = append(w.found, namedTensor{name, t})
	return nil
}

// states collects the tensors of a state dict, or of one that training scripts save under a
// key. What else there is (an optimizer's state, settings) is passed over.
func (w *collector) states(value any) error {
	d, ok := value.(*dict)
	if !ok {
		return fmt.Errorf("it holds %s, not a state dict", shown(value))
	}
	for range wrapperLimit {
		inner := d.wrappedState()
		if inner == nil {
			break
		}
		d = inner
	}
	for i, k := range d.keys {
		name, ok := k.(string)
		t, isTensor := d.values[i].(strided)
		if !ok || !isTensor {
			continue
		}
		if err := w.add(name, t); err != nil {
			return err
		}
	}
	if len(w.found) == 0 {
		return fmt.Errorf("it holds no tensor in a state dict: %s", contents(value.(*dict)))
	}
	return nil
}

// wrappedState returns the dict under the best of the known keys that holds tensors, or
// other such dicts; nil if there is none.
func (d *dict) wrappedState() *dict {
	wrapped, _ := d.survey()
	for _, inner := range wrapped {
		if inner == nil || inner == d {
			continue
		}
		if deeper, tensors := inner.survey(); tensors || slices.ContainsFunc(deeper, func(d *dict) bool { return d != nil }) {
			return inner
		}
	}
	return nil
}

// survey returns the dicts under each of stateKeys, and whether there are tensors beside them.
func (d *dict) survey() (wrapped []*dict, tensors bool) {
	wrapped = make([]*dict, len(stateKeys))
	for i, k := range d.keys {
		if _, ok := d.values[i].(strided); ok {
			tensors = true
		}
		if key, ok := k.(string); ok {
			if at := slices.Index(stateKeys, key); at >= 0 {
				wrapped[at], _ = d.values[i].(*dict) // Python keeps the last
			}
		}
	}
	return wrapped, tensors
}

// contents lists what a dict holds instead of tensors.
func contents(d *dict) string {
	var parts []string
	for i, k := range d.keys {
		if len(parts) == 8 {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, shown(k)+" is "+shown(d.values[i]))
	}
	if len(parts) == 0 {
		return "it is empty"
	}
	return strings.Join(parts, ", ")
}

// attributes collects the tensors of a TorchScript module by the path of their attributes, which
// is what a state dict calls them.
func (w *collector) attributes(o *object, prefix string, depth int) error {
	if o.state == nil {
		return nil
	}
	if w.visited += 1 + len(o.state.keys); depth > nestedLimit || w.visited > visitLimit {
		return errors.New("its modules hold themselves, or are too many")
	}
	seen := map[string]bool{}
	for i, k := range o.state.keys {
		name, ok := k.(string)
		if !ok {
			continue
		}
		if seen[name] {
			return fmt.Errorf("a module has two attributes %.200q", name)
		}
		seen[name] = true
		var err error
		switch v := o.state.values[i].(type) {
		case strided:
			if err = w.spell(prefix, name); err == nil {
				err = w.add(prefix+name, v)
			}
		case *object:
			if err = w.spell(prefix, name); err == nil {
				err = w.attributes(v, prefix+name+".", depth+1)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// spell counts the bytes of a name that is put together: modules may be shared, and what they
// are called is not.
func (w *collector) spell(prefix, name string) error {
	if w.bytes += len(prefix) + len(name) + 1; w.bytes > namesLimit {
		return errors.New("the names of its tensors are too long")
	}
	return nil
}
