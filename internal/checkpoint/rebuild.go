package checkpoint

import (
	"errors"
	"fmt"
)

// stridedAxes bounds a pickled tensor: shapes may be shared, and what is read of them is not.
const stridedAxes = 16

// torch's functions that a state dict is pickled with (torch/_utils.py, torch/_tensor.py,
// torch/nn/parameter.py); OrderedDict is Python's.
var (
	orderedDict      = global{"collections", "OrderedDict"}
	rebuildTensor    = global{"torch._utils", "_rebuild_tensor_v2"}
	rebuildOldTensor = global{"torch._utils", "_rebuild_tensor"} // until torch 0.4
	rebuildParameter = global{"torch._utils", "_rebuild_parameter"}
	rebuildWithState = global{"torch._utils", "_rebuild_parameter_with_state"} // a parameter with attributes
	rebuildFromType  = global{"torch._tensor", "_rebuild_from_type_v2"}        // a tensor with attributes
)

var (
	errTensorArguments  = errors.New("a tensor with strange arguments")
	errStorageArguments = errors.New("a persistent id that is no storage")
)

// reduce returns what calling a global would, for those few; for any other an object that is empty.
func (m *machine) reduce(fn global, args tuple) (any, error) {
	switch fn {
	case orderedDict:
		if d, ok := m.ordered(args); ok {
			return d, nil
		}
	case rebuildTensor, rebuildOldTensor:
		// (storage, offset, size, stride[, requires_grad, backward_hooks, metadata])
		if len(args) < 4 {
			return nil, errTensorArguments
		}
		s, ok := args[0].(storage)
		if !ok { // of a type that no network computes in
			break
		}
		offset, ok := args[1].(int64)
		shape, ok2 := integers(args[2])
		stride, ok3 := integers(args[3])
		if !ok || !ok2 || !ok3 || len(shape) != len(stride) {
			return nil, errTensorArguments
		}
		return strided{s, offset, shape, stride}, nil
	case rebuildParameter, rebuildWithState: // (data, requires_grad, backward_hooks[, state])
		if len(args) > 0 {
			if t, ok := args[0].(strided); ok {
				return t, nil
			}
		}
	case rebuildFromType: // (function, type, arguments, state)
		if len(args) > 2 {
			inner, ok := args[0].(global)
			innerArgs, ok2 := args[2].(tuple)
			if ok && ok2 && inner != rebuildFromType {
				return m.reduce(inner, innerArgs)
			}
		}
	}
	return &object{of: fn}, nil
}

// ordered makes an OrderedDict: an empty one, or of Python 2's list of pairs.
func (m *machine) ordered(args tuple) (*dict, bool) {
	d := &dict{}
	if len(args) == 0 {
		return d, true
	}
	pairs, ok := args[0].(*list)
	if !ok || len(args) > 1 {
		return nil, false
	}
	m.made += len(pairs.items) // one list may be used again and again
	if m.made > valueLimit {
		return nil, false
	}
	for _, item := range pairs.items {
		var pair []any
		switch item := item.(type) {
		case tuple:
			pair = item
		case *list:
			pair = item.items
		}
		if len(pair) != 2 {
			return nil, false
		}
		d.set(pair[0], pair[1])
	}
	return d, true
}

// persistent pushes what a persistent id stands for: always a storage,
// ("storage", type, key, location, count[, view]).
func (m *machine) persistent(id any) error {
	t, ok := id.(tuple)
	if !ok || len(t) < 5 || t[0] != "storage" {
		return errStorageArguments
	}
	class, ok := t[1].(global)
	key, ok2 := t[2].(string)
	count, ok3 := t[4].(int64)
	if !ok || !ok2 || !ok3 || count < 0 {
		return fmt.Errorf("a storage of %s", shown(t[1]))
	}
	typ, known := storageTypes[class.name]
	if class.module != "torch" || !known {
		m.push(&object{of: class})
		return nil
	}
	s := storage{key, typ, count}
	if before, ok := m.storages[key]; ok && before.typ != typ {
		return fmt.Errorf("storage %.100q is of %s and of %s", key, before.typ, typ)
	}
	m.storages[key] = s
	if len(t) > 5 && t[5] != nil { // a view of another, until torch 0.4
		m.push(&object{of: class})
		return nil
	}
	m.push(s)
	return nil
}

func integers(v any) ([]int64, bool) {
	t, ok := v.(tuple)
	if !ok || len(t) > stridedAxes {
		return nil, false
	}
	out := make([]int64, len(t))
	for i, x := range t {
		if out[i], ok = x.(int64); !ok {
			return nil, false
		}
	}
	return out, true
}
