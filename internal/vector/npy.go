package vector

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/akin-search/akin/internal/float16"
)

// The .npy format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

// ErrFile marks a file of embeddings that cannot be read.
var ErrFile = errors.New("not a file of embeddings")

const (
	npyMagic = "\x93NUMPY"
	// maxHeader is far beyond what NumPy writes for numbers (it pads to 64 bytes).
	maxHeader = 64 << 10
	// maxDim is far beyond any model: a larger one is a file that is no matrix of
	// embeddings, or a header that lies.
	maxDim = 1 << 20
	// pieceValues is how much is allocated at a time, so that a header alone
	// never costs more memory than this.
	pieceValues = 4 << 20
)

// ReadNPY reads a matrix of float16, float32 or float64, of either byte order, in
// C or Fortran order; an array of one axis is one row. limitBytes bounds what the
// matrix takes in the file and in memory; 0 means no bound. Values are taken as
// they are: float64 beyond float32 becomes infinite, NaN stays NaN.
func ReadNPY(r io.Reader, limitBytes int64) (Matrix, error) {
	m, err := readNPY(r, limitBytes)
	if err != nil {
		return Matrix{}, fmt.Errorf("%w: .npy: %w", ErrFile, err)
	}
	return m, nil
}

func readNPY(r io.Reader, limitBytes int64) (rows Matrix, err error) {
	h, err := readHeader(r)
	if err != nil {
		return Matrix{}, fmt.Errorf("header: %w", err)
	}
	kind, err := kindOf(h.descr)
	if err != nil {
		return Matrix{}, fmt.Errorf("header: %w", err)
	}
	if len(h.shape) == 1 {
		h.shape = []int64{1, h.shape[0]}
	}
	return readMatrix(r, kind, h.shape, h.fortran, limitBytes)
}

// readMatrix reads an array of two axes.
func readMatrix(r io.Reader, kind kind, shape []int64, fortran bool, limitBytes int64) (rows Matrix, err error) {
	if len(shape) != 2 {
		return Matrix{}, fmt.Errorf("header: the array has shape %v; reshape it to (pictures, values)", shape)
	}
	n, dim := shape[0], shape[1]
	if dim == 0 || dim > maxDim {
		return Matrix{}, fmt.Errorf("header: rows of %d values are no embeddings (1 to %d)", dim, maxDim)
	}
	if n > math.MaxInt/8/dim {
		return Matrix{}, fmt.Errorf("header: shape %v is larger than memory can be", shape)
	}
	if size := n * dim * max(4, int64(kind.size)); limitBytes > 0 && size > limitBytes {
		return Matrix{}, fmt.Errorf("%d rows of %d values take %d bytes, more than the limit of %d", n, dim, size, limitBytes)
	}
	rows = Matrix{Dim: int(dim)}
	if !fortran || n == 1 {
		perPiece := max(1, pieceValues/dim)
		for at := int64(0); at < n; at += perPiece {
			piece, err := readFloats(r, kind, int(min(perPiece, n-at)*dim))
			if err != nil {
				return Matrix{}, fmt.Errorf("after %d of %d rows: %w", at+int64(len(piece))/dim, n, err)
			}
			rows.Parts = append(rows.Parts, piece)
		}
		return rows, nil
	}
	columns, err := readFloats(r, kind, int(n*dim))
	if err != nil {
		return Matrix{}, fmt.Errorf("after %d of %d values: %w", len(columns), n*dim, err)
	}
	if n > 0 {
		rows.Parts = [][]float32{transpose(columns, int(n), int(dim))}
	}
	return rows, nil
}

// transpose turns columns, (dim, n), to rows, (n, dim).
func transpose(columns []float32, n, dim int) []float32 {
	const tile = 32 // both sides of a tile stay in the first cache
	rows := make([]float32, len(columns))
	for i0 := 0; i0 < n; i0 += tile {
		for j0 := 0; j0 < dim; j0 += tile {
			for i := i0; i < min(n, i0+tile); i++ {
				for j := j0; j < min(dim, j0+tile); j++ {
					rows[i*dim+j] = columns[j*n+i]
				}
			}
		}
	}
	return rows
}

