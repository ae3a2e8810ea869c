package models

import (
	"context"
	"errors"
	"fmt"

	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/reference"
	"github.com/akin-search/akin/internal/runtime"
)

// Choice is the precision for a new space of a model.
type Choice struct {
	Precision model.Precision
	// Cosine, of bfloat16, is the least cosine to float32 of a few pictures' embeddings, computed here.
	Cosine float64
}

// nearCosine is the least cosine to float32 with which bfloat16 is chosen by itself. Between pictures,
// what is told apart differs by hundredths.
const nearCosine = 0.999

// Choose returns the precision for a new space of a model: bfloat16 if OpenVINO is installed, this
// processor multiplies it fast, and a few pictures' embeddings are near to those in float32; else float32. Nothing
// else is said of a machine where bfloat16 cannot be had: the error is of pictures that could not be embedded in
// float32 either.
func (e *Engine) Choose(ctx context.Context, name string, view View) (Choice, error) {
	exact := Choice{Precision: model.Float32}
	if !e.mayChoose() {
		return exact, nil
	}
	n, err := e.OpenIn(name, model.BFloat16, view)
	if errors.Is(err, model.ErrPrecision) {
		return exact, nil
	}
	if err != nil {
		return exact, err
	}
	rounded, err := n.embedSamples(ctx, n.Stage())
	if err != nil {
		return exact, ctx.Err() // as of a library that is broken: float32 needs none of it
	}
	other := NewEngine(e.options) // so that closing it frees its memory
	defer other.Close()
	n, err = other.OpenIn(name, model.Float32, view)
	if err != nil {
		return exact, err
	}
	wanted, err := n.embedSamples(ctx, n.QueryStage())
	if err != nil {
		return exact, err
	}
	least := 1.
	for i := range wanted {
		cosine, _ := apart(rounded[i], wanted[i])
		least = min(least, cosine)
	}
	if !(least >= nearCosine) { // also not a number
		return exact, nil
	}
	return Choice{Precision: model.BFloat16, Cosine: least}, nil
}

// mayChoose reports whether bfloat16 is worth trying here.
func (e *Engine) mayChoose() bool {
	switch e.options.Device {
	case "", "auto":
		if library, err := e.library(); err != nil || runtime.HasCUDA(library) {
			return false // float32 on a graphics card is faster
		}
	case "cpu":
	default:
		return false
	}
	return fast() && e.checkBFloat16() == nil
}

var fast = runtime.FastBFloat16 // a test has a processor of its own

// embedSamples embeds the pictures of the default model's reference, which the program has.
func (n *Network) embedSamples(ctx context.Context, stage embed.Model) ([][]float32, error) {
	f, err := reference.Builtin(DefaultModel)
	if err != nil {
		return nil, err
	}
	m := &Model{Engine: n.engine, Network: n}
	rows, err := m.pictures(ctx, f, stage)
	if err != nil {
		return nil, fmt.Errorf("embed sample pictures: %w", err)
	}
	var vectors [][]float32
	for _, row := range rows {
		vectors = append(vectors, row.Vector)
	}
	return vectors, nil
}
