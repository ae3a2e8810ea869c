package vector

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/simd"
)

// Compact is a compressed copy of a piece's rows that answers most of a search without them.
// Similar rows lie together in a list, and each row has two codes: its coordinates in a basis,
// relative to the centre of its list, and all its dimensions. Both are rounded to bytes with a
// known error, so that a row can be ruled out with certainty. docs/explanation/exact-search.md derives the
// bounds.
//
// Positions count rows in the order of the lists, each padded to whole panels; row is the
// number of the row in the piece.
type Compact struct {
	Rows   int // the first rows of the piece, which are in it
	Dim    int
	stride int // Dim, rounded up to a multiple for simd.WideDots

	basis   *basis
	centres *centres
	lists   []list

	panels       []uint8   // (n, width): coordinates relative to the list's centre; none in a copy whose codes are whole
	residualNorm []float32 // (n): distance from the basis' subspace; -Inf for padding; likewise
	row          []uint32  // (n)
	codes        []uint8   // (n, stride): difference from the mean / codeScale + middleCode
	codeError    []float32 // (n): length of the difference from the code; -Inf for padding
	outliers     []uint32  // rows of the piece that are in no list, because their length is not finite or too large

	longest     float64 // of all rows' lengths
	longestCode float64 // length of the longest full code
	recalls     recalls
	outdated    bool // from a file of an older format, which has no recalls

	graph *graph // nil where there are too few rows

	positions func() rowPositions // computed when a search first needs them
	ofPanels  func() panelTables  // likewise
}

// list is a run of rows. A file holds it as it is in memory.
type list struct {
	first, count uint32  // first is a multiple of the panel's rows; count is without padding
	scale        float32 // of panels
	codeScale    float32 // scale of codes
	radius       float32 // distance of the farthest row from the centre
	maxResidual  float32 // the greatest residualNorm
	maxRounding  float32 // the greatest rounding error of coordinates
	maxNorm      float32 // the greatest length of rounded coordinates
}

// span returns the positions of a list's rows and padding.
func (l *list) span() (first, end int) {
	first = int(l.first)
	return first, first + panelCount(int(l.count))*simd.PanelRows
}

const (
	basisWidth = 128
	middleCode = 128 // the code of 0
	// outlierLength is longer than any row that a model makes. Such a row would widen the
	// bounds of its whole list.
	outlierLength = 4
)

// BuildOptions are options of Build.
type BuildOptions struct {
	Threads int      // 0 means GOMAXPROCS
	Like    *Compact // if not nil, its basis is reused, so that a query is projected once
	Graph   int      // rows from which on a graph is made; 0 means as many as it takes to be faster than lists
}

