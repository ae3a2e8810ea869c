package features

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/insight/geometry"
	"github.com/akin-search/akin/internal/insight/keypoint"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/simd"
)

const (
	nearBits = 20   // in which codes of the same place differ at most
	looked   = 1000 // pictures whose places are compared, those of most votes
	batch    = 64   // pictures that a thread takes at a time

	turns, sizes = 16, 16 // of a vote: 22.5 degrees, and a factor of two
)

// Candidate is a picture that may show a part of the query.
type Candidate struct {
	Content int     // its place in the list that was asked about
	Log10   float64 // how many as good are expected by chance, as a logarithm
}

// Search returns which of some contents may show a part of the query, or be a part of it, the likeliest first. Contents that the index does not
// have are passed over.
//
// Codes that are near vote for the turn and the factor that lead from one keypoint to the other (weak geometric consistency: Jégou, Douze and
// Schmid, "Hamming Embedding and Weak Geometric Consistency for Large Scale Image Search", ECCV 2008). The places of the pictures of most votes
// are then compared as package geometry does.
func (x *Index) Search(q *Features, contents []record.Hash) (out []Candidate, err error) {
	defer disk.Catch(&err)()
	done, err := x.current()
	if err != nil {
		return nil, err
	}
	defer done()
	return x.search(q, contents), nil
}

// Like is Search for a content that the index has. Nothing is like one that it has not.
func (x *Index) Like(content record.Hash, contents []record.Hash) (out []Candidate, err error) {
	defer disk.Catch(&err)()
	done, err := x.current()
	if err != nil {
		return nil, err
	}
	defer done()
	at, ok := x.byHash[content]
	if !ok || !x.all[at].sound(x.data) {
		return nil, nil
	}
	return x.search(x.all[at].features(x.data), contents), nil
}

// search is Search, of what is mapped.
func (x *Index) search(q *Features, contents []record.Hash) []Candidate {
	var asked []scored
	for i, h := range contents {
		if at, ok := x.byHash[h]; ok {
			asked = append(asked, scored{content: i, entry: at})
		}
	}
	x.vote(q, asked)
	asked = slices.DeleteFunc(asked, func(s scored) bool { return s.votes == 0 })
	slices.SortFunc(asked, func(a, b scored) int { return cmp.Or(cmp.Compare(b.votes, a.votes), cmp.Compare(a.content, b.content)) })
	return x.compare(q, asked[:min(looked, len(asked))])
}

// scored is a picture that is asked about.
type scored struct {
	content, entry int
	votes          float32
}

// vote counts the votes of all pictures.
func (x *Index) vote(q *Features, asked []scored) {
	each(len(asked), func() func(i int) {
		v := newVoter(q)
		return func(i int) {
			e := x.all[asked[i].entry]
			asked[i].votes = v.count(e, x.data)
		}
	})
}

// each calls what prepare returns, once a thread, with all numbers below n.
func each(n int, prepare func() func(i int)) {
	var g disk.Group
	var next atomic.Int64
	for range min(runtime.GOMAXPROCS(0), (n+batch-1)/batch) {
		g.Go(func() {
			do := prepare()
			for {
				last := int(next.Add(batch))
				if last-batch >= n {
					return
				}
				for i := last - batch; i < min(last, n); i++ {
					do(i)
				}
			}
		})
	}
	g.Wait()
}

// voter counts the votes of one picture after another.
type voter struct {
	q       *Features
	queries []uint64 // its codes
	near    []uint8
	bins    [turns * sizes]float32
}

func newVoter(q *Features) *voter {
	v := &voter{q: q}
	for _, c := range q.Codes {
		v.queries = append(v.queries, c[0], c[1])
	}
	return v
}

