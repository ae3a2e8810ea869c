// Package checkpoint finds tensors by name in a published checkpoint: what type
// and shape each has, and where its bytes lie in the file. Nothing is copied, and
// nothing in a file is ever executed.
//
// It reads safetensors, whole or in shards with their index, and torch's state dicts
// in both forms that torch.save has written: the zip archive (since torch 1.6) and
// the plain stream before it, as torch/serialization.py defines them. Of what trainers save it reads
// the network's state dict, of a TorchScript program its parameters, and of a peft adapter what it adds
// to other tensors.
package checkpoint

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin/internal/disk"
)

// ErrCorrupt marks a file that is damaged, cut off, hostile or no checkpoint.
var ErrCorrupt = errors.New("not a checkpoint that can be read")

// Tensor is where one tensor lies. Its bytes are contiguous and little-endian, in
// row-major order of Stored.
type Tensor struct {
	Name  string
	Type  string // "float32", "float16", "bfloat16", "float64", "int64", … as typeBytes lists them
	Shape []int64
	// Stored is the shape in the file, and Perm where each axis of Shape stands in
	// it: weights that came from another framework are saved with their axes
	// permuted, by strides. Perm is nil when both shapes are the same.
	Stored []int64
	Perm   []int
	File   string // absolute, symbolic links resolved
	Offset int64
	Length int64 // bytes

	defect error // why its bytes cannot be used, for who asks for it
}

var typeBytes = map[string]int64{
	"float32": 4, "float16": 2, "bfloat16": 2, "float64": 8,
	"int64": 8, "int32": 4, "int16": 2, "int8": 1, "uint64": 8, "uint32": 4, "uint16": 2, "uint8": 1, "bool": 1,
	"float8e4m3": 1, "float8e5m2": 1, "complex64": 8, "complex128": 16,
}

// Checkpoint is the tensors of one checkpoint, by name.
type Checkpoint struct {
	path    string // as it was named
	tensors map[string]Tensor
	absent  map[string]string // tensors of shards that are not there

	adapter *Adapter // see Adapt
	deltas  map[string]Delta
}

// Open reads the names and places of the tensors in a safetensors or torch file, or
// in the shards of an index; of a folder, in what Find finds there, and with the adapter that is there.
func Open(path string) (*Checkpoint, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open checkpoint: %w", err)
	}
	if !info.IsDir() {
		return openFile(path)
	}
	base, adapter, adapted, err := find(path)
	if err != nil {
		return nil, fmt.Errorf("open checkpoint: %w", err)
	}
	if adapted != nil {
		return adapted, nil
	}
	c, err := openFile(base)
	if err != nil || adapter == "" {
		return c, err
	}
	a, err := OpenAdapter(adapter)
	if err == nil {
		err = c.Adapt(a)
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

func openFile(path string) (*Checkpoint, error) {
	c := &Checkpoint{path: path, tensors: map[string]Tensor{}, absent: map[string]string{}}
	if IsIndex(path) {
		if err := c.openIndex(path); err != nil {
			return nil, fmt.Errorf("read checkpoint %s: %w: %w", path, ErrCorrupt, err)
		}
		c.stripWrappers()
		return c, nil
	}
	tensors, err := readFile(path)
	if err != nil {
		if errors.As(err, new(*os.PathError)) {
			return nil, fmt.Errorf("open checkpoint: %w", err)
		}
		return nil, fmt.Errorf("read checkpoint %s: %w: %w", path, ErrCorrupt, err)
	}
	for _, t := range tensors {
		c.tensors[t.Name] = t
	}
	c.stripWrappers()
	return c, nil
}

// aheadBytes is how much of a torch file is read ahead: small networks whole, and of a large one no more than
// takes some hundredths of a second.
const aheadBytes = 64 << 20

// readFile reads one file, whose kind its first bytes tell.
func readFile(path string) ([]Tensor, error) {
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		return nil, err
	}
	f, err := os.Open(real)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	read := readTorch
	head := make([]byte, 9)
	if n, _ := f.ReadAt(head, 0); n == len(head) && head[8] == '{' { // a header's length, and the header
		read = readSafetensors
	} else { // what tells of the tensors lies among them: the disk would be waited for at each
		disk.ReadAhead(f, 0, min(info.Size(), aheadBytes))
	}
	tensors, err := read(f, info.Size())
	if err != nil {
		return nil, err
	}
	for i := range tensors {
		tensors[i].File = real
	}
	return tensors, nil
}

