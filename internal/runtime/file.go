package runtime

import (
	"context"
	"encoding/binary"
	"fmt"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/akin-search/akin/internal/float16"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/onnx"
)

// newFileSession loads an ONNX file by its path, so that ONNX Runtime finds the
// weights beside it. No library of operators is ever registered.
func newFileSession(m *model.Model, o Options) (*Session, error) {
	options, err := o.session(m.Precision)
	if err != nil {
		return nil, err
	}
	defer options.Destroy()
	f := m.ONNX
	session, err := ort.NewDynamicAdvancedSession(f.Path, []string{f.Input.Name}, []string{f.Output.Name}, options)
	if err != nil {
		return nil, fmt.Errorf("load model %s from %s: %w", m.Name, f.Path, err)
	}
	shape := []int64{3, int64(m.InputHeight), int64(m.InputWidth)}
	if f.ChannelsLast {
		shape = []int64{int64(m.InputHeight), int64(m.InputWidth), 3}
	}
	return &Session{name: m.Name, shape: shape, dim: m.Dim, file: f, single: f.Single, session: session}, nil
}

// Try runs an ONNX file once, and returns the length of its embeddings. When ctx ends it does too:
// a network without end is stopped, and one that is being loaded is left to itself.
func Try(ctx context.Context, m *model.Model, o Options) (dim int, err error) {
	type loaded struct {
		s   *Session
		err error
	}
	loading := make(chan loaded, 1)
	go func() {
		s, err := newFileSession(m, o)
		loading <- loaded{s, err}
	}()
	var s *Session
	select {
	case l := <-loading:
		if l.err != nil {
			return 0, l.err
		}
		s = l.s
	case <-ctx.Done():
		go func() {
			if l := <-loading; l.err == nil {
				_ = l.s.Close()
			}
		}()
		return 0, ctx.Err()
	}
	defer s.Close()
	n := 2 // an export can say that it takes any number, and take one
	if s.single {
		n = 1
	}
	rows, err := s.forward(ctx, make([]float32, n*int(ort.Shape(s.shape).FlattenedSize())), n)
	if err != nil {
		return 0, err
	}
	if dim = len(rows) / n; m.Dim != 0 && dim != m.Dim {
		return 0, s.errorf("its embeddings have %d dimensions, and %d are declared", dim, m.Dim)
	}
	return dim, ctx.Err()
}

func (s *Session) errorf(format string, args ...any) error {
	return fmt.Errorf("run %s: %w", s.file.Path, fmt.Errorf(format, args...))
}

// runFile is Run for an ONNX file.
func (s *Session) runFile(ctx context.Context, pixels []float32, n int, out []float32) error {
	size := int(ort.Shape(s.shape).FlattenedSize())
	if n < 1 || len(pixels) != n*size || len(out) != n*s.dim {
		return s.errorf("%d pictures of %d values into %d", n, len(pixels), len(out))
	}
	return s.inTurns(ctx, n, func(i, n int) error {
		rows, err := s.forward(ctx, pixels[i*size:][:n*size], n)
		if err != nil {
			return err
		}
		if len(rows) != n*s.dim {
			return s.errorf("its embeddings have %d dimensions, not %d", len(rows)/n, s.dim)
		}
		copy(out[i*s.dim:], rows)
		return nil
	})
}

// forward returns the pooled embeddings of n pictures, (n, dim).
func (s *Session) forward(ctx context.Context, pixels []float32, n int) ([]float32, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.session == nil {
		return nil, s.errorf("the session is closed")
	}
	if s.file.ChannelsLast {
		pixels = channelsLast(pixels, n)
	}
	in, err := newTensor(append(ort.NewShape(int64(n)), s.shape...), pixels, s.file.Input.Type)
	if err != nil {
		return nil, s.errorf("%w", err)
	}
	defer in.Destroy()
	outputs := []ort.Value{nil} // ONNX Runtime makes it: not every file tells its shape
	if f := s.file.Output; f.Type == onnx.Float16 {
		// onnxruntime_go 1.27 copies half the bytes of a float16 tensor that it has not made.
		shape := append(ort.NewShape(int64(n)), f.Shape[1:]...)
		if outputs[0], err = ort.NewCustomDataTensor(shape, make([]byte, 2*shape.FlattenedSize()), ort.TensorElementDataTypeFloat16); err != nil {
			return nil, s.errorf("%w", err)
		}
	}
	defer func() {
		if outputs[0] != nil {
			outputs[0].Destroy()
		}
	}()
	if err := s.runUntil(ctx, []ort.Value{in}, outputs); err != nil {
		return nil, s.errorf("%w", err)
	}
	values, err := floats(outputs[0])
	if err != nil {
		return nil, s.errorf("%w", err)
	}
	rows, err := pool(values, outputs[0].GetShape(), s.file, n)
	if err != nil {
		return nil, s.errorf("its output %s: %w", s.file.Output.Name, err)
	}
	return rows, nil
}

