package duplicates

import (
	"context"
	"math"
	"slices"
	"sync"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/picture"
)

const (
	// Signatures propose a pair up to so many times as far as nearly all made copies are: most of what is lighter in a way
	// that the sample was not lies between 1.5 and 2, and pixels decide.
	proposedWithin = 2
	// Where hashes find neighbours, these are so many times as far: of 64 bits more are luck.
	hashesWithin = 1.5
	// What lies within this distance and is no copy is told as a series.
	seriesWithin = 1
	// Pictures are compared by so many at once, at most: each pair takes up to 300 MB.
	comparers = 4
	// So many bytes of pictures are kept between the pairs that they are in.
	galleryBytes = 192 << 20
)

// pixels gives evidence for people. It is finite, as JSON needs.
func pixels(e evidence.Evidence) *api.DuplicatePixels {
	p := &api.DuplicatePixels{Verdict: e.Verdict.String(), Why: e.Reason.String(), Differs: -1, Overlap: round(e.Overlap), Detail: round(e.Detail), Tone: round(e.Tone)}
	if !math.IsInf(e.Worst, 0) {
		p.Differs = round(e.Worst)
	}
	if !math.IsNaN(e.Grain) {
		p.Grain = round(e.Grain)
	}
	if !e.At.Empty() && e.Verdict != evidence.Same {
		p.At = []int{e.At.Min.X, e.At.Min.Y, e.At.Max.X, e.At.Max.Y}
	}
	return p
}

// keptPicture is a decoded picture that more pairs may ask for.
type cachedPicture struct {
	once sync.Once
	pic  *picture.Picture
	err  error
	used int
}

// gallery decodes pictures once for the pairs that follow one another. It is safe for concurrent use.
type gallery struct {
	mu     sync.Mutex
	f      *finder
	at     map[int]*cachedPicture
	bytes  int
	moment int
}

// get gives a content's picture, which is not to be changed or released.
func (g *gallery) get(ctx context.Context, u int) (*picture.Picture, error) {
	g.mu.Lock()
	k, ok := g.at[u]
	if !ok {
		k = &cachedPicture{}
		g.at[u] = k
	}
	g.moment++
	k.used = g.moment
	g.mu.Unlock()
	k.once.Do(func() {
		if k.pic, k.err = g.f.decode(ctx, u); k.err == nil {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.bytes += len(k.pic.Pix)
			for g.bytes > galleryBytes && len(g.at) > 1 {
				oldest := -1
				for v, other := range g.at {
					if v != u && other.pic != nil && (oldest < 0 || other.used < g.at[oldest].used) {
						oldest = v
					}
				}
				if oldest < 0 {
					break
				}
				g.bytes -= len(g.at[oldest].pic.Pix) // whoever has it yet keeps it alive
				delete(g.at, oldest)
			}
		}
	})
	return k.pic, k.err
}

// compared compares the pixels of content a with those of b as it lies after a turn. Evidence.At is of a.
func (f *finder) compared(ctx context.Context, a, b int, t copies.Turn) (evidence.Evidence, error) {
	swapped := t == 0 && slices.Compare(f.contents[a].hash[:], f.contents[b].hash[:]) > 0 // one comparison serves both ways
	if swapped {
		a, b = b, a
	}
	key := pairOf(f.contents[a].hash, f.contents[b].hash, t)
	e, ok := f.evidences.get(key)
	if !ok {
		x, err := f.gallery.get(ctx, a)
		if err != nil {
			return e, err
		}
		y, err := f.gallery.get(ctx, b)
		if err != nil {
			return e, err
		}
		if t != 0 {
			y = t.Apply(y)
			defer y.Release()
		}
		e = evidence.Compare(x, y)
		f.evidences.put(key, e)
	}
	if swapped {
		e = e.Swapped()
	}
	return e, nil
}

