package container

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/akin-search/akin/internal/frame"
	"github.com/akin-search/akin/internal/picture"
)

var (
	parquetKind = Kind{Name: "Parquet", Endings: []string{".parquet", ".pq"}, Open: openTable}
	arrowKind   = Kind{Name: "Arrow", Endings: []string{".arrow", ".arrows", ".feather", ".ipc"}, Open: openTable}
)

// ErrNoPictures marks a table that is a list of pictures, or of something else: no column holds their bytes.
var ErrNoPictures = errors.New("no column has pictures as bytes")

// lookRows are read to find the column of pictures.
const lookRows = 100

// pictureTable is a table in Parquet or Arrow of which a column holds encoded pictures, as Hugging Face's data sets have it: a structure
// image of bytes and path. The pictures are called by their path, if all have one and no two the same, else by their row.
// Source: https://huggingface.co/docs/hub/datasets-image.
type pictureTable struct {
	list
	f      *os.File
	column int // of the pictures

	mu sync.Mutex // guards the fields below
	at *frame.Frame
	// row is the next one of at.
	row  int64
	kept kept
}

func openTable(ctx context.Context, f *os.File) (Container, error) {
	p, err := newTable(ctx, f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return p, nil
}

func newTable(ctx context.Context, f *os.File) (*pictureTable, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	p := &pictureTable{f: f}
	if p.column, err = pictureColumn(f); err != nil {
		return nil, err
	}
	t, err := frame.View(f)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	c := columnsOf(t, p.column)
	t.Keep(p.column, c.path, c.caption, c.class, c.tags)
	var pictures []tableRow
	paths := map[string]bool{}
	for row := int64(0); ; row++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		cells, err := t.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil { // what lies before is read all the same
			p.flaw(err)
			break
		}
		data := cells[p.column].Bytes
		if len(data) == 0 {
			continue
		}
		one := tableRow{row: row, size: int64(len(data)), sum: crc32.ChecksumIEEE(data), sample: c.describe(cells), ending: endingOf(data)}
		if c.path >= 0 {
			if one.path, err = cleanName(cells[c.path].Text); err != nil {
				one.path = ""
			}
		}
		paths[one.path] = true
		if pictures = append(pictures, one); len(pictures) > maxMembers {
			return nil, tooMany()
		}
	}
	isNamed := len(paths) == len(pictures) && !paths[""]
	titles := map[string]int{}
	for _, one := range pictures {
		titles[one.title]++
	}
	for _, one := range pictures {
		name := fmt.Sprintf("%06d%s", one.row, one.ending)
		if isNamed {
			name = one.path
		}
		m := Member{Name: name, Size: one.size, ModTime: stamp(info.ModTime(), one.sum), Tags: one.tags, At: one.row}
		if titles[one.title] == 1 {
			m.Title = one.title
		}
		p.add(m)
	}
	p.seal()
	return p, nil
}

// tableRow is a row with a picture.
type tableRow struct {
	sample
	row, size    int64
	sum          uint32
	path, ending string
}

// endingOf is what the file of a picture would end with.
func endingOf(data []byte) string {
	if f, ok := picture.FormatOf(picture.Sniff(data[:min(len(data), 4096)])); ok && len(f.Extensions) > 0 {
		return f.Extensions[0]
	}
	return ""
}

// pictureColumn finds the column that holds pictures: the first whose first value begins as one does.
func pictureColumn(f *os.File) (int, error) {
	t, err := frame.View(f)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrFile, err)
	}
	seen := make([]bool, len(t.Titles))
	for range lookRows {
		cells, err := t.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, fmt.Errorf("%w: %w", ErrFile, err)
		}
		for i, c := range cells {
			if len(c.Bytes) == 0 || seen[i] {
				continue
			}
			seen[i] = true
			if picture.Resembles(c.Bytes[:min(len(c.Bytes), 4096)]) {
				return i, nil
			}
		}
	}
	return 0, ErrNoPictures
}

// tableColumns are those that say something of a picture; -1 is none.
type tableColumns struct {
	path, caption, class, tags int
	classes                    []string // by number
}

func columnsOf(t *frame.Frame, pictures int) tableColumns {
	find := func(titles ...string) int {
		for _, title := range titles {
			if i := slices.IndexFunc(t.Titles, func(s string) bool { return strings.EqualFold(s, title) }); i >= 0 && i != pictures {
				return i
			}
		}
		return -1
	}
	c := tableColumns{
		path: find(strings.TrimSuffix(t.Titles[pictures], ".bytes")+".path", "file_name", "filename"), caption: find("caption", "text"),
		class: find("label", "class", "category"), tags: find("tags", "keywords"),
	}
	if c.class >= 0 {
		c.classes = classesOf(t.Notes["huggingface"], t.Titles[c.class])
	}
	return c
}

// classesOf are the names of the classes of a column, which Hugging Face's data sets keep beside their numbers.
func classesOf(note, column string) []string {
	var said struct {
		Info struct {
			Features map[string]json.RawMessage
		}
	}
	var feature struct{ Names []string }
	if json.Unmarshal([]byte(note), &said) != nil || json.Unmarshal(said.Info.Features[column], &feature) != nil {
		return nil
	}
	return feature.Names
}

// describe is what a row says of its picture.
func (c tableColumns) describe(cells []frame.Cell) (s sample) {
	if c.caption >= 0 {
		s.caption(cells[c.caption].String())
	}
	if c.class >= 0 {
		if class := cells[c.class].String(); class != "" {
			if n, err := strconv.Atoi(class); err == nil && n >= 0 && n < len(c.classes) {
				class = c.classes[n]
			}
			s.class(class)
		}
	}
	if c.tags >= 0 {
		s.keywords(cells[c.tags].String())
	}
	return s
}

func (p *pictureTable) Read(ctx context.Context, m Member, limit int64) ([]byte, error) {
	if err := fits(m.Size, limit); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if data, ok := p.kept.take(m.At); ok {
		return data, nil
	}
	data, err := p.reach(ctx, m)
	if err != nil {
		p.at = nil
		return nil, fmt.Errorf("row %d: %w", m.At+1, err)
	}
	return data, nil
}

// reach reads a row, from where the table is or from its beginning. Rows that are near are kept as they are passed over:
// several read at a time.
func (p *pictureTable) reach(ctx context.Context, m Member) ([]byte, error) {
	const near = 256
	if p.at == nil || p.row > m.At {
		t, err := frame.View(p.f)
		if err != nil {
			return nil, err
		}
		t.Keep(p.column)
		p.at, p.row = t, 0
	}
	if m.At-p.row > near {
		if err := p.at.Skip(ctx, m.At-p.row); err != nil {
			return nil, err
		}
		p.row = m.At
	}
	for {
		cells, err := p.at.Read()
		if err != nil {
			return nil, err
		}
		data := slices.Clone(cells[p.column].Bytes)
		p.row++
		if p.row > m.At {
			return data, nil
		}
		p.kept.put(p.row-1, data)
	}
}

func (p *pictureTable) Close() error { return p.f.Close() }
