package akin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/vector"
)

const (
	calibrated     = 40  // pictures of which copies are made
	asked          = 500 // pictures whose nearest different one is looked for
	nearestAsked   = 8   // among so many neighbours
	nearestLooked  = 16  // neighbours of each picture that may be copies
	turnedCompared = 16  // pictures by whose hash each is looked at, in each turn
)

// relation is how a content is a copy of another.
type relation struct {
	turn     copies.Turn
	moved    copies.Moved // Embedding is NaN where it is not known
	distance float64
}

func (r relation) kind() DuplicateKind {
	switch {
	case r.turn == 0:
		return NearCopy
	case r.turn == copies.Mirrored:
		return MirroredCopy
	}
	return RotatedCopy
}

// find calibrates, and finds the pairs of contents that are copies.
func (f *finder) find(ctx context.Context) error {
	f.embedded, f.failed = map[pairKey]float64{}, map[int]bool{}
	for t := copies.Turn(1); t < copies.Turns; t++ {
		if (f.o.Mirrored || !t.Mirror()) && (f.o.Rotated || t.Quarters() == 0) {
			f.turns = append(f.turns, t)
		}
	}
	calibration := &DuplicateCalibration{}
	f.out.Calibration = calibration
	var err error
	if f.network, err = f.c.modelOf(f.v.Space); err != nil {
		calibration.Unembedded = err.Error()
	}
	made, err := f.calibrate(ctx)
	if err != nil {
		return err
	}
	tail, err := f.tail(ctx)
	if err != nil {
		return err
	}
	f.limit = tail.Limit(f.o.MaxWrong)
	calibration.Limit, calibration.Found, calibration.Wrong = round(f.limit), round(f.tolerance.Kept(made, f.limit)), round(tail.Wrong(f.limit))
	candidates, err := f.neighbors(ctx)
	if err == nil {
		err = f.look(ctx, candidates, len(f.turns) > 0)
	}
	if err == nil {
		err = f.compare(ctx, candidates, f.limit)
	}
	if err != nil {
		return err
	}
	for _, c := range candidates {
		if c.distance <= f.limit {
			f.pairs = append(f.pairs, pair{c.a, c.b})
		}
	}
	if len(f.turns) > 0 {
		if err := f.findTurned(ctx); err != nil {
			return err
		}
	}
	return f.findDerived(ctx)
}

// findDerived finds the lossless files that show what a lossy copy shows: whoever saves a
// picture with losses changes its pixels, so that these were made from it, and hold no more.
func (f *finder) findDerived(ctx context.Context) error {
	f.derived = map[int]bool{}
	for _, p := range f.pairs {
		a, b := p.a, p.b
		if !slices.Contains(lossy, f.format(a)) {
			a, b = b, a
		}
		if !slices.Contains(lossy, f.format(a)) || !slices.Contains(lossless, f.format(b)) || f.derived[b] {
			continue
		}
		if r, ok := f.relation(a, b); ok && r.moved.Difference <= 2 {
			same, err := f.samePixels(ctx, a, b, r.turn)
			if err != nil && !errors.Is(err, errPicture) {
				return err
			}
			f.derived[b] = same
		}
	}
	return nil
}

func (f *finder) format(u int) string {
	return f.files[f.v.Pictures.ID(f.units[u].pictures[0])].Format
}

// samePixels reports whether b, after a turn, has the pixels of a, but for the rounding of another
// decoder.
func (f *finder) samePixels(ctx context.Context, a, b int, t copies.Turn) (bool, error) {
	x, err := f.decode(ctx, a)
	if err != nil {
		return false, err
	}
	defer x.Release()
	lying, err := f.decode(ctx, b)
	if err != nil {
		return false, err
	}
	defer lying.Release()
	y := t.Apply(lying)
	defer y.Release()
	if x.Width != y.Width || x.Height != y.Height {
		return false, nil
	}
	for i, v := range x.Pix {
		if d := int(v) - int(y.Pix[i]); d < -1 || d > 1 {
			return false, nil
		}
	}
	return true, nil
}

// sample gives contents that have an embedding: those with the least hashes, so that a growing
// collection goes on with nearly the same.
func (f *finder) sample(most int) []int {
	var all []int
	for u := range f.units {
		if f.units[u].row >= 0 {
			all = append(all, u)
		}
	}
	slices.SortFunc(all, func(a, b int) int { return slices.Compare(f.units[a].hash[:], f.units[b].hash[:]) })
	return all[:min(len(all), most)]
}

