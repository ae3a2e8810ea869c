package duplicates

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

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/vector"
	"golang.org/x/sync/errgroup"
)

const (
	calibrated     = 40  // pictures of which copies are made
	nearestLooked  = 16  // neighbours of each picture that may be copies
	embeddedWithin = 2.5 // as far as nearly all made copies are, by their embeddings
	turnedCompared = 16  // pictures by whose hash each is looked at, in each turn
)

// errUnreadable is of a picture whose file cannot be read or decoded: it is left out.
var errUnreadable = errors.New("the picture cannot be read")

// relation is how a content is a copy of another.
type relation struct {
	turn     copies.Turn
	moved    copies.Displacement // Embedding is NaN where it is not known
	distance float64
	pixels   evidence.Evidence // Evidence.At is of the copy
}

func (r relation) kind() api.DuplicateKind {
	switch {
	case r.turn == 0:
		return api.NearCopy
	case r.turn == copies.Mirrored:
		return api.MirroredCopy
	}
	return api.RotatedCopy
}

// find calibrates, and finds the pairs of contents that are copies.
func (f *finder) find(ctx context.Context) error {
	f.embedded, f.failed = map[pairKey]float64{}, map[int]bool{}
	for t := copies.Turn(1); t < copies.Turns; t++ {
		if (f.o.Mirrored || !t.Mirror()) && (f.o.Rotated || t.Quarters() == 0) {
			f.turns = append(f.turns, t)
		}
	}
	calibration := &api.DuplicateCalibration{}
	f.out.Calibration = calibration
	var err error
	if f.network, err = f.c.NetworkOf(f.v.Space); err != nil {
		calibration.Unembedded = err.Error()
	}
	f.accepted = map[pairKey]bool{}
	if err := f.calibrate(ctx); err != nil {
		return err
	}
	candidates, err := f.neighbors(ctx)
	if err == nil {
		err = f.sign(ctx, candidates, len(f.turns) > 0)
	}
	if err != nil {
		return err
	}
	candidates = uniqueCandidates(append(candidates, f.hidden()...))
	if err = f.compare(ctx, candidates, proposedWithin); err != nil {
		return err
	}
	candidates = slices.DeleteFunc(candidates, func(c candidate) bool { return !(c.distance <= proposedWithin) })
	if len(f.turns) > 0 {
		turned, err := f.findTurned(ctx, candidates)
		if err != nil {
			return err
		}
		candidates = append(candidates, turned...)
	}
	if err := f.examine(ctx, candidates); err != nil {
		return err
	}
	f.decide(candidates)
	if err := f.estimate(ctx); err != nil {
		return err
	}
	return f.findDerived(ctx)
}

// findDerived finds the lossless files that show what a lossy copy shows: whoever saves a
// picture with losses changes its pixels, so that these were made from it, and hold no more.
func (f *finder) findDerived(ctx context.Context) error {
	f.derived = map[int]bool{}
	for _, p := range f.pairs {
		a, b := p.a, p.b
		if !isLossy(f.format(a)) {
			a, b = b, a
		}
		if !isLossy(f.format(a)) || !isLossless(f.format(b)) || f.derived[b] || f.size(a) != f.size(b) {
			continue
		}
		if r, ok := f.relation(a, b); ok && r.moved.Difference <= 3 {
			same, err := f.samePixels(ctx, a, b, r.turn)
			if err != nil && !errors.Is(err, errUnreadable) {
				return err
			}
			f.derived[b] = same
		}
	}
	return nil
}

func (f *finder) format(u int) string {
	return f.files[f.v.Pictures.ID(f.contents[u].pictures[0])].Format
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
	for u := range f.contents {
		if f.contents[u].row >= 0 {
			all = append(all, u)
		}
	}
	slices.SortFunc(all, func(a, b int) int { return slices.Compare(f.contents[a].hash[:], f.contents[b].hash[:]) })
	return all[:min(len(all), most)]
}

// trial is what was measured on copies that were made of one picture.
type madeCopies struct {
	Made []copies.Displacement
	Same []bool // of each of these, the pixels say so
}

