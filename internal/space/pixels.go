package space

import (
	"bytes"
	"context"
	"math"
	"os"
	"sync"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/resample"
	"github.com/akin-search/akin/internal/source"
)

// Two pictures are called the same by their pixels, never by an embedding: flags that differ in a
// shade of blue are as close to a model as two sizes of one photograph.

const (
	maxComparisons = 8               // pairs of pictures that one search decodes and compares, at most
	comparisonTime = 3 * time.Second // that it takes for it, at most
	maxVerdicts    = 1 << 14         // pairs whose answer is remembered: 2 MB
)

// shown is a picture that is a query.
type queryPicture struct {
	id   int64  // of the indexed picture that it is; 0 where it is none
	row  int    // of the space whose content has its bytes; below 0 where none has
	data []byte // its file, where it was read
}

// sights remembers which contents show the same picture. The zero value is ready.
type verdictCache struct {
	mu    sync.Mutex
	known map[[2]record.Hash]bool
	slots chan struct{} // held by whoever decodes pictures to compare them
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

// enter waits until pictures may be decoded: two searches at a time, so that others go on.
func (s *verdictCache) acquire(ctx context.Context) (leave func(), err error) {
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

// witness compares the pixels of a search's pictures, few of them and not for long. A nil one compares
// none, and knows equal bytes by equal rows.
type pixelComparer struct {
	c        *Collection
	left     int
	deadline time.Time
	files    map[int64]record.About // of pictures that were asked about
}

func (c *Collection) PixelComparer() *pixelComparer {
	return &pixelComparer{c: c, left: maxComparisons}
}

// mark finds out which of the hits are the query by their pixels: those with the same bytes, and those that
// are as close as copies are and were compared. q is nil where the query is no one picture.
func (w *pixelComparer) markSame(ctx context.Context, v *Space, q *queryPicture, hits []api.Hit) error {
	if q == nil {
		return nil
	}
	var close []int
	for i := range hits {
		h := &hits[i]
		switch {
		case record.IsImported(h.Source):
		case h.Row == q.row, h.ID == q.id && q.data == nil:
			h.SamePixels = true
		case w != nil && v.mayBeDuplicate(h.Score):
			close = append(close, i)
		}
	}
	if len(close) == 0 {
		return nil
	}
	ids := []int64{q.id}
	for _, i := range close[:min(len(close), 8*maxComparisons)] {
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
	for _, i := range close {
		same, err := w.same(ctx, &side, w.pictureOf(hits[i].ID, hits[i].Source))
		if err != nil {
			return err
		}
		hits[i].SamePixels = same
	}
	return nil
}

// sameHits reports whether two hits show the same picture, as far as is known or may still be found out.
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

// ask learns what pictures' files are.
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

// sight is one of two pictures that are compared.
type comparedPicture struct {
	hash   record.Hash
	source string
	size   int64
	data   []byte
	pic    *picture.Picture // once it was decoded
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

// same reports whether two pictures show the same: their bytes are equal, or their pixels were compared,
// now or before. It is false where they cannot be read, or the search has compared enough.
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
	leave, err := w.c.verdicts.acquire(within)
	if err != nil {
		return false, ctx.Err()
	}
	defer leave()
	defer b.release()
	if !w.decode(within, a) || !w.decode(within, &b) {
		return false, ctx.Err()
	}
	e := evidence.Compare(a.pic, b.pic)
	same := e.Same && sameColours(a.pic, b.pic, e.Transform)
	w.c.verdicts.put(a.hash, b.hash, same)
	return same, nil
}

// decode reads a picture out of a file of this machine that is as it was indexed.
func (w *pixelComparer) decode(ctx context.Context, s *comparedPicture) bool {
	if s.pic != nil {
		return true
	}
	data := s.data
	if data == nil {
		if s.source == "" || source.IsAddress(s.source) || record.IsImported(s.source) {
			return false
		}
		info, err := os.Stat(s.source)
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

const (
	colourGrid   = 16   // places a side in which colours are compared
	colourLevels = 10   // of 255, that saving a picture anew moves the mean colour of a place at most
	colourShare  = 0.25 // of the places may differ by more: those that edges cross, which do not lie quite the same
)

// sameColours reports whether two pictures, the first laid on the second, have the same colours. Evidence takes a
// little more light or another cast for a copy, which it may well be; but two flags that differ in nothing else are
// two flags, and are not called the same.
func sameColours(a, b *picture.Picture, t evidence.Transform) bool {
	grounds := []picture.Background{picture.White}
	if a.Alpha != nil && b.Alpha != nil {
		grounds = append(grounds, picture.Black)
	}
	for _, ground := range grounds {
		x, y := onGround(a, ground), onGround(b, ground)
		left, right, ok := shared(a.Width, b.Width, t.ScaleX, t.ShiftX)
		top, bottom, also := shared(a.Height, b.Height, t.ScaleY, t.ShiftY)
		same := ok && also
		if same {
			p, q := grid(x, left[0], top[0], right[0], bottom[0]), grid(y, left[1], top[1], right[1], bottom[1])
			far := 0
			for i := 0; i < len(p.Pix); i += 3 {
				for c := range 3 {
					if d := int(p.Pix[i+c]) - int(q.Pix[i+c]); d < -colourLevels || d > colourLevels {
						far++
						break
					}
				}
			}
			same = float64(far) <= colourShare*colourGrid*colourGrid
			p.Release()
			q.Release()
		}
		x.Release()
		y.Release()
		if !same {
			return false
		}
	}
	return true
}

// onGround is a copy of a picture as it is seen on a background.
func onGround(p *picture.Picture, ground picture.Background) *picture.Picture {
	out := picture.New(p.Width, p.Height)
	copy(out.Pix, p.Pix)
	if p.Alpha != nil {
		out.Alpha, out.OnWhite = append([]byte(nil), p.Alpha...), p.OnWhite
		out.Flatten(ground)
	}
	return out
}

// shared is the part of a side of n pixels, and of one of m, that both show, where x of the first is
// x·scale + shift of the second.
func shared(n, m int, scale, shift float64) (from, to [2]int, ok bool) {
	if !(scale > 0) {
		return from, to, false
	}
	first, last := max(0, -shift/scale), min(float64(n), (float64(m)-shift)/scale)
	from = [2]int{int(math.Round(first)), int(math.Round(first*scale + shift))}
	to = [2]int{int(math.Round(last)), int(math.Round(last*scale + shift))}
	for i, side := range []int{n, m} {
		from[i], to[i] = max(0, from[i]), min(side, to[i])
		if to[i] <= from[i] {
			return from, to, false
		}
	}
	return from, to, true
}

// grid is the mean colours of a part of a picture.
func grid(p *picture.Picture, left, top, right, bottom int) *picture.Picture {
	part := resample.Crop(p, left, top, right-left, bottom-top)
	defer part.Release()
	return resample.Resize(part, colourGrid, colourGrid, resample.Bilinear)
}
