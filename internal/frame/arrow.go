package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	flatbuffers "github.com/google/flatbuffers/go"
)

// Arrow's columnar format and its messages: https://arrow.apache.org/docs/format/Columnar.html and the files Schema.fbs,
// Message.fbs and File.fbs beside it. A file (Feather, version 2) has messages between two magic words, and a footer with
// the schema and the places of the others; polars writes no message of the schema.

const (
	arrowMagic    = "ARROW1"
	arrowMessage  = 16 << 20 // bytes of a message without its body
	arrowDepth    = 32       // of types in types
	arrowColumns  = 1 << 16
	dictionaryMax = 16 << 20 // entries
)

// Kinds of messages and of types, as the unions in Message.fbs and Schema.fbs number them.
const (
	schemaMessage     = 1
	dictionaryMessage = 2
	batchMessage      = 3

	arrowNull, arrowInt, arrowFloat, arrowBinary, arrowText, arrowBool = 1, 2, 3, 4, 5, 6
	arrowDecimal, arrowDate, arrowTime, arrowTimestamp, arrowInterval  = 7, 8, 9, 10, 11
	arrowList, arrowStruct, arrowUnion, arrowFixedBinary               = 12, 13, 14, 15
	arrowFixedList, arrowMap, arrowDuration                            = 16, 17, 18
	arrowLargeBinary, arrowLargeText, arrowLargeList, arrowRuns        = 19, 20, 21, 22
	arrowBinaryView, arrowTextView, arrowListView, arrowLargeListView  = 23, 24, 25, 26
)

// arrowRows reads the batches of a file or a stream, one after another.
type arrowRows struct {
	in      io.ReaderAt
	isFile  bool
	blocks  []int64 // of a file: where the next messages lie
	at, end int64
	version int16
	fields  []*arrowField // of the schema
	columns []*arrowField // with a title each: structures are parted into their members
	dicts   map[int64][]Cell
	values  map[int64]*arrowField // of dictionaries
	kept    []bool
	notes   map[string]string
	row     int64 // of the batch
	length  int64
	cells   []Cell
}

// IsArrow reports whether a file begins as Arrow's files do, whatever it is called.
func IsArrow(r io.ReaderAt) bool {
	var head [len(arrowMagic)]byte
	_, err := r.ReadAt(head[:], 0)
	return err == nil && string(head[:]) == arrowMagic
}

func openArrow(r io.ReaderAt, size int64) (*Frame, error) {
	t, err := newArrow(r, size)
	if err != nil {
		return nil, fmt.Errorf("as Arrow: %w", err)
	}
	return t, nil
}

func newArrow(r io.ReaderAt, size int64) (*Frame, error) {
	a := &arrowRows{in: r, end: size, dicts: map[int64][]Cell{}, values: map[int64]*arrowField{}}
	begin := a.stream
	if IsArrow(r) {
		begin = a.file
	}
	if err := begin(); err != nil {
		return nil, err
	}
	t := &Frame{Format: "Arrow", rows: a, Notes: a.notes}
	for _, f := range a.fields {
		a.part(f, f.name)
	}
	for _, f := range a.columns {
		t.Titles = append(t.Titles, f.title)
		a.kept = append(a.kept, true)
	}
	a.cells = make([]Cell, len(a.columns))
	return t, nil
}

// stream begins with a message of the schema.
func (a *arrowRows) stream() error {
	kind, header, _, err := a.message()
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("it has no schema")
	case err != nil:
		return err
	case kind != schemaMessage:
		return fmt.Errorf("it begins with a message of kind %d, and no schema", kind)
	}
	return a.schema(header)
}

// file begins with the footer at its end: its length, and the magic word, are behind it.
func (a *arrowRows) file() error {
	if a.end < 20 {
		return fmt.Errorf("it has %d bytes", a.end)
	}
	foot := make([]byte, 10)
	if _, err := a.in.ReadAt(foot, a.end-10); err != nil {
		return noEOF(err)
	}
	n := int64(binary.LittleEndian.Uint32(foot))
	if string(foot[4:]) != arrowMagic {
		return errors.New("it does not end as an Arrow file does; copy or write it again")
	}
	if n < 8 || n > arrowMessage || n > a.end-18 {
		return fmt.Errorf("a footer of %d bytes in a file of %d", n, a.end)
	}
	a.isFile, a.end = true, a.end-10-n
	data := make([]byte, n)
	if _, err := a.in.ReadAt(data, a.end); err != nil {
		return noEOF(err)
	}
	footer := rootTable(data)
	schema, ok := member(footer, 1)
	if !ok {
		return errors.New("it has no schema")
	}
	for _, field := range []int{2, 3} { // dictionaries, batches
		first, count := structs(footer, field)
		for i := range count {
			at := footer.GetInt64(first + 24*flatbuffers.UOffsetT(i))
			// In any other order, a few batches could be made a million.
			if at < 8 || at > a.end || i > 0 && at <= a.blocks[len(a.blocks)-1] {
				return fmt.Errorf("its footer says that a message lies at byte %d", at)
			}
			a.blocks = append(a.blocks, at)
		}
	}
	return a.schema(schema)
}

