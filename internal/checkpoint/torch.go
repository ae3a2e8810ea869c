package checkpoint

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"path"
	"strings"
)

const (
	pickleLimit  = 64 << 20 // bytes of a pickle; a state dict's is some 100 bytes a tensor
	tensorLimit  = 1 << 20
	nameLimit    = 4096 // bytes of a tensor's name, and of a shard's
	axisLimit    = 64
	torchVersion = 1001
)

var torchMagic, _ = new(big.Int).SetString("1950a86a20f9469cfc6c", 16)

// storageTypes are the classes that tell what a storage holds.
var storageTypes = map[string]string{
	"torch FloatStorage": "float32", "torch HalfStorage": "float16", "torch BFloat16Storage": "bfloat16",
	"torch DoubleStorage": "float64", "torch LongStorage": "int64", "torch IntStorage": "int32",
	"torch ShortStorage": "int16", "torch CharStorage": "int8", "torch ByteStorage": "uint8", "torch BoolStorage": "bool",
}

// storage is what a pickle says of one: its key names the bytes.
type storage struct {
	key   string
	typ   string
	count int64
}

// strided is a tensor as its pickle describes it.
type strided struct {
	storage       storage
	offset        int64 // in elements
	shape, stride []int64
}

func readTorch(r io.ReaderAt, size int64) ([]Tensor, error) {
	head := make([]byte, 4)
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("it has %d bytes", size)
	}
	if string(head) == "PK\x03\x04" {
		return readZip(r, size)
	}
	return readLegacy(r, size)
}

// readZip reads torch's archive: NAME/data.pkl, and the storages as NAME/data/KEY.
func readZip(r io.ReaderAt, size int64) ([]Tensor, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, err
	}
	entries := map[string]*zip.File{}
	root := ""
	for _, f := range z.File {
		if _, twice := entries[f.Name]; twice {
			return nil, fmt.Errorf("two entries are called %.200q", f.Name)
		}
		entries[f.Name] = f
		if path.Base(f.Name) == "data.pkl" {
			root = strings.TrimSuffix(f.Name, "data.pkl")
		}
	}
	pickled, ok := entries[root+"data.pkl"]
	if !ok {
		return nil, errors.New("a zip file without data.pkl: not torch's")
	}
	if order, ok := entries[root+"byteorder"]; ok {
		if text, err := readEntry(order, 16); err != nil || string(text) != "little" {
			return nil, fmt.Errorf("byte order %.20q", text)
		}
	}
	data, err := readEntry(pickled, pickleLimit)
	if err != nil {
		return nil, err
	}
	value, _, err := unpickle(data)
	if err != nil {
		return nil, err
	}
	return tensors(value, func(s storage) (offset, length int64, err error) {
		f, ok := entries[root+"data/"+s.key]
		if !ok {
			return 0, 0, fmt.Errorf("storage %.100q is missing", s.key)
		}
		if f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64 || f.UncompressedSize64 > uint64(size) {
			return 0, 0, fmt.Errorf("storage %.100q is compressed, or longer than the file", s.key)
		}
		offset, err = f.DataOffset()
		if err != nil {
			return 0, 0, err
		}
		length = int64(f.UncompressedSize64)
		if offset < 0 || offset > size-length {
			return 0, 0, fmt.Errorf("storage %.100q ends behind the file", s.key)
		}
		return offset, length, nil
	})
}

func readEntry(f *zip.File, limit int64) ([]byte, error) {
	if f.UncompressedSize64 > uint64(limit) {
		return nil, fmt.Errorf("%.200q has %d bytes", f.Name, f.UncompressedSize64)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, limit))
}

// readLegacy reads torch's older form: five pickles (magic number, version,
// system, the state dict, the storages' keys), then each storage as an int64
// count and its bytes.
func readLegacy(r io.ReaderAt, size int64) ([]Tensor, error) {
	at := int64(0)
	next := func() (any, error) {
		window := make([]byte, min(size-at, pickleLimit))
		// Pickles are small beside the storages: begin with little.
		for n := min(int64(len(window)), 1<<16); ; n = min(int64(len(window)), 8*n) {
			if _, err := r.ReadAt(window[:n], at); err != nil {
				return nil, err
			}
			value, used, err := unpickle(window[:n])
			if errors.Is(err, io.ErrUnexpectedEOF) && n < int64(len(window)) {
				continue
			}
			at += int64(used)
			return value, err
		}
	}
	magic, err := next()
	if err != nil {
		return nil, fmt.Errorf("it begins like no checkpoint: %w", err)
	}
	if n, ok := magic.(*big.Int); !ok || n.Cmp(torchMagic) != 0 {
		return nil, errors.New("it begins like no checkpoint")
	}
	version, err := next()
	if err != nil {
		return nil, err
	}
	if version != int64(torchVersion) {
		return nil, fmt.Errorf("it is of another version than %d: %s", torchVersion, shown(version))
	}
	system, err := next()
	if err != nil {
		return nil, err
	}
	if d, ok := system.(*dict); !ok || d.get("little_endian") != true {
		return nil, errors.New("it was written on a big-endian machine")
	}
	state, err := next()
	if err != nil {
		return nil, err
	}
	listed, err := next()
	if err != nil {
		return nil, err
	}
	keys, ok := listed.(*list)
	if !ok {
		return nil, errors.New("the list of storages is missing")
	}
	counts := map[string]storage{}
	if err := walk(state, func(_ string, t strided) error {
		counts[t.storage.key] = t.storage
		return nil
	}); err != nil {
		return nil, err
	}
	type extent struct{ offset, length int64 }
	extents := map[string]extent{}
	for _, k := range keys.items {
		key, ok := k.(string)
		s, known := counts[key]
		if !ok || !known {
			return nil, fmt.Errorf("no tensor tells the type of storage %s", shown(k))
		}
		var count [8]byte
		if _, err := r.ReadAt(count[:], at); err != nil {
			return nil, fmt.Errorf("storage %.100q is cut off: %w", key, err)
		}
		n := int64(binary.LittleEndian.Uint64(count[:]))
		width := typeBytes[s.typ]
		if n != s.count || n < 0 || n > (size-at-8)/width {
			return nil, fmt.Errorf("storage %.100q has %d elements, its tensors say %d, and the file ends after %d bytes", key, n, s.count, size)
		}
		extents[key] = extent{at + 8, n * width}
		at += 8 + n*width
	}
	return tensors(state, func(s storage) (int64, int64, error) {
		e, ok := extents[s.key]
		if !ok {
			return 0, 0, fmt.Errorf("storage %.100q is missing", s.key)
		}
		return e.offset, e.length, nil
	})
}