// Build makes the compact copy of rows, (n, dim).
func Build(ctx context.Context, rows []float32, dim int, o BuildOptions) (_ *Compact, err error) {
	defer disk.Catch(&err)()
	if dim <= 0 || len(rows)%dim != 0 || len(rows)/dim > math.MaxUint32 {
		return nil, fmt.Errorf("build: %d values are no rows of %d", len(rows), dim)
	}
	threads := o.Threads
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	n := len(rows) / dim
	c := &Compact{Rows: n, Dim: dim, stride: strideOf(dim)}
	c.positions, c.ofPanels = sync.OnceValue(c.findPositions), sync.OnceValue(c.findPanels)
	var sound []uint32
	for i := range n {
		if length := norm(rows[i*dim : (i+1)*dim]); length <= outlierLength {
			sound = append(sound, uint32(i))
			c.longest = max(c.longest, length)
		} else {
			c.outliers = append(c.outliers, uint32(i))
		}
	}
	if o.Like != nil && o.Like.Dim == dim {
		c.basis = o.Like.basis
	} else {
		c.basis = newBasis(sampleOf(rows, dim, sound), dim, basisWidth)
	}
	width := c.basis.width

	// Coordinates of all rows but outliers, a block at a time.
	const block = 256
	places := make([]float32, len(sound)*width)
	if err := inParallel(ctx, (len(sound)+block-1)/block, threads, func() func(int) {
		gathered := make([]float32, block*dim)
		return func(b int) {
			these := sound[b*block : min(len(sound), (b+1)*block)]
			for i, r := range these {
				copy(gathered[i*dim:], rows[int(r)*dim:(int(r)+1)*dim])
			}
			c.basis.project(gathered[:len(these)*dim], true, places[b*block*width:][:len(these)*width])
		}
	}); err != nil {
		return nil, err
	}

	centres, of, err := cluster(ctx, places, width, threads)
	if err != nil {
		return nil, err
	}
	if n >= cmp.Or(o.Graph, graphLeast(dim)) && n <= mostPositions/2 && len(sound) > 0 {
		c.graph = &graph{degree: graphDegree}
		if centres, err = c.graph.group(ctx, centres, of, threads); err != nil {
			return nil, err
		}
	}
	c.centres = centres
	members := make([][]uint32, c.centres.count) // positions in sound
	for i, l := range of {
		members[l] = append(members[l], uint32(i))
	}
	c.lists = make([]list, len(members))
	total := 0
	for i, m := range members {
		c.lists[i] = list{first: uint32(total), count: uint32(len(m))}
		total += panelCount(len(m)) * simd.PanelRows
	}
	if !c.whole() {
		c.panels, c.residualNorm = make([]uint8, total*width), make([]float32, total)
	}
	c.codeError = make([]float32, total)
	c.row, c.codes = make([]uint32, total), make([]uint8, total*c.stride)
	widest := make([]float64, len(members))
	err = inParallel(ctx, len(members), threads, func() func(int) {
		middle := make([]float32, width)
		return func(i int) { widest[i] = c.fill(&c.lists[i], i, members[i], sound, places, rows, middle) }
	})
	if err != nil {
		return nil, err
	}
	c.longestCode = slices.Max(append(widest, 0))
	if c.graph != nil {
		if err := c.link(ctx, threads); err != nil {
			return nil, err
		}
	}
	if err := c.measureRecall(ctx, rows, threads); err != nil {
		return nil, err
	}
	return c, nil
}

// whole reports that the copy has full codes alone: those of few dimensions take no more than coordinate codes, which would say
// nothing more. Beside a graph, which takes room as well, the coordinate codes are left out then.
func (c *Compact) whole() bool { return c.graph != nil && c.Dim <= basisWidth }

func strideOf(dim int) int { return (dim + 63) / 64 * 64 }

// sampleOf returns rows spread evenly over the sound ones.
func sampleOf(rows []float32, dim int, sound []uint32) []float32 {
	n := min(len(sound), sampleRows)
	out := make([]float32, 0, n*dim)
	for i := range n {
		r := int(sound[i*len(sound)/n])
		out = append(out, rows[r*dim:(r+1)*dim]...)
	}
	return out
}