// calibrate measures how far copies move that are made of some of the pictures.
func (f *finder) calibrate(ctx context.Context) ([]copies.Moved, error) {
	sample := f.sample(calibrated)
	kept := f.keptCalibration(sample)
	made, ok := kept.read()
	if !ok {
		for i, u := range sample {
			moved, err := f.copiesOf(ctx, u)
			if err != nil && !errors.Is(err, errPicture) { // look tells of a picture that cannot be read, where it matters
				return nil, err
			}
			made = append(made, moved...)
			f.o.Progress(DuplicateProgress{"calibration", i + 1, len(sample)})
		}
		kept.write(made)
	}
	f.tolerance = copies.Calibrate(made, f.network != nil)
	c := f.out.Calibration
	c.Pictures, c.Made, c.Sharpness = len(made)/len(copies.Alterations()), len(made), round(f.tolerance.Blurred)
	c.Tolerance = DuplicateEvidence{Distance: 1, HashBits: f.tolerance.Bits, Difference: f.tolerance.Difference, Cast: f.tolerance.Cast, Aspect: round(f.tolerance.Aspect)}
	if f.network != nil {
		score := 1 - f.tolerance.Embedding
		chance := f.v.Chance(score)
		c.Tolerance.Score, c.Tolerance.Chance = &score, &chance
	}
	return made, nil
}

// copiesOf makes copies of a picture and tells how far each has moved.
func (f *finder) copiesOf(ctx context.Context, u int) ([]copies.Moved, error) {
	pic, err := f.decode(ctx, u)
	if err != nil {
		return nil, err
	}
	defer pic.Release()
	original, err := copies.Of(pic)
	if err != nil {
		return nil, err
	}
	f.keep(u, original)
	alterations := copies.Alterations()
	made := make([]copies.Moved, len(alterations))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(f.callers())
	for i, a := range alterations {
		group.Go(func() error {
			changed := a.Apply(pic)
			defer changed.Release()
			s, err := copies.Of(changed)
			if err != nil {
				return err
			}
			ratio := copies.Sharper(original, s)
			made[i] = copies.Moved{Change: copies.Compare(original, s, 0), Blurred: max(ratio, 1/ratio)}
			if f.network != nil {
				made[i].Embedding, err = f.apart(ctx, f.units[u].row, changed)
			}
			return err
		})
	}
	return made, group.Wait()
}

// apart is 1 - cosine between a row's embedding and that of a picture.
func (f *finder) apart(ctx context.Context, row int, pic *picture.Picture) (float64, error) {
	stage := f.network.stage()
	pixels, unit := make([]float32, stage.Input), make([]float32, stage.Dim)
	stage.Prepare(pic, pixels)
	if err := stage.Run(ctx, pixels, 1, unit); err != nil {
		return 0, err
	}
	if !vector.Normalize(unit) {
		return 2, nil
	}
	return 1 - float64(vector.Dot(unit, f.v.Matrix.Row(row))), nil
}

func (f *finder) threads() int {
	if n := f.c.options.Threads; n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}

func (f *finder) callers() int {
	if f.network == nil {
		return f.threads()
	}
	return max(1, f.network.device.Callers(f.c.options.Threads))
}

// decode reads a content's picture from the first of its files that holds it.
func (f *finder) decode(ctx context.Context, u int) (*picture.Picture, error) {
	var problem error
	for _, i := range f.units[u].pictures {
		source := f.v.Pictures.Borrow(i).Source
		data, err := read(ctx, f.c.client, source)
		if err == nil && hashOf(data) != f.units[u].hash {
			err = fmt.Errorf("%s has changed since it was indexed: index it again", source)
		}
		if err == nil {
			var pic *picture.Picture
			if pic, _, err = picture.Decode(ctx, data, f.c.engine.limits()); err == nil {
				return pic, nil
			}
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		problem = err
	}
	return nil, errors.Join(errPicture, problem)
}

// keep remembers a signature.
func (f *finder) keep(u int, s *copies.Signature) {
	f.signatures.put(f.units[u].hash, s)
	f.brief[u] = brief{true, s.Width, s.Height, s.Hash}
}

// candidate are two contents that may be copies.
type candidate struct {
	a, b     int // a < b
	apart    float32
	distance float64 // Inf where it is further than was asked, or where one cannot be read
}

func (f *finder) candidate(row int, h vector.Hit) candidate {
	a, b := f.unitOf[row], f.unitOf[h.Row]
	return candidate{a: min(a, b), b: max(a, b), apart: 1 - h.Score}
}

// once sorts candidates and leaves each once.
func once(all []candidate) []candidate {
	slices.SortFunc(all, func(x, y candidate) int { return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b)) })
	return slices.CompactFunc(all, func(x, y candidate) bool { return x.a == y.a && x.b == y.b })
}

