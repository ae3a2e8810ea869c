package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	flatbuffers "github.com/google/flatbuffers/go"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/akin-search/akin/internal/float16"
)

const (
	noCodec   int8 = -1
	lz4Codec  int8 = 0
	zstdCodec int8 = 1

	bufferFree  = 64 << 20 // bytes that a buffer may unpack to, whatever its size
	bufferTimes = 300      // of its size, which a larger one may unpack to; lz4 does not reach it
	window      = 256 << 10
)

// arrowField is a column, or what lies in one, and its buffers in the batch being read.
type arrowField struct {
	name, title string
	kind        byte
	width       int64 // bytes of a value, or values of a list of fixed size
	signed      bool
	dict        *int64 // of what its integers are indices
	children    []*arrowField
	within      *arrowField // the structure that it is a member of

	length   int64
	validity *arrowBuffer // of no bytes where nothing is null
	first    *arrowBuffer // values, offsets, or views
	second   *arrowBuffer // the bytes that offsets are of
	views    []*arrowBuffer
}

// arrowBatch hands out the nodes and buffers of a batch in the order of the fields.
type arrowBatch struct {
	version                            int16
	table                              flatbuffers.Table
	body                               *io.SectionReader
	codec                              int8
	nodes, buffers, variadic           flatbuffers.UOffsetT
	nodeCount, bufferCount             int
	variadicCount                      int
	nextNode, nextBuffer, nextVariadic int
}

// node is the number of a field's values.
func (b *arrowBatch) node() (length int64, err error) {
	if b.nextNode == b.nodeCount {
		return 0, errors.New("the batch has fewer columns than the schema")
	}
	length = b.table.GetInt64(b.nodes + 16*flatbuffers.UOffsetT(b.nextNode))
	b.nextNode++
	if length < 0 {
		return 0, fmt.Errorf("%d values", length)
	}
	return length, nil
}

func (b *arrowBatch) buffer() (*arrowBuffer, error) {
	if b.nextBuffer == b.bufferCount {
		return nil, errors.New("the batch has fewer buffers than the schema")
	}
	at := b.buffers + 16*flatbuffers.UOffsetT(b.nextBuffer)
	offset, size := b.table.GetInt64(at), b.table.GetInt64(at+8)
	b.nextBuffer++
	if offset < 0 || size < 0 || size > b.body.Size() || offset > b.body.Size()-size {
		return nil, fmt.Errorf("a buffer from byte %d, of %d bytes, in %d", offset, size, b.body.Size())
	}
	return &arrowBuffer{in: b.body, offset: offset, size: size, codec: b.codec}, nil
}

// lay takes the buffers of a field and of those in it.
func (f *arrowField) lay(b *arrowBatch) (err error) {
	if f.length, err = b.node(); err != nil {
		return err
	}
	take := func(to **arrowBuffer) {
		if err == nil {
			*to, err = b.buffer()
		}
	}
	f.validity, f.first, f.second, f.views = nil, nil, nil, nil
	switch f.kind {
	case arrowNull, arrowRuns:
	case arrowUnion:
		var none *arrowBuffer
		if b.version < 4 { // V5 has no nulls of unions
			take(&none)
		}
		if take(&none); f.signed {
			take(&none)
		}
	case arrowStruct, arrowFixedList:
		take(&f.validity)
	case arrowBinary, arrowText, arrowLargeBinary, arrowLargeText, arrowListView, arrowLargeListView:
		take(&f.validity)
		take(&f.first)
		take(&f.second)
	case arrowBinaryView, arrowTextView:
		take(&f.validity)
		take(&f.first)
		if b.nextVariadic == b.variadicCount {
			return errors.New("the batch does not say how many buffers its views have")
		}
		n := b.table.GetInt64(b.variadic + 8*flatbuffers.UOffsetT(b.nextVariadic))
		b.nextVariadic++
		for i := int64(0); i < n && err == nil; i++ {
			var one *arrowBuffer
			take(&one)
			f.views = append(f.views, one)
		}
	default:
		take(&f.validity)
		take(&f.first)
	}
	for _, child := range f.children {
		if err == nil {
			err = child.lay(b)
		}
	}
	return err
}

// isNull reports whether value i is absent, or the structure that it is in.
func (f *arrowField) isNull(i int64) (bool, error) {
	if f.within != nil {
		if null, err := f.within.isNull(i); null || err != nil {
			return null, err
		}
	}
	if f.validity == nil {
		return false, nil
	}
	empty, err := f.validity.isEmpty()
	if empty || err != nil {
		return false, err
	}
	set, err := f.validity.bit(i)
	return !set, err
}

