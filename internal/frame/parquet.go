package frame

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/akin-search/akin/internal/float16"
)

const (
	pageLimit   = 256 << 20 // bytes of a page, unpacked; writers make pages of 1 MB
	pageValues  = 32 << 20  // values of a page
	footerLimit = 64 << 20
	textLimit   = 1 << 20 // bytes of a text that is still one, not a file
	listLimit   = 1 << 20 // elements of one list
)

// parquetRows reads a Parquet file column by column, as the format lies.
type parquetRows struct {
	r       io.ReaderAt
	meta    *format.FileMetaData
	groups  []parquet.RowGroup
	columns []*parquetColumn
	group   int   // the next one
	left    int64 // rows of the one being read
	cells   []Cell
}

// parquetColumn is a leaf of the schema.
type parquetColumn struct {
	leaf   parquet.LeafColumn
	title  string
	isText bool // its bytes are said to be UTF-8
	isHalf bool
	kept   bool

	pages  parquet.Pages
	values parquet.ValueReader
	page   parquet.Page
	buf    []parquet.Value
	read   []parquet.Value // of buf, not yet taken
}

func openParquet(r io.ReaderAt, size int64) (*Frame, error) {
	end := make([]byte, 8)
	if size < 12 {
		return nil, fmt.Errorf("as Parquet: it has %d bytes", size)
	}
	if _, err := r.ReadAt(end, size-8); err != nil {
		return nil, err
	}
	if string(end[4:]) != "PAR1" {
		return nil, errors.New("as Parquet: it does not end as a Parquet file does; copy or write it again")
	}
	if n := uint32(end[0]) | uint32(end[1])<<8 | uint32(end[2])<<16 | uint32(end[3])<<24; n > footerLimit || int64(n) > size-12 {
		return nil, fmt.Errorf("as Parquet: a footer of %d bytes in a file of %d", n, size)
	}
	f, err := parquet.OpenFile(r, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("as Parquet: %w", err)
	}
	p := &parquetRows{r: r, meta: f.Metadata(), groups: f.RowGroups()}
	t := &Frame{Format: "Parquet", rows: p, Notes: map[string]string{}}
	for _, note := range p.meta.KeyValueMetadata {
		t.Notes[note.Key] = note.Value
	}
	for _, path := range f.Schema().Columns() {
		leaf, ok := f.Schema().Lookup(path...)
		if !ok {
			return nil, fmt.Errorf("as Parquet: its schema lacks %s", strings.Join(path, "."))
		}
		c := &parquetColumn{leaf: leaf, title: leafTitle(path, leaf.MaxRepetitionLevel > 0), kept: true}
		c.isText, c.isHalf = said(p.meta, len(p.columns))
		p.columns = append(p.columns, c)
		t.Titles = append(t.Titles, c.title)
	}
	p.cells = make([]Cell, len(p.columns))
	return t, nil
}

// said is what the schema says of a leaf, by its number, beyond its type.
func said(meta *format.FileMetaData, leaf int) (isText, isHalf bool) {
	for _, e := range meta.Schema {
		if e.NumChildren.Valid && e.NumChildren.V > 0 {
			continue
		}
		if leaf > 0 {
			leaf--
			continue
		}
		switch e.LogicalType.Value.(type) {
		case *format.StringType, *format.EnumType, *format.JsonType:
			isText = true
		case *format.Float16Type:
			isHalf = true
		}
		break
	}
	return isText, isHalf
}

// leafTitle is a leaf's path without what the format puts between a list and its elements.
func leafTitle(path []string, isList bool) string {
	if isList {
		path = append(path[:1:1], slices.DeleteFunc(slices.Clone(path[1:]), func(s string) bool {
			return slices.Contains([]string{"list", "element", "item", "bag", "array", "array_element"}, s)
		})...)
	}
	return strings.Join(path, ".")
}

func (p *parquetRows) keep(columns []bool) {
	for i, c := range p.columns {
		c.kept = columns[i]
	}
}