// runUntil runs the network, which others wrote and which may never end, until ctx ends.
func (s *Session) runUntil(ctx context.Context, in, out []ort.Value) error {
	options, err := ort.NewRunOptions()
	if err != nil {
		return err
	}
	defer options.Destroy()
	told := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(told)
		_ = options.Terminate()
	})
	err = s.session.RunWithOptions(in, out, options)
	if !stop() {
		<-told // before the options are gone
		return ctx.Err()
	}
	return err
}

// channelsLast turns (n, 3, H, W) into (n, H, W, 3).
func channelsLast(pixels []float32, n int) []float32 {
	out := make([]float32, len(pixels))
	size := len(pixels) / n
	plane := size / 3
	for i := range n {
		from, to := pixels[i*size:][:size], out[i*size:][:size]
		for p := range plane {
			to[3*p], to[3*p+1], to[3*p+2] = from[p], from[plane+p], from[2*plane+p]
		}
	}
	return out
}

// pool returns (n, dim) of an output.
func pool(values []float32, shape []int64, f *model.File, n int) ([]float32, error) {
	if len(shape) == 0 || shape[0] != int64(n) {
		return nil, fmt.Errorf("it has the shape %v for %d pictures; export it for any number of them, or for 1", shape, n)
	}
	if len(values) == 0 {
		return nil, fmt.Errorf("it is empty: %v", shape)
	}
	each := len(values) / n
	switch rank := len(shape); {
	case f.Pool == model.PoolNone && rank == 2:
		return values, nil
	case f.Pool == model.PoolFirst && rank == 3:
		dim := int(shape[2])
		var rows []float32
		for i := range n {
			rows = append(rows, values[i*each:][:dim]...)
		}
		return rows, nil
	case f.Pool == model.PoolMean && rank == 4 && !f.ChannelsLast: // (n, c, h, w)
		return means(values, n*int(shape[1]), 1, each/int(shape[1])), nil
	case f.Pool == model.PoolMean && (rank == 3 || rank == 4): // (n, tokens, dim), or (n, h, w, c)
		dim := int(shape[rank-1])
		return means(values, n, dim, each/dim), nil
	}
	return nil, fmt.Errorf(`it has the shape %v, for which "pool": %q is not: "none" is for (n, dim), "first" and "mean" for (n, tokens, dim), "mean" for planes`, shape, f.Pool)
}

// means returns the means over the middle axis of (n, count, dim).
func means(values []float32, n, dim, count int) []float32 {
	rows := make([]float32, 0, n*dim)
	sum := make([]float64, dim)
	for ; len(values) > 0; values = values[count*dim:] {
		clear(sum)
		for i, v := range values[:count*dim] {
			sum[i%dim] += float64(v)
		}
		for _, v := range sum {
			rows = append(rows, float32(v/float64(count)))
		}
	}
	return rows
}

// newTensor is values as a tensor of float32, float16 or uint8: those of pixels are whole numbers.
func newTensor(shape ort.Shape, values []float32, typ int) (ort.Value, error) {
	switch typ {
	case onnx.Float32:
		return ort.NewTensor(shape, values)
	case onnx.Uint8:
		bytes := make([]uint8, len(values))
		for i, v := range values {
			bytes[i] = uint8(v)
		}
		return ort.NewTensor(shape, bytes)
	}
	halves := make([]byte, 0, 2*len(values))
	for _, v := range values {
		halves = binary.LittleEndian.AppendUint16(halves, float16.Encode(v))
	}
	return ort.NewCustomDataTensor(shape, halves, ort.TensorElementDataTypeFloat16)
}

// floats are the values of a tensor of float32 or float16.
func floats(v ort.Value) ([]float32, error) {
	switch t := v.(type) {
	case *ort.Tensor[float32]:
		return t.GetData(), nil
	case *ort.CustomDataTensor:
		if t.DataType() != ort.TensorElementDataTypeFloat16 {
			break
		}
		data := t.GetData()
		out := make([]float32, len(data)/2)
		for i := range out {
			out[i] = float16.Decode(binary.LittleEndian.Uint16(data[2*i:]))
		}
		return out, nil
	}
	return nil, fmt.Errorf("its output is a %T, not of float32 or float16", v)
}
