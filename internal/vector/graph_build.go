package vector

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/akin-search/akin/internal/simd"
)

// graphLeast returns the number of rows of dim values from which on a copy has a graph. Of rows that have more values than
// a basis has columns, lists leave out more, and a walk reads more of each.
func graphLeast(dim int) int {
	if dim <= basisWidth {
		return 200_000
	}
	return 600_000
}

const (
	graphDegree = 40  // links of a row,
	nearLinks   = 24  // and those of them that lead to the rows around it; the others lead into other lists
	mostDegree  = 256 // that a file may have
	nearLists   = 64  // lists that a row's neighbours are sought in
	nearRows    = 96  // neighbours that links are chosen from
	mostInward  = 256 // rows with a link to a row that it may choose links from, in addition to its own
	// detour: a link to a row is left out if another link leads to a row that is nearer to it by more than this: as DiskANN's
	// alpha does (Subramanya et al., 2019), it keeps walks short.
	detour = 1.1
)

// group sorts lists into groups that lie close together: their centres, and in of the list of each row, get new numbers.
func (g *graph) group(ctx context.Context, lists *centres, of []int32, threads int) (*centres, error) {
	points := make([]float32, lists.count*lists.width)
	for i := range lists.count {
		lists.at(i, points[i*lists.width:][:lists.width])
	}
	groups, err := kMeans(ctx, points, lists.width, int(math.Ceil(math.Sqrt(float64(lists.count)))), threads)
	if err != nil {
		return nil, err
	}
	within, err := groups.assign(ctx, points, threads)
	if err != nil {
		return nil, err
	}
	order := make([]int, lists.count)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(within[a] - within[b]) })
	g.groups, g.first = groups, make([]uint32, groups.count+1)
	sorted, number := make([]float32, len(points)), make([]int32, lists.count)
	for i, list := range order {
		copy(sorted[i*lists.width:], points[list*lists.width:][:lists.width])
		number[list] = int32(i)
		g.first[within[list]+1] = uint32(i + 1)
	}
	for i := range groups.count { // groups without a list
		g.first[i+1] = max(g.first[i], g.first[i+1])
	}
	for i, list := range of {
		of[i] = number[list]
	}
	return newCentres(sorted, lists.width), nil
}

// linker chooses the links of a graph. It measures distances between full codes.
type linker struct {
	c     *Compact
	half  []float32 // half of each row's squared length, negative; -Inf for padding
	scale []float32 // of each panel
	links []uint32
}

// link makes the links of the graph. Each row's neighbours are sought in the lists around its own; of these it keeps those in
// different directions. In the end each row chooses again, also from the rows that are linked to it.
func (c *Compact) link(ctx context.Context, threads int) error {
	g, n := c.graph, len(c.row)
	k := &linker{c: c, half: make([]float32, n), scale: c.ofPanels().scale, links: make([]uint32, n*g.degree)}
	if err := inParallel(ctx, len(c.lists), threads, func() func(int) {
		return func(i int) { k.measure(&c.lists[i]) }
	}); err != nil {
		return err
	}
	if err := inParallel(ctx, len(c.lists), threads, func() func(int) {
		b := k.buffers()
		return func(i int) { k.seek(i, b) }
	}); err != nil {
		return err
	}
	near, far := k.inward(0, nearLinks), k.inward(nearLinks, g.degree)
	g.links = make([]uint32, len(k.links))
	return inParallel(ctx, len(c.lists), threads, func() func(int) {
		b := k.buffers()
		return func(i int) {
			from, end := c.lists[i].span()
			for at := from; at < end; at++ {
				old, links := k.links[at*g.degree:][:g.degree], g.links[at*g.degree:][:g.degree]
				k.choose(at, old[:nearLinks], near.to(at), links[:nearLinks], b)
				k.choose(at, old[nearLinks:], far.to(at), links[nearLinks:], b)
			}
		}
	})
}

// measure computes the lengths of a list's codes.
func (k *linker) measure(l *list) {
	c := k.c
	first, end := l.span()
	for at := first; at < end; at++ {
		if at-first >= int(l.count) {
			k.half[at] = float32(math.Inf(-1))
			continue
		}
		sum := 0
		for _, v := range c.codes[at*c.stride:][:c.Dim] {
			d := int(v) - middleCode
			sum += d * d
		}
		k.half[at] = -l.codeScale * l.codeScale * float32(sum) / 2
	}
}