// Path is the file that was opened: of shards, their index.
func (c *Checkpoint) Path() string { return c.path }

// Folder is the deepest folder that all tensors lie in, those of an adapter included.
func (c *Checkpoint) Folder() string {
	folder := ""
	add := func(t Tensor) {
		dir := filepath.Dir(t.File)
		if folder == "" {
			folder = dir
		}
		for folder != dir && !strings.HasPrefix(dir, strings.TrimSuffix(folder, string(filepath.Separator))+string(filepath.Separator)) {
			folder = filepath.Dir(folder)
		}
	}
	for _, t := range c.tensors {
		add(t)
	}
	for _, d := range c.deltas {
		add(d.A)
		add(d.B)
	}
	return folder
}

// Names lists the tensors in order.
func (c *Checkpoint) Names() []string {
	names := make([]string, 0, len(c.tensors))
	for name := range c.tensors {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Has reports whether there is a tensor of that name.
func (c *Checkpoint) Has(name string) bool {
	_, ok := c.tensors[name]
	return ok
}

// Tensor returns the tensor of that name.
func (c *Checkpoint) Tensor(name string) (Tensor, error) {
	t, ok := c.tensors[name]
	if shard, absent := c.absent[name]; absent {
		return Tensor{}, fmt.Errorf("checkpoint %s: tensor %q lies in %s: %w", c.path, name, shard, os.ErrNotExist)
	}
	if !ok {
		return Tensor{}, fmt.Errorf("checkpoint %s: %w: there is no tensor %q", c.path, ErrCorrupt, name)
	}
	if t.defect != nil {
		return Tensor{}, fmt.Errorf("checkpoint %s: %w: %w", c.path, ErrCorrupt, t.defect)
	}
	return t, nil
}

// Float32 reads the values of a float32 tensor, in row-major order of its Shape.
func (c *Checkpoint) Float32(name string) ([]float32, error) {
	t, err := c.Tensor(name)
	if err != nil {
		return nil, err
	}
	if t.Type != "float32" {
		return nil, fmt.Errorf("checkpoint %s: %w: tensor %s is %s, not float32", c.path, ErrCorrupt, name, t.Type)
	}
	return t.Float32()
}

// place checks a tensor against its storage and returns where it lies. A tensor with gaps is one with
// a defect: others of its checkpoint may be all that is needed.
func place(name, typ string, shape, stride []int64, first, storageOffset, storageLength int64) (Tensor, error) {
	size := typeBytes[typ]
	// In memory the axes stand from the longest stride to the shortest.
	order := make([]int, len(shape))
	for i := range order {
		order[i] = i
	}
	steps := make([]int64, len(shape))
	for i := len(shape) - 1; i >= 0; i-- {
		steps[i] = stride[i]
		if shape[i] == 1 { // its stride means nothing: leave it before its right neighbour
			steps[i] = 1
			if i+1 < len(shape) {
				steps[i] = steps[i+1]
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(steps[b], steps[a]) })
	count := int64(1)
	var defect error
	for i := len(order) - 1; i >= 0; i-- {
		n := shape[order[i]]
		if n < 0 || n != 0 && count > math.MaxInt64/16/n {
			return Tensor{}, fmt.Errorf("tensor %s has the shape %v", name, shape)
		}
		if n > 1 && stride[order[i]] != count {
			defect = fmt.Errorf("tensor %s of shape %v has the strides %v: there are gaps in it", name, shape, stride)
		}
		count *= n
	}
	if defect != nil {
		return Tensor{Name: name, Type: typ, Shape: shape, defect: defect}, nil
	}
	t := Tensor{Name: name, Type: typ, Shape: shape, Length: count * size}
	if first < 0 || first > storageLength/size || t.Length > storageLength-first*size {
		return Tensor{}, fmt.Errorf("tensor %s of shape %v lies outside its storage of %d bytes", name, shape, storageLength)
	}
	t.Offset = storageOffset + first*size
	t.Stored = make([]int64, len(order))
	perm := make([]int, len(order))
	for i, axis := range order {
		t.Stored[i] = shape[axis]
		perm[axis] = i
	}
	if !slices.IsSorted(order) {
		t.Perm = perm
	}
	return t, nil
}
