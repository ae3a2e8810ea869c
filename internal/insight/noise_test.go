package insight

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/akin-search/akin/internal/simd"
)

// A noise makes vectors that have nothing to do with each other.
type noise struct {
	name  string
	least int // values a vector, at least, for it to be noise and not the same few vectors again
	// families says that some vectors have in common what few have, as pictures of one thing do: they pass the bound, see docs/explanation/scores.md.
	families bool
	// source is drawn from once a collection, and returns what fills one vector.
	source func(r *rand.Rand, dim int) func(v []float32)
}

// Kinds of noise, each with a way of its own to be unlike what textbooks draw.
var noises = []noise{
	{name: "isotropic", source: each(func(_ int, x float32) float32 { return x })}, // the same in all directions
	{name: "clustered", source: clustered},                                         // about ten centres
	{name: "sparse", least: 64, source: each(func(_ int, x float32) float32 { // activations after a ReLU
		return max(0, x-0.5)
	})},
	{name: "spectrum 1/k", source: each(func(i int, x float32) float32 { // a few directions have most of the variance, as in real embeddings
		return x / float32(math.Sqrt(float64(i+1)))
	})},
	{name: "spectrum 1/k^2", source: each(func(i int, x float32) float32 { return x / float32(i+1) })}, // as good as two dimensions
	{name: "three bands", source: func(r *rand.Rand, dim int) func([]float32) { // clustered eigenvalues
		return each(func(i int, x float32) float32 { return x * []float32{8, 3, 1}[min(2, i/max(1, dim/16))] })(r, dim)
	}},
	{name: "cone", source: each(func(_ int, x float32) float32 { return 3 + x })}, // all share a direction: cosines about 0.9
	{name: "hubs", source: hubs},
	{name: "exponential", source: func(r *rand.Rand, _ int) func([]float32) { // positive and skewed
		return func(v []float32) { exponentials.fill(r, v) }
	}},
	{name: "sparse binary", least: 64, source: ones},
	{name: "few ones", least: 64, families: true, source: fewOnes},
	{name: "Student t3", families: true, source: func(r *rand.Rand, _ int) func([]float32) { // heavy tails: one value outweighs all others
		return func(v []float32) { students.fill(r, v) }
	}},
}

// each makes every value of a normal one by itself.
func each(value func(i int, x float32) float32) func(*rand.Rand, int) func([]float32) {
	return func(r *rand.Rand, _ int) func([]float32) {
		return func(v []float32) {
			normals.fill(r, v)
			for i, x := range v {
				v[i] = value(i, x)
			}
		}
	}
}

func clustered(r *rand.Rand, dim int) func([]float32) {
	centres := make([][]float32, 10)
	for i := range centres {
		centres[i] = make([]float32, dim)
		normals.fill(r, centres[i])
	}
	return func(v []float32) {
		normals.fill(r, v)
		for i, x := range centres[r.IntN(len(centres))] {
			v[i] += x
		}
	}
}

// hubs lie much nearer to the middle than others: they come up for every query.
func hubs(r *rand.Rand, _ int) func([]float32) {
	return func(v []float32) {
		normals.fill(r, v)
		near := float32(r.NormFloat64())
		for i := range v {
			v[i] += near * near
		}
	}
}

// ones have a one in three of ten places, or in one of ten where there are many.
func ones(r *rand.Rand, dim int) func([]float32) {
	share := float32(0.3)
	if dim > 256 {
		share = 0.1
	}
	return func(v []float32) {
		for i := range v {
			v[i] = 0
			if r.Float32() < share {
				v[i] = 1
			}
		}
	}
}

// fewOnes have six ones on average, and some but one.
func fewOnes(r *rand.Rand, dim int) func([]float32) {
	return func(v []float32) {
		for i := range v {
			v[i] = 0
			if r.Float32()*float32(dim) < 6 {
				v[i] = 1
			}
		}
	}
}

// quantiles are those of a distribution in 65 536 equal parts: drawing one is several times as fast as drawing a value,
// and a million vectors of 768 take a billion.
type quantiles struct {
	middle []float32
	at     func(p float64) float64
}

func newQuantiles(at func(p float64) float64) quantiles {
	q := quantiles{make([]float32, 1<<16), at}
	for i := range q.middle {
		q.middle[i] = float32(at((float64(i) + 0.5) / (1 << 16)))
	}
	return q
}

var (
	normals      = newQuantiles(func(p float64) float64 { return normalReached(1 - p) })
	exponentials = newQuantiles(func(p float64) float64 { return -math.Log1p(-p) })
	students     = newQuantiles(studentQuantile)
)

