package vector

import (
	"encoding/binary"
	"math"

	"github.com/akin-search/akin/internal/float16"
)

// The numbers of faiss::ScalarQuantizer::QuantizerType that are read.
const (
	faissCode8        = 0
	faissCode8Uniform = 2
	faissCodeHalf     = 4
	faissCodeBfloat16 = 7
)

var faissCodes = map[int]string{
	1: "4 bits", 3: "4 bits, uniform", 5: "8 bits as they are", 6: "6 bits", 8: "8 bits as they are, signed",
}

// faissCode turns codes into the values that FAISS reconstructs.
type faissCode struct {
	kind, dim, size int       // size in bytes, of a row
	trained         []float32 // lows and widths: of each value, or one of all
}

// code reads how an index rounds: int32 kind, int32 and float32 of its training, uint64 dimension,
// uint64 bytes of a row, uint64 number of trained float32, the trained.
func (f *faissReader) code(dim int) (c faissCode) {
	c = faissCode{kind: f.int32(), dim: dim}
	f.bytes(8)
	d, size, n := f.int64(), f.int64(), f.int64()
	if f.err != nil {
		return c
	}
	want := int64(0)
	c.size = dim
	switch c.kind {
	case faissCode8:
		want = 2 * int64(dim)
	case faissCode8Uniform:
		want = 2
	case faissCodeHalf, faissCodeBfloat16:
		c.size = 2 * dim
	default:
		name, ok := faissCodes[c.kind]
		if !ok {
			name = "an unknown kind"
		}
		f.fail("its values are rounded to codes of %s (number %d); akin reads those of 8 bits (SQ8), float16 and bfloat16", name, c.kind)
		return c
	}
	if d != int64(dim) || size != int64(c.size) || n != want {
		f.fail("codes of %d values in %d bytes with %d trained numbers do not fit rows of %d values", d, size, n, dim)
		return c
	}
	trained, err := readFloats(f.r, kind{order: binary.LittleEndian, size: 4}, int(n))
	if err != nil {
		f.fail("the trained numbers: %w", err)
	}
	c.trained = trained
	return c
}

// decode appends the values of a row.
func (c faissCode) decode(values []float32, row []byte) []float32 {
	switch c.kind {
	case faissCodeHalf:
		for i := range c.dim {
			values = append(values, float16.Decode(binary.LittleEndian.Uint16(row[2*i:])))
		}
		return values
	case faissCodeBfloat16:
		for i := range c.dim {
			values = append(values, math.Float32frombits(uint32(binary.LittleEndian.Uint16(row[2*i:]))<<16))
		}
		return values
	}
	low, width := c.trained[:len(c.trained)/2], c.trained[len(c.trained)/2:]
	for i, b := range row[:c.dim] {
		if len(low) == 1 {
			i = 0
		}
		values = append(values, low[i]+(float32(b)+0.5)/255*width[i])
	}
	return values
}

// quantized reads an IndexScalarQuantizer.
func (f *faissReader) quantized() Matrix {
	dim, rows := f.header()
	if f.err != nil {
		return Matrix{}
	}
	c := f.code(dim)
	n := f.int64()
	switch {
	case f.err != nil:
		return Matrix{}
	case n != rows*int64(c.size):
		f.fail("%d rows of %d bytes, and %d bytes", rows, c.size, n)
		return Matrix{}
	}
	f.fits(dim, rows)
	return Matrix{Dim: dim, Parts: f.decoded(c, rows)}
}

// decoded reads rows of codes.
func (f *faissReader) decoded(c faissCode, rows int64) (parts [][]float32) {
	per := int64(max(1, pieceValues/c.dim))
	row := make([]byte, c.size)
	for at := int64(0); at < rows && f.err == nil; at += per {
		var piece []float32 // grows with what arrives
		for range min(per, rows-at) {
			f.read(row)
			if f.err != nil {
				return nil
			}
			piece = c.decode(piece, row)
		}
		parts = append(parts, piece)
	}
	return parts
}
