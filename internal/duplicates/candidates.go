package duplicates

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/bits"
	"slices"
	"sync"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
	"golang.org/x/sync/errgroup"
)

const (
	neighborsEach  = 16  // nearest neighbours of each picture that are candidates
	embeddedWithin = 2.5 // of the tolerance: how far the embeddings of candidates may be apart
	hashesWithin   = 1.5 // of the tolerance: how far hashes may be apart; more bits of 64 are chance
	byHashEach     = 16  // candidates of each picture by its hash, in each turn
)

// candidate is two contents that may be duplicates.
type candidate struct {
	a, b      int // a < b
	turn      copies.Turn
	embedding float32 // 1 - cosine
	distance  float64 // +Inf beyond what was asked for, or if one cannot be read
	evidence  evidence.Evidence
	seen      bool // the pixels were compared
	viaThird  bool // both are duplicates of a third content that shows at least as much: they were not compared
}

// signatureSummary is the part of a signature that is held in memory.
type signatureSummary struct {
	known         bool
	alpha, blank  bool
	width, height int
	hash          [copies.Turns]uint64
}

func summarize(s *copies.Signature) signatureSummary {
	return signatureSummary{true, s.Alpha, s.Blank, s.Width, s.Height, s.Hash}
}

// uniqueCandidates sorts candidates and removes repeated ones.
func uniqueCandidates(all []candidate) []candidate {
	slices.SortFunc(all, func(x, y candidate) int { return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b)) })
	return slices.CompactFunc(all, func(x, y candidate) bool { return x.a == y.a && x.b == y.b })
}

// neighbors returns every content's nearest neighbours by embedding, as far as copies are apart if that is known.
func (f *finder) neighbors(ctx context.Context) ([]candidate, error) {
	keep := make(space.Bitmap, len(f.v.Keep))
	for row := range f.contentOf {
		keep.Add(row)
	}
	o := vector.Options{K: neighborsEach, Keep: keep, Tie: f.v.Tie, Threads: f.c.Options.Threads}
	if f.network != nil {
		o.MinScore, o.HasMin = float32(1-embeddedWithin*f.tolerance.Embedding-1e-6), true
	}
	var found []candidate
	err := vector.Neighbors(ctx, f.v.Matrix, o, func(row int, hits []vector.Hit) {
		for _, h := range hits {
			a, b := f.contentOf[row], f.contentOf[h.Row]
			found = append(found, candidate{a: min(a, b), b: max(a, b), embedding: 1 - h.Score})
		}
	})
	return uniqueCandidates(found), err
}

// sign makes the signatures that are not cached: of candidates and of pictures that may have transparency, or of
// all.
func (f *finder) sign(ctx context.Context, candidates []candidate, all bool) error {
	wanted := make([]bool, len(f.contents))
	for _, c := range candidates {
		wanted[c.a], wanted[c.b] = true, true
	}
	var missing []int
	for u := range f.contents {
		if !wanted[u] && !all && !mayHaveAlpha(f.format(u)) || f.summaries[u].known || f.failed[u] {
			continue
		}
		if s, ok := f.signatures.get(f.contents[u].hash); ok {
			f.summaries[u] = summarize(s)
		} else {
			missing = append(missing, u)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(f.threads())
	var mu sync.Mutex
	done := 0
	for _, u := range missing {
		group.Go(func() (err error) {
			defer disk.Catch(&err)() // vectors are mapped
			pic, err := f.decode(ctx, u)
			var s *copies.Signature
			if err == nil {
				s, err = copies.Of(pic)
				pic.Release()
			}
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, errUnreadable):
				f.failed[u] = true
				f.out.Failed = append(f.out.Failed, api.Failure{Source: f.v.Pictures.At(f.contents[u].pictures[0]).Source, Error: err.Error()})
			case err != nil:
				return err
			default:
				f.signatures.put(f.contents[u].hash, s)
				f.summaries[u] = summarize(s)
			}
			done++
			f.o.Progress(api.Progress{Step: "pictures", Done: done, Total: len(missing)})
			return nil
		})
	}
	err := group.Wait()
	f.signatures.flush()
	return err
}

// compare sets the distances of candidates, up to reach.
func (f *finder) compare(ctx context.Context, candidates []candidate, reach float64) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(f.threads())
	const batch = 1024
	for first := 0; first < len(candidates); first += batch {
		group.Go(func() (err error) {
			defer disk.Catch(&err)() // vectors are mapped
			for i := first; i < min(first+batch, len(candidates)); i++ {
				c := &candidates[i]
				c.distance = f.measure(c.a, c.b, 0, float64(c.embedding), reach).distance
			}
			return ctx.Err()
		})
	}
	return group.Wait()
}

