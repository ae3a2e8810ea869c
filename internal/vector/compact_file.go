package vector

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"unsafe"

	"github.com/akin-search/akin/internal/crc32c"
	"github.com/akin-search/akin/internal/simd"
)

// A compact copy as a file: a header of 256 bytes, then the tables of a Compact as they
// are in memory, little-endian, each aligned to 64 bytes, in the order of sections.
//
//	0     magic "AKINCMP3", or "AKINCMP4" of a copy with a graph
//	8     uint32 rows, dim, width, lists, positions, outliers
//	32    float32 scale of the centres
//	40    float64 length of the longest row, and of the longest full code
//	56    float32 lower limits of recalls, by number of hits and bound scale
//	164   zeros
//	248   uint32 CRC-32C of the sections
//	252   uint32 CRC-32C of the header before, and of the sections before panels
//
// With a graph the header has 384 bytes, of which the checksums are the last, and
//
//	164   uint32 links of a row, and groups of lists
//	172   float32 scale of the centres of groups
//	176   float32 lower limits of recalls, by number of hits and rows in view
//	284   zeros
//
// "AKINCMP2" has a header of 128 bytes, with recalls that were measured as if a copy were always searched alone. They are not
// read: rows that were searched for found themselves, and of several copies together less was found than was asked for.
//
// The head is checked whenever a file is opened, the rest by CheckCompact.
const (
	compactMagic     = "AKINCMP3"
	compactHeader    = 256
	graphMagic       = "AKINCMP4"
	graphHeader      = 384
	oldCompactMagic  = "AKINCMP2"
	oldCompactHeader = 128
	alignment        = 64
)

// ErrCompact is the error of a file that is not a sound compact copy. Nothing is lost: the copy
// can be rebuilt.
var ErrCompact = errors.New("not a sound compact copy")

// sections calls f for each table of the file. head is true for those that the head's checksum
// covers.
func (c *Compact) sections(lists, positions, odd int, f func(s section)) {
	width, rows := c.basis.width, panelCount(lists)*simd.PanelRows
	f(sectionOf(&c.basis.mean, c.Dim, true))
	f(sectionOf(&c.basis.columns, c.Dim*width, true))
	f(sectionOf(&c.centres.panels, rows*width, true))
	f(sectionOf(&c.centres.half, lists, true))
	f(sectionOf(&c.centres.length, lists, true))
	f(sectionOf(&c.lists, lists, true))
	f(sectionOf(&c.outliers, odd, true))
	if g := c.graph; g != nil {
		f(sectionOf(&g.groups.panels, panelCount(g.groups.count)*simd.PanelRows*width, true))
		f(sectionOf(&g.first, g.groups.count+1, true))
	}
	if !c.whole() {
		f(sectionOf(&c.panels, positions*width, false))
		f(sectionOf(&c.residualNorm, positions, false))
	}
	f(sectionOf(&c.row, positions, false))
	f(sectionOf(&c.codes, positions*c.stride, false))
	f(sectionOf(&c.codeError, positions, false))
	if g := c.graph; g != nil {
		f(sectionOf(&g.links, positions*g.degree, false))
	}
}

// section is one table as bytes.
type section struct {
	bytes int
	head  bool
	get   func() []byte
	set   func(b []byte)
}

func sectionOf[T any](table *[]T, n int, head bool) section {
	size := int(unsafe.Sizeof(*new(T)))
	return section{
		bytes: n * size, head: head,
		get: func() []byte {
			if len(*table) == 0 {
				return nil
			}
			return unsafe.Slice((*byte)(unsafe.Pointer(&(*table)[0])), len(*table)*size)
		},
		set: func(b []byte) {
			if n > 0 {
				*table = unsafe.Slice((*T)(unsafe.Pointer(&b[0])), n)
			}
		},
	}
}

func putRecalls(to []byte, r *recalls) {
	for i, m := range r {
		for j, v := range m {
			binary.LittleEndian.PutUint32(to[4*(i*len(m)+j):], math.Float32bits(v))
		}
	}
}

func getRecalls(from []byte) (r recalls) {
	for i := range r {
		for j := range r[i] {
			r[i][j] = math.Float32frombits(binary.LittleEndian.Uint32(from[4*(i*len(r[i])+j):]))
		}
	}
	return r
}

// Write writes the copy as a file.
func (c *Compact) Write(to io.Writer) error {
	head := make([]byte, compactHeader)
	copy(head, compactMagic)
	if g := c.graph; g != nil {
		head = make([]byte, graphHeader)
		copy(head, graphMagic)
		binary.LittleEndian.PutUint32(head[164:], uint32(g.degree))
		binary.LittleEndian.PutUint32(head[168:], uint32(g.groups.count))
		binary.LittleEndian.PutUint32(head[172:], math.Float32bits(g.groups.scale))
		putRecalls(head[176:], &g.recalls)
	}
	for i, v := range []int{c.Rows, c.Dim, c.basis.width, len(c.lists), len(c.row), len(c.outliers)} {
		binary.LittleEndian.PutUint32(head[8+4*i:], uint32(v))
	}
	binary.LittleEndian.PutUint32(head[32:], math.Float32bits(c.centres.scale))
	binary.LittleEndian.PutUint64(head[40:], math.Float64bits(c.longest))
	binary.LittleEndian.PutUint64(head[48:], math.Float64bits(c.longestCode))
	putRecalls(head[56:], &c.recalls)
	body := uint32(0)
	padded := func(b []byte) []byte { return make([]byte, (alignment-len(b)%alignment)%alignment) }
	c.sections(len(c.lists), len(c.row), len(c.outliers), func(s section) {
		body = crc32c.Update(crc32c.Update(body, s.get()), padded(s.get()))
	})
	binary.LittleEndian.PutUint32(head[len(head)-8:], body)
	sum := crc32c.Sum(head[:len(head)-4])
	c.sections(len(c.lists), len(c.row), len(c.outliers), func(s section) {
		if s.head {
			sum = crc32c.Update(sum, s.get())
		}
	})
	binary.LittleEndian.PutUint32(head[len(head)-4:], sum)
	// Linux keeps what is written two megabytes at a time in pages of that size, and maps these as such (ext4 since 6.16,
	// XFS before): searches, which read here and there, wait less for addresses.
	w := bufio.NewWriterSize(to, 2<<20)
	_, err := w.Write(head)
	c.sections(len(c.lists), len(c.row), len(c.outliers), func(s section) {
		if err == nil {
			_, err = w.Write(s.get())
		}
		if err == nil {
			_, err = w.Write(padded(s.get()))
		}
	})
	if err != nil {
		return err
	}
	return w.Flush()
}

