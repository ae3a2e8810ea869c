package frame

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// mostLabelBytes bounds what is remembered of annotations, by the estimates below. Objects365, the largest such dataset,
// takes a third of it.
const mostLabelBytes = 512 << 20

const (
	namedBytes = 160 // a picture or a category, beside the bytes of its id and name
	labelBytes = 40  // a category on a picture
)

// cocoLabels is what the annotations of a COCO file say is on each picture. Of an annotation only two numbers are kept,
// once a picture, so that neither outlines nor many objects of a kind take memory.
type cocoLabels struct {
	pictures   map[string]uint32 // by id: the place in of
	of         [][]uint32        // of each picture: its categories, in the order of the file
	categories map[string]uint32 // by id: the place in names
	names      []string          // of categories; "" where the file has none
	seen       map[uint64]struct{}
	bytes      int
}

// annotation is an annotation or a category: the members that are needed of both.
type annotation struct {
	ID         json.RawMessage `json:"id"`
	Name       string          `json:"name"`
	ImageID    json.RawMessage `json:"image_id"`
	CategoryID json.RawMessage `json:"category_id"`
}

// readLabels reads the annotations and categories of a COCO file, one behind the other, and keeps mostBytes of them.
func readLabels(r io.Reader, mostBytes int) (*cocoLabels, error) {
	j := newJSONRows(r)
	if _, err := j.in.Token(); err != nil {
		return nil, noEOF(err)
	}
	l := &cocoLabels{pictures: map[string]uint32{}, categories: map[string]uint32{}, seen: map[uint64]struct{}{}}
	for {
		key, err := j.arrayMember("annotations", "categories")
		if err != nil {
			return nil, err
		}
		if key == "" {
			break
		}
		for j.in.More() {
			j.bounded.read = 0
			var one annotation
			if err := j.in.Decode(&one); err != nil {
				return nil, fmt.Errorf("its %s: %w", key, noEOF(err))
			}
			if key == "categories" {
				l.name(one)
			} else {
				l.add(one)
			}
			if l.bytes > mostBytes {
				return nil, fmt.Errorf("it has more labels than the %d MB that are kept of them", mostBytes>>20)
			}
		}
		if _, err := j.in.Token(); err != nil {
			return nil, noEOF(err)
		}
	}
	l.seen = nil
	return l, nil
}

// place returns the place of an id in a list, which grows by one where the id is new.
func (l *cocoLabels) place(places map[string]uint32, id []byte) (at uint32, isNew bool) {
	at, ok := places[string(id)]
	if ok {
		return at, false
	}
	at = uint32(len(places))
	places[string(id)] = at
	l.bytes += namedBytes + len(id)
	return at, true
}

func (l *cocoLabels) category(id []byte) uint32 {
	at, isNew := l.place(l.categories, id)
	if isNew {
		l.names = append(l.names, "")
	}
	return at
}

// name adds a category.
func (l *cocoLabels) name(one annotation) {
	at := l.category(one.ID)
	l.bytes += len(one.Name) - len(l.names[at])
	l.names[at] = strings.TrimSpace(one.Name)
}

// add adds an annotation.
func (l *cocoLabels) add(one annotation) {
	if len(one.CategoryID) == 0 || len(one.ImageID) == 0 {
		return
	}
	category := l.category(one.CategoryID)
	picture, isNew := l.place(l.pictures, []byte(strings.Trim(string(one.ImageID), `"`)))
	if isNew {
		l.of = append(l.of, nil)
	}
	both := uint64(picture)<<32 | uint64(category)
	if _, ok := l.seen[both]; ok {
		return
	}
	l.seen[both] = struct{}{}
	l.of[picture] = append(l.of[picture], category)
	l.bytes += labelBytes
}

// cell is the names of a picture's categories; null where it has none.
func (l *cocoLabels) cell(id string) Cell {
	picture, ok := l.pictures[id]
	if !ok {
		return Cell{}
	}
	var names []string
	for _, c := range l.of[picture] {
		if l.names[c] != "" {
			names = append(names, l.names[c])
		}
	}
	if len(names) == 0 {
		return Cell{}
	}
	return textCell(strings.Join(names, ";"))
}
