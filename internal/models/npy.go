package models

import (
	"io"
	"math"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/vector"
)

// WriteEmbeddings writes embedded pictures as a .npy file of float32 with that
// shape, whose first axis is the pictures. One that could not be read becomes a
// row of NaN. With normalize every other row has unit length.
func WriteEmbeddings(w io.Writer, shape []int, rows []api.Embedded, normalize bool) error {
	if err := vector.WriteNPYHeader(w, "<f4", shape...); err != nil {
		return err
	}
	width := 1
	for _, n := range shape[1:] {
		width *= n
	}
	missing := make([]float32, width)
	for i := range missing {
		missing[i] = float32(math.NaN())
	}
	for _, r := range rows {
		row := missing
		if r.Err == nil {
			row = r.Vector
			if normalize {
				row = slices.Clone(row)
				vector.Normalize(row)
			}
		}
		if err := vector.WriteFloats(w, row); err != nil {
			return err
		}
	}
	return nil
}

// WritePixels writes (height, width, 3) uint8 pixels as a .npy file.
func WritePixels(w io.Writer, width, height int, pixels []byte) error {
	if err := vector.WriteNPYHeader(w, "|u1", height, width, 3); err != nil {
		return err
	}
	_, err := w.Write(pixels)
	return err
}
