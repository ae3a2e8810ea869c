package duplicates

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/vector"
)

// relation is how a content is a duplicate of another.
type relation struct {
	turn     copies.Turn
	moved    copies.Displacement // its Embedding is NaN if it is not known
	distance float64             // of the signatures
	pixels   evidence.Evidence   // its At is of the duplicate
}

func (r relation) kind() api.DuplicateKind {
	switch r.turn {
	case 0:
		return api.NearCopy
	case copies.Mirrored:
		return api.MirroredCopy
	}
	return api.RotatedCopy
}

// relation returns how content b is a duplicate of a, upright or in a turn that is looked for; ok is false if it is
// none.
func (f *finder) relation(ctx context.Context, a, b int) (r relation, ok bool, err error) {
	embedding := math.NaN()
	if f.contents[a].row >= 0 && f.contents[b].row >= 0 {
		embedding = 1 - float64(vector.Dot(f.v.Matrix.Row(f.contents[a].row), f.v.Matrix.Row(f.contents[b].row)))
	}
	r = f.measure(a, b, 0, embedding, proposedWithin)
	if ok, err = f.isAccepted(ctx, &r, a, b); ok || err != nil {
		return r, ok, err
	}
	for _, t := range f.turns {
		if r, err = f.turned(ctx, a, b, t); err != nil {
			return relation{}, false, err
		}
		if ok, err = f.isAccepted(ctx, &r, a, b); ok || err != nil {
			return r, ok, err
		}
	}
	return relation{}, false, nil
}

// isAccepted reports whether the pixels accept what the signatures propose.
func (f *finder) isAccepted(ctx context.Context, r *relation, a, b int) (bool, error) {
	if r.distance > proposedWithin {
		return false, nil
	}
	e, err := f.compared(ctx, a, b, r.turn)
	if errors.Is(err, errUnreadable) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	r.pixels = e.Swapped()
	return e.Same || f.accepted[pairKey{a, b, r.turn}] || r.turn == 0 && f.accepted[pairKey{b, a, 0}], nil
}

// turned compares content a with b after a turn. If the signatures agree, the turned picture is embedded: the
// embedding of the unturned one says nothing here.
func (f *finder) turned(ctx context.Context, a, b int, t copies.Turn) (relation, error) {
	r := f.measure(a, b, t, 0, proposedWithin)
	if math.IsInf(r.distance, 1) {
		return r, nil
	}
	r.moved.Embedding = math.NaN()
	if f.network == nil || f.contents[a].row < 0 || f.summaries[a].alpha || f.summaries[b].alpha {
		return r, nil
	}
	key := pairKey{a, b, t}
	embedding, ok := f.embedded[key]
	if !ok {
		embedding = 2 // of a picture that cannot be read
		pic, err := f.decode(ctx, b)
		if err == nil {
			upright := t.Apply(pic)
			pic.Release()
			embedding, err = f.embeddingDistance(ctx, f.contents[a].row, upright)
			upright.Release()
		}
		if err != nil && !errors.Is(err, errUnreadable) {
			return r, err
		}
		f.embedded[key] = embedding
	}
	r.moved.Embedding = embedding
	r.distance = f.tolerance.Distance(r.moved)
	return r, nil
}

// compared compares the pixels of content a with those of b, turned. Evidence.At is of a.
func (f *finder) compared(ctx context.Context, a, b int, t copies.Turn) (evidence.Evidence, error) {
	swapped := t == 0 && slices.Compare(f.contents[a].hash[:], f.contents[b].hash[:]) > 0 // one comparison serves both ways
	if swapped {
		a, b = b, a
	}
	key := keyOf(f.contents[a].hash, f.contents[b].hash, t)
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
		e = f.evidences.put(key, evidence.Compare(x, y))
	}
	if swapped {
		e = e.Swapped()
	}
	return e, nil
}

// galleryBytes bounds the decoded pictures that a gallery keeps.
const galleryBytes = 192 << 20

// gallery caches decoded pictures, for pairs that follow one another share pictures. It is safe for concurrent use.
type gallery struct {
	mu    sync.Mutex
	f     *finder
	at    map[int]*cachedPicture // by content
	bytes int
	clock int
}

// cachedPicture is decoded by the first caller that needs it.
type cachedPicture struct {
	once sync.Once
	pic  *picture.Picture
	err  error
	used int // the clock when it was last asked for
}

// get returns a content's picture, which must not be changed or released.
func (g *gallery) get(ctx context.Context, u int) (*picture.Picture, error) {
	g.mu.Lock()
	k, ok := g.at[u]
	if !ok {
		k = &cachedPicture{}
		g.at[u] = k
	}
	g.clock++
	k.used = g.clock
	g.mu.Unlock()
	k.once.Do(func() {
		pic, err := g.f.decode(ctx, u)
		g.mu.Lock()
		defer g.mu.Unlock()
		if k.pic, k.err = pic, err; err == nil {
			g.bytes += len(k.pic.Pix)
			g.evict(u)
		}
	})
	return k.pic, k.err
}

// evict drops the pictures that were not used for the longest time, but not that of content u, until the rest
// fits. A caller that still has a dropped picture keeps it alive.
func (g *gallery) evict(u int) {
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
		g.bytes -= len(g.at[oldest].pic.Pix)
		delete(g.at, oldest)
	}
}
