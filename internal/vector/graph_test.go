package vector

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/crc32c"
)

// linked builds a copy with a graph.
func linked(t testing.TB, rows []float32, dim int, like *Compact) *Compact {
	t.Helper()
	c, err := Build(t.Context(), rows, dim, BuildOptions{Graph: 1, Like: like})
	if err != nil {
		t.Fatal(err)
	}
	if c.graph == nil {
		t.Fatal("there is no graph")
	}
	return c
}

// The queries are new: no rows.
func TestWalksReachTheRecallThatIsAskedFor(t *testing.T) {
	t.Parallel()
	const n, queries = 24_000, 200
	for _, c := range []struct {
		kind       string
		make       func(*rand.Rand, int, int) []float32
		dim, parts int
		walks      bool // at a recall of 0.9 of ten
	}{
		{"clustered", clustered, 128, 1, true},
		{"clustered", clustered, 200, 3, true}, // longer than the basis is wide
		{"isotropic", isotropic, 32, 1, true},
		{"kin", kin, 128, 3, true},
		{"repeated", repeated, 128, 1, false}, // dozens of rows at one place lead nowhere else
	} {
		if testing.Short() && c.parts == 1 {
			continue // the race detector sees the same code run in the others
		}
		t.Run(fmt.Sprintf("%s of %d in %d", c.kind, c.dim, c.parts), func(t *testing.T) {
			t.Parallel()
			rows := c.make(rand.New(rand.NewPCG(27, 28)), n+queries, c.dim)
			rand.New(rand.NewPCG(33, 34)).Shuffle(n+queries, func(i, j int) {
				for k := range c.dim {
					rows[i*c.dim+k], rows[j*c.dim+k] = rows[j*c.dim+k], rows[i*c.dim+k]
				}
			})
			m := Matrix{Dim: c.dim}
			for i := range c.parts {
				part := rows[n/c.parts*i*c.dim : n/c.parts*(i+1)*c.dim]
				m.Parts, m.Compact = append(m.Parts, part), append(m.Compact, linked(t, part, c.dim, first(m.Compact)))
			}
			if width, _ := m.Compact[0].graph.width(&Options{K: 10, Recall: 0.9}, n); c.walks && width == 0 {
				t.Errorf("lists answer: %v", m.Compact[0].graph.recalls)
			}
			recallsOfNew(t, m, rows[n*c.dim:])
		})
	}
}