// OpenCompact reads a file's bytes, in place, as the compact copy of the first rows of a piece of
// at most rows rows of dim values. The bytes must not change, and be aligned to 64. Errors:
// ErrCompact.
func OpenCompact(data []byte, rows, dim int) (*Compact, error) {
	fail := func(format string, args ...any) (*Compact, error) {
		return nil, fmt.Errorf("%w: %s", ErrCompact, fmt.Sprintf(format, args...))
	}
	header := headerOf(data)
	if header == 0 {
		return fail("bad magic")
	}
	if uintptr(unsafe.Pointer(&data[0]))%alignment != 0 {
		return fail("not aligned")
	}
	var n [6]int
	for i := range n {
		n[i] = int(binary.LittleEndian.Uint32(data[8+4*i:]))
	}
	c := &Compact{
		Rows: n[0], Dim: n[1], stride: strideOf(n[1]),
		basis:       &basis{dim: n[1], width: n[2]},
		centres:     &centres{count: n[3], width: n[2], scale: math.Float32frombits(binary.LittleEndian.Uint32(data[32:]))},
		longest:     math.Float64frombits(binary.LittleEndian.Uint64(data[40:])),
		longestCode: math.Float64frombits(binary.LittleEndian.Uint64(data[48:])),
	}
	c.positions, c.ofPanels = sync.OnceValue(c.findPositions), sync.OnceValue(c.findPanels)
	c.outdated = header == oldCompactHeader
	if !c.outdated {
		c.recalls = getRecalls(data[56:])
	}
	if header == graphHeader {
		c.graph = &graph{
			degree: int(binary.LittleEndian.Uint32(data[164:])), recalls: getRecalls(data[176:]),
			groups: &centres{count: int(binary.LittleEndian.Uint32(data[168:])), width: n[2], scale: math.Float32frombits(binary.LittleEndian.Uint32(data[172:]))},
		}
		if c.graph.degree == 0 || c.graph.degree > mostDegree {
			return fail("rows have %d links", c.graph.degree)
		}
	}
	lists, positions, odd := n[3], n[4], n[5]
	if c.Dim != dim || c.Rows > rows || c.basis.width != basisWidth {
		return fail("it has %d rows of %d values, want %d of %d", c.Rows, c.Dim, rows, dim)
	}
	at, whole := header, true
	sum := crc32c.Sum(data[:header-4])
	c.sections(lists, positions, odd, func(s section) {
		if whole = whole && s.bytes <= len(data)-at; !whole {
			return
		}
		b := data[at : at+s.bytes]
		if s.head {
			sum = crc32c.Update(sum, b)
		}
		s.set(b)
		at += (s.bytes + alignment - 1) / alignment * alignment
	})
	if !whole || at != len(data) {
		return fail("wrong length")
	}
	if sum != binary.LittleEndian.Uint32(data[header-4:]) {
		return fail("wrong checksum of the head")
	}
	if positions%simd.PanelRows != 0 {
		return fail("%d positions are no whole panels", positions)
	}
	c.basis.length = norm(c.basis.mean)
	for i := range c.lists {
		if first, end := c.lists[i].span(); first%simd.PanelRows != 0 || end > positions {
			return fail("list %d is out of range", i)
		}
	}
	if g := c.graph; g != nil {
		if positions >= mostPositions || !slices.IsSorted(g.first) || int(g.first[len(g.first)-1]) > lists {
			return fail("groups of lists are out of range")
		}
	}
	for _, r := range c.outliers {
		if int(r) >= c.Rows {
			return fail("row %d of %d is out of range", r, c.Rows)
		}
	}
	return c, nil
}

// headerOf is the length of the header of a file, 0 where it is no compact copy.
func headerOf(data []byte) int {
	for magic, size := range map[string]int{compactMagic: compactHeader, graphMagic: graphHeader, oldCompactMagic: oldCompactHeader} {
		if len(data) >= size && string(data[:8]) == magic {
			return size
		}
	}
	return 0
}

// CheckCompact checks the checksum of all of a file that OpenCompact accepted.
func CheckCompact(data []byte) error {
	header := headerOf(data)
	if header == 0 || crc32c.Sum(data[header:]) != binary.LittleEndian.Uint32(data[header-8:]) {
		return fmt.Errorf("%w: wrong checksum", ErrCompact)
	}
	return nil
}
