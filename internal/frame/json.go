package frame

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	headRows  = 200      // of JSON lines tell what columns there are
	rowLimit  = 64 << 20 // bytes of one row
	depthMost = 16       // of objects in objects
	mostKeys  = 1 << 16  // columns
	mostDepth = 10_000   // brackets within each other, of what is passed over: the decoder remembers each
)

var errDepth = fmt.Errorf("it has more than %d brackets within each other", mostDepth)

// jsonLines reads objects one behind the other, or an array of objects.
type jsonLines struct {
	in      *json.Decoder
	bounded *boundedReader
	column  map[string]int
	array   bool
	within  bool        // the array is a member of an object
	isRead  bool        // to its end, behind which the object goes on
	labels  *cocoLabels // of COCO's pictures; nil elsewhere
	head    [][]Cell
	row     int
	cells   []Cell
}

// boundedReader fails where one row is longer than rowLimit.
type boundedReader struct {
	r    io.Reader
	read int // since the last row
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.read > rowLimit {
		return 0, fmt.Errorf("it is longer than %d MB", rowLimit>>20)
	}
	n, err := b.r.Read(p)
	b.read += n
	return n, err
}

func newJSONRows(r io.Reader) *jsonLines {
	j := &jsonLines{bounded: &boundedReader{r: r}, column: map[string]int{}}
	j.in = json.NewDecoder(j.bounded)
	j.in.UseNumber()
	return j
}

func openJSONLines(r io.Reader) (*Frame, error) { return newJSONRows(r).frame() }

// frame reads the first rows, which tell what columns there are.
func (j *jsonLines) frame() (*Frame, error) {
	t := &Frame{Format: "JSON lines", rows: j}
	for len(j.head) < headRows {
		cells, err := j.next(func(title string) (int, bool) {
			i, ok := j.column[title]
			if !ok && len(t.Titles) < mostKeys {
				i, ok = len(t.Titles), true
				j.column[title] = i
				t.Titles = append(t.Titles, title)
			}
			return i, ok
		})
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		j.head = append(j.head, cells)
	}
	if len(t.Titles) == 0 {
		return nil, errors.New("it has no object")
	}
	for i, cells := range j.head { // earlier rows do not know later columns
		j.head[i] = append(cells, make([]Cell, len(t.Titles)-len(cells))...)
	}
	j.cells = make([]Cell, len(t.Titles))
	return t, nil
}

func (j *jsonLines) keep([]bool) {}

func (j *jsonLines) read() ([]Cell, error) {
	if len(j.head) > 0 {
		cells := j.head[0]
		j.head = j.head[1:]
		return cells, nil
	}
	return j.next(nil)
}

// next reads an object. place says where a column stands; nil is where the head had it.
func (j *jsonLines) next(place func(title string) (int, bool)) (cells []Cell, err error) {
	if j.isRead {
		return nil, io.EOF
	}
	j.row++
	defer func() {
		if err != nil && !errors.Is(err, io.EOF) {
			err = fmt.Errorf("row %d: %w", j.row, err)
		}
	}()
	j.bounded.read = 0
	set := func(title string, c Cell) {
		if i, ok := place(title); ok {
			if i >= len(cells) {
				cells = append(cells, make([]Cell, i+1-len(cells))...)
			}
			cells[i] = c
		}
	}
	if place == nil {
		clear(j.cells)
		cells = j.cells
		set = func(title string, c Cell) {
			if i, ok := j.column[title]; ok {
				cells[i] = c
			}
		}
	}
	token, err := j.in.Token()
	if err == nil && token == json.Delim('[') && j.row == 1 && !j.within {
		j.array = true
		token, err = j.in.Token()
	}
	switch {
	case err != nil:
		return nil, err
	case token == json.Delim(']') && j.within:
		j.isRead = true
		return nil, io.EOF
	case token == json.Delim(']') && j.array:
		if _, err := j.in.Token(); !errors.Is(err, io.EOF) {
			return nil, errors.New("something follows the array")
		}
		return nil, io.EOF
	case token != json.Delim('{'):
		return nil, fmt.Errorf("it begins with %.40q where an object is expected", fmt.Sprint(token))
	}
	id := ""
	err = noEOF(j.object("", func(title string, c Cell) { // which appends to cells
		if title == "id" {
			id = c.Text
		}
		set(title, c)
	}, 0))
	if j.labels != nil && err == nil {
		set(tagsTitle, j.labels.cell(id))
	}
	return cells, err
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// object reads the members of an object behind its brace.
func (j *jsonLines) object(prefix string, set func(string, Cell), depth int) error {
	for j.in.More() {
		key, err := j.in.Token()
		if err != nil {
			return err
		}
		title := prefix + key.(string)
		token, err := j.in.Token()
		if err != nil {
			return err
		}
		if token == json.Delim('{') && depth < depthMost {
			if err := j.object(title+".", set, depth+1); err != nil {
				return err
			}
			continue
		}
		c, err := j.value(token)
		if err != nil {
			return fmt.Errorf("%.60s: %w", title, err)
		}
		set(title, c)
	}
	_, err := j.in.Token()
	return err
}

// value reads what begins with a token.
func (j *jsonLines) value(token json.Token) (Cell, error) {
	switch v := token.(type) {
	case string:
		return textCell(v), nil
	case json.Number:
		n, err := v.Float64()
		if err != nil && !strings.Contains(err.Error(), "range") {
			return Cell{}, err
		}
		return Cell{Kind: Number, Number: n, Text: v.String()}, nil
	case bool:
		return textCell(fmt.Sprint(v)), nil
	case json.Delim:
		if v == '[' {
			return j.list()
		}
		return Cell{Kind: Other}, j.skip(1)
	}
	return Cell{}, nil
}

// list reads an array behind its bracket.
func (j *jsonLines) list() (Cell, error) {
	var list []Cell
	other := false
	for j.in.More() {
		token, err := j.in.Token()
		if err != nil {
			return Cell{}, err
		}
		if _, nested := token.(json.Delim); nested {
			other = true
			if err := j.skip(1); err != nil {
				return Cell{}, err
			}
			continue
		}
		c, err := j.value(token)
		if err != nil {
			return c, err
		}
		list = append(list, c)
	}
	_, err := j.in.Token()
	if other {
		return Cell{Kind: Other}, err
	}
	return listCell(list), err
}

// skip passes over what is open, depth brackets of it.
func (j *jsonLines) skip(depth int) error {
	for depth > 0 {
		token, err := j.in.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			if depth++; depth > mostDepth {
				return errDepth
			}
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return nil
}