// calibrate measures, on copies that are made of some of the collection's own pictures, how far signatures of copies
// move, and how many are found. Tolerances are of every other picture; what is found is counted on those between.
func (f *finder) calibrate(ctx context.Context) error {
	sample := f.sample(calibrated)
	kept := f.calibrationCache(sample)
	trials, ok := kept.read()
	if !ok {
		for i, u := range sample {
			one, err := f.copyAndCompare(ctx, u)
			if err != nil && !errors.Is(err, errUnreadable) { // look tells of a picture that cannot be read, where it matters
				return err
			}
			if len(one.Made) > 0 {
				trials = append(trials, one)
			}
			f.o.Progress(api.Progress{Step: "calibration", Done: i + 1, Total: len(sample)})
		}
		kept.write(trials)
	}
	var made []copies.Displacement
	for i, t := range trials {
		if i%2 == 0 {
			made = append(made, t.Made...)
		}
	}
	f.tolerance = copies.Calibrate(made, f.network != nil)
	c := f.out.Calibration
	found := 0
	for i, t := range trials {
		c.Pictures++
		c.Made += len(t.Made)
		if i%2 == 0 && len(trials) > 1 {
			continue
		}
		for k, m := range t.Made {
			c.HeldOut++
			proposed := f.network == nil || m.Embedding <= embeddedWithin*f.tolerance.Embedding
			m.Embedding, m.Bits = math.NaN(), 0
			if t.Same[k] && proposed && f.tolerance.Distance(m) <= proposedWithin {
				found++
			}
		}
	}
	c.Limit, c.Found, c.Sharpness = 1, round(float64(found)/float64(max(1, c.HeldOut))), round(f.tolerance.Blurred)
	c.Tolerance = api.DuplicateEvidence{Distance: 1, HashBits: f.tolerance.Bits, Difference: f.tolerance.Difference, Cast: f.tolerance.Cast, Aspect: round(f.tolerance.Aspect)}
	if f.network != nil {
		score := 1 - f.tolerance.Embedding
		chance := f.v.Chance(score)
		c.Tolerance.Score, c.Tolerance.Chance = &score, &chance
	}
	return nil
}

// calibratedPixels bounds the pictures that copies are made of.
const calibratedPixels = 1 << 19

// try makes copies of a picture, and compares them with it.
func (f *finder) copyAndCompare(ctx context.Context, u int) (t madeCopies, err error) {
	lying, err := f.decode(ctx, u)
	if err != nil {
		return t, err
	}
	transparent := lying.Alpha != nil
	pic := copies.Seen(lying)
	lying.Release()
	defer func() { pic.Release() }()
	original, err := copies.Of(pic)
	if err != nil {
		return t, err
	}
	if original.Blank {
		return t, nil
	}
	alterations := copies.Alterations()
	t = madeCopies{make([]copies.Displacement, len(alterations)), make([]bool, len(alterations))}
	small := pic // what pixels are compared of: as good a sample, and sooner done
	if n := pic.Width * pic.Height; n > calibratedPixels {
		k := math.Sqrt(calibratedPixels / float64(n))
		small = resample.Resize(pic, max(1, int(k*float64(pic.Width))), max(1, int(k*float64(pic.Height))), resample.Bilinear)
		defer small.Release()
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(f.callers())
	for i, a := range alterations {
		group.Go(func() (err error) {
			defer disk.Catch(&err)() // vectors are mapped
			changed := a.Apply(pic)
			defer changed.Release()
			s, err := copies.Of(changed)
			if err != nil {
				return err
			}
			ratio := copies.Sharper(original, s)
			t.Made[i] = copies.Displacement{SignatureDistance: copies.Compare(original, s, 0), Blurred: max(ratio, 1/ratio)}
			if f.network != nil && !transparent { // its embedding is not of what is seen
				if t.Made[i].Embedding, err = f.embeddingDistance(ctx, f.contents[u].row, changed); err != nil {
					return err
				}
			}
			shown := changed
			if small != pic {
				shown = a.Apply(small)
				defer shown.Release()
			}
			e := evidence.Compare(small, shown)
			t.Same[i] = e.Same || e.Reason == evidence.Writing // alone in a collection it is a copy
			return nil
		})
	}
	return t, group.Wait()
}

// apart is 1 - cosine between a row's embedding and that of a picture.
func (f *finder) embeddingDistance(ctx context.Context, row int, pic *picture.Picture) (float64, error) {
	stage := f.network.Stage()
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
	if n := f.c.Options.Threads; n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}

func (f *finder) callers() int {
	if f.network == nil {
		return f.threads()
	}
	return max(1, f.network.Device.Callers(f.c.Options.Threads))
}

// decode reads a content's picture from the first of its files that holds it.
func (f *finder) decode(ctx context.Context, u int) (*picture.Picture, error) {
	var problem error
	for _, i := range f.contents[u].pictures {
		from := f.v.Pictures.Borrow(i).Source
		data, err := source.Bytes(ctx, f.c.Client, from)
		if err == nil && embed.HashOf(data) != f.contents[u].hash {
			err = fmt.Errorf("%s has changed since it was indexed: index it again", from)
		}
		if err == nil {
			var pic *picture.Picture
			if pic, _, err = picture.Decode(ctx, data, f.c.Engine.Limits()); err == nil {
				return pic, nil
			}
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		problem = err
	}
	return nil, errors.Join(errUnreadable, problem)
}

// keep remembers a signature.
func (f *finder) storeSignature(u int, s *copies.Signature) {
	f.signatures.put(f.contents[u].hash, s)
	f.summaries[u] = summarize(s)
}

func summarize(s *copies.Signature) signatureSummary {
	return signatureSummary{true, s.Alpha, s.Blank, s.Width, s.Height, s.Hash}
}

// candidate are two contents that may be copies.
type candidate struct {
	a, b     int // a < b
	turn     copies.Turn
	apart    float32
	distance float64 // Inf where it is further than was asked, or where one cannot be read
	evidence evidence.Evidence
	seen     bool // the evidence is there
	ofOne    bool // both are copies of a third, which shows as much as either: they were not compared
}

func (f *finder) candidate(row int, h vector.Hit) candidate {
	a, b := f.contentOf[row], f.contentOf[h.Row]
	return candidate{a: min(a, b), b: max(a, b), apart: 1 - h.Score}
}

// once sorts candidates and leaves each once.
func uniqueCandidates(all []candidate) []candidate {
	slices.SortFunc(all, func(x, y candidate) int { return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b)) })
	return slices.CompactFunc(all, func(x, y candidate) bool { return x.a == y.a && x.b == y.b })
}

