package vector

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// FAISS index files, as faiss/impl/index_write.cpp writes them: four letters for the kind
// of index, its header, and what that kind holds; all little-endian.
//
//	header  int32 dimension, int64 rows, two int64 of no meaning, a byte 1 once it is
//	        trained, int32 metric (0 inner product, 1 L2)
//	flat    IxFI, IxF2 and the older IxFl: header, uint64 number of float32, the rows
//	ids     IxMp and IxM2: header, the index that is mapped, uint64 number, int64 ids
//	HNSW    IHNf: header, its graph, the flat index that it searches
//	rounded IxSQ: header, how it rounds, the codes (faiss_codes.go)
//	IVF     IwFl: header, uint64 lists, uint64 lists to search, the index of their centres,
//	        the map of ids, the lists (faiss_ivf.go); IwSq: how it rounds before the lists
const (
	faissInnerProduct = 0
	faissL2           = 1
	faissNothing      = 1 << 20 // what the numbers of no meaning are
	faissNesting      = 3       // indexes in an index, at most
)

// ReadFAISS reads the vectors of an IndexFlatIP, IndexFlatL2, IndexIVFFlat or IndexScalarQuantizer of 8
// or 16 bits, or IVF of such codes, or of one within an IndexIDMap, IndexIDMap2 or IndexHNSWFlat, with
// the ids that an IndexIDMap or IVF gives them; nil where they are the rows' numbers. Rows of codes are
// what FAISS reconstructs. limitBytes bounds what they take; 0 means no bound.
func ReadFAISS(r io.Reader, limitBytes int64) (m Matrix, ids []int64, err error) {
	f := &faissReader{r: bufio.NewReaderSize(r, 1<<16), limit: limitBytes}
	m, ids = f.index(faissNesting)
	if f.err == nil {
		if _, err := f.r.ReadByte(); err == nil {
			f.fail("something follows the index")
		}
	}
	if f.err != nil {
		return Matrix{}, nil, fmt.Errorf("%w: FAISS: %w", ErrFile, f.err)
	}
	return m, ids, nil
}

// faissReader reads until something fails.
type faissReader struct {
	r     *bufio.Reader
	limit int64
	err   error
}

func (f *faissReader) fail(format string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf(format, args...)
	}
}

func (f *faissReader) bytes(n int) []byte {
	b := make([]byte, n)
	f.read(b)
	return b
}

// read fills b, with zeros where something failed.
func (f *faissReader) read(b []byte) {
	if f.err == nil {
		if _, err := io.ReadFull(f.r, b); err == nil {
			return
		} else {
			f.err = truncated(err)
		}
	}
	clear(b)
}

// fits fails where rows would take more than the limit.
func (f *faissReader) fits(dim int, rows int64) {
	if size := 4 * rows * int64(dim); f.err == nil && f.limit > 0 && size > f.limit {
		f.fail("%d rows of %d values take %d bytes, more than the limit of %d", rows, dim, size, f.limit)
	}
}

func (f *faissReader) int32() int { return int(int32(binary.LittleEndian.Uint32(f.bytes(4)))) }
func (f *faissReader) int64() int64 {
	return int64(binary.LittleEndian.Uint64(f.bytes(8)))
}

func (f *faissReader) header() (dim int, rows int64) {
	dim, rows = f.int32(), f.int64()
	f.bytes(16)
	trained, metric := f.bytes(1)[0], f.int32()
	switch {
	case f.err != nil:
	case dim < 1 || dim > maxDim:
		f.fail("rows of %d values are no embeddings (1 to %d)", dim, maxDim)
	case rows < 0 || rows > math.MaxInt64/8/int64(dim):
		f.fail("%d rows are more than there can be", rows)
	case trained != 1:
		f.fail("the index is not trained")
	case metric != faissInnerProduct && metric != faissL2:
		f.fail("its metric is number %d; inner product and L2 are known", metric)
	}
	return dim, rows
}

// skip passes over a vector of elements of size bytes.
func (f *faissReader) skip(size int64) {
	n := f.int64()
	if f.err != nil {
		return
	}
	if n < 0 || n > math.MaxInt64/size {
		f.fail("a table of %d entries is more than there can be", n)
		return
	}
	if _, err := io.CopyN(io.Discard, f.r, n*size); err != nil {
		f.err = truncated(err)
	}
}

func (f *faissReader) index(nesting int) (Matrix, []int64) {
	kind := string(f.bytes(4))
	if f.err == nil && nesting == 0 {
		f.fail("indexes lie in one another too deep")
	}
	if f.err != nil {
		return Matrix{}, nil
	}
	switch kind {
	case "IxFI", "IxF2", "IxFl":
		return f.flat(), nil
	case "IxMp", "IxM2":
		return f.mapped(nesting)
	case "IHNf":
		return f.hnsw(nesting), nil
	case "IxSQ":
		return f.quantized(), nil
	case "IwFl", "IwSq":
		return f.ivf(kind, nesting)
	}
	if name, ok := faissKinds[kind]; ok {
		kind = name
	} else {
		kind = strconv.Quote(kind)
	}
	f.fail("%s does not hold the vectors; akin reads IndexFlat, IndexHNSWFlat, IndexIVFFlat, IndexScalarQuantizer of 8 or 16 bits, their IVF, and IndexIDMap of these", kind)
	return Matrix{}, nil
}

