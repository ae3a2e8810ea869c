package runtime

import (
	"errors"
	"sync"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/onnx"
)

// block is how many channels ONNX Runtime's convolutions have side by side on this machine, or
// 0 where they have none. Open must have succeeded before.
var block = sync.OnceValue(func() int {
	const most = 64 // more than any processor's registers hold
	planes, blocks := make([]float32, 2*most), make([]float32, 2*most)
	for i := range planes {
		planes[i] = float32(i / 2) // the channel, of two pixels
	}
	if err := intoBlocks(planes, blocks, 1, most, 1, 2); err != nil {
		return 0 // this library has no such operators
	}
	for size := 2; size < len(blocks); size++ {
		if blocks[size] == 0 { // the second pixel begins
			return size
		}
	}
	return 0
})

// intoBlocks has ONNX Runtime put the channels of planes into blocks.
func intoBlocks(planes, blocks []float32, shape ...int64) error {
	g := onnx.NewGraph("block")
	x := g.Input("planes", onnx.Float32, int(shape[0]), int(shape[1]), int(shape[2]), int(shape[3]))
	g.Output("blocks", g.InBlocks("ReorderInput", []onnx.Value{x}), int(shape[0]), int(shape[1]), int(shape[2]), int(shape[3]))
	options, err := Options{Threads: 1, Device: CPU}.session(model.Float32)
	if err != nil {
		return err
	}
	defer options.Destroy()
	session, err := ort.NewDynamicAdvancedSessionWithONNXData(g.Bytes(), []string{"planes"}, []string{"blocks"}, options)
	if err != nil {
		return err
	}
	defer session.Destroy()
	in, inErr := ort.NewTensor(shape, planes)
	out, outErr := ort.NewTensor(shape, blocks)
	if err := errors.Join(inErr, outErr); err != nil {
		return err
	}
	defer in.Destroy()
	defer out.Destroy()
	return session.Run([]ort.Value{in}, []ort.Value{out})
}
