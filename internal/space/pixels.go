package space

import (
	"bytes"
	"context"
	"sync"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
)

// Two pictures are the same only if their pixels agree, whatever their embeddings: flags that differ
// in a shade of blue are as close to a model as two sizes of one photograph.

const (
	maxComparisons = 8               // pairs of pictures that one search decodes and compares
	comparisonTime = 3 * time.Second // for all of them
	maxVerdicts    = 1 << 14         // about 2 MB
)

// queryPicture is a query's picture.
type queryPicture struct {
	id   int64  // of the indexed picture that it is; 0 for none
	row  int    // of the embedding of the same content; negative for none
	data []byte // its encoded bytes, if they were read
}

// verdictCache remembers which contents show the same picture. The zero value is ready to use.
type verdictCache struct {
	mu    sync.Mutex
	known map[[2]record.Hash]bool
	slots chan struct{} // one is held while pictures are decoded and compared
}

func ordered(a, b record.Hash) [2]record.Hash {
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	return [2]record.Hash{a, b}
}

func (s *verdictCache) get(a, b record.Hash) (same, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	same, ok = s.known[ordered(a, b)]
	return same, ok
}

func (s *verdictCache) put(a, b record.Hash, same bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= maxVerdicts {
		s.known = map[[2]record.Hash]bool{}
	}
	s.known[ordered(a, b)] = same
}

// acquire waits until pictures may be decoded: two searches do so at a time, so that others are not slowed down.
func (s *verdictCache) acquire(ctx context.Context) (release func(), err error) {
	s.mu.Lock()
	if s.slots == nil {
		s.slots = make(chan struct{}, 2)
	}
	s.mu.Unlock()
	select {
	case s.slots <- struct{}{}:
		return func() { <-s.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// pixelComparer compares the pixels of a search's pictures, within its bounds. A nil one only compares bytes, by their
// rows.
type pixelComparer struct {
	c        *Collection
	left     int
	deadline time.Time
	files    map[int64]record.About // of pictures that were asked about
}

func (c *Collection) PixelComparer() *pixelComparer {
	return &pixelComparer{c: c, left: maxComparisons}
}

// markSame sets SamePixels of the hits that have the query's bytes, and of those that are as close as duplicates are and
// whose pixels agree. q is nil unless the query is one picture.
func (w *pixelComparer) markSame(ctx context.Context, v *Space, q *queryPicture, hits []api.Hit) error {
	if q == nil {
		return nil
	}
	var near []int
	for i := range hits {
		h := &hits[i]
		switch {
		case record.IsImported(h.Source):
		case h.Row == q.row, h.ID == q.id && q.data == nil:
			h.SamePixels = true
		case w != nil && v.mayBeDuplicate(h.Score):
			near = append(near, i)
		}
	}
	if len(near) == 0 {
		return nil
	}
	ids := []int64{q.id}
	for _, i := range near[:min(len(near), 8*maxComparisons)] {
		ids = append(ids, hits[i].ID)
	}
	if err := w.loadFiles(ctx, ids...); err != nil {
		return err
	}
	side := w.pictureOf(q.id, "")
	if q.data != nil {
		side = comparedPicture{hash: embed.HashOf(q.data), data: q.data}
	} else if p, ok := v.Picture(q.id); ok {
		side.source = p.Source
	}
	defer side.release()
	for _, i := range near {
		same, err := w.same(ctx, &side, w.pictureOf(hits[i].ID, hits[i].Source))
		if err != nil {
			return err
		}
		hits[i].SamePixels = same
	}
	return nil
}

// sameHits reports whether two hits are known to show the same picture, comparing them if the bounds allow it.
func (w *pixelComparer) sameHits(ctx context.Context, a, b *api.Hit) (bool, error) {
	switch {
	case record.IsImported(a.Source) || record.IsImported(b.Source):
		return false, nil
	case a.Row == b.Row:
		return true, nil
	case w == nil:
		return false, nil
	}
	if err := w.loadFiles(ctx, a.ID, b.ID); err != nil {
		return false, err
	}
	side := w.pictureOf(a.ID, a.Source)
	defer side.release()
	return w.same(ctx, &side, w.pictureOf(b.ID, b.Source))
}

// loadFiles reads the hashes and sizes of pictures' files.
func (w *pixelComparer) loadFiles(ctx context.Context, ids ...int64) error {
	var unknown []int64
	for _, id := range ids {
		if _, ok := w.files[id]; !ok && id != 0 {
			unknown = append(unknown, id)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	about, err := w.c.Store.About(ctx, unknown)
	if err != nil {
		return err
	}
	if w.files == nil {
		w.files = map[int64]record.About{}
	}
	for id, a := range about {
		w.files[id] = a
	}
	return nil
}

// comparedPicture is one of two pictures that are compared.
type comparedPicture struct {
	hash   record.Hash
	source string
	size   int64
	data   []byte
	pic    *picture.Picture // nil until it is decoded
}

func (w *pixelComparer) pictureOf(id int64, source string) comparedPicture {
	a := w.files[id]
	return comparedPicture{hash: a.Hash, source: source, size: a.Size}
}

func (s *comparedPicture) release() {
	if s.pic != nil {
		s.pic.Release()
		s.pic = nil
	}
}

// same reports whether two pictures show the same: their bytes are equal, or their pixels agree, now or when they were
// compared before. It is false where they cannot be read, or the bounds are reached.
func (w *pixelComparer) same(ctx context.Context, a *comparedPicture, b comparedPicture) (bool, error) {
	none := record.Hash{}
	switch same, known := w.c.verdicts.get(a.hash, b.hash); {
	case a.hash == none || b.hash == none:
		return false, nil
	case a.hash == b.hash:
		return true, nil
	case known:
		return same, nil
	}
	if w.deadline.IsZero() {
		w.deadline = time.Now().Add(comparisonTime)
	}
	if w.left <= 0 || time.Now().After(w.deadline) {
		return false, nil
	}
	w.left--
	within, cancel := context.WithDeadline(ctx, w.deadline)
	defer cancel()
	release, err := w.c.verdicts.acquire(within)
	if err != nil {
		return false, ctx.Err()
	}
	defer release()
	defer b.release()
	if !w.decode(within, a) || !w.decode(within, &b) {
		return false, ctx.Err()
	}
	e := evidence.Compare(a.pic, b.pic)
	same := e.Same && sameColours(a.pic, b.pic, e.Transform)
	w.c.verdicts.put(a.hash, b.hash, same)
	return same, nil
}

// decode decodes a picture from its bytes or from its local file, if that is as it was indexed.
func (w *pixelComparer) decode(ctx context.Context, s *comparedPicture) bool {
	if s.pic != nil {
		return true
	}
	data := s.data
	if data == nil {
		if s.source == "" || source.IsAddress(s.source) || record.IsImported(s.source) {
			return false
		}
		info, err := source.Stat(s.source)
		if err != nil || !info.Mode().IsRegular() || info.Size() != s.size {
			return false
		}
		if data, err = source.Bytes(ctx, w.c.Client, s.source); err != nil || embed.HashOf(data) != s.hash {
			return false
		}
	}
	pic, _, err := picture.Decode(ctx, data, w.c.Engine.Limits())
	if err != nil {
		return false
	}
	s.pic = pic
	return true
}