// fill draws every value of v. What is beyond the outermost parts is drawn within them.
func (q quantiles) fill(r *rand.Rand, v []float32) {
	for i := 0; i < len(v); i += 4 {
		bits := r.Uint64()
		for j := i; j < min(i+4, len(v)); j++ {
			part := uint16(bits)
			v[j] = q.middle[part]
			if part == 0 || part == 1<<16-1 {
				v[j] = float32(q.at((float64(part) + 1e-9 + r.Float64()*(1-2e-9)) / (1 << 16)))
			}
			bits >>= 16
		}
	}
}

// studentQuantile is that of Student's distribution of three degrees of freedom.
func studentQuantile(p float64) float64 {
	below := func(t float64) float64 {
		u := t / math.Sqrt(3)
		return 0.5 + (u/(1+u*u)+math.Atan(u))/math.Pi
	}
	if p > 0.5 {
		return -studentQuantile(1 - p)
	}
	low, high := -1e6, 0.
	for range 80 {
		if middle := (low + high) / 2; below(middle) < p {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// told is what searches among noise found.
type told struct{ searches, related, near int }

func (t *told) add(o told) {
	t.searches += o.searches
	t.related += o.related
	t.near += o.near
}

const held = 4 << 20 // values of the vectors that are in memory at a time

// simulate searches n vectors of noise with some of them, and with as many that are none of them. It never
// holds all. found, where it is not nil, is called with each query and its best hit.
func simulate(r *rand.Rand, kind noise, n, dim, searches int, found func(beyond bool, query, best []float32)) told {
	fill := kind.source(r, dim)
	unit := func(v []float32) {
		for sum := 0.; ; sum = 0 {
			fill(v)
			for _, x := range v {
				sum += float64(x) * float64(x)
			}
			if sum > 0 {
				for i := range v {
					v[i] *= float32(1 / math.Sqrt(sum))
				}
				return
			}
		}
	}
	type hit struct {
		score float32
		row   []float32 // of the best hit, where it is asked for
	}
	block := min(n, max(1000, held/dim))
	rows, scores := make([]float32, block*dim), make([]float32, block)
	row := func(i int) []float32 { return rows[i*dim : (i+1)*dim] }
	queries, best := make([][]float32, searches), make([][]hit, searches)
	var pairs []float32
	for start := 0; start < n; start += block {
		m := min(block, n-start)
		for i := range m {
			unit(row(i))
		}
		if start == 0 {
			for k := range queries {
				queries[k] = make([]float32, dim)
				if k%2 == 0 {
					copy(queries[k], row(k/2))
				} else {
					unit(queries[k])
				}
			}
		}
		if n <= 632 { // as a collection keeps them
			for i := range n {
				for j := range i {
					pairs = append(pairs, simd.Dot(row(i), row(j)))
				}
			}
		}
		// A block's vectors are as good as any: they are drawn one by one.
		for n > 632 && len(pairs) < int(200_000*float64(start+m)/float64(n)) {
			i, j := r.IntN(m), r.IntN(m-1)
			if j >= i {
				j++
			}
			pairs = append(pairs, simd.Dot(row(i), row(j)))
		}
		for k, q := range queries {
			simd.Dots(q, rows[:m*dim], scores[:m])
			if start == 0 && k%2 == 0 {
				scores[k/2] = -1 // itself
			}
			for i, s := range scores[:m] {
				if len(best[k]) == judgedTogether && s <= best[k][judgedTogether-1].score {
					continue
				}
				at, _ := slices.BinarySearchFunc(best[k], s, func(h hit, s float32) int {
					if h.score >= s {
						return -1
					}
					return 1
				})
				h := hit{score: s}
				if at == 0 && found != nil {
					h.row = slices.Clone(row(i))
				}
				best[k] = slices.Insert(best[k], at, h)
				best[k] = best[k][:min(judgedTogether, len(best[k]))]
			}
		}
	}
	slices.Sort(pairs)
	l := NewNull(pairs, n)
	var out told
	for k, hits := range best {
		asked := n
		if k%2 == 0 {
			asked--
		}
		luck := make([]float64, len(hits))
		for i, h := range hits {
			luck[i] = l.Expected(float64(h.score), asked)
		}
		out.searches++
		beyond := Discoveries(luck, 0.05) > 0
		if beyond {
			out.related++
		}
		if Discoveries(luck, 0.01) > 0 {
			out.near++
		}
		if found != nil {
			found(beyond, queries[k], hits[0].row)
		}
	}
	return out
}