// fill writes the codes of a list's rows. It returns the length of the longest full code.
func (c *Compact) fill(l *list, centre int, members, sound []uint32, places, rows, middle []float32) (widest float64) {
	width, dim := c.basis.width, c.Dim
	c.centres.at(centre, middle)
	var most, widestOf float32
	nearest, least := 0, float32(math.Inf(1))
	for i, m := range members {
		off := float32(0)
		for j, x := range places[int(m)*width : (int(m)+1)*width] {
			d := x - middle[j]
			most = max(most, d, -d)
			off += d * d
		}
		if off < least {
			nearest, least = i, off
		}
		row := int(sound[m])
		for j, x := range rows[row*dim : (row+1)*dim] {
			d := x - c.basis.mean[j]
			widestOf = max(widestOf, d, -d)
		}
	}
	if len(members) > 0 { // walks begin at the first row
		members[0], members[nearest] = members[nearest], members[0]
	}
	l.scale, l.codeScale = most/(zero-1), widestOf/127
	var inverse, inverseWhole float32
	if l.scale > 0 {
		inverse = 1 / l.scale
	}
	if l.codeScale > 0 {
		inverseWhole = 1 / l.codeScale
	}
	whole := c.whole()
	slip := c.basis.rounding() * (c.longest + c.basis.length)
	first, end := l.span()
	for i := range end - first {
		at := first + i
		if i >= len(members) {
			c.codeError[at], c.row[at] = float32(math.Inf(-1)), math.MaxUint32
			if !whole {
				c.residualNorm[at] = float32(math.Inf(-1))
			}
			continue
		}
		place, row := places[int(members[i])*width:(int(members[i])+1)*width], int(sound[members[i]])
		c.row[at] = uint32(row)
		var radius, rough, reach, along float64
		for j, x := range place {
			d := x - middle[j]
			v := min(zero-1, max(1-zero, int(math.Floor(float64(d*inverse)+0.5))))
			if !whole {
				c.panels[first*width+panelByte(i, j, width)] = uint8(v + zero)
			}
			left := float64(d) - float64(l.scale)*float64(v)
			rough += left * left
			radius += float64(d) * float64(d)
			y := float64(middle[j]) + float64(l.scale)*float64(v)
			reach += y * y
			along += float64(x) * float64(x)
		}
		l.radius = max(l.radius, roundUp(math.Sqrt(radius)))
		l.maxRounding = max(l.maxRounding, roundUp(math.Sqrt(rough)))
		l.maxNorm = max(l.maxNorm, roundUp(math.Sqrt(reach)))
		var length, off, wide float64
		code := c.codes[at*c.stride:][:dim]
		for j, x := range rows[row*dim : (row+1)*dim] {
			d := x - c.basis.mean[j]
			v := min(127, max(-127, int(math.Floor(float64(d*inverseWhole)+0.5))))
			code[j] = uint8(v + middleCode)
			length += float64(d) * float64(d)
			wide += float64(v * v)
			left := float64(x) - float64(c.basis.mean[j]) - float64(l.codeScale)*float64(v)
			off += left * left
		}
		c.codeError[at] = roundUp(math.Sqrt(off))
		widest = max(widest, float64(l.codeScale)*math.Sqrt(wide)*(1+1e-9))
		// Pythagoras, for coordinates whose length has an error of slip.
		residual := roundUp(math.Sqrt(max(0, length-along) + slip*(2*math.Sqrt(along)+slip)))
		l.maxResidual = max(l.maxResidual, residual)
		if !whole {
			c.residualNorm[at] = residual
		}
	}
	return widest
}

// roundUp returns a float32 not below x, with a margin for the rounding of the sum that
// made x.
func roundUp(x float64) float32 { return math.Nextafter32(float32(x*(1+1e-9)), float32(math.Inf(1))) }

// inParallel calls work for 0…n-1, each goroutine with a function of its own. It returns
// early, with an error, when ctx ends.
func inParallel(ctx context.Context, n, threads int, newWork func() func(i int)) error {
	step := min(64, max(1, n/(8*threads)))
	var next atomic.Int64
	work := func() {
		f := newWork()
		for ctx.Err() == nil {
			at := int(next.Add(int64(step))) - step
			if at >= n {
				return
			}
			for i := at; i < min(n, at+step); i++ {
				f(i)
			}
		}
	}
	var group disk.Group
	for range min(threads, (n+step-1)/step) - 1 {
		group.Go(work)
	}
	group.Do(work)
	group.Wait()
	return ctx.Err()
}

// Share makes two copies with equal bases share one, so that a query is projected once.
// Either may be nil.
func (c *Compact) Share(other *Compact) {
	if c != nil && other != nil && slices.Equal(c.basis.columns, other.basis.columns) && slices.Equal(c.basis.mean, other.basis.mean) {
		c.basis = other.basis
	}
}

// Outdated reports that the copy comes from a file of an older format, and would be faster if it were made again: it does not
// tell the recall of its bounds, so that a search to a target recall uses the exact ones, or it has many rows and no graph.
func (c *Compact) Outdated() bool {
	return c.outdated || c.graph == nil && c.Rows >= graphLeast(c.Dim) && len(c.row) > 0
}

// Bytes is the size of a compact copy in memory.
func (c *Compact) Bytes() int {
	graph := 0
	if c.graph != nil {
		graph = 4*len(c.graph.links) + len(c.graph.groups.panels)
	}
	return graph + len(c.panels) + 4*len(c.residualNorm) + 4*len(c.row) + len(c.codes) + 4*len(c.codeError) + 4*len(c.outliers) +
		len(c.centres.panels) + 4*len(c.basis.columns)
}
