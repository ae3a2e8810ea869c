package frame

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// madeCOCO is a COCO file of many annotations, which are made as they are read.
type madeCOCO struct {
	annotations int
	next        int
	rest        []byte
	largest     uint64 // heap in use while it was read
	read        int64
}

// outline is what most bytes of COCO's and LVIS's files are.
var outline = strings.Repeat("312.29,562.89,", 40) + "312.29"

func (m *madeCOCO) Seek(int64, int) (int64, error) {
	m.next, m.rest, m.read = 0, nil, 0
	return 0, nil
}

func (m *madeCOCO) Read(p []byte) (int, error) {
	for len(m.rest) == 0 {
		switch i := m.next; {
		case i == 0:
			m.rest = []byte(`{"info": {"year": 2017}, "annotations": [`)
		case i <= m.annotations:
			comma := ","
			if i == m.annotations {
				comma = ""
			}
			m.rest = fmt.Appendf(nil, `{"id": %d, "image_id": %d, "category_id": %d, "iscrowd": 0, "area": 1.5, "segmentation": [[%s]]}%s`, i, i/4, i%7, outline, comma)
		case i == m.annotations+1:
			m.rest = []byte(`], "images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"}], "categories": [` +
				`{"id": 0, "name": "ant"}, {"id": 1, "name": "bee"}, {"id": 2, "name": "cat"}, {"id": 3, "name": "dog"}, {"id": 4, "name": "elk"}, {"id": 5, "name": " "}, {"id": 6, "name": "gnu"}]}`)
		default:
			return 0, io.EOF
		}
		m.next++
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	if before := m.read >> 25; (m.read+int64(n))>>25 > before { // each 32 MB
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		m.largest = max(m.largest, s.HeapAlloc)
	}
	m.read += int64(n)
	return n, nil
}

// A file of annotations is of any size: what is kept are the numbers of each picture's categories. It runs alone, because it
// measures the heap.
func TestAnnotationsOf50MegabytesTakeLittleMemory(t *testing.T) {
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	const annotations = 80_000
	m := &madeCOCO{annotations: annotations}
	f, err := openJSON(m)
	if err != nil {
		t.Fatal(err)
	}
	if m.read < 50<<20 {
		t.Fatalf("the file has %d bytes", m.read)
	}
	// 20,000 pictures with 4 categories each
	if used := int64(m.largest) - int64(before.HeapAlloc); used > 12<<20 {
		t.Errorf("%d MB of the heap were in use for %d MB", used>>20, m.read>>20)
	}
	for _, want := range []string{"elk;gnu;ant", "bee;cat;dog;elk"} { // annotations 4 to 7, of which 5 has no name, and 8 to 11
		cells, err := f.Read()
		if err != nil {
			t.Fatal(err)
		}
		var tags string
		for i, title := range f.Titles {
			if title == tagsTitle {
				tags = cells[i].Text
			}
		}
		if tags != want {
			t.Errorf("%q, not %q", tags, want)
		}
	}
}

// Labels without end are refused before they take what a machine has: categories, pictures or ids.
func TestLabelsWithoutEndAreRefused(t *testing.T) {
	t.Parallel()
	const few = `{"annotations": [{"image_id": "a", "category_id": 1}], "categories": [{"id": 1, "name": "b"}]}`
	l, err := readLabels(strings.NewReader(few), mostLabelBytes)
	if err != nil || l.cell("a").Text != "b" {
		t.Fatalf("%+v, %v", l, err)
	}
	if want := 2*namedBytes + len("a1b") + labelBytes; l.bytes != want {
		t.Errorf("%d bytes, not %d", l.bytes, want)
	}
	for why, one := range map[string]string{
		"categories": `{"image_id": 1, "category_id": %d},`,
		"pictures":   `{"image_id": %d, "category_id": 1},`,
		"ids":        `{"image_id": 1, "category_id": "` + strings.Repeat("x", 100) + `%d"},`,
	} {
		text := []byte(`{"annotations": [`)
		for i := range 10_000 {
			text = fmt.Appendf(text, one, i)
		}
		if _, err := readLabels(bytes.NewReader(text), 1<<20); err == nil || !strings.Contains(err.Error(), "more labels than the 1 MB") {
			t.Errorf("%s: %v", why, err)
		}
	}
}