// faissKinds names the kinds that are refused.
var faissKinds = map[string]string{
	"IxPq": "IndexPQ", "IxPQ": "IndexPQ", "IxPo": "IndexPQ", "IxHe": "IndexLSH", "IxHE": "IndexLSH",
	"IvPQ": "IndexIVFPQ", "IvQR": "IndexIVFPQR", "IwPQ": "IndexIVFPQ", "IwQR": "IndexIVFPQR", "IwPf": "IndexIVFPQFastScan", "IPfs": "IndexPQFastScan",
	"IxRP": "IndexRefine", "IxRF": "IndexRefineFlat", "IxPT": "IndexPreTransform", "IHNp": "IndexHNSWPQ",
	"IHNs": "IndexHNSWSQ", "IHN2": "IndexHNSW2Level", "IxRq": "IndexResidualQuantizer", "IxLS": "IndexLocalSearchQuantizer",
	"IBxF": "IndexBinaryFlat", "IBwF": "IndexBinaryIVF", "INSf": "IndexNSGFlat", "Ix2L": "Index2Layer", "IwRQ": "IndexIVFResidualQuantizer",
	"Ixrq": "IndexRaBitQ", "Iwrq": "IndexIVFRaBitQ", "IxLa": "IndexLattice", "IwSh": "IndexIVFSpectralHash", "IwIQ": "IndexIVFIndependentQuantizer",
}

func (f *faissReader) flat() Matrix {
	dim, rows := f.header()
	n := f.int64()
	if f.err != nil {
		return Matrix{}
	}
	if n != rows*int64(dim) {
		f.fail("%d rows of %d values, and %d values", rows, dim, n)
		return Matrix{}
	}
	f.fits(dim, rows)
	return Matrix{Dim: dim, Parts: f.rows(dim, rows)}
}

// rows reads rows of float32.
func (f *faissReader) rows(dim int, rows int64) (parts [][]float32) {
	per := int64(max(1, pieceValues/dim))
	for at := int64(0); at < rows && f.err == nil; at += per {
		piece, err := readFloats(f.r, kind{order: binary.LittleEndian, size: 4}, int(min(per, rows-at))*dim)
		if err != nil {
			f.fail("after %d of %d rows: %w", at+int64(len(piece)/dim), rows, err)
			return nil
		}
		parts = append(parts, piece)
	}
	return parts
}

func (f *faissReader) mapped(nesting int) (Matrix, []int64) {
	_, rows := f.header()
	m, inner := f.index(nesting - 1)
	n := f.int64()
	switch {
	case f.err != nil:
	case inner != nil:
		f.fail("ids of ids")
	case n != rows || n != int64(m.Rows()):
		f.fail("%d ids for %d rows", n, m.Rows())
	}
	if f.err != nil {
		return Matrix{}, nil
	}
	ids := make([]int64, n) // as many as rows that were read
	for i := range ids {
		ids[i] = f.int64()
	}
	return m, ids
}

func (f *faissReader) hnsw(nesting int) Matrix {
	_, rows := f.header()
	for _, size := range []int64{8, 4, 4, 8, 4} { // probabilities, neighbours a level, levels, offsets, neighbours
		f.skip(size)
	}
	f.bytes(5 * 4) // entry point, top level, efConstruction, efSearch, a number of no meaning
	m, ids := f.index(nesting - 1)
	if f.err == nil && (ids != nil || int64(m.Rows()) != rows) {
		f.fail("its graph has %d rows, what it searches %d", rows, m.Rows())
	}
	return m
}

// WriteFAISS writes an IndexFlatIP.
func WriteFAISS(w io.Writer, m Matrix) error {
	if err := m.check(); err != nil {
		return err
	}
	if m.Dim < 1 || m.Dim > math.MaxInt32 {
		return errors.New("an index of FAISS has rows of 1 to 2147483647 values")
	}
	rows := m.Rows()
	head := append([]byte("IxFI"), binary.LittleEndian.AppendUint32(nil, uint32(m.Dim))...)
	for _, n := range []uint64{uint64(rows), faissNothing, faissNothing} {
		head = binary.LittleEndian.AppendUint64(head, n)
	}
	head = append(head, 1)
	head = binary.LittleEndian.AppendUint32(head, faissInnerProduct)
	head = binary.LittleEndian.AppendUint64(head, uint64(rows)*uint64(m.Dim))
	if _, err := w.Write(head); err != nil {
		return err
	}
	for _, p := range m.Parts {
		if err := WriteFloats(w, p); err != nil {
			return err
		}
	}
	return nil
}