// measure compares the signatures of content a and of b, turned. The distance is +Inf beyond reach.
func (f *finder) measure(a, b int, turn copies.Turn, embedding, reach float64) relation {
	r := relation{turn: turn, distance: math.Inf(1)}
	x, y := &f.summaries[a], &f.summaries[b]
	if !x.known || !y.known || x.blank || y.blank {
		return r
	}
	if x.alpha || y.alpha { // embeddings ignore transparency
		embedding = math.NaN()
	}
	// Embeddings, and for turned pictures hashes, only find neighbours; the colours on the grid measure how far apart the
	// two are. The hash of plain stripes is noise.
	distance := func() float64 {
		m := r.moved
		if m.Embedding = math.NaN(); turn == 0 {
			m.Bits = 0
		}
		return f.tolerance.Distance(m)
	}
	// What is cheap comes first: most pairs end here.
	r.moved.Bits = bits.OnesCount64(x.hash[0] ^ y.hash[turn])
	r.moved.Aspect = copies.Aspect(x.width, x.height, y.width, y.height, turn)
	r.moved.Embedding = embedding
	if distance() > reach {
		return r
	}
	s, ok := f.signatures.get(f.contents[a].hash)
	other, ok2 := f.signatures.get(f.contents[b].hash)
	if !ok || !ok2 {
		return r
	}
	r.moved.SignatureDistance = copies.Compare(s, other, turn)
	if d := distance(); d <= reach {
		r.distance = d
	}
	return r
}

// transparentNeighbors returns the pairs with similar hashes of which one has transparency: embeddings do not find
// these.
func (f *finder) transparentNeighbors() []candidate {
	hashes := f.hashes(0)
	most := f.maxHashBits()
	var found []candidate
	for a := range f.contents {
		if !f.summaries[a].known || f.summaries[a].blank {
			continue
		}
		relevant := func(b int) bool { return f.summaries[b].known && (f.summaries[a].alpha || f.summaries[b].alpha) }
		for _, b := range nearestHashes(hashes[a], hashes, a+1, most, relevant) {
			found = append(found, candidate{a: a, b: b})
		}
	}
	return found
}

// turnedNeighbors returns the pairs that may be duplicates after a turn, by their hashes, except those that are
// as close upright.
func (f *finder) turnedNeighbors(ctx context.Context, upright []candidate) ([]candidate, error) {
	known := map[pair]bool{}
	for _, c := range upright {
		known[pair{c.a, c.b}] = c.distance <= seriesWithin
	}
	near, err := f.turnedHashes(ctx)
	if err != nil {
		return nil, err
	}
	var found []candidate
	for _, keys := range near {
		for _, k := range keys {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if known[pair{k.a, k.b}] || !f.summaries[k.b].known {
				continue
			}
			r, err := f.turned(ctx, k.a, k.b, k.turn)
			if err != nil {
				return nil, err
			}
			if r.distance <= proposedWithin {
				found = append(found, candidate{a: k.a, b: k.b, turn: k.turn, distance: r.distance})
			}
		}
	}
	return found, nil
}

// turnedHashes returns for each content the later ones with similar hashes in any turn.
func (f *finder) turnedHashes(ctx context.Context) ([][]pairKey, error) {
	byTurn := make([][]uint64, copies.Turns)
	for t := range byTurn {
		byTurn[t] = f.hashes(copies.Turn(t))
	}
	most := f.maxHashBits()
	near := make([][]pairKey, len(f.contents))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(f.threads())
	var mu sync.Mutex
	done := 0
	for a := range f.contents {
		if !f.summaries[a].known {
			continue
		}
		group.Go(func() (err error) {
			defer disk.Catch(&err)() // vectors are mapped
			for _, t := range f.turns {
				for _, b := range nearestHashes(byTurn[0][a], byTurn[t], a+1, most, func(int) bool { return true }) {
					near[a] = append(near[a], pairKey{a, b, t})
				}
			}
			mu.Lock()
			defer mu.Unlock()
			if done++; done%256 == 0 || done == len(f.contents) {
				f.o.Progress(api.Progress{Step: "turned", Done: done, Total: len(f.contents)})
			}
			return ctx.Err()
		})
	}
	return near, group.Wait()
}

// hashes returns the hashes of all contents in a turn.
func (f *finder) hashes(t copies.Turn) []uint64 {
	hashes := make([]uint64, len(f.contents))
	for u := range hashes {
		hashes[u] = f.summaries[u].hash[t]
	}
	return hashes
}

func (f *finder) maxHashBits() int { return int(hashesWithin * float64(f.tolerance.Bits)) }

// nearestHashes returns the indexes, from first on, of the relevant hashes that differ in at most most bits; of many,
// the nearest.
func nearestHashes(hash uint64, hashes []uint64, first, most int, relevant func(i int) bool) []int {
	var found []int
	for i := first; i < len(hashes); i++ {
		if bits.OnesCount64(hash^hashes[i]) <= most && relevant(i) {
			found = append(found, i)
		}
	}
	if len(found) > byHashEach {
		slices.SortStableFunc(found, func(i, j int) int {
			return cmp.Compare(bits.OnesCount64(hash^hashes[i]), bits.OnesCount64(hash^hashes[j]))
		})
		found = found[:byHashEach]
	}
	return found
}
