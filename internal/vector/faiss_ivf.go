package vector

import (
	"cmp"
	"slices"
)

// maxLists is the most lists of an IVF index; FAISS's own advice ends at a million.
const maxLists = 1 << 24

// ivf reads an IndexIVFFlat or IndexIVFScalarQuantizer, and puts its rows in the order of their ids. Ids
// are nil where they are 0, 1, 2, … .
func (f *faissReader) ivf(kind string, nesting int) (Matrix, []int64) {
	dim, rows := f.header()
	lists := f.int64()
	f.bytes(8) // lists to search
	if f.err == nil && (lists < 0 || lists > maxLists) {
		f.fail("%d lists are more than there can be", lists)
	}
	f.fits(dim, rows)
	if f.err != nil {
		return Matrix{}, nil
	}
	centres, _ := f.index(nesting - 1)
	if f.err == nil && (centres.Dim != dim || int64(centres.Rows()) != lists) {
		f.fail("%d centres of %d values for %d lists of rows of %d", centres.Rows(), centres.Dim, lists, dim)
	}
	f.idMap()
	in := ivfLists{size: 4 * dim}
	if kind == "IwSq" && f.err == nil {
		code := f.code(dim)
		in.code, in.size = &code, code.size
		if size := f.int64(); f.err == nil && size != int64(code.size) {
			f.fail("codes of %d bytes, and rows of %d", code.size, size)
		}
		in.residual = f.bytes(1)[0] != 0
	}
	in.read(f, centres, lists, rows, dim)
	if f.err != nil {
		return Matrix{}, nil
	}
	return in.sorted(dim)
}

// idMap passes over where each id lies: a byte (0 nowhere, 1 an array, 2 pairs), the array, the pairs.
func (f *faissReader) idMap() {
	kind := f.bytes(1)[0]
	f.skip(8)
	switch {
	case f.err != nil:
	case kind == 2:
		f.skip(16)
	case kind > 2:
		f.fail("a map of ids of the kind %d is not known", kind)
	}
}

// ivfLists are the rows of the lists, one list behind the other.
type ivfLists struct {
	code     *faissCode // nil where the values lie as they are
	residual bool       // codes are of what the centre leaves
	size     int        // bytes of a row
	rows     Matrix
	ids      []int64
}

// read reads the lists: "ilar", uint64 lists, uint64 bytes of a row, "full" and the number of rows of each
// list, or "sprs" and pairs of a list and its number; then of each list that has any the rows, and int64 ids.
func (in *ivfLists) read(f *faissReader, centres Matrix, lists, rows int64, dim int) {
	in.rows = Matrix{Dim: dim}
	if kind := string(f.bytes(4)); f.err == nil && kind != "ilar" {
		f.fail("its lists are of the kind %q: those that lie in another file, or in blocks, are not read", kind)
	}
	if n, size := f.int64(), f.int64(); f.err == nil && (n != lists || size != int64(in.size)) {
		f.fail("%d lists of rows of %d bytes where %d of %d are said", n, size, lists, in.size)
	}
	sizes := f.listSizes(lists)
	total := int64(0)
	for _, l := range sizes {
		if f.err == nil && (l.rows < 0 || l.rows > rows-total) {
			f.fail("its lists hold more than its %d rows", rows)
		}
		total += l.rows
	}
	if f.err == nil && total != rows {
		f.fail("its lists hold %d of its %d rows", total, rows)
	}
	for _, l := range sizes {
		if f.err != nil {
			return
		}
		if in.code == nil {
			in.rows.Parts = append(in.rows.Parts, f.rows(dim, l.rows)...)
		} else {
			parts := f.decoded(*in.code, l.rows)
			if in.residual {
				add(parts, centres.Row(int(l.list)))
			}
			in.rows.Parts = append(in.rows.Parts, parts...)
		}
		for range l.rows {
			if id := f.int64(); f.err == nil {
				in.ids = append(in.ids, id)
			}
		}
	}
}

// ivfList is a list, and how many rows it has.
type ivfList struct{ list, rows int64 }

// listSizes reads how many rows the lists have that have any.
func (f *faissReader) listSizes(lists int64) (sizes []ivfList) {
	layout := string(f.bytes(4))
	n := f.int64()
	switch {
	case f.err != nil:
	case layout == "full" && n == lists:
		for i := range n {
			if rows := f.int64(); f.err == nil && rows != 0 {
				sizes = append(sizes, ivfList{i, rows})
			}
		}
	case layout == "sprs" && n >= 0 && n%2 == 0 && n/2 <= lists:
		last := int64(-1)
		for range n / 2 {
			l := ivfList{f.int64(), f.int64()}
			if f.err == nil && (l.list <= last || l.list >= lists) {
				f.fail("list %d is none of its %d lists, or there twice", l.list, lists)
			}
			if f.err != nil {
				return nil
			}
			last = l.list
			sizes = append(sizes, l)
		}
	default:
		f.fail("%d sizes of lists, %q, for %d lists", n, layout, lists)
	}
	return sizes
}

// add adds a centre to rows.
func add(parts [][]float32, centre []float32) {
	for _, p := range parts {
		for row := range slices.Chunk(p, len(centre)) {
			for i, v := range centre {
				row[i] += v
			}
		}
	}
}

// sorted returns the rows in the order of their ids.
func (in *ivfLists) sorted(dim int) (Matrix, []int64) {
	from, order := slices.Collect(in.rows.All()), zeroTo(len(in.ids))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(in.ids[a], in.ids[b]) })
	values := make([]float32, 0, len(order)*dim)
	ids := make([]int64, len(order))
	counts := true
	for i, at := range order {
		values = append(values, from[at]...)
		ids[i] = in.ids[at]
		counts = counts && ids[i] == int64(i)
	}
	if counts {
		ids = nil
	}
	m := Matrix{Dim: dim}
	if len(values) > 0 {
		m.Parts = [][]float32{values}
	}
	return m, ids
}