// count returns the most votes for one turn and factor.
func (v *voter) count(e entry, data []byte) (most float32) {
	if e.codes == 0 || len(v.queries) == 0 {
		return 0
	}
	var places []byte
	v.pairs(e, data, func(i, j, distance int) {
		if places == nil {
			places = data[e.at+e.blockBytes():]
			clear(v.bins[:])
		}
		// Only the scale and the angle are read of the place.
		angle := float64(places[placeBytes*j+5])/256*turns - float64(v.q.Points[i].Angle)/turn*turns
		size := float64(places[placeBytes*j+4])/scaleSteps + scaleFirst - math.Log2(float64(v.q.Points[i].Scale)) + sizes/2
		weight := 0.3 + float32(nearBits+1-distance)/(nearBits+1)
		a, s := int(math.Floor(angle)), int(math.Floor(size))
		for _, s := range [2]int{s, s + 1} {
			if s < 0 || s >= sizes {
				continue
			}
			for _, a := range [2]int{a, a + 1} {
				bin := &v.bins[(a&(turns-1))*sizes+s]
				*bin += weight
				most = max(most, *bin)
			}
		}
	})
	return most
}

// pairs calls f with each code of the query that is near some of a record, the nearest of these, and how many bits they differ in.
func (v *voter) pairs(e entry, data []byte, f func(i, j, distance int)) {
	blocks := e.blocks(data)
	n := len(blocks) / blockWords
	if need := n * len(v.q.Codes); len(v.near) < need {
		v.near = make([]uint8, max(need, Most*Most/simd.CodesPerBlock))
	}
	near := v.near[:n*len(v.q.Codes)]
	simd.NearCodes(v.queries, blocks, nearBits, near)
	i, best, at := 0, nearBits+1, 0 // of the code that is looked at
	for k := 0; k < len(near); k++ {
		if k%8 == 0 && k+8 <= len(near) && binary.LittleEndian.Uint64(near[k:]) == 0 { // as most are
			k += 7
			continue
		}
		if near[k] == 0 {
			continue
		}
		if k/n != i {
			if best <= nearBits {
				f(i, at, best)
			}
			i, best = k/n, nearBits+1
		}
		block := blocks[k%n*blockWords:]
		for m := uint(near[k]); m != 0; m &= m - 1 {
			l := bits.TrailingZeros(m)
			d := keypoint.Code{block[l], block[simd.CodesPerBlock+l]}.Distance(v.q.Codes[i])
			if j := k%n*simd.CodesPerBlock + l; d < best && j < e.codes {
				best, at = d, j
			}
		}
	}
	if best <= nearBits {
		f(i, at, best)
	}
}

// compare compares the places of pictures.
func (x *Index) compare(q *Features, pictures []scored) (out []Candidate) {
	log10 := make([]float64, len(pictures))
	each(len(pictures), func() func(i int) {
		v := newVoter(q)
		return func(i int) {
			log10[i] = math.Inf(1)
			e := x.all[pictures[i].entry]
			if !e.sound(x.data) {
				return
			}
			if l, ok := v.agreement(e, x.data); ok {
				log10[i] = l
			}
		}
	})
	for i, l := range log10 {
		if !math.IsInf(l, 1) {
			out = append(out, Candidate{pictures[i].content, l})
		}
	}
	slices.SortStableFunc(out, func(a, b Candidate) int { return cmp.Compare(a.Log10, b.Log10) })
	return out
}

// agreement compares the places of the codes that are each other's nearest.
func (v *voter) agreement(e entry, data []byte) (log10 float64, ok bool) {
	type near struct{ i, distance int }
	of := make([]near, e.codes)
	for j := range of {
		of[j] = near{-1, nearBits + 1}
	}
	v.pairs(e, data, func(i, j, distance int) {
		if distance < of[j].distance {
			of[j] = near{i, distance}
		}
	})
	var pairs [][2]int
	for j, n := range of {
		if n.i >= 0 {
			pairs = append(pairs, [2]int{n.i, j})
		}
	}
	if len(pairs) == 0 {
		return 0, false
	}
	return geometry.Agreement(v.q.Places, e.features(data).Places, pairs)
}