// decide takes from what was examined the pairs that are copies and those that are a series.
//
// Where the smaller one of a pair is too small to show what is written on the larger one, nothing was seen that
// differs and nothing that is equal: it is a copy only where nothing else in the collection is as much alike.
func (f *finder) decide(candidates []candidate) {
	near := map[int]int{} // of a unit, how many look like it
	for _, c := range candidates {
		if c.ofOne || c.seen && (c.distance <= seriesWithin || c.evidence.Verdict != evidence.Different) {
			near[c.a]++
			near[c.b]++
		}
	}
	for _, c := range candidates {
		if c.ofOne {
			f.pairs = append(f.pairs, pair{c.a, c.b})
		}
		if !c.seen || f.summaries[c.a].blank || f.summaries[c.b].blank {
			continue
		}
		switch {
		case c.evidence.Same, c.evidence.Reason == evidence.Writing && near[c.a] == 1 && near[c.b] == 1:
			f.pairs = append(f.pairs, pair{c.a, c.b})
			f.accepted[pairKey{c.a, c.b, c.turn}] = true
		case c.distance <= seriesWithin && c.turn == 0:
			f.alike = append(f.alike, pair{c.a, c.b})
		}
	}
}

// families are the units that have one near them which is none of their copies.
func (f *finder) families() map[int]bool {
	copiesOf := map[int]map[int]bool{}
	for _, p := range f.pairs {
		for _, of := range [][2]int{{p.a, p.b}, {p.b, p.a}} {
			if copiesOf[of[0]] == nil {
				copiesOf[of[0]] = map[int]bool{}
			}
			copiesOf[of[0]][of[1]] = true
		}
	}
	// Two copies of one picture have the losses of both between them. They are no different pictures, if the one
	// that both are copies of shows at least as much: each was held against it at its own resolution.
	ofOne := func(a, b int) bool {
		for r := range copiesOf[a] {
			if copiesOf[b][r] && f.size(r) >= max(f.size(a), f.size(b)) {
				return true
			}
		}
		return false
	}
	in := map[int]bool{}
	for _, p := range f.alike {
		if !ofOne(p.a, p.b) {
			in[p.a], in[p.b] = true, true
		}
	}
	return in
}

// tellSeries puts what is alike and no copies into the answer: connected parts, a group of copies being its best.
func (f *finder) addSeries(groups [][]int) {
	best := map[int]int{}
	for _, g := range groups {
		for _, u := range g {
			best[u] = g[0]
		}
	}
	of := func(u int) int {
		if b, ok := best[u]; ok {
			return b
		}
		return u
	}
	var pairs [][2]int
	with := map[int]evidence.Evidence{} // of each, what it and the nearest other say
	for _, p := range f.alike {
		a, b := of(p.a), of(p.b)
		if a == b {
			continue
		}
		pairs = append(pairs, [2]int{a, b})
		e, err := f.compared(context.Background(), p.b, p.a, 0)
		if err != nil {
			continue
		}
		if one, ok := with[b]; !ok || e.Worst < one.Worst {
			with[b] = e
		}
		if one, ok := with[a]; !ok || e.Worst < one.Worst {
			with[a] = e.Swapped()
		}
	}
	for _, units := range copies.Connected(len(f.contents), pairs) {
		slices.SortFunc(units, func(a, b int) int { return f.contents[a].pictures[0] - f.contents[b].pictures[0] })
		g := api.DuplicateGroup{ID: f.groupID(units), Kind: api.Series, Why: "alike, and each shows something else"}
		referenced := 0
		for _, u := range units {
			i := f.contents[u].pictures[0]
			d := f.duplicate(u, i)
			d.Kind = api.Series
			if e, ok := with[u]; ok {
				d.Evidence = &api.DuplicateEvidence{Pixels: pixels(e)}
				if d.Evidence.Distance = d.Evidence.Pixels.Differs; d.Evidence.Distance < 0 {
					d.Evidence.Distance = 0
				}
			}
			if d.Reference {
				referenced++
			}
			g.Copies = append(g.Copies, d)
		}
		if referenced < len(units) {
			f.out.Series = append(f.out.Series, g)
		}
	}
	slices.SortFunc(f.out.Series, func(a, b api.DuplicateGroup) int {
		return slices.Compare([]string{a.Copies[0].Source}, []string{b.Copies[0].Source})
	})
}

// tellBlank lists the pictures that show nothing, of those that were looked at.
func (f *finder) addBlank() {
	for u, b := range f.summaries {
		if b.known && b.blank {
			f.out.Blank = append(f.out.Blank, f.v.Pictures.At(f.contents[u].pictures[0]).Source)
		}
	}
	slices.Sort(f.out.Blank)
}