// message reads the next message, and the place of its body, which it passes over.
func (a *arrowRows) message() (kind byte, header flatbuffers.Table, body *io.SectionReader, err error) {
	fail := func(err error) (byte, flatbuffers.Table, *io.SectionReader, error) { return 0, header, nil, err }
	word := make([]byte, 4)
	next := func() (uint32, error) {
		if a.end-a.at < 4 {
			return 0, io.EOF
		}
		_, err := a.in.ReadAt(word, a.at)
		a.at += 4
		return binary.LittleEndian.Uint32(word), noEOF(err)
	}
	if a.isFile {
		if len(a.blocks) == 0 {
			return fail(io.EOF)
		}
		a.at, a.blocks = a.blocks[0], a.blocks[1:]
	}
	begin := a.at
	n, err := next()
	if err == nil && n == math.MaxUint32 { // before version 0.15 there was no such word
		n, err = next()
	}
	if err != nil {
		if a.isFile || a.end != begin {
			err = noEOF(err)
		}
		return fail(err)
	}
	if n == 0 && !a.isFile {
		return fail(io.EOF)
	}
	if n > arrowMessage || int64(n) > a.end-a.at {
		return fail(fmt.Errorf("a message of %d bytes at byte %d, and %d are left", n, begin, a.end-a.at))
	}
	data := make([]byte, n)
	if _, err := a.in.ReadAt(data, a.at); err != nil {
		return fail(noEOF(err))
	}
	a.at += int64(n)
	m := rootTable(data)
	a.version = m.GetInt16Slot(slot(0), 0)
	length := m.GetInt64Slot(slot(3), 0)
	if length < 0 || length > a.end-a.at {
		return fail(fmt.Errorf("a message at byte %d has a body of %d bytes, and %d are left", begin, length, a.end-a.at))
	}
	if a.version < 3 { // V4, of 2017
		return fail(fmt.Errorf("version V%d of the format is not read", a.version+1))
	}
	body = io.NewSectionReader(a.in, a.at, length)
	a.at += length
	header, ok := member(m, 2)
	if !ok {
		return fail(fmt.Errorf("a message at byte %d is empty", begin))
	}
	return m.GetByteSlot(slot(1), 0), header, body, nil
}

func (a *arrowRows) keep(columns []bool) { a.kept = columns }

func (a *arrowRows) read() ([]Cell, error) {
	cells, err := a.next()
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("as Arrow: %w", err)
	}
	return cells, err
}

func (a *arrowRows) next() ([]Cell, error) {
	for a.row == a.length {
		kind, header, body, err := a.message()
		if err != nil {
			return nil, err
		}
		switch kind {
		case dictionaryMessage:
			if err := a.dictionary(header, body); err != nil {
				return nil, fmt.Errorf("a dictionary: %w", err)
			}
		case batchMessage:
			if a.length, err = a.batch(header, body, a.fields); err != nil {
				return nil, err
			}
			a.row = 0
		default:
			return nil, fmt.Errorf("a message of kind %d among the batches", kind)
		}
	}
	clear(a.cells)
	for i, f := range a.columns {
		if !a.kept[i] {
			continue
		}
		var err error
		if a.cells[i], err = f.cell(a, a.row); err != nil {
			return nil, fmt.Errorf("column %s: %w", f.title, err)
		}
	}
	a.row++
	return a.cells, nil
}