// skipGroups passes over the groups that lie before a row, counted from the next one. It returns how many rows these have.
func (p *parquetRows) skipGroups(rows int64) (skipped int64) {
	for p.left == 0 && p.group < len(p.groups) {
		n := p.groups[p.group].NumRows()
		if n < 0 || n > rows-skipped {
			break
		}
		skipped += n
		p.group++
	}
	return skipped
}

func (p *parquetRows) read() ([]Cell, error) {
	for p.left == 0 {
		if p.group == len(p.groups) {
			return nil, io.EOF
		}
		p.left = p.groups[p.group].NumRows()
		chunks := p.groups[p.group].ColumnChunks()
		if p.left < 0 || len(chunks) != len(p.columns) {
			return nil, fmt.Errorf("as Parquet: group %d has %d rows and %d columns", p.group+1, p.left, len(chunks))
		}
		for i, c := range p.columns {
			if err := c.begin(p, chunks[i], i); err != nil {
				return nil, fmt.Errorf("as Parquet: column %s: %w", c.title, err)
			}
		}
		p.group++
	}
	p.left--
	clear(p.cells)
	for i, c := range p.columns {
		if !c.kept {
			continue
		}
		var err error
		if p.cells[i], err = c.next(); err != nil {
			if errors.Is(err, io.EOF) {
				err = errors.New("it has fewer values than the file has rows")
			}
			return nil, fmt.Errorf("as Parquet: column %s: %w", c.title, err)
		}
	}
	return p.cells, nil
}

// begin begins to read the column's part of a group.
func (c *parquetColumn) begin(p *parquetRows, chunk parquet.ColumnChunk, column int) error {
	if c.pages != nil {
		_ = c.pages.Close()
	}
	c.pages, c.values, c.page, c.read = nil, nil, nil, nil
	if !c.kept {
		return nil
	}
	if err := checkPages(p.r, &p.meta.RowGroups[p.group].Columns[column]); err != nil {
		return err
	}
	c.pages = chunk.Pages()
	if c.buf == nil {
		c.buf = make([]parquet.Value, 512)
	}
	return nil
}

// checkPages reads the headers of a column's pages, which say how much memory reading them takes, and
// refuses what no writer writes.
func checkPages(r io.ReaderAt, chunk *format.ColumnChunk) error {
	m := &chunk.MetaData
	at := m.DataPageOffset
	if m.DictionaryPageOffset != 0 { // the library begins there, wherever that is
		at = m.DictionaryPageOffset
	}
	if at < 0 || m.TotalCompressedSize < 0 || m.NumValues < 0 {
		return errors.New("its place in the file is negative")
	}
	if m.TotalCompressedSize > math.MaxInt64-at {
		return fmt.Errorf("it has %d bytes", m.TotalCompressedSize)
	}
	end := at + m.TotalCompressedSize
	var protocol thrift.CompactProtocol
	for values := int64(0); at < end; {
		section := io.NewSectionReader(r, at, end-at)
		in := bufio.NewReaderSize(section, 1024)
		var h format.PageHeader
		if err := thrift.NewDecoder(protocol.NewReader(in)).Decode(&h); err != nil {
			if values >= m.NumValues { // behind the last page, which a library that asks for more fails at as well
				return nil
			}
			return fmt.Errorf("the header of a page at byte %d: %w", at, noEOF(err))
		}
		if n := h.DictionaryPageHeader.V.NumValues; n < 0 || n > pageValues {
			return fmt.Errorf("a dictionary of %d values", n)
		}
		position, _ := section.Seek(0, io.SeekCurrent)
		header := position - int64(in.Buffered())
		if h.CompressedPageSize < 0 || int64(h.CompressedPageSize) > end-at-header {
			return fmt.Errorf("a page at byte %d has %d bytes, and %d are left", at, h.CompressedPageSize, end-at-header)
		}
		for _, n := range []int32{h.DataPageHeader.V.NumValues, h.DataPageHeaderV2.V.NumValues} { // of its kinds one; a hostile page may have both
			if h.UncompressedPageSize < 0 || h.UncompressedPageSize > pageLimit || n < 0 || n > pageValues {
				return fmt.Errorf("a page at byte %d unpacks to %d bytes and %d values, more than are read", at, h.UncompressedPageSize, n)
			}
			values += int64(n)
		}
		at += header + int64(h.CompressedPageSize)
	}
	return nil
}