// Of several parts each is walked that has a graph, and of whose rows the filter keeps enough: what it keeps of others says
// nothing.
func TestPartsWithAGraphAreWalkedWhateverTheOthersAre(t *testing.T) {
	t.Parallel()
	const dim, n = 40, 3000
	rows := clustered(rand.New(rand.NewPCG(57, 58)), 3*n, dim)
	m := Matrix{Dim: dim}
	for i := range 3 {
		m.Parts = append(m.Parts, rows[i*n*dim:(i+1)*n*dim])
	}
	plain, err := Build(t.Context(), m.Parts[0], dim, BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	plain.recalls = recalls{} // lists need exact bounds
	graphed := linked(t, m.Parts[2], dim, plain)
	graphed.graph.recalls = recalls{{1}, {1}, {1}}
	m.Compact = []*Compact{plain, nil, graphed}
	for name, c := range map[string]struct {
		keep []uint64
		want []bool // which parts are walked; nil: they are searched together
	}{
		"no filter":                {nil, []bool{false, false, true}},
		"nothing of the others":    {keeping(3*n, func(row int) bool { return row >= 2*n }), []bool{false, false, true}},
		"nothing of the graph":     {keeping(3*n, func(row int) bool { return row < 2*n }), nil},
		"a third of the graph too": {keeping(3*n, func(row int) bool { return row < 2*n || row%3 == 0 }), nil},
	} {
		o := Options{K: 10, Recall: 0.9, Keep: c.keep}
		var walked []bool
		for _, part := range o.byParts(m) {
			width, _ := part.o.walk(part.m)
			walked = append(walked, width > 0)
		}
		if !slices.Equal(walked, c.want) {
			t.Errorf("%s: %v, want %v", name, walked, c.want)
		}
		found := 0
		for q := range slices.Chunk(clustered(rand.New(rand.NewPCG(59, 60)), 20, dim), dim) {
			right, err := Search(t.Context(), m, q, Options{K: 10, Keep: c.keep})
			if err != nil {
				t.Fatal(err)
			}
			got, err := Search(t.Context(), m, q, o)
			if err != nil {
				t.Fatal(err)
			}
			found += among(right, got)
		}
		if found < 180 {
			t.Errorf("%s: %d of 200 are found", name, found)
		}
	}
}

// A batch of queries is as many walks.
func TestBatchesWalk(t *testing.T) {
	t.Parallel()
	const n, dim = 6000, 60
	r := rand.New(rand.NewPCG(41, 42))
	rows := clustered(r, n, dim)
	m := Matrix{Dim: dim, Parts: [][]float32{rows}, Compact: []*Compact{linked(t, rows, dim, nil)}}
	qs := Matrix{Dim: dim, Parts: [][]float32{clustered(r, 50, dim)}}
	o := Options{K: 10, extra: 10}
	all, err := SearchBatch(t.Context(), m, qs, o)
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range all {
		if want, ok := searchGraph(t.Context(), m, qs.Row(i), &o); !ok || !slices.Equal(got, want) {
			t.Errorf("query %d: %v, want %v (%t)", i, got, want, ok)
		}
	}
}

// keeping is a filter that keeps the rows that f tells.
func keeping(n int, f func(row int) bool) []uint64 {
	keep := make([]uint64, (n+63)/64)
	for i := range n {
		if f(i) {
			keep[i/64] |= 1 << (i % 64)
		}
	}
	return keep
}

// Rows that were removed are walked through, and are no hits.
func TestWalksGoThroughRowsThatAFilterLeavesOut(t *testing.T) {
	t.Parallel()
	const n, dim, k, queries = 20_000, 64, 10, 60
	r := rand.New(rand.NewPCG(43, 44))
	rows := clustered(r, n+queries, dim)
	qs := rows[n*dim:]
	rows = rows[:n*dim]
	m := Matrix{Dim: dim, Parts: [][]float32{rows}, Compact: []*Compact{linked(t, rows, dim, nil)}}
	for name, kept := range map[string]func(q []float32) []uint64{
		"a tenth is gone": func([]float32) []uint64 { return keeping(n, func(int) bool { return r.IntN(10) > 0 }) },
		"what is near is gone": func(q []float32) []uint64 {
			near, err := Search(t.Context(), m, q, Options{K: 300})
			if err != nil {
				t.Fatal(err)
			}
			return keeping(n, func(row int) bool { return !slices.ContainsFunc(near, func(h Hit) bool { return h.Row == row }) })
		},
		"half is gone": func([]float32) []uint64 { return keeping(n, func(row int) bool { return row%2 == 0 }) },
	} {
		found := 0
		for q := range slices.Chunk(qs, dim) {
			o := Options{K: k, Keep: kept(q)}
			right, err := Search(t.Context(), m, q, o)
			if err != nil {
				t.Fatal(err)
			}
			o.Recall = 0.95
			got, err := Search(t.Context(), m, q, o)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range got {
				if o.Keep[h.Row/64]>>(h.Row%64)&1 == 0 {
					t.Fatalf("%s: row %d is a hit", name, h.Row)
				}
			}
			found += among(right, got)
		}
		if share := float64(found) / (queries * k); share < 0.93 {
			t.Errorf("%s: %.3f are found", name, share)
		}
	}
}

// What came after the copy, and what is in none of its lists, is found as well; a minimum score holds.
func TestWalksFindWhatIsInNoList(t *testing.T) {
	t.Parallel()
	const n, dim = 5000, 40
	r := rand.New(rand.NewPCG(45, 46))
	rows := clustered(r, n+50, dim)
	for j := range dim {
		rows[17*dim+j] *= 9 // an outlier
	}
	m := Matrix{Dim: dim, Parts: [][]float32{rows}, Compact: []*Compact{linked(t, rows[:n*dim], dim, nil)}}
	for _, row := range []int{17, n + 3} {
		got, ok := searchGraph(t.Context(), m, rows[row*dim:][:dim], &Options{K: 1, extra: 20})
		if !ok || len(got) != 1 || got[0].Row != row {
			t.Errorf("row %d: %v, %t", row, got, ok)
		}
	}
	q := rows[5*dim:][:dim]
	got, ok := searchGraph(t.Context(), m, q, &Options{K: 100, extra: 20, HasMin: true, MinScore: 0.999})
	if !ok || len(got) == 0 || len(got) == 100 || got[len(got)-1].Score < 0.999 {
		t.Errorf("with a minimum score: %v, %t", got, ok)
	}
}

func TestListsAnswerWhereAWalkCannot(t *testing.T) {
	t.Parallel()
	const n, dim = 3000, 40
	rows := clustered(rand.New(rand.NewPCG(47, 48)), n, dim)
	c := linked(t, rows, dim, nil)
	never := *c.graph
	never.recalls = recalls{}
	for _, x := range []struct {
		name string
		g    *graph
		o    Options
	}{
		{"exact", c.graph, Options{K: 10}},
		{"a recall of 1", c.graph, Options{K: 10, Recall: 1}},
		{"more hits than were measured", c.graph, Options{K: 101, Recall: 0.9}},
		{"none is asked for", c.graph, Options{Recall: 0.9}},
		{"a filter keeps half", c.graph, Options{K: 10, Recall: 0.9, Keep: keeping(n, func(row int) bool { return row%2 == 0 })}},
		{"no number of rows is enough", &never, Options{K: 10, Recall: 0.9}},
		{"no graph", nil, Options{K: 10, Recall: 0.9}},
	} {
		if width, _ := x.g.width(&x.o, n); width != 0 {
			t.Errorf("%s: a walk with %d in view", x.name, width)
		}
	}
}

func TestRowsInViewAreTheFewestThatReachARecall(t *testing.T) {
	t.Parallel()
	rising := measured{0.5, 0.75, 0.875, 0.9375, 1, 1, 1, 1, 1}
	whole := measured{1, 1, 1, 1, 1, 1, 1, 1, 1}
	for _, c := range []struct {
		name     string
		of       recalls
		recall   float64
		k        int
		filtered bool
		want     int
	}{
		{"the first is enough", recalls{rising, whole, rising}, 0.99, 10, false, 4},
		{"the second to the digit", recalls{whole, rising, whole}, 0.75, 10, false, 12},
		{"half of the way to the third", recalls{whole, rising, whole}, 0.8125, 10, false, 18},
		{"between two counts, the one that needs more", recalls{whole, whole, rising}, 0.9375, 11, false, 45},
		{"a filter needs what greater counts do", recalls{whole, whole, rising}, 0.75, 1, true, 12},
		{"the last one is", recalls{whole, {0, 0, 0, 0, 0, 0, 0, 0, 1}, whole}, 1, 10, false, 1000},
		{"none is enough", recalls{whole, {}, whole}, 0.9, 10, false, 0},
	} {
		g := &graph{recalls: c.of}
		if got := g.extraFor(c.recall, c.k, c.filtered); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestABeamKeepsTheBestInOrder(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(49, 50))
	for range 200 {
		var b beam
		b.begin(1, 1+r.IntN(20))
		var all []step
		for at := range r.IntN(60) {
			s := newStep(float32(r.IntN(9)-4)/3, uint32(at))
			if place := b.add(s); place < len(b.steps) && b.steps[place] != s {
				t.Fatalf("%v is not at %d of %v", s, place, b.steps)
			}
			all = append(all, s)
		}
		slices.SortFunc(all, func(x, y step) int { return cmp.Compare(y, x) })
		if want := all[:min(len(all), b.width)]; !slices.Equal(b.steps, want) {
			t.Fatalf("%v, want %v", b.steps, want)
		}
	}
	for _, score := range []float32{-3, -1e-30, 0, 1e-30, 2.5} {
		if s := newStep(score, mostPositions-1); s.at() != mostPositions-1 || s.done() || !(s | 1).done() || (s|1).at() != s.at() {
			t.Errorf("%v does not come back: %d", score, s.at())
		}
	}
}

// Rows of length 1 on a circle, at the angles of a row's links: the nearest is always linked, and no link leads to a row that
// another link's row is much nearer to.
func TestLinksLeadInDifferentDirections(t *testing.T) {
	t.Parallel()
	const n = 500
	r := rand.New(rand.NewPCG(51, 52))
	rows := make([]float32, 0, 2*n)
	for range n {
		angle := r.Float64() * 2 * math.Pi
		rows = append(rows, float32(math.Cos(angle)), float32(math.Sin(angle)))
	}
	c := linked(t, rows, 2, nil)
	of := func(at uint32) []float32 { return rows[2*c.row[at]:][:2] }
	apart := func(a, b []float32) float64 {
		return math.Hypot(float64(a[0])-float64(b[0]), float64(a[1])-float64(b[1]))
	}
	const rounding = 0.03 // of two codes: about three steps of 255 in a circle's diameter
	for at, row := range c.row {
		if int(row) >= n {
			continue
		}
		links := c.graph.links[at*c.graph.degree:][:nearLinks]
		links = links[:slices.Index(append(slices.Clone(links), noPosition), noPosition)]
		nearest := math.Inf(1)
		for other := range n {
			if other != int(row) {
				nearest = min(nearest, apart(rows[2*row:][:2], rows[2*other:][:2]))
			}
		}
		if len(links) == 0 || apart(of(uint32(at)), of(links[0])) > nearest+rounding {
			t.Fatalf("row %d has no link to the nearest, at %v", row, nearest)
		}
		for i, far := range links {
			for _, near := range links[:i] {
				if detour*(apart(of(near), of(far))+rounding) <= apart(of(uint32(at)), of(far))-rounding {
					t.Errorf("row %d is linked past row %d to row %d", row, c.row[near], c.row[far])
				}
			}
		}
	}
}

func TestGraphsComeBackFromTheirFile(t *testing.T) {
	t.Parallel()
	const n, dim = 3000, 70
	r := rand.New(rand.NewPCG(53, 54))
	rows := clustered(r, n, dim)
	c := linked(t, rows, dim, nil)
	file := written(t, c)
	if err := CheckCompact(file); err != nil {
		t.Error(err)
	}
	opened, err := OpenCompact(file, n, dim)
	if err != nil {
		t.Fatal(err)
	}
	if opened.graph == nil || opened.graph.recalls != c.graph.recalls || !slices.Equal(opened.graph.links, c.graph.links) || !slices.Equal(opened.graph.first, c.graph.first) {
		t.Fatal("the graph is another one")
	}
	m, back := Matrix{Dim: dim, Parts: [][]float32{rows}, Compact: []*Compact{c}}, Matrix{Dim: dim, Parts: [][]float32{rows}, Compact: []*Compact{opened}}
	for range 50 {
		q, o := clustered(r, 1, dim), Options{K: 10, extra: 12}
		want, ok := searchGraph(t.Context(), m, q, &o)
		if got, also := searchGraph(t.Context(), back, q, &o); !ok || !also || !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
		same(t, back, q, Options{K: 20})
	}
}

// resealed gives a changed head its checksum, as whoever wants to do harm would.
func resealed(file []byte, c *Compact) []byte {
	sum, end := crc32c.Sum(file[:graphHeader-4]), graphHeader
	c.sections(len(c.lists), len(c.row), len(c.outliers), func(s section) {
		if s.head {
			sum = crc32c.Update(sum, file[end:end+s.bytes])
		}
		end += (s.bytes + alignment - 1) / alignment * alignment
	})
	binary.LittleEndian.PutUint32(file[graphHeader-4:], sum)
	return file
}

func TestDamagedGraphsLoseHitsAndNothingMore(t *testing.T) {
	t.Parallel()
	const n, dim = 3000, 70
	r := rand.New(rand.NewPCG(55, 56))
	rows := clustered(r, n, dim)
	c := linked(t, rows, dim, nil)
	file := written(t, c)
	for name, damage := range map[string]func(b []byte) []byte{
		"cut":                   func(b []byte) []byte { return b[:len(b)-4*graphDegree] },
		"no links":              func(b []byte) []byte { binary.LittleEndian.PutUint32(b[164:], 0); return resealed(b, c) },
		"too many links":        func(b []byte) []byte { binary.LittleEndian.PutUint32(b[164:], 1<<31); return resealed(b, c) },
		"fewer links":           func(b []byte) []byte { binary.LittleEndian.PutUint32(b[164:], 1); return resealed(b, c) },
		"too many groups":       func(b []byte) []byte { binary.LittleEndian.PutUint32(b[168:], math.MaxUint32); return resealed(b, c) },
		"a copy without one":    func(b []byte) []byte { copy(b, compactMagic); return b },
		"another recall":        func(b []byte) []byte { b[180] ^= 1; return b },
		"half a panel":          func([]byte) []byte { return written(t, withHalfAPanel(c)) },
		"groups without bounds": func(b []byte) []byte { return resealed(withFirst(b, c, math.MaxUint32), c) },
	} {
		if _, err := OpenCompact(aligned(damage(bytes.Clone(file))), n, dim); !errors.Is(err, ErrCompact) {
			t.Errorf("%s: %v", name, err)
		}
	}
	links := len(file) - (4*len(c.graph.links)+alignment-1)/alignment*alignment
	for name, value := range map[string]func() uint32{
		"anywhere":       func() uint32 { return r.Uint32() },
		"past the end":   func() uint32 { return uint32(len(c.row)) },
		"in the padding": func() uint32 { return c.lists[0].first + c.lists[0].count },
		"to one row":     func() uint32 { return 1 },
		"nowhere":        func() uint32 { return noPosition },
	} {
		b := aligned(file)
		for i := range c.graph.links {
			binary.LittleEndian.PutUint32(b[links+4*i:], value())
		}
		if CheckCompact(b) == nil {
			t.Errorf("%s: damage is not seen", name)
		}
		opened, err := OpenCompact(b, n, dim)
		if err != nil {
			t.Fatal(err)
		}
		m := Matrix{Dim: dim, Parts: [][]float32{rows}, Compact: []*Compact{opened}}
		for range 20 {
			got, err := Search(t.Context(), m, clustered(r, 1, dim), Options{K: 10, Recall: 0.9})
			if err != nil || len(got) != 10 {
				t.Errorf("links lead %s: %v, %v", name, got, err)
			}
			same(t, m, clustered(r, 1, dim), Options{K: 10})
		}
	}
}

// withHalfAPanel adds positions that are in no list.
func withHalfAPanel(c *Compact) *Compact {
	const more = 8
	half, g := *c, *c.graph
	half.graph, g.links = &g, append(slices.Clone(g.links), make([]uint32, more*g.degree)...)
	half.row, half.codes = append(slices.Clone(c.row), make([]uint32, more)...), append(slices.Clone(c.codes), make([]uint8, more*c.stride)...)
	half.codeError = append(slices.Clone(c.codeError), make([]float32, more)...)
	return &half
}

// withFirst changes the last list of the last group.
func withFirst(file []byte, c *Compact, last uint32) []byte {
	end := graphHeader
	c.sections(len(c.lists), len(c.row), len(c.outliers), func(s section) {
		if s.bytes == 4*len(c.graph.first) && bytes.Equal(file[end:end+s.bytes], s.get()) {
			binary.LittleEndian.PutUint32(file[end+s.bytes-4:], last)
		}
		end += (s.bytes + alignment - 1) / alignment * alignment
	})
	return file
}

func TestCopiesOfManyRowsWithoutAGraphAreMadeAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		c    Compact
		want bool
	}{
		{"few rows", Compact{Rows: 199_999, Dim: basisWidth, row: make([]uint32, 16)}, false},
		{"many", Compact{Rows: 200_000, Dim: basisWidth, row: make([]uint32, 16)}, true},
		{"fewer of more values", Compact{Rows: 599_999, Dim: basisWidth + 1, row: make([]uint32, 16)}, false},
		{"many of more values", Compact{Rows: 600_000, Dim: basisWidth + 1, row: make([]uint32, 16)}, true},
		{"many with a graph", Compact{Rows: 200_000, Dim: basisWidth, row: make([]uint32, 16), graph: new(graph)}, false},
		{"none that could be linked", Compact{Rows: 200_000, Dim: basisWidth}, false},
	} {
		if got := c.c.Outdated(); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