// kind is how a number lies in a file.
type kind struct {
	size  int
	order binary.ByteOrder
	brain bool // of two bytes: bfloat16, the upper half of a float32
}

func kindOf(descr string) (kind, error) {
	order, typ := binary.ByteOrder(binary.LittleEndian), descr
	if descr != "" && strings.ContainsRune("<>", rune(descr[0])) {
		typ = descr[1:]
		if descr[0] == '>' {
			order = binary.BigEndian
		}
	}
	switch typ {
	case "f2":
		return kind{size: 2, order: order}, nil
	case "f4":
		return kind{size: 4, order: order}, nil
	case "f8":
		return kind{size: 8, order: order}, nil
	}
	return kind{}, fmt.Errorf("values of type %q are not read; save the array as float32 (.astype('float32'))", descr)
}

// readFloats reads count values. What it allocates follows what arrives.
func readFloats(r io.Reader, k kind, count int) ([]float32, error) {
	out := make([]float32, 0, min(count, pieceValues))
	buf := make([]byte, min(count*k.size, 64<<10))
	for len(out) < count {
		b := buf[:min(len(buf), (count-len(out))*k.size)]
		n, err := io.ReadFull(r, b)
		for b = b[:n-n%k.size]; len(b) > 0; b = b[k.size:] {
			out = append(out, k.value(b))
		}
		if err != nil {
			return out, truncated(err)
		}
	}
	return out, nil
}

// early words the end of a file that ought to go on.
func truncated(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.New("the file ends early; copy or write it again")
	}
	return err
}

func (k kind) value(b []byte) float32 {
	switch {
	case k.brain:
		return math.Float32frombits(uint32(k.order.Uint16(b)) << 16)
	case k.size == 2:
		return float16.Decode(k.order.Uint16(b))
	case k.size == 4:
		return math.Float32frombits(k.order.Uint32(b))
	}
	return float32(math.Float64frombits(k.order.Uint64(b)))
}

type header struct {
	descr   string
	fortran bool
	shape   []int64
}

