package vector

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"unsafe"
)

// ErrFile marks a file of embeddings that cannot be read.
var ErrFile = errors.New("not a file of embeddings")

// The .npy format is NEP 1 of NumPy: magic, version, the length of a header, and
// the header, a Python dictionary as text.
var (
	npyDescr   = regexp.MustCompile(`'descr': *'([<>=|]?)f(2|4|8)'`)
	npyFortran = regexp.MustCompile(`'fortran_order': *(True|False)`)
	npyShape   = regexp.MustCompile(`'shape': *\( *(\d+) *, *(\d+) *,? *\)`)
)

// ReadNPY reads a matrix of float16, float32 or float64, in either byte order,
// in C or Fortran order. A file of more than limit bytes is refused before its
// memory is taken.
func ReadNPY(r io.Reader, limit int64) (Matrix, error) {
	in := bufio.NewReaderSize(r, 1<<20)
	header, err := npyHeader(in)
	if err != nil {
		return Matrix{}, fmt.Errorf("%w: .npy header: %w", ErrFile, err)
	}
	descr, fortran, shape := npyDescr.FindSubmatch(header), npyFortran.FindSubmatch(header), npyShape.FindSubmatch(header)
	if descr == nil || fortran == nil || shape == nil {
		return Matrix{}, fmt.Errorf("%w: .npy header %.120q: want a two-dimensional array of float16, float32 or float64", ErrFile, header)
	}
	n, err1 := strconv.ParseInt(string(shape[1]), 10, 62)
	dim, err2 := strconv.ParseInt(string(shape[2]), 10, 62)
	width := int64(descr[2][0] - '0')
	if err1 != nil || err2 != nil || dim < 1 || dim > 1<<20 || n > limit/dim/width {
		return Matrix{}, fmt.Errorf("%w: .npy of shape (%s, %s): at most %d bytes are read", ErrFile, shape[1], shape[2], limit)
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(descr[1]) == ">" {
		order = binary.BigEndian
	}
	out := make([]float32, 0, min(n*dim, 1<<20))
	buf := make([]byte, width*4096)
	for left := n * dim; left > 0; {
		chunk := buf[:min(left, 4096)*width]
		if _, err := io.ReadFull(in, chunk); err != nil {
			return Matrix{}, fmt.Errorf("%w: .npy of shape (%d, %d) ends after %d values", ErrFile, n, dim, n*dim-left)
		}
		for i := 0; i < len(chunk); i += int(width) {
			out = append(out, float(chunk[i:], width, order))
		}
		left -= int64(len(chunk)) / width
	}
	if string(fortran[1]) == "True" {
		turned := make([]float32, len(out))
		for i := range int(n) {
			for j := range int(dim) {
				turned[i*int(dim)+j] = out[j*int(n)+i]
			}
		}
		out = turned
	}
	return Matrix{Dim: int(dim), Parts: [][]float32{out}}, nil
}

func npyHeader(in io.Reader) ([]byte, error) {
	head := make([]byte, 8)
	if _, err := io.ReadFull(in, head); err != nil {
		return nil, err
	}
	if string(head[:6]) != "\x93NUMPY" || head[6] < 1 || head[6] > 3 {
		return nil, errors.New("it does not begin like one")
	}
	length := make([]byte, 4)
	size := 2
	if head[6] > 1 {
		size = 4
	}
	if _, err := io.ReadFull(in, length[:size]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(length)
	if n > 1<<16 {
		return nil, fmt.Errorf("it claims %d bytes", n)
	}
	header := make([]byte, n)
	_, err := io.ReadFull(in, header)
	return header, err
}

func float(b []byte, width int64, order binary.ByteOrder) float32 {
	switch width {
	case 2:
		return half(order.Uint16(b))
	case 8:
		return float32(math.Float64frombits(order.Uint64(b)))
	default:
		return math.Float32frombits(order.Uint32(b))
	}
}

// half is an IEEE 754 binary16 as float32.
func half(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exponent, fraction := uint32(h>>10)&0x1f, uint32(h)&0x3ff
	switch exponent {
	case 0: // zero or subnormal
		f := float32(fraction) / (1 << 24)
		return math.Float32frombits(math.Float32bits(f) | sign)
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
}

// WriteNPY writes a matrix as float32, little-endian, in C order.
func WriteNPY(w io.Writer, m Matrix) error {
	if err := WriteNPYHeader(w, "<f4", m.Rows(), m.Dim); err != nil {
		return err
	}
	for _, part := range m.Parts {
		if err := WriteFloats(w, part); err != nil {
			return err
		}
	}
	return nil
}

// WriteNPYHeader begins a .npy file of an array in C order; its bytes follow.
func WriteNPYHeader(w io.Writer, descr string, shape ...int) error {
	dims := ""
	for _, n := range shape {
		dims += fmt.Sprintf("%d, ", n)
	}
	dict := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, dims[:len(dims)-1])
	// Magic, version and length take 10 bytes; the data begins at a multiple of 64.
	for (10+len(dict)+1)%64 != 0 {
		dict += " "
	}
	dict += "\n"
	_, err := w.Write(append([]byte{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, byte(len(dict)), byte(len(dict) >> 8)}, dict...))
	return err
}

// WriteFloats writes float32 values, little-endian.
func WriteFloats(w io.Writer, v []float32) error {
	if len(v) == 0 {
		return nil
	}
	_, err := w.Write(unsafe.Slice((*byte)(unsafe.Pointer(&v[0])), 4*len(v)))
	return err
}