// tensors places every tensor of a state dict in the file.
func tensors(state any, find func(storage) (offset, length int64, err error)) ([]Tensor, error) {
	var out []Tensor
	err := walk(state, func(name string, t strided) error {
		offset, length, err := find(t.storage)
		if err != nil {
			return fmt.Errorf("tensor %.200q: %w", name, err)
		}
		if t.storage.count < 0 || t.storage.count > math.MaxInt64/8 || t.storage.count*typeBytes[t.storage.typ] > length {
			return fmt.Errorf("tensor %.200q: its storage has %d bytes for %d elements", name, length, t.storage.count)
		}
		placed, err := place(name, t.storage.typ, t.shape, t.stride, t.offset, offset, length)
		out = append(out, placed)
		return err
	})
	if err == nil && len(out) == 0 {
		err = errors.New("it holds no tensor")
	}
	return out, err
}

// walk returns each tensor of a state dict, also of one under "state_dict" or
// "model", as training scripts save it.
func walk(state any, f func(name string, t strided) error) error {
	d, ok := state.(*dict)
	if !ok {
		return fmt.Errorf("it holds %s, not a state dict", shown(state))
	}
	for _, wrapper := range []string{"state_dict", "model"} {
		if inner, ok := d.get(wrapper).(*dict); ok {
			d = inner
		}
	}
	if len(d.keys) > tensorLimit {
		return fmt.Errorf("it holds %d tensors", len(d.keys))
	}
	for i, k := range d.keys {
		name, ok := k.(string)
		t, isTensor := d.values[i].(strided)
		if ok && isTensor {
			if len(name) > nameLimit {
				return fmt.Errorf("a tensor's name has %d bytes", len(name))
			}
			if err := f(name, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// reduce is what calling a global would give, for the few that a state dict
// needs. Nothing else may be called.
func reduce(fn global, args []any) (any, error) {
	switch fn {
	case "collections OrderedDict":
		d := &dict{}
		if len(args) == 0 {
			return d, nil
		}
		if len(args) == 1 {
			if l, ok := args[0].(*list); ok && len(l.items) == 0 {
				return d, nil
			}
		}
		return nil, errors.New("an OrderedDict with arguments")
	case "torch._utils _rebuild_tensor_v2":
		// (storage, offset, size, stride, requires_grad, backward_hooks[, metadata])
		if len(args) < 4 {
			return nil, errors.New("a tensor with too few arguments")
		}
		s, ok := args[0].(storage)
		offset, ok2 := args[1].(int64)
		shape, ok3 := integers(args[2])
		stride, ok4 := integers(args[3])
		if !ok || !ok2 || !ok3 || !ok4 || len(shape) != len(stride) || len(shape) > 16 {
			return nil, errors.New("a tensor with strange arguments")
		}
		return strided{s, offset, shape, stride}, nil
	case "torch._utils _rebuild_parameter":
		if len(args) > 0 {
			if t, ok := args[0].(strided); ok {
				return t, nil
			}
		}
		return nil, errors.New("a parameter that is no tensor")
	}
	return nil, fmt.Errorf("it wants to call %s, which no state dict needs", shown(string(fn)))
}

// persistent is what a persistent id stands for: always a storage,
// ("storage", type, key, location, count[, view]).
func persistent(id any) (any, error) {
	t, ok := id.(tuple)
	if !ok || len(t) < 5 || t[0] != "storage" {
		return nil, errors.New("a persistent id that is no storage")
	}
	class, ok := t[1].(global)
	key, ok2 := t[2].(string)
	count, ok3 := t[4].(int64)
	typ, ok4 := storageTypes[string(class)]
	if !ok || !ok2 || !ok3 || !ok4 || count < 0 {
		return nil, fmt.Errorf("a storage of %s", shown(t[1]))
	}
	if len(t) > 5 && t[5] != nil {
		return nil, errors.New("a storage that is a view of another")
	}
	return storage{key, typ, count}, nil
}

func integers(v any) ([]int64, bool) {
	t, ok := v.(tuple)
	if !ok {
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