// batch lays the buffers of a batch to the fields.
func (a *arrowRows) batch(header flatbuffers.Table, body *io.SectionReader, fields []*arrowField) (length int64, err error) {
	b := &arrowBatch{version: a.version, body: body, codec: noCodec}
	length = header.GetInt64Slot(slot(0), 0)
	if length < 0 || length > math.MaxInt32 {
		return 0, fmt.Errorf("a batch of %d rows", length)
	}
	b.table = header
	b.nodes, b.nodeCount = structs(header, 1)
	b.buffers, b.bufferCount = structs(header, 2)
	b.variadic, b.variadicCount = structs(header, 4)
	if c, ok := member(header, 3); ok {
		b.codec = int8(c.GetByteSlot(slot(0), 0))
		if b.codec != lz4Codec && b.codec != zstdCodec {
			return 0, fmt.Errorf("compression %d is not known", b.codec)
		}
	}
	for _, f := range fields {
		if err := f.lay(b); err != nil {
			return 0, fmt.Errorf("column %.60s: %w", f.name, err)
		}
		if f.length != length {
			return 0, fmt.Errorf("column %.60s has %d rows, and the batch %d", f.name, f.length, length)
		}
	}
	return length, nil
}

// dictionary reads the values that a column's indices mean.
func (a *arrowRows) dictionary(header flatbuffers.Table, body *io.SectionReader) error {
	id := header.GetInt64Slot(slot(0), 0)
	f := a.values[id]
	if f == nil {
		return fmt.Errorf("no column has the id %d", id)
	}
	data, ok := member(header, 1)
	if !ok {
		return errors.New("it has no values")
	}
	n, err := a.batch(data, body, []*arrowField{f})
	if err != nil {
		return err
	}
	var cells []Cell
	if header.GetBoolSlot(slot(2), false) {
		cells = a.dicts[id]
	}
	if n > dictionaryMax-int64(len(cells)) {
		return fmt.Errorf("it has more than %d values", dictionaryMax)
	}
	for i := range n {
		c, err := f.cell(a, i)
		if err != nil {
			return err
		}
		cells = append(cells, c)
	}
	a.dicts[id] = cells
	return nil
}

// part makes columns of a field: one, or those of a structure's members.
func (a *arrowRows) part(f *arrowField, title string) {
	if f.kind != arrowStruct || f.dict != nil || len(f.children) == 0 {
		f.title = title
		a.columns = append(a.columns, f)
		return
	}
	for _, child := range f.children {
		child.within = f
		a.part(child, title+"."+child.name)
	}
}

// schema reads the fields.
func (a *arrowRows) schema(t flatbuffers.Table) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("its schema: %w", err)
		}
	}()
	if t.GetInt16Slot(slot(0), 0) != 0 {
		return errors.New("big-endian files are not read")
	}
	at, n := tables(t, 2)
	for i := range min(n, arrowColumns) {
		note := at(i)
		text := func(index int) string {
			if at := note.Offset(slot(index)); at != 0 {
				return note.String(note.Pos + flatbuffers.UOffsetT(at))
			}
			return ""
		}
		if a.notes == nil {
			a.notes = map[string]string{}
		}
		a.notes[text(0)] = text(1)
	}
	count := 0
	a.fields, err = a.children(t, 1, 0, &count)
	return err
}

func (a *arrowRows) children(t flatbuffers.Table, index, depth int, count *int) (fields []*arrowField, err error) {
	at, n := tables(t, index)
	if depth > arrowDepth {
		return nil, fmt.Errorf("types within types, %d deep", depth)
	}
	for i := range n {
		if *count++; *count > arrowColumns {
			return nil, fmt.Errorf("more than %d columns", arrowColumns)
		}
		f, err := a.field(at(i), depth, count)
		if err != nil {
			return nil, fmt.Errorf("%.60s: %w", f.name, err)
		}
		fields = append(fields, f)
	}
	return fields, nil
}

func (a *arrowRows) field(t flatbuffers.Table, depth int, count *int) (f *arrowField, err error) {
	f = &arrowField{kind: t.GetByteSlot(slot(2), 0)}
	if at := t.Offset(slot(0)); at != 0 {
		f.name = strings.ToValidUTF8(t.String(t.Pos+flatbuffers.UOffsetT(at)), "\ufffd")
	}
	typ, _ := member(t, 3)
	if err := f.typed(typ); err != nil {
		return f, err
	}
	if f.children, err = a.children(t, 5, depth+1, count); err != nil {
		return f, err
	}
	single := f.kind == arrowList || f.kind == arrowLargeList || f.kind == arrowFixedList || f.kind == arrowMap ||
		f.kind == arrowListView || f.kind == arrowLargeListView
	if single && len(f.children) != 1 {
		return f, fmt.Errorf("a list of %d types", len(f.children))
	}
	d, ok := member(t, 4)
	if !ok {
		return f, nil
	}
	// What stands in batches are indices; the type is that of the dictionary.
	id := d.GetInt64Slot(slot(0), 0)
	values := *f
	a.values[id] = &values
	index := &arrowField{name: f.name, kind: arrowInt, width: 4, signed: true, dict: &id}
	if typ, ok := member(d, 1); ok {
		if err := index.typed(typ); err != nil {
			return f, err
		}
	}
	return index, nil
}