func (f *finder) searchOptions(k int) vector.Options {
	keep := make([]uint64, len(f.v.Keep))
	for row := range f.unitOf {
		keep[row/64] |= 1 << (row % 64)
	}
	return vector.Options{K: k, Keep: keep, Tie: f.v.Tie, Threads: f.c.options.Threads}
}

// tail tells how near different pictures come, by the nearest of some.
func (f *finder) tail(ctx context.Context) (copies.Tail, error) {
	sample := f.sample(asked)
	qs := vector.Matrix{Dim: f.v.Matrix.Dim}
	for _, u := range sample {
		qs.Parts = append(qs.Parts, f.v.Matrix.Row(f.units[u].row))
	}
	found, err := vector.SearchBatch(ctx, f.v.Matrix, qs, f.searchOptions(nearestAsked+1))
	if err != nil {
		return copies.Tail{}, err
	}
	var candidates []candidate
	for i, hits := range found {
		for _, h := range hits {
			if row := f.units[sample[i]].row; h.Row != row {
				candidates = append(candidates, f.candidate(row, h))
			}
		}
	}
	candidates = once(candidates)
	err = f.look(ctx, candidates, false)
	if err == nil {
		err = f.compare(ctx, candidates, math.MaxFloat64)
	}
	if err != nil {
		return copies.Tail{}, err
	}
	nearest := map[int]float64{}
	for _, c := range candidates {
		for _, u := range []int{c.a, c.b} {
			if d, ok := nearest[u]; c.distance > copies.Beyond && (!ok || c.distance < d) {
				nearest[u] = c.distance
			}
		}
	}
	var distances []float64
	for _, u := range sample {
		if d, ok := nearest[u]; ok {
			distances = append(distances, d)
		}
	}
	return copies.NewTail(len(f.units), len(sample), distances), nil
}

// neighbors gives every content's nearest by its embedding, as far as copies go where that is known.
func (f *finder) neighbors(ctx context.Context) ([]candidate, error) {
	o := f.searchOptions(nearestLooked)
	if f.network != nil {
		o.MinScore, o.HasMin = float32(1-f.limit*f.tolerance.Embedding-1e-6), true
	}
	var found []candidate
	err := vector.Neighbors(ctx, f.v.Matrix, o, func(row int, hits []vector.Hit) {
		for _, h := range hits {
			found = append(found, f.candidate(row, h))
		}
	})
	return once(found), err
}

// look makes the signatures that are wanted, or all, and not known.
func (f *finder) look(ctx context.Context, candidates []candidate, all bool) error {
	wanted := make([]bool, len(f.units))
	for _, c := range candidates {
		wanted[c.a], wanted[c.b] = true, true
	}
	var missing []int
	for u := range f.units {
		if !wanted[u] && !all || f.brief[u].known || f.failed[u] {
			continue
		}
		if s, ok := f.signatures.get(f.units[u].hash); ok {
			f.brief[u] = brief{true, s.Width, s.Height, s.Hash}
		} else {
			missing = append(missing, u)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(f.threads())
	var mu sync.Mutex
	done := 0
	for _, u := range missing {
		group.Go(func() error {
			pic, err := f.decode(ctx, u)
			var s *copies.Signature
			if err == nil {
				s, err = copies.Of(pic)
				pic.Release()
			}
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, errPicture):
				f.failed[u] = true
				f.out.Failed = append(f.out.Failed, Failure{Source: f.v.Pictures.At(f.units[u].pictures[0]).Source, Error: err.Error()})
			case err != nil:
				return err
			default:
				f.keep(u, s)
			}
			done++
			f.o.Progress(DuplicateProgress{"pictures", done, len(missing)})
			return nil
		})
	}
	return errors.Join(group.Wait(), f.signatures.flush())
}

// compare measures the candidates, as far as reach.
func (f *finder) compare(ctx context.Context, candidates []candidate, reach float64) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(f.threads())
	const some = 1024
	for first := 0; first < len(candidates); first += some {
		group.Go(func() error {
			for i := first; i < min(first+some, len(candidates)); i++ {
				c := &candidates[i]
				c.distance = f.measure(c.a, c.b, 0, float64(c.apart), reach).distance
			}
			return ctx.Err()
		})
	}
	return group.Wait()
}