// linkBuffers are the memory for choosing links.
type linkBuffers struct {
	near  [simd.TileQueries][]rankedRow // heaps of the nearest rows
	far   [simd.TileQueries][]rankedRow // the nearest rows of other lists, one of each
	lists []rankedRow
	bytes []int8 // (TileQueries, stride)
	unit  [simd.TileQueries]float32
	bias  [simd.TileQueries]float32
	words []int16 // (stride)
	codes []uint8 // of the rows that links are chosen from
	at    []uint32
	sums  []int32
	bits  []uint16
	out   []bool
	apart []float32 // squared distances of the rows that links are chosen from
	query []int8
	point []float32
}

func (k *linker) buffers() *linkBuffers {
	c := k.c
	return &linkBuffers{
		bytes: make([]int8, simd.TileQueries*c.stride), words: make([]int16, c.stride), query: make([]int8, c.basis.width), point: make([]float32, c.basis.width),
	}
}

// seek finds the neighbours of the rows of a list.
func (k *linker) seek(i int, b *linkBuffers) {
	c := k.c
	b.lists = c.centres.nearestFew(i, nearLists, b)
	l := &c.lists[i]
	first, most := int(l.first), simd.TileMost()
	for from := first; from < first+int(l.count); from += simd.TileQueries {
		rows := min(simd.TileQueries, first+int(l.count)-from)
		for q := range rows {
			b.near[q], b.far[q] = b.near[q][:0], b.far[q][:0]
			code, sum := b.bytes[q*c.stride:][:c.Dim], 0
			for j, v := range c.codes[(from+q)*c.stride:][:c.Dim] {
				x := int(v) - middleCode
				if most < 127 {
					x = int(math.Round(float64(x*most) / 127))
				}
				code[j] = int8(x)
				sum += x
			}
			b.unit[q], b.bias[q] = l.codeScale*127/float32(most), float32(middleCode*sum)
		}
		for _, list := range b.lists {
			k.scan(&c.lists[list.at()], list.at() != i, from, rows, b)
		}
		for q := range rows {
			links := k.links[(from+q)*c.graph.degree:][:c.graph.degree]
			k.keep(from+q, b.near[q], links[:nearLinks], b)
			k.keep(from+q, b.far[q], links[nearLinks:], b)
		}
	}
	_, end := l.span()
	for at := (first + int(l.count)) * c.graph.degree; at < end*c.graph.degree; at++ {
		k.links[at] = noPosition
	}
}

// scan offers the rows of a list to the heaps of a tile of rows from one on. Of another list than theirs it also takes the nearest.
func (k *linker) scan(l *list, other bool, from, rows int, b *linkBuffers) {
	c := k.c
	first, end := l.span()
	n := end - first
	b.sums, b.bits = sized(b.sums, simd.TileQueries*n), sized(b.bits, n/simd.PanelRows)
	simd.TileDots(b.bytes, c.codes[first*c.stride:end*c.stride], b.sums)
	for q := range rows {
		sums, scale := b.sums[q*n:][:n], b.unit[q]*l.codeScale
		limit := float32(-math.MaxFloat32)
		if len(b.near[q]) == nearRows {
			limit = float32(b.near[q][0].score()) + scale*b.bias[q]
		}
		if other && l.count > 0 {
			best, most := 0, float32(math.Inf(-1))
			for i, half := range k.half[first:][:l.count] {
				if score := scale*float32(sums[i]) + half; score > most {
					best, most = i, score
				}
			}
			b.far[q] = append(b.far[q], rankRow(float64(most-scale*b.bias[q]), first+best))
		}
		simd.Reach(sums, k.half[first:end], scale, 1, limit, b.bits)
		for i := range setBits(b.bits) {
			if first+i != from+q {
				score := scale*(float32(sums[i])-b.bias[q]) + k.half[first+i]
				b.near[q], _ = pushGreatest(b.near[q], nearRows, rankRow(float64(score), first+i))
			}
		}
	}
}

