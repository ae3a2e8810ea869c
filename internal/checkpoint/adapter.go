package checkpoint

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	adapterRoot  = "base_model.model." // of all names in a peft adapter's file
	wrappedLayer = ".base_layer"       // what peft calls the layer that it wrapped
)

// adapterFiles are the names that peft's save_pretrained gives an adapter's weights.
var adapterFiles = []string{"adapter_model.safetensors", "adapter_model.bin"}

// Adapter is a LoRA adapter as peft saves it: small matrices A and B for some layers of a network, whose
// weights W become W + scale·B·A (arXiv 2106.09685, equation 3).
type Adapter struct {
	path   string // of the weights
	config *adapterConfig
	layers map[string]*lowRank // by the paths of the layers
	whole  map[string]Tensor   // tensors that replace the base's
}

// lowRank is one layer's pair. B·A is of the layer's weight, or, transposed, of its transpose.
type lowRank struct {
	a, b       Tensor // matrices: A (rank, n), B (m, rank)
	aShape     []int64
	scale      float64
	transposed bool
}

// Delta is what an adapter adds to a tensor: Scale·B·A, reshaped to the tensor's shape.
type Delta struct {
	A, B  Tensor // (rank, n) and (m, rank); like any tensor's, their axes may be permuted in the file
	Scale float64
}

// LayerError is about an adapter that was made for another network.
type LayerError struct {
	Adapter string // its file
	Base    string // the checkpoint's file
	Layer   string // the first of the adapter's layers that is not in it, or is of another shape there
	Reason  string
}

func (e *LayerError) Error() string {
	return fmt.Sprintf("adapter %s is not for checkpoint %s: its layer %.200s %s", e.Adapter, e.Base, e.Layer, e.Reason)
}

// OpenAdapter reads the folder of a peft adapter: adapter_config.json, and adapter_model.safetensors or
// adapter_model.bin.
func OpenAdapter(dir string) (*Adapter, error) {
	config, err := readAdapterConfig(dir)
	if err != nil {
		return nil, err
	}
	path := ""
	for _, name := range adapterFiles {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			path = filepath.Join(dir, name)
			break
		}
	}
	if path == "" {
		return nil, fmt.Errorf("open adapter %s: it has neither %s: %w", dir, strings.Join(adapterFiles, " nor "), os.ErrNotExist)
	}
	tensors, err := readFile(path)
	if errors.As(err, new(*os.PathError)) {
		return nil, fmt.Errorf("open adapter: %w", err)
	}
	a := &Adapter{path: path, config: config, layers: map[string]*lowRank{}, whole: map[string]Tensor{}}
	if err == nil {
		err = a.collect(tensors)
	}
	if errors.As(err, new(*UnsupportedAdapterError)) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("read adapter %s: %w: %w", path, ErrCorrupt, err)
	}
	return a, nil
}

// Path is the file of the adapter's weights.
func (a *Adapter) Path() string { return a.path }

// Base is what the adapter says it was trained on: a folder, or a name on the hub; often nothing.
func (a *Adapter) Base() string { return a.config.base }

// Layers lists the paths of the layers that the adapter changes, in order.
func (a *Adapter) Layers() []string {
	return slices.Sorted(maps.Keys(a.layers))
}

// The ends of the names of an adapter's matrices: of linear layers and convolutions, and of embeddings,
// whose tables are (entries, width), so that B·A is their transpose.
var matrixEnds = []struct {
	end       string
	isB       bool
	embedding bool
}{
	{".lora_A.weight", false, false}, {".lora_B.weight", true, false},
	{".lora_embedding_A", false, true}, {".lora_embedding_B", true, true},
}

// collect sorts an adapter's tensors by layers, and holds them to what the config says.
func (a *Adapter) collect(tensors []Tensor) error {
	slices.SortFunc(tensors, func(x, y Tensor) int { return strings.Compare(x.Name, y.Name) })
	rest := map[string]Tensor{}
	for _, t := range tensors {
		if t.defect != nil {
			return t.defect
		}
		if name := strings.TrimPrefix(t.Name, adapterRoot); !a.addMatrix(name, t) {
			rest[name] = t
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rest)) {
		if err := a.addWhole(name, rest[name]); err != nil {
			return err
		}
	}
	if len(a.layers) == 0 {
		return errors.New("it has no layer")
	}
	for _, path := range a.Layers() {
		l := a.layers[path]
		// peft 0.21 adds the matrices of nn.MultiheadAttention's output twice; whether that is meant, it does not say.
		if strings.Contains(path, wrappedLayer+".") {
			return &UnsupportedAdapterError{Path: a.path, Setting: "layer " + path, Value: "inside of a layer that it changes, too"}
		}
		if !a.config.targetsLayer(path) {
			return fmt.Errorf("layer %.200s is none of its target_modules", path)
		}
		err := l.finish(a.config, path)
		if errors.Is(err, errGroups) { // peft runs them and does not merge them
			return &UnsupportedAdapterError{Path: a.path, Setting: "layer " + path, Value: "a convolution of groups"}
		}
		if err != nil {
			return fmt.Errorf("layer %.200s: %w", path, err)
		}
	}
	return nil
}

