package runtime

import (
	"errors"
	"sync"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/onnx"
)

// maxBlock is more channels than a register of any processor holds.
const maxBlock = 64

// block returns how many channels ONNX Runtime's convolutions have side by side on this machine, or
// 0 if they have no blocked layout. Open must have succeeded.
var block = sync.OnceValue(func() int {
	planes, blocks := make([]float32, 2*maxBlock), make([]float32, 2*maxBlock)
	for i := range planes {
		planes[i] = float32(i / 2) // the channel, of two pixels
	}
	if err := intoBlocks(planes, blocks); err != nil {
		return 0 // this library has no such operators
	}
	for size := 2; size < len(blocks); size++ {
		if blocks[size] == 0 { // the second pixel begins
			return size
		}
	}
	return 0
})

// intoBlocks makes ONNX Runtime reorder the channels of planes, (1, maxBlock, 1, 2), into blocks.
func intoBlocks(planes, blocks []float32) error {
	g := onnx.NewGraph("block")
	x := g.Input("planes", onnx.Float32, 1, maxBlock, 1, 2)
	g.Output("blocks", g.InBlocks("ReorderInput", []onnx.Value{x}), 1, maxBlock, 1, 2)
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
	shape := ort.NewShape(1, maxBlock, 1, 2)
	in, inErr := ort.NewTensor(shape, planes)
	out, outErr := ort.NewTensor(shape, blocks)
	if err := errors.Join(inErr, outErr); err != nil {
		return err
	}
	defer in.Destroy()
	defer out.Destroy()
	return session.Run([]ort.Value{in}, []ort.Value{out})
}