// choose chooses the links of a row out of those that it has, and the rows that are linked to it.
func (k *linker) choose(at int, has, inward, out []uint32, b *linkBuffers) {
	c := k.c
	b.at = append(b.at[:0], inward[:min(len(inward), mostInward)]...)
	for _, link := range has {
		if link != noPosition {
			b.at = append(b.at, link)
		}
	}
	slices.Sort(b.at)
	b.at = slices.Compact(b.at)
	b.sums = sized(b.sums, len(b.at))
	bias := k.turn(c.codes[at*c.stride:], b)
	simd.WideDotsAt(b.words, c.codes, b.at, b.sums)
	near, unit := b.near[0][:0], k.scale[at/simd.PanelRows]
	for i, other := range b.at {
		score := unit*k.scale[other/simd.PanelRows]*float32(b.sums[i]-bias) + k.half[other]
		near = append(near, rankRow(float64(score), int(other)))
	}
	b.near[0] = near
	k.keep(at, near, out, b)
}

// turn makes b.words of a row's code. It returns what the offset of the others' codes adds to a sum.
func (k *linker) turn(code []uint8, b *linkBuffers) (bias int32) {
	for j, v := range code[:k.c.Dim] {
		b.words[j] = int16(v) - middleCode
		bias += int32(b.words[j])
	}
	return bias * middleCode
}

// keep chooses a row's links: the nearest of others, then the nearest of those that are not nearer to it, and so on.
func (k *linker) keep(at int, near []rankedRow, out []uint32, b *linkBuffers) {
	c := k.c
	slices.SortFunc(near, func(x, y rankedRow) int { return cmp.Compare(y, x) })
	b.codes, b.out, b.apart, b.sums = sized(b.codes, len(near)*c.stride), sized(b.out, len(near)), sized(b.apart, len(near)), sized(b.sums, len(near))
	for i, r := range near {
		copy(b.codes[i*c.stride:][:c.stride], c.codes[r.at()*c.stride:])
		b.out[i], b.apart[i] = false, -2*(float32(r.score())+k.half[at])
	}
	n := 0
	for i, r := range near {
		if b.out[i] {
			continue
		}
		out[n] = uint32(r.at())
		if n++; n == len(out) {
			return
		}
		rest := near[i+1:]
		bias := k.turn(b.codes[i*c.stride:], b)
		sums := b.sums[:len(rest)]
		simd.WideDots(b.words, b.codes[(i+1)*c.stride:len(near)*c.stride], sums)
		unit, half := k.scale[r.at()/simd.PanelRows], k.half[r.at()]
		for j, other := range rest {
			if b.out[i+1+j] {
				continue
			}
			o := other.at()
			between := -2 * (half + k.half[o] + unit*k.scale[o/simd.PanelRows]*float32(sums[j]-bias))
			b.out[i+1+j] = detour*detour*between <= b.apart[i+1+j]
		}
	}
	for ; n < len(out); n++ {
		out[n] = noPosition
	}
}

// inwardLinks hold for each position the positions that are linked to it, one after another from first on.
type inwardLinks struct{ from, first []uint32 }

func (l *inwardLinks) to(at int) []uint32 { return l.from[l.first[at]:l.first[at+1]] }

// inward turns the links from one of each row on, up to another, around.
func (k *linker) inward(from, to int) (l inwardLinks) {
	l.first = make([]uint32, len(k.c.row)+1)
	each := func(f func(at int, link uint32)) {
		for at := range k.c.row {
			for _, link := range k.links[at*k.c.graph.degree:][from:to] {
				if link != noPosition {
					f(at, link)
				}
			}
		}
	}
	each(func(_ int, link uint32) { l.first[link+1]++ })
	for i := range k.c.row {
		l.first[i+1] += l.first[i]
	}
	l.from = make([]uint32, l.first[len(k.c.row)])
	next := slices.Clone(l.first)
	each(func(at int, link uint32) {
		l.from[next[link]] = uint32(at)
		next[link]++
	})
	return l
}

// nearestFew returns the n centres that are nearest to centre i, which is one of them.
func (c *centres) nearestFew(i, n int, b *linkBuffers) []rankedRow {
	c.at(i, b.point)
	scale, bias := signed(b.point, 127, b.query)
	b.sums = sized(b.sums, len(c.panels)/c.width)
	simd.PanelSums(b.query, c.panels, b.sums)
	few, unit, shift := b.lists[:0], scale*c.scale, int32(zero*bias)
	for j, h := range c.half {
		few, _ = pushGreatest(few, n, rankRow(float64(unit*float32(b.sums[j]-shift)-h), j))
	}
	slices.SortFunc(few, func(x, y rankedRow) int { return cmp.Compare(y, x) })
	return few
}