// cell is value i.
func (f *arrowField) cell(a *arrowRows, i int64) (Cell, error) {
	if i < 0 || i >= f.length {
		return Cell{}, fmt.Errorf("value %d of %d", i, f.length)
	}
	if null, err := f.isNull(i); null || err != nil {
		return Cell{}, err
	}
	switch f.kind {
	case arrowNull:
		return Cell{}, nil
	case arrowBool:
		set, err := f.first.bit(i)
		return textCell(fmt.Sprint(set)), err
	case arrowInt, arrowDate, arrowTime, arrowTimestamp, arrowDuration:
		return f.integer(a, i)
	case arrowFloat:
		b, err := f.first.at(i*f.width, f.width)
		if err != nil {
			return Cell{}, err
		}
		bits := 32
		if f.width == 8 {
			bits = 64
		}
		return numberCell(f.float(b), bits), nil
	case arrowText, arrowBinary:
		b, err := f.bytes(i, 4, f.kind == arrowText)
		return bytesCell(b, f.kind == arrowText), err
	case arrowLargeText, arrowLargeBinary:
		b, err := f.bytes(i, 8, f.kind == arrowLargeText)
		return bytesCell(b, f.kind == arrowLargeText), err
	case arrowTextView, arrowBinaryView:
		b, err := f.view(i, f.kind == arrowTextView)
		return bytesCell(b, f.kind == arrowTextView), err
	case arrowList, arrowLargeList, arrowFixedList:
		from, to, err := f.elements(i)
		if err != nil {
			return Cell{}, err
		}
		return f.children[0].list(a, from, to)
	}
	return Cell{Kind: Other}, nil
}

func (f *arrowField) integer(a *arrowRows, i int64) (Cell, error) {
	b, err := f.first.at(i*f.width, f.width)
	if err != nil {
		return Cell{}, err
	}
	u := uint64(0)
	for k := len(b) - 1; k >= 0; k-- {
		u = u<<8 | uint64(b[k])
	}
	v := int64(u)
	if f.signed {
		v = v << (64 - 8*f.width) >> (64 - 8*f.width)
	}
	if f.dict != nil {
		values := a.dicts[*f.dict]
		if v < 0 || v >= int64(len(values)) {
			return Cell{}, fmt.Errorf("entry %d of a dictionary of %d", v, len(values))
		}
		return values[v], nil
	}
	if !f.signed {
		return unsignedCell(u), nil
	}
	return integerCell(v), nil
}