func readHeader(r io.Reader) (header, error) {
	var start [12]byte
	if n, err := io.ReadFull(r, start[:10]); string(start[:min(n, 6)]) != npyMagic[:min(n, 6)] || err == io.EOF {
		return header{}, errors.New("the file does not begin like a .npy file")
	} else if err != nil {
		return header{}, truncated(err)
	}
	size := uint32(binary.LittleEndian.Uint16(start[8:]))
	switch version := start[6]; version {
	case 1:
	case 2, 3: // 3 differs only in that the header is UTF-8
		if _, err := io.ReadFull(r, start[10:]); err != nil {
			return header{}, truncated(err)
		}
		size = binary.LittleEndian.Uint32(start[8:])
	default:
		return header{}, fmt.Errorf("version %d.%d of the format is not known", version, start[7])
	}
	if size > maxHeader {
		return header{}, fmt.Errorf("it has %d bytes, more than the %d allowed", size, maxHeader)
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(r, text); err != nil {
		return header{}, truncated(err)
	}
	p := literal{rest: string(text)}
	h, err := p.header()
	if err != nil {
		return header{}, fmt.Errorf("%w in %q", err, excerpt(string(text)))
	}
	return h, nil
}

func excerpt(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 100 {
		s = s[:100] + "…"
	}
	return s
}

// literal reads the Python dictionary that the header is.
type literal struct{ rest string }

func (p *literal) header() (h header, err error) {
	if !p.take("{") {
		return h, errors.New("no dictionary")
	}
	seen := map[string]bool{}
	for !p.take("}") {
		key, err := p.quoted()
		if err != nil {
			return h, err
		}
		if !p.take(":") {
			return h, fmt.Errorf("no value for %q", key)
		}
		switch key {
		case "descr":
			if h.descr, err = p.quoted(); err != nil {
				return h, errors.New("the values are structures, not numbers")
			}
		case "fortran_order":
			if h.fortran = p.take("True"); !h.fortran && !p.take("False") {
				return h, errors.New("fortran_order is neither True nor False")
			}
		case "shape":
			if h.shape, err = p.tuple(); err != nil {
				return h, err
			}
		default:
			return h, fmt.Errorf("unknown key %q", key)
		}
		if seen[key] {
			return h, fmt.Errorf("key %q twice", key)
		}
		seen[key] = true
		if !p.take(",") && !strings.HasPrefix(p.rest, "}") {
			return h, fmt.Errorf("no comma after %q", key)
		}
	}
	if strings.TrimSpace(p.rest) != "" {
		return h, errors.New("something after the dictionary")
	}
	if len(seen) < 3 {
		return h, errors.New("a key is missing")
	}
	return h, nil
}

// take drops space and then token, if it is next.
func (p *literal) take(token string) (ok bool) {
	p.rest, ok = strings.CutPrefix(strings.TrimLeft(p.rest, " \t\r\n"), token)
	return ok
}

func (p *literal) quoted() (string, error) {
	for _, quote := range []string{"'", `"`} {
		if p.take(quote) {
			if text, rest, ok := strings.Cut(p.rest, quote); ok && !strings.Contains(text, `\`) {
				p.rest = rest
				return text, nil
			}
			return "", errors.New("a text without end")
		}
	}
	return "", errors.New("a text is missing")
}

func (p *literal) tuple() ([]int64, error) {
	if !p.take("(") {
		return nil, errors.New("shape is no tuple")
	}
	shape := []int64{}
	for !p.take(")") {
		digits := len(p.rest) - len(strings.TrimLeft(p.rest, "0123456789"))
		n, err := strconv.ParseInt(p.rest[:digits], 10, 64)
		if err != nil || len(shape) == 32 {
			return nil, errors.New("shape holds something else than sizes")
		}
		p.rest = p.rest[digits:]
		p.take("L") // Python 2 wrote long numbers so
		shape = append(shape, n)
		if !p.take(",") && !strings.HasPrefix(p.rest, ")") {
			return nil, errors.New("shape lacks a comma")
		}
	}
	return shape, nil
}

// WriteNPY writes the rows as float32, little-endian, in C order.
func WriteNPY(w io.Writer, m Matrix) error {
	if err := m.check(); err != nil {
		return fmt.Errorf("write .npy: %w", err)
	}
	if err := WriteNPYHeader(w, "<f4", m.Rows(), m.Dim); err != nil {
		return err
	}
	for _, p := range m.Parts {
		if err := WriteFloats(w, p); err != nil {
			return err
		}
	}
	return nil
}

// WriteNPYHeader begins a .npy file of an array in C order; its bytes follow.
func WriteNPYHeader(w io.Writer, descr string, shape ...int) error {
	var dims []string
	for _, n := range shape {
		dims = append(dims, fmt.Sprint(n))
	}
	tuple := strings.Join(dims, ", ")
	if len(dims) == 1 {
		tuple += "," // Python's tuple of one
	}
	dict := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, tuple)
	// The data begins at a multiple of 64; magic, version and length take 10 bytes.
	size := (10+len(dict)+1+63)/64*64 - 10
	if size > math.MaxUint16 {
		return fmt.Errorf("write .npy: %d axes are too many", len(shape))
	}
	b := binary.LittleEndian.AppendUint16([]byte(npyMagic+"\x01\x00"), uint16(size))
	if _, err := w.Write(fmt.Appendf(b, "%-*s\n", size-1, dict)); err != nil {
		return fmt.Errorf("write .npy: %w", err)
	}
	return nil
}

// WriteFloats writes float32 values, little-endian.
func WriteFloats(w io.Writer, v []float32) error {
	const chunk = 16 << 10
	b := make([]byte, 0, 4*min(len(v), chunk))
	for part := range slices.Chunk(v, chunk) {
		b = b[:0]
		for _, x := range part {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("write .npy: %w", err)
		}
	}
	return nil
}
