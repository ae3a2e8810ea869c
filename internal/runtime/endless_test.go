package runtime_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/runtime"
)

// proto writes protobuf's fields, of onnx.proto here.
type proto []byte

func (p proto) number(field protowire.Number, v uint64) proto {
	return protowire.AppendVarint(protowire.AppendTag(p, field, protowire.VarintType), v)
}

func (p proto) bytes(field protowire.Number, v []byte) proto {
	return protowire.AppendBytes(protowire.AppendTag(p, field, protowire.BytesType), v)
}

func (p proto) text(field protowire.Number, v string) proto { return p.bytes(field, []byte(v)) }

// endless is a network whose Loop has as many turns as an int64 counts.
func endless() []byte {
	value := func(name string, typ uint64, shape ...uint64) []byte {
		dims := proto{}
		for _, n := range shape {
			dims = dims.bytes(1, proto{}.number(1, n))
		}
		tensor := proto{}.number(1, typ).bytes(2, dims)
		return proto{}.text(1, name).bytes(2, proto{}.bytes(1, tensor))
	}
	node := func(op string, in, out []string, attributes ...[]byte) []byte {
		n := proto{}
		for _, name := range in {
			n = n.text(1, name)
		}
		for _, name := range out {
			n = n.text(2, name)
		}
		n = n.text(4, op)
		for _, a := range attributes {
			n = n.bytes(5, a)
		}
		return n
	}
	const int64Type, boolType = 7, 9
	body := proto{}.bytes(1, node("Identity", []string{"go"}, []string{"on"})).bytes(1, node("Neg", []string{"state"}, []string{"next"})).text(2, "body").
		bytes(11, value("turn", int64Type)).bytes(11, value("go", boolType)).bytes(11, value("state", onnx.Float32, 1, 3)).
		bytes(12, value("on", boolType)).bytes(12, value("next", onnx.Float32, 1, 3))
	graph := proto{}.
		bytes(1, node("GlobalAveragePool", []string{"pixel_values"}, []string{"pooled"})).
		bytes(1, node("Flatten", []string{"pooled"}, []string{"flat"})).
		bytes(1, node("Loop", []string{"turns", "true", "flat"}, []string{"embedding"}, proto{}.text(1, "body").bytes(6, body).number(20, 5))).
		text(2, "endless").
		bytes(5, proto{}.number(2, int64Type).number(7, math.MaxInt64).text(8, "turns")).
		bytes(5, proto{}.number(2, boolType).number(5, 1).text(8, "true")).
		bytes(11, value("pixel_values", onnx.Float32, 1, 3, 12, 10)).
		bytes(12, value("embedding", onnx.Float32, 1, 3))
	return proto{}.number(1, 9).bytes(8, proto{}.text(1, "").number(2, 20)).bytes(7, graph)
}

// A file that is tried can be a network without end: it ends with the context.
func TestANetworkWithoutEndIsStopped(t *testing.T) {
	t.Parallel()
	lite0(t)
	path := filepath.Join(t.TempDir(), "endless.onnx")
	if err := os.WriteFile(path, endless(), 0o666); err != nil {
		t.Fatal(err)
	}
	m := openONNX(t, readReference(t), path, "embedding", "none")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := runtime.Try(ctx, m, runtime.Options{Threads: 1})
		ended <- err
	}()
	select {
	case err := <-ended:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it ends with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it goes on behind its context")
	}
}