func (f *arrowField) float(b []byte) float64 {
	switch f.width {
	case 2:
		return float64(float16.Decode(binary.LittleEndian.Uint16(b)))
	case 4:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}

// number is an offset of 4 or 8 bytes.
func (b *arrowBuffer) number(i, width int64) (int64, error) {
	data, err := b.at(i*width, width)
	if err != nil {
		return 0, err
	}
	if width == 4 {
		return int64(int32(binary.LittleEndian.Uint32(data))), nil
	}
	return int64(binary.LittleEndian.Uint64(data)), nil
}

// bytes are those between two offsets of a width. Of a text that is too long to be one, a little more than a text has are enough.
func (f *arrowField) bytes(i, width int64, isText bool) ([]byte, error) {
	from, err := f.first.number(i, width)
	if err != nil {
		return nil, err
	}
	to, err := f.first.number(i+1, width)
	if err != nil {
		return nil, err
	}
	if from < 0 || from > to {
		return nil, fmt.Errorf("a text from byte %d to %d", from, to)
	}
	n := to - from
	if isText {
		n = min(n, textLimit+1)
	}
	return f.second.at(from, n)
}

// view is a text of up to 12 bytes where it stands, or where it says that it lies.
func (f *arrowField) view(i int64, isText bool) ([]byte, error) {
	v, err := f.first.at(16*i, 16)
	if err != nil {
		return nil, err
	}
	n := int64(int32(binary.LittleEndian.Uint32(v)))
	if n >= 0 && n <= 12 {
		return v[4 : 4+n], nil
	}
	index, from := int(int32(binary.LittleEndian.Uint32(v[8:]))), int64(int32(binary.LittleEndian.Uint32(v[12:])))
	if n < 0 || index < 0 || index >= len(f.views) {
		return nil, fmt.Errorf("a text of %d bytes in buffer %d of %d", n, index, len(f.views))
	}
	if isText {
		n = min(n, textLimit+1)
	}
	return f.views[index].at(from, n)
}

// elements are the first and the last of a list, which does not belong to it.
func (f *arrowField) elements(i int64) (from, to int64, err error) {
	switch f.kind {
	case arrowFixedList:
		from = i * f.width
		to = from + f.width
	default:
		width := int64(4)
		if f.kind == arrowLargeList {
			width = 8
		}
		if from, err = f.first.number(i, width); err == nil {
			to, err = f.first.number(i+1, width)
		}
	}
	if err != nil {
		return 0, 0, err
	}
	if from < 0 || from > to || to > f.children[0].length {
		return 0, 0, fmt.Errorf("a list of the elements %d to %d, of %d", from, to, f.children[0].length)
	}
	if to-from > listLimit {
		return 0, 0, fmt.Errorf("a list of more than %d elements", listLimit)
	}
	return from, to, nil
}

// list makes one cell of some values.
func (f *arrowField) list(a *arrowRows, from, to int64) (Cell, error) {
	if f.kind == arrowFloat {
		if from == to {
			return Cell{}, nil
		}
		b, err := f.first.at(from*f.width, (to-from)*f.width)
		if err != nil {
			return Cell{}, err
		}
		values := make([]float32, to-from)
		for i := range values {
			values[i] = float32(f.float(b[int64(i)*f.width:]))
			if null, err := f.isNull(from + int64(i)); err != nil {
				return Cell{}, err
			} else if null {
				values[i] = float32(math.NaN())
			}
		}
		return Cell{Kind: Values, Values: values}, nil
	}
	switch f.kind {
	case arrowInt, arrowText, arrowLargeText, arrowTextView, arrowBool:
	default:
		if from == to {
			return Cell{}, nil
		}
		return Cell{Kind: Other}, nil
	}
	list := make([]Cell, 0, to-from)
	for i := from; i < to; i++ {
		c, err := f.cell(a, i)
		if err != nil {
			return Cell{}, err
		}
		list = append(list, c)
	}
	return listCell(list), nil
}

// arrowBuffer is some bytes of a batch, which are read, and unpacked, when they are asked for: a piece at a time if they
// are not packed.
type arrowBuffer struct {
	in           *io.SectionReader
	offset, size int64
	codec        int8
	piece        []byte
	pieceAt      int64
}

func (b *arrowBuffer) isEmpty() (bool, error) {
	n, err := b.length()
	return n == 0, err
}

// length is that of the unpacked bytes.
func (b *arrowBuffer) length() (int64, error) {
	if b.size == 0 {
		return 0, nil
	}
	return b.size, b.unpack()
}

func (b *arrowBuffer) bit(i int64) (bool, error) {
	data, err := b.at(i/8, 1)
	if err != nil {
		return false, err
	}
	return data[0]>>(i%8)&1 == 1, nil
}

// at returns bytes that are others' after the next call.
func (b *arrowBuffer) at(from, n int64) ([]byte, error) {
	if n == 0 {
		return nil, nil
	}
	size, err := b.length()
	if err != nil {
		return nil, err
	}
	if from < 0 || n < 0 || n > size || from > size-n {
		return nil, fmt.Errorf("bytes %d to %d of a buffer of %d", from, from+n, size)
	}
	if from < b.pieceAt || from+n > b.pieceAt+int64(len(b.piece)) {
		want := min(max(n, window), size-from)
		if int64(cap(b.piece)) < want {
			b.piece = make([]byte, want)
		}
		b.piece, b.pieceAt = b.piece[:want], from
		if _, err := b.in.ReadAt(b.piece, b.offset+from); err != nil {
			b.piece = nil
			return nil, noEOF(err)
		}
	}
	return b.piece[from-b.pieceAt:][:n], nil
}

// unpack unpacks the bytes, if they are packed: their length, and what a codec made of them.
func (b *arrowBuffer) unpack() error {
	if b.codec == noCodec {
		return nil
	}
	head := make([]byte, 8)
	if b.size < 8 {
		return fmt.Errorf("a packed buffer of %d bytes", b.size)
	}
	if _, err := b.in.ReadAt(head, b.offset); err != nil {
		return noEOF(err)
	}
	n := int64(binary.LittleEndian.Uint64(head))
	packed := io.NewSectionReader(b.in, b.offset+8, b.size-8)
	codec := b.codec
	b.codec = noCodec
	if n == -1 { // as it is
		b.offset, b.size = b.offset+8, b.size-8
		return nil
	}
	if n < 0 || n > bufferFree && n > bufferTimes*packed.Size() {
		return fmt.Errorf("a buffer of %d bytes unpacks to %d, more than are read", packed.Size(), n)
	}
	var in io.Reader = lz4.NewReader(packed)
	if codec == zstdCodec {
		z, err := zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30), zstd.WithDecoderLowmem(true))
		if err != nil {
			return err
		}
		defer z.Close()
		in = z
	}
	data, err := io.ReadAll(io.LimitReader(in, n+1)) // grows as the bytes arrive
	if err != nil {
		return fmt.Errorf("unpack: %w", noEOF(err))
	}
	if int64(len(data)) != n {
		return fmt.Errorf("a buffer unpacks to %d bytes or more, and says %d", len(data), n)
	}
	b.size, b.piece, b.pieceAt = n, data, 0
	return nil
}
