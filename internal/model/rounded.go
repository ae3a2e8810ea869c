package model

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/onnx"
)

// roundedTypes are the types that matrices are stored in for a network that computes in float32, and
// that OpenVINO runs in another precision.
var roundedTypes = map[Precision]int{BFloat16: onnx.BFloat16, Float16: onnx.Float16}

// beside writes the network into a file beside all of its weights: matrices in the type of the
// precision, which is half of float32, the others as they are. What a convolution is multiplied with
// stays in float32, as OpenVINO multiplies it with the normalisation that follows before it rounds.
func (d *definition) beside(fingerprint string, o Options) (Graph, error) {
	write := func(to *pack) (*network, error) {
		n, _, err := d.pictures(graphOptions{precision: Float32, pack: to, round: roundedTypes[o.Precision]})
		return n, err
	}
	graph := func(folder string, temporary bool) (Graph, error) {
		model, err := packedGraph(folder, write)
		return Graph{
			ONNX: model, Folder: folder, File: filepath.Join(folder, graphFile), Temporary: temporary,
			Single: d.preprocess.MaxPatches > 0,
		}, err
	}
	if o.Cache != "" {
		if g, err := graph(filepath.Join(o.Cache, string(o.Precision), fingerprint), false); err == nil {
			return g, nil
		}
	}
	// Without a cache, or without space for it.
	parent, err := os.MkdirTemp("", "akin-")
	if err != nil {
		return Graph{}, err
	}
	g, err := graph(filepath.Join(parent, fingerprint), true)
	if err != nil {
		_ = os.RemoveAll(parent)
	}
	g.Folder = parent
	return g, err
}

// rounded returns the part-th of parts blocks of rows of a matrix, (out, in), which lies in the pack in
// the type of round.
func (n *network) rounded(name string, part, parts, in, out int) onnx.Value {
	t, ok := n.find(name, parts*out, in)
	if !ok {
		return ""
	}
	delta := n.delta(t)
	if t.Perm != nil || storedTypes[t.Type] == n.round && delta == nil {
		return n.rows(name, part, parts, out, in)
	}
	values := make([]byte, 2*in*out)
	const rows = 64 // per goroutine
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for first := 0; first < out; first += rows {
		g.Go(func() error {
			count := min(rows, out-first)
			block, err := t.Rows(int64(part*out+first), int64(count))
			if err != nil {
				return err
			}
			if delta != nil {
				for i, d := range delta[(part*out+first)*in:][:len(block)] {
					block[i] += d
				}
			}
			to := values[2*first*in:]
			for i, v := range block {
				binary.LittleEndian.PutUint16(to[2*i:], n.halved(v))
			}
			return nil
		})
	}
	err := g.Wait()
	label := fmt.Sprintf("%s[%d/%d] in %s", t.Name, part, parts, onnx.TypeName(n.round))
	var at onnx.External
	if err == nil {
		at, err = n.pack.add(label, bytes.NewReader(values))
	}
	if err != nil {
		n.fail("%w", err)
		return ""
	}
	return n.cast(n.Weight(label, n.round, []int64{int64(out), int64(in)}, at), onnx.Float32)
}

// halved returns the 16 bits of v in the type of round.
func (n *network) halved(v float32) uint16 {
	if n.round == onnx.Float16 {
		return checkpoint.ToHalf(v)
	}
	return checkpoint.ToBrain(v)
}