func (a *Adapter) addMatrix(name string, t Tensor) bool {
	for _, end := range matrixEnds {
		path, ok := strings.CutSuffix(name, end.end)
		if !ok {
			continue
		}
		l := a.layers[path]
		if l == nil {
			l = &lowRank{}
			a.layers[path] = l
		}
		if end.isB {
			l.b = t
		} else {
			l.a = t
		}
		l.transposed = l.transposed || end.embedding
		return true
	}
	return false
}

// addWhole takes a tensor that replaces the base's: a bias, one of a module that was trained whole, or the table of
// words that peft saves with a layer that changes it.
func (a *Adapter) addWhole(name string, t Tensor) error {
	as := strings.ReplaceAll(name, wrappedLayer, "")
	isBias := a.config.biases && strings.HasSuffix(name, ".bias")
	l := a.layers[strings.TrimSuffix(as, ".weight")]
	isTable := l != nil && l.transposed
	if !isBias && !isTable && !a.isSaved(name) {
		return fmt.Errorf("tensor %.200s is of no kind that its config names", name)
	}
	a.whole[as] = t
	return nil
}

// isSaved reports whether a tensor is of one of the modules that the adapter holds whole, or of a part of one.
func (a *Adapter) isSaved(name string) bool {
	for at, c := range name {
		if c == '.' && endsWithOne(name[:at], a.config.saved) {
			return true
		}
	}
	return false
}

// finish makes matrices of a pair, and checks them.
func (l *lowRank) finish(c *adapterConfig, path string) error {
	if l.a.Name == "" || l.b.Name == "" {
		return errors.New("it has only one of A and B")
	}
	for _, t := range []Tensor{l.a, l.b} {
		if !slices.Contains([]string{"float32", "float16", "bfloat16"}, t.Type) {
			return fmt.Errorf("%s is %s", t.Name, t.Type)
		}
	}
	rank, scale := c.scale(path)
	a, b := l.a.Shape, l.b.Shape
	if len(a) > 2 && len(b) == len(a) && a[0] == rank && b[1] < rank {
		return errGroups
	}
	if len(a) < 2 || len(b) < 2 || a[0] != rank || b[1] != rank || product(b[2:]) != 1 {
		return fmt.Errorf("the matrices A and B are %v and %v, where the rank is %d", a, b, rank)
	}
	l.scale = scale
	l.transposed = l.transposed || c.transposed
	l.aShape = a
	if len(a) > 2 && l.a.Perm != nil || len(b) > 2 && l.b.Perm != nil {
		return errors.New("it is a convolution whose axes are permuted in the file")
	}
	l.a, l.b = l.a.matrix(), l.b.matrix()
	return nil
}

var errGroups = errors.New("a convolution of groups")

// matrix returns the tensor with all axes but the first as one.
func (t Tensor) matrix() Tensor {
	if len(t.Shape) == 2 {
		return t
	}
	t.Shape = []int64{t.Shape[0], product(t.Shape[1:])}
	t.Stored = t.Shape
	return t
}

// transpose returns a matrix's transpose, which shares its bytes.
func (t Tensor) transpose() Tensor {
	t.Shape = []int64{t.Shape[1], t.Shape[0]}
	if t.Perm == nil {
		t.Perm = []int{1, 0}
	} else {
		t.Perm = nil
	}
	return t
}

func product(shape []int64) int64 {
	n := int64(1)
	for _, d := range shape {
		n *= d
	}
	return n
}

// Adapter is the adapter of a checkpoint, or nil.
func (c *Checkpoint) Adapter() *Adapter { return c.adapter }

// Delta returns what the adapter, if there is one, adds to the tensor of that name.
func (c *Checkpoint) Delta(name string) (Delta, bool) {
	d, ok := c.deltas[name]
	return d, ok
}

// Float32 multiplies it out: Scale·B·A, in row-major order of the tensor that it is added to.
func (d Delta) Float32() ([]float32, error) {
	a, err := d.A.Float32()
	if err != nil {
		return nil, err
	}
	b, err := d.B.Float32()
	if err != nil {
		return nil, err
	}
	rank, n := int(d.A.Shape[0]), int(d.A.Shape[1])
	out := make([]float32, int(d.B.Shape[0])*n)
	sum := make([]float64, n)
	for i := range int(d.B.Shape[0]) {
		clear(sum)
		for k := range rank {
			x := float64(b[i*rank+k])
			for j, y := range a[k*n : (k+1)*n] {
				sum[j] += x * float64(y)
			}
		}
		for j, s := range sum {
			out[i*n+j] = float32(d.Scale * s)
		}
	}
	return out, nil
}
