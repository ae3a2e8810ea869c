package model

import (
	"math"

	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

// A preprocessing with MaxPatches keeps a picture's shape: it is resized to the most squares of Patch
// pixels that keep it. The input is MaxPatches squares, row by row of the grid, each (row, column,
// channel), zeros after the last; then the grid's rows and columns. Reference: transformers'
// Siglip2ImageProcessorPil.

// patchGrid returns how many rows and columns of patches a picture gets.
func (p Preprocess) patchGrid(width, height int) (rows, columns int) {
	const epsilon = 1e-5
	patches := func(scale float64, side int) int {
		return max(1, int(math.Ceil(float64(side)*scale/float64(p.Patch))))
	}
	low, high := epsilon/10, 100.
	for high-low >= epsilon {
		scale := (low + high) / 2
		if float64(patches(scale, height))*float64(patches(scale, width)) <= float64(p.MaxPatches) {
			low = scale
		} else {
			high = scale
		}
	}
	return min(patches(low, height), p.MaxPatches), min(patches(low, width), p.MaxPatches)
}

// applyPatches is Apply where MaxPatches is set.
func (p Preprocess) applyPatches(pic *picture.Picture, dst []float32) {
	rows, columns := p.patchGrid(pic.Width, pic.Height)
	resized := resample.Resize(pic, columns*p.Patch, rows*p.Patch, p.Filter)
	defer resized.Release()
	table := p.table()
	i := 0
	for row := range rows {
		for column := range columns {
			for y := range p.Patch {
				line := resized.Pix[((row*p.Patch+y)*resized.Width+column*p.Patch)*3:][:3*p.Patch]
				for x := 0; x < len(line); x += 3 {
					dst[i], dst[i+1], dst[i+2] = table[0][line[x]], table[1][line[x+1]], table[2][line[x+2]]
					i += 3
				}
			}
		}
	}
	end := len(dst) - 2
	clear(dst[i:end])
	dst[end], dst[end+1] = float32(rows), float32(columns)
}

// Values are the places of a network's input: At returns which of its values is that of a channel at (x, y).
type Values struct {
	Width, Height int
	At            func(channel, x, y int) int
}

// Values returns the places of an input that Apply filled.
func (p Preprocess) Values(input []float32) Values {
	if p.MaxPatches == 0 {
		return Values{p.Width, p.Height, func(channel, x, y int) int { return (channel*p.Height+y)*p.Width + x }}
	}
	rows, columns := int(input[len(input)-2]), int(input[len(input)-1])
	return Values{columns * p.Patch, rows * p.Patch, func(channel, x, y int) int {
		patch := y/p.Patch*columns + x/p.Patch
		return ((patch*p.Patch+y%p.Patch)*p.Patch+x%p.Patch)*3 + channel
	}}
}
