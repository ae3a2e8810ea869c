package checkpoint

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"path"
	"strings"
)

const (
	pickleLimit  = 64 << 20 // bytes of a pickle; a state dict's is some 100 bytes a tensor
	tensorLimit  = 1 << 18
	nameLimit    = 4096 // bytes of a tensor's name, and of a shard's
	axisLimit    = 64
	torchVersion = 1001
)

var torchMagic, _ = new(big.Int).SetString("1950a86a20f9469cfc6c", 16)

// storageTypes are the classes, of module torch, that tell what a storage holds.
var storageTypes = map[string]string{
	"FloatStorage": "float32", "HalfStorage": "float16", "BFloat16Storage": "bfloat16",
	"DoubleStorage": "float64", "LongStorage": "int64", "IntStorage": "int32",
	"ShortStorage": "int16", "CharStorage": "int8", "ByteStorage": "uint8", "BoolStorage": "bool",
	"ComplexFloatStorage": "complex64", "ComplexDoubleStorage": "complex128",
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
	if string(head) == zipMagic {
		return readZip(r, size, (*zip.File).DataOffset)
	}
	return readLegacy(r, size)
}

const zipMagic = "PK\x03\x04"

// readZip reads torch's archive: NAME/data.pkl, and the storages as NAME/data/KEY, which lie where place
// says.
func readZip(r io.ReaderAt, size int64, place func(*zip.File) (offset int64, err error)) ([]Tensor, error) {
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
		// Files that a program was saved with (extra/…) may be called so, too.
		if folder, name := path.Split(f.Name); name == "data.pkl" && strings.Count(folder, "/") == 1 {
			if root != "" {
				return nil, fmt.Errorf("two networks, %.200q and %.200q", root, folder)
			}
			root = folder
		}
	}
	pickled, ok := entries[root+"data.pkl"]
	if !ok {
		return nil, errors.New("a zip file without data.pkl: not torch's")
	}
	if pickled.Method != zip.Store {
		return nil, errors.New("its data.pkl is compressed, which torch does not do")
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
	return placeAll(value, func(s storage) (offset, length int64, err error) {
		f, ok := entries[root+"data/"+s.key]
		if !ok {
			return 0, 0, fmt.Errorf("storage %.100q is missing", s.key)
		}
		if f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64 || f.UncompressedSize64 > uint64(size) {
			return 0, 0, fmt.Errorf("storage %.100q is compressed, or longer than the file", s.key)
		}
		offset, err = place(f)
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
	var storages map[string]storage // of the last pickle
	next := func() (any, error) {
		most := min(size-at, pickleLimit)
		// Pickles are small beside the storages: begin with little.
		for n := min(most, 1<<16); ; n = min(most, 8*n) {
			window := make([]byte, n)
			if _, err := r.ReadAt(window, at); err != nil {
				return nil, err
			}
			m := newMachine(window)
			value, used, err := m.run()
			storages = m.storages
			if errors.Is(err, io.ErrUnexpectedEOF) && n < most {
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
	counts := storages // also those of an optimizer: they lie between the others
	listed, err := next()
	if err != nil {
		return nil, err
	}
	keys, ok := listed.(*list)
	if !ok {
		return nil, errors.New("the list of storages is missing")
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
	return placeAll(state, func(s storage) (int64, int64, error) {
		e, ok := extents[s.key]
		if !ok {
			return 0, 0, fmt.Errorf("storage %.100q is missing", s.key)
		}
		return e.offset, e.length, nil
	})
}