// measure compares content a with b as it lies after a turn; distance is Inf beyond reach.
func (f *finder) measure(a, b int, turn copies.Turn, apart, reach float64) relation {
	r := relation{turn: turn, distance: math.Inf(1)}
	x, y := &f.brief[a], &f.brief[b]
	if !x.known || !y.known {
		return r
	}
	// What is cheap first: most pairs end here.
	r.moved.Bits = bits.OnesCount64(x.hash[0] ^ y.hash[turn])
	r.moved.Aspect = copies.Aspect(x.width, x.height, y.width, y.height, turn)
	r.moved.Embedding = apart
	if f.tolerance.Distance(r.moved) > reach {
		return r
	}
	s, ok := f.signatures.get(f.units[a].hash)
	other, ok2 := f.signatures.get(f.units[b].hash)
	if !ok || !ok2 {
		return r
	}
	r.moved.Change = copies.Compare(s, other, turn)
	if d := f.tolerance.Distance(r.moved); d <= reach {
		r.distance = d
	}
	return r
}

// relation tells whether content b is a copy of a, upright or in a turn that is looked for.
func (f *finder) relation(a, b int) (relation, bool) {
	apart := math.NaN()
	if f.units[a].row >= 0 && f.units[b].row >= 0 {
		apart = 1 - float64(vector.Dot(f.v.Matrix.Row(f.units[a].row), f.v.Matrix.Row(f.units[b].row)))
	}
	if r := f.measure(a, b, 0, apart, f.limit); r.distance <= f.limit {
		return r, true
	}
	for _, t := range f.turns {
		if r := f.turned(context.Background(), a, b, t); r.distance <= f.limit {
			return r, true
		}
	}
	return relation{}, false
}

// turned compares content a with b after a turn. Where all else agrees the model looks at the
// turned picture too: its embedding of the picture as it lies says nothing here.
func (f *finder) turned(ctx context.Context, a, b int, t copies.Turn) relation {
	r := f.measure(a, b, t, 0, f.limit)
	if math.IsInf(r.distance, 1) {
		return r
	}
	r.moved.Embedding = math.NaN()
	if f.network == nil || f.units[a].row < 0 {
		return r
	}
	key := pairKey{a, b, t}
	apart, ok := f.embedded[key]
	if !ok {
		apart = 2
		if pic, err := f.decode(ctx, b); err == nil {
			upright := t.Apply(pic)
			pic.Release()
			if d, err := f.apart(ctx, f.units[a].row, upright); err == nil {
				apart = d
			}
			upright.Release()
		}
		f.embedded[key] = apart
	}
	r.moved.Embedding = apart
	r.distance = f.tolerance.Distance(r.moved)
	return r
}

// findTurned finds the pairs that are copies after a turn, by their hashes.
func (f *finder) findTurned(ctx context.Context) error {
	pairs := map[pair]bool{}
	for _, p := range f.pairs {
		pairs[p] = true
	}
	byTurn := make([][]uint64, copies.Turns)
	for t := range byTurn {
		byTurn[t] = make([]uint64, len(f.units))
		for u := range f.units {
			byTurn[t][u] = f.brief[u].hash[t]
		}
	}
	most := int(f.limit * float64(f.tolerance.Bits))
	near := make([][]pairKey, len(f.units))
	group, searching := errgroup.WithContext(ctx)
	group.SetLimit(f.threads())
	var mu sync.Mutex
	done := 0
	for a := range f.units {
		if !f.brief[a].known {
			continue
		}
		group.Go(func() error {
			for _, t := range f.turns {
				near[a] = append(near[a], nearHashes(byTurn[0][a], byTurn[t], a, t, most)...)
			}
			mu.Lock()
			defer mu.Unlock()
			if done++; done%256 == 0 || done == len(f.units) {
				f.o.Progress(DuplicateProgress{"turned", done, len(f.units)})
			}
			return searching.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, keys := range near {
		for _, k := range keys {
			if err := ctx.Err(); err != nil {
				return err
			}
			p := pair{k.a, k.b}
			if !pairs[p] && f.brief[k.b].known && f.turned(ctx, k.a, k.b, k.turn).distance <= f.limit {
				pairs[p] = true
				f.pairs = append(f.pairs, p)
			}
		}
	}
	return nil
}

// nearHashes gives the pictures after a, by their hashes in a turn, that differ in no more than so
// many bits: the nearest of them.
func nearHashes(hash uint64, hashes []uint64, a int, t copies.Turn, most int) []pairKey {
	var found []pairKey
	for i, h := range hashes[a+1:] {
		if bits.OnesCount64(hash^h) <= most {
			found = append(found, pairKey{a, a + 1 + i, t})
		}
	}
	if len(found) > turnedCompared {
		slices.SortStableFunc(found, func(x, y pairKey) int {
			return cmp.Compare(bits.OnesCount64(hash^hashes[x.b]), bits.OnesCount64(hash^hashes[y.b]))
		})
		found = found[:turnedCompared]
	}
	return found
}