// peek returns the next value, which stays.
func (c *parquetColumn) peek() (parquet.Value, error) {
	for len(c.read) == 0 {
		if c.values == nil {
			page, err := c.pages.ReadPage()
			if err != nil {
				return parquet.Value{}, err
			}
			if c.page != nil {
				parquet.Release(c.page)
			}
			c.page, c.values = page, page.Values()
		}
		n, err := c.values.ReadValues(c.buf)
		c.read = c.buf[:n]
		if err != nil {
			if !errors.Is(err, io.EOF) {
				return parquet.Value{}, err
			}
			c.values = nil
		}
	}
	return c.read[0], nil
}

// next returns the cell of the next row.
func (c *parquetColumn) next() (Cell, error) {
	first, err := c.peek()
	if err != nil {
		return Cell{}, err
	}
	if c.leaf.MaxRepetitionLevel == 0 {
		c.read = c.read[1:]
		return c.cell(first), nil
	}
	isEmpty := first.IsNull() && first.DefinitionLevel() < c.leaf.MaxDefinitionLevel
	if kind := c.leaf.Node.Type().Kind(); c.leaf.MaxRepetitionLevel == 1 && (kind == parquet.Float || kind == parquet.Double) {
		var list []float32 // without a cell an element
		if err := c.elements(func(v parquet.Value) { list = append(list, float(v)) }); err != nil || isEmpty && len(list) == 1 {
			return Cell{}, err
		}
		return Cell{Kind: Values, Values: list}, nil
	}
	var list []Cell
	if err := c.elements(func(v parquet.Value) { list = append(list, c.cell(v)) }); err != nil {
		return Cell{}, err
	}
	switch {
	case c.leaf.MaxRepetitionLevel > 1:
		return Cell{Kind: Other}, nil
	case isEmpty && len(list) == 1:
		return Cell{}, nil
	}
	return listCell(list), nil
}

// elements calls f for the values of the next row's list.
func (c *parquetColumn) elements(f func(v parquet.Value)) error {
	for n := 0; ; n++ {
		v, err := c.peek()
		switch {
		case n > 0 && (errors.Is(err, io.EOF) || err == nil && v.RepetitionLevel() == 0):
			return nil
		case err != nil:
			return err
		case n == listLimit:
			return fmt.Errorf("a list of more than %d elements", listLimit)
		}
		f(v)
		c.read = c.read[1:]
	}
}

// float is the value of a float or a double; of a null, NaN.
func float(v parquet.Value) float32 {
	switch v.Kind() {
	case parquet.Float:
		return v.Float()
	case parquet.Double:
		return float32(v.Double())
	}
	return float32(math.NaN())
}

// cell makes a cell of a value, whose bytes are the page's.
func (c *parquetColumn) cell(v parquet.Value) Cell {
	if v.IsNull() {
		return Cell{}
	}
	switch v.Kind() {
	case parquet.Boolean:
		if v.Boolean() {
			return textCell("true")
		}
		return textCell("false")
	case parquet.Int32:
		return integerCell(int64(v.Int32()))
	case parquet.Int64:
		return integerCell(v.Int64())
	case parquet.Float:
		return numberCell(float64(v.Float()), 32)
	case parquet.Double:
		return numberCell(v.Double(), 64)
	case parquet.ByteArray:
		b := v.ByteArray()
		if len(b) > textLimit || !c.isText && !utf8.Valid(b) {
			return Cell{Kind: Other, Bytes: b}
		}
		return textCell(string(b))
	case parquet.FixedLenByteArray:
		if b := v.ByteArray(); c.isHalf && len(b) == 2 {
			return numberCell(float64(float16.Decode(uint16(b[0])|uint16(b[1])<<8)), 32)
		}
	}
	return Cell{Kind: Other}
}
