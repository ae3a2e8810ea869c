package vector

import (
	"math"
	"math/rand/v2"

	"github.com/akin-search/akin/internal/simd"
)

// basis spans the subspace in which the rows of a collection differ most: the direction of
// the mean, and the principal components of what remains. A few coordinates there separate most
// vectors, and the distance of a vector from the subspace bounds what the rest can add to a score.
type basis struct {
	dim, width int
	mean       []float32 // (dim)
	length     float64   // of the mean
	columns    []float32 // (dim, width): orthonormal columns, or zeros where width exceeds dim
}

const (
	sampleRows = 4096 // that a basis is computed from
	rounds     = 6    // of subspace iteration; any orthonormal basis gives right answers, a better one faster
)

// newBasis computes a basis from the rows of sample.
func newBasis(sample []float32, dim, width int) *basis {
	n := len(sample) / dim
	b := &basis{dim: dim, width: width, mean: make([]float32, dim)}
	mean := make([]float64, dim)
	for i := range n {
		for j, x := range sample[i*dim : (i+1)*dim] {
			mean[j] += float64(x)
		}
	}
	for j := range mean {
		mean[j] /= float64(max(1, n))
		b.mean[j] = float32(mean[j])
	}
	b.length = norm(b.mean)
	centred, turned := make([]float32, len(sample)), make([]float32, len(sample))
	for i := range n {
		for j, x := range sample[i*dim : (i+1)*dim] {
			centred[i*dim+j] = x - b.mean[j]
			turned[j*n+i] = x - b.mean[j]
		}
	}
	r := rand.New(rand.NewPCG(uint64(dim), uint64(width)))
	directions := make([][]float64, min(width, dim)) // (width, dim)
	for i := range directions {
		directions[i] = make([]float64, dim)
		for j := range directions[i] {
			directions[i][j] = r.NormFloat64()
		}
	}
	copy(directions[0], mean)
	orthonormal(directions, r)
	// Subspace iteration: directions ← sampleᵀ·(sample·directions), which the largest
	// components come to dominate.
	b.columns = make([]float32, dim*width)
	along := make([]float32, n*width)
	for range rounds {
		b.set(directions)
		simd.Product(centred, b.columns, along, dim, width)
		simd.Product(turned, along, b.columns, n, width)
		for i, d := range directions {
			for j := range d {
				d[j] = float64(b.columns[j*width+i])
			}
		}
		copy(directions[0], mean)
		orthonormal(directions, r)
	}
	b.set(directions)
	return b
}

func (b *basis) set(directions [][]float64) {
	clear(b.columns)
	for i, d := range directions {
		for j, x := range d {
			b.columns[j*b.width+i] = float32(x)
		}
	}
}

// orthonormal makes vectors orthonormal in their order, by Gram–Schmidt, twice because the
// first pass loses digits. One that depends linearly on those before it is replaced by a
// random one.
func orthonormal(vectors [][]float64, r *rand.Rand) {
	for i, v := range vectors {
		for {
			size := norm64(v)
			for range 2 {
				for _, u := range vectors[:i] {
					dot := 0.
					for j, x := range u {
						dot += x * v[j]
					}
					for j, x := range u {
						v[j] -= dot * x
					}
				}
			}
			left := norm64(v)
			if left > 1e-10*size && left > 0 {
				for j := range v {
					v[j] /= left
				}
				break
			}
			for j := range v {
				v[j] = r.NormFloat64()
			}
		}
	}
}

func norm64(v []float64) float64 {
	sum := 0.
	for _, x := range v {
		sum += x * x
	}
	return math.Sqrt(sum)
}

// norm is the length of v.
func norm(v []float32) float64 { return math.Sqrt(dot64(v, v)) }

// dot64 is the dot product in float64. Its four sums do not wait for one another.
func dot64(a, b []float32) float64 {
	var s0, s1, s2, s3 float64
	for len(a) >= 4 && len(b) >= 4 {
		s0 += float64(a[0]) * float64(b[0])
		s1 += float64(a[1]) * float64(b[1])
		s2 += float64(a[2]) * float64(b[2])
		s3 += float64(a[3]) * float64(b[3])
		a, b = a[4:], b[4:]
	}
	for i, x := range a {
		s0 += float64(x) * float64(b[i])
	}
	return s0 + s1 + s2 + s3
}

// project writes rows' coordinates, (rows, width), to out; those of the difference from the
// mean if centred is true.
func (b *basis) project(rows []float32, centred bool, out []float32) {
	if centred {
		moved := make([]float32, len(rows))
		for at := 0; at < len(rows); at += b.dim {
			for j, x := range rows[at : at+b.dim] {
				moved[at+j] = x - b.mean[j]
			}
		}
		rows = moved
	}
	simd.Product(rows, b.columns, out, b.dim, b.width)
}

// rounding bounds, for vectors of unit length, the length of what rounding adds to
// their coordinates: each is a float32 sum of dim terms, and a column is as far from
// orthonormal as float32 makes it.
func (b *basis) rounding() float64 {
	return float64(b.dim+16) * math.Sqrt(float64(b.width)) / (1 << 23)
}