func (f *finder) searchOptions(k int) vector.Options {
	keep := make([]uint64, len(f.v.Keep))
	for row := range f.contentOf {
		keep[row/64] |= 1 << (row % 64)
	}
	return vector.Options{K: k, Keep: keep, Tie: f.v.Tie, Threads: f.c.Options.Threads}
}

// hidden gives the pairs whose hashes are near one another, where one of the two has transparency:
// embeddings are not of what is seen, and tell nothing.
func (f *finder) hidden() []candidate {
	hashes := make([]uint64, len(f.contents))
	for u := range f.contents {
		hashes[u] = f.summaries[u].hash[0]
	}
	most := int(hashesWithin * float64(f.tolerance.Bits))
	var found []candidate
	for a := range f.contents {
		if !f.summaries[a].known || f.summaries[a].blank {
			continue
		}
		for _, k := range nearHashes(hashes, a, 0, most, func(b int) bool { return f.summaries[b].known && (f.summaries[a].alpha || f.summaries[b].alpha) }) {
			found = append(found, candidate{a: a, b: k.b})
		}
	}
	return found
}

// neighbors gives every content's nearest by its embedding, as far as copies go where that is known.
func (f *finder) neighbors(ctx context.Context) ([]candidate, error) {
	o := f.searchOptions(nearestLooked)
	if f.network != nil {
		o.MinScore, o.HasMin = float32(1-embeddedWithin*f.tolerance.Embedding-1e-6), true
	}
	var found []candidate
	err := vector.Neighbors(ctx, f.v.Matrix, o, func(row int, hits []vector.Hit) {
		for _, h := range hits {
			found = append(found, f.candidate(row, h))
		}
	})
	return uniqueCandidates(found), err
}