// typed reads what a type has beside its kind.
func (f *arrowField) typed(t flatbuffers.Table) error {
	number := func(index int, without int32) int32 {
		if t.Bytes == nil {
			return without
		}
		return t.GetInt32Slot(slot(index), without)
	}
	short := func(index int, without int16) int16 {
		if t.Bytes == nil {
			return without
		}
		return t.GetInt16Slot(slot(index), without)
	}
	switch f.kind {
	case arrowNull, arrowBinary, arrowText, arrowBool, arrowList, arrowStruct, arrowMap, arrowLargeBinary, arrowLargeText, arrowLargeList,
		arrowRuns, arrowBinaryView, arrowTextView, arrowListView, arrowLargeListView:
	case arrowInt:
		f.width = int64(number(0, 0)) / 8
		f.signed = t.Bytes != nil && t.GetBoolSlot(slot(1), false)
		if f.width != 1 && f.width != 2 && f.width != 4 && f.width != 8 {
			return fmt.Errorf("integers of %d bytes", f.width)
		}
	case arrowFloat:
		precision := short(0, 0)
		if precision < 0 || precision > 2 {
			return fmt.Errorf("floating point of precision %d", precision)
		}
		f.width = 2 << precision
	case arrowDecimal:
		f.width = int64(number(2, 128)) / 8
	case arrowDate:
		f.width, f.signed = 4, true
		if short(0, 1) == 1 {
			f.width = 8
		}
	case arrowTime:
		f.width, f.signed = int64(number(1, 32))/8, true
	case arrowTimestamp, arrowDuration:
		f.width, f.signed = 8, true
	case arrowInterval:
		f.width = 4 << min(max(short(0, 0), 0), 2)
	case arrowFixedBinary:
		f.width = int64(number(0, 0))
	case arrowFixedList:
		f.width = int64(number(0, 0))
	case arrowUnion:
		f.signed = short(0, 0) == 1 // dense
	default:
		return fmt.Errorf("a type of kind %d", f.kind)
	}
	if f.width < 0 || f.kind == arrowTime && f.width != 4 && f.width != 8 {
		return fmt.Errorf("values of %d bytes", f.width)
	}
	return nil
}

// slot is where a table says its field of a number.
func slot(field int) flatbuffers.VOffsetT { return flatbuffers.VOffsetT(4 + 2*field) }

func rootTable(data []byte) flatbuffers.Table {
	return flatbuffers.Table{Bytes: data, Pos: flatbuffers.GetUOffsetT(data)}
}

// member is the table in a field of another.
func member(t flatbuffers.Table, field int) (flatbuffers.Table, bool) {
	at := t.Offset(slot(field))
	if at == 0 {
		return flatbuffers.Table{}, false
	}
	return flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(t.Pos + flatbuffers.UOffsetT(at))}, true
}

// tables is a list of tables in a field.
func tables(t flatbuffers.Table, field int) (at func(i int) flatbuffers.Table, n int) {
	o := t.Offset(slot(field))
	if o == 0 {
		return nil, 0
	}
	first := t.Vector(flatbuffers.UOffsetT(o))
	return func(i int) flatbuffers.Table {
		return flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(first + 4*flatbuffers.UOffsetT(i))}
	}, t.VectorLen(flatbuffers.UOffsetT(o))
}

// structs is where a list of structures or numbers begins, and how many there are.
func structs(t flatbuffers.Table, field int) (first flatbuffers.UOffsetT, n int) {
	o := t.Offset(slot(field))
	if o == 0 {
		return 0, 0
	}
	return t.Vector(flatbuffers.UOffsetT(o)), t.VectorLen(flatbuffers.UOffsetT(o))
}

// bytesCell makes a cell of bytes, which are text where they are said or seem to be.
func bytesCell(b []byte, isText bool) Cell {
	if len(b) > textLimit || !isText && !utf8.Valid(b) {
		if isText {
			b = nil
		}
		return Cell{Kind: Other, Bytes: b}
	}
	return textCell(string(b))
}

func unsignedCell(v uint64) Cell {
	return Cell{Kind: Number, Number: float64(v), Text: strconv.FormatUint(v, 10)}
}