// look makes the signatures that are wanted, of all that may have transparency, or all, and not known.
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
				f.storeSignature(u, s)
			}
			done++
			f.o.Progress(api.Progress{Step: "pictures", Done: done, Total: len(missing)})
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
		group.Go(func() (err error) {
			defer disk.Catch(&err)() // vectors are mapped
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
	x, y := &f.summaries[a], &f.summaries[b]
	if !x.known || !y.known || x.blank || y.blank {
		return r
	}
	if x.alpha || y.alpha { // embeddings are not of what is seen
		apart = math.NaN()
	}
	// Embeddings, and of turned pictures hashes, find neighbours; how far the two are is told by what they look
	// like. Of plain stripes a hash is noise.
	distance := func() float64 {
		m := r.moved
		if m.Embedding = math.NaN(); turn == 0 {
			m.Bits = 0
		}
		return f.tolerance.Distance(m)
	}
	// What is cheap first: most pairs end here.
	r.moved.Bits = bits.OnesCount64(x.hash[0] ^ y.hash[turn])
	r.moved.Aspect = copies.Aspect(x.width, x.height, y.width, y.height, turn)
	r.moved.Embedding = apart
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

// relation tells whether content b is a copy of a, upright or in a turn that is looked for.
func (f *finder) relation(a, b int) (relation, bool) {
	apart := math.NaN()
	if f.contents[a].row >= 0 && f.contents[b].row >= 0 {
		apart = 1 - float64(vector.Dot(f.v.Matrix.Row(f.contents[a].row), f.v.Matrix.Row(f.contents[b].row)))
	}
	ctx := context.Background()
	if r := f.measure(a, b, 0, apart, proposedWithin); r.distance <= proposedWithin && f.isCopy(ctx, &r, a, b) {
		return r, true
	}
	for _, t := range f.turns {
		if r := f.turned(ctx, a, b, t); r.distance <= proposedWithin && f.isCopy(ctx, &r, a, b) {
			return r, true
		}
	}
	return relation{}, false
}

// isCopy asks the pixels.
func (f *finder) isCopy(ctx context.Context, r *relation, a, b int) bool {
	e, err := f.compared(ctx, a, b, r.turn)
	if err != nil {
		return false
	}
	r.pixels = e.Swapped()
	return e.Same || f.accepted[pairKey{a, b, r.turn}] || r.turn == 0 && f.accepted[pairKey{b, a, 0}]
}

// turned compares content a with b after a turn. Where all else agrees the model looks at the
// turned picture too: its embedding of the picture as it lies says nothing here.
func (f *finder) turned(ctx context.Context, a, b int, t copies.Turn) relation {
	r := f.measure(a, b, t, 0, proposedWithin)
	if math.IsInf(r.distance, 1) {
		return r
	}
	r.moved.Embedding = math.NaN()
	if f.network == nil || f.contents[a].row < 0 || f.summaries[a].alpha || f.summaries[b].alpha {
		return r
	}
	key := pairKey{a, b, t}
	apart, ok := f.embedded[key]
	if !ok {
		apart = 2
		if pic, err := f.decode(ctx, b); err == nil {
			upright := t.Apply(pic)
			pic.Release()
			if d, err := f.embeddingDistance(ctx, f.contents[a].row, upright); err == nil {
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

// findTurned proposes the pairs that may be copies after a turn, by their hashes, but for those that are proposed as they lie.
func (f *finder) findTurned(ctx context.Context, upright []candidate) ([]candidate, error) {
	pairs := map[pair]bool{}
	for _, c := range upright {
		pairs[pair{c.a, c.b}] = c.distance <= seriesWithin
	}
	byTurn := make([][]uint64, copies.Turns)
	for t := range byTurn {
		byTurn[t] = make([]uint64, len(f.contents))
		for u := range f.contents {
			byTurn[t][u] = f.summaries[u].hash[t]
		}
	}
	most := int(hashesWithin * float64(f.tolerance.Bits))
	near := make([][]pairKey, len(f.contents))
	group, searching := errgroup.WithContext(ctx)
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
				near[a] = append(near[a], nearTurned(byTurn[0][a], byTurn[t], a, t, most)...)
			}
			mu.Lock()
			defer mu.Unlock()
			if done++; done%256 == 0 || done == len(f.contents) {
				f.o.Progress(api.Progress{Step: "turned", Done: done, Total: len(f.contents)})
			}
			return searching.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var found []candidate
	for _, keys := range near {
		for _, k := range keys {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if p := (pair{k.a, k.b}); pairs[p] || !f.summaries[k.b].known {
				continue
			}
			if d := f.turned(ctx, k.a, k.b, k.turn).distance; d <= proposedWithin {
				found = append(found, candidate{a: k.a, b: k.b, turn: k.turn, distance: d})
			}
		}
	}
	return found, nil
}

// nearTurned gives the pictures after a, by their hashes in a turn, that differ in no more than so
// many bits: the nearest of them.
func nearTurned(hash uint64, hashes []uint64, a int, t copies.Turn, most int) []pairKey {
	return nearest(hash, hashes, a, t, most, func(int) bool { return true })
}

// nearHashes is the same of pictures as they lie, of those that are asked for.
func nearHashes(hashes []uint64, a int, t copies.Turn, most int, ask func(b int) bool) []pairKey {
	return nearest(hashes[a], hashes, a, t, most, ask)
}

func nearest(hash uint64, hashes []uint64, a int, t copies.Turn, most int, ask func(b int) bool) []pairKey {
	var found []pairKey
	for i, h := range hashes[a+1:] {
		if bits.OnesCount64(hash^h) <= most && ask(a+1+i) {
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
