package parts

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight/geometry"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
)

const (
	candidatesMost = 20  // of a picture, the likeliest
	wholly         = 0.9 // the share of a picture that is all of it, but for its border
)

// Among finds the pictures that are proven to show parts of one another. It makes what the index of parts lacks, compares each picture with
// all by it, and verifies the likeliest pairs.
func Among(ctx context.Context, c *space.Collection, o api.PartsOptions) (api.Parts, error) {
	f := &finder{c: c, o: o, out: api.Parts{Groups: []api.PartGroup{}, Failed: []api.Failure{}}}
	made, err := Update(ctx, c, o.Progress)
	f.out.Failed = append(f.out.Failed, made.Failed...)
	if err != nil {
		return f.out, err
	}
	if f.v, err = c.OpenCatalog(ctx); err != nil {
		return f.out, err
	}
	defer f.v.Close()
	if err := f.choose(ctx); err != nil {
		return f.out, err
	}
	pairs, err := f.propose(ctx)
	if err != nil {
		return f.out, err
	}
	err = f.prove(ctx, pairs)
	return f.out, err
}

// finder is one run. Pictures are numbered; of those with the same bytes there is one.
type finder struct {
	c        *space.Collection
	v        *space.Space
	o        api.PartsOptions
	pictures []api.Picture
	hashes   []record.Hash
	out      api.Parts
	mu       sync.Mutex // guards out, progress and opened
	opened   []*openedPicture
}

// openedPicture is a picture of lately. Pairs come in the order of their first one.
type openedPicture struct {
	number int
	read   func() (*geometry.Picture, error)
}

const openedMost = 8 // of which each may have tens of megabytes

// choose sets the pictures: those that the index of parts has and that pass the filter.
func (f *finder) choose(ctx context.Context) error {
	kept, err := f.v.Filter(ctx, f.o.Filter)
	if err != nil {
		return err
	}
	all, err := f.v.Contents(ctx, kept.Has)
	if err != nil {
		return err
	}
	missing, err := f.c.Features.Missing(all.Hashes)
	if err != nil {
		return err
	}
	for i, h := range all.Hashes {
		if len(missing) > 0 && missing[0] == i {
			missing = missing[1:]
			continue
		}
		p := f.v.Pictures.At(all.Pictures[i][0])
		f.hashes, f.pictures = append(f.hashes, h), append(f.pictures, api.Picture{Name: p.Name, Source: p.Source})
	}
	f.out.Pictures = len(f.hashes)
	f.out.Pairs = f.out.Pictures * (f.out.Pictures - 1) / 2
	return nil
}

// propose returns the pairs that are worth a proof, the smaller number first, in order.
func (f *finder) propose(ctx context.Context) (pairs [][2]int, err error) {
	most := cmp.Or(f.o.Candidates, candidatesMost)
	for a := range f.hashes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		found, err := f.c.Features.Like(f.hashes[a], f.hashes[a+1:])
		if err != nil {
			return nil, err
		}
		for _, candidate := range found[:min(most, len(found))] {
			pairs = append(pairs, [2]int{a, a + 1 + candidate.Content})
		}
		f.progress("candidates", a+1, len(f.hashes))
	}
	slices.SortFunc(pairs, func(x, y [2]int) int { return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1])) })
	return pairs, nil
}

func (f *finder) progress(step string, done, total int) {
	if f.o.Progress != nil {
		f.o.Progress(api.Progress{Step: step, Done: done, Total: total})
	}
}

// each calls do with the numbers up to n, several at a time.
func (f *finder) each(ctx context.Context, step string, n int, do func(i int) error) error {
	var g errgroup.Group
	g.SetLimit(max(1, runtime.GOMAXPROCS(0)))
	done := 0
	for i := range n {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			err := do(i)
			f.mu.Lock()
			defer f.mu.Unlock()
			done++
			f.progress(step, done, n)
			return err
		})
	}
	return g.Wait()
}

// open reads a picture, unless it was read lately.
func (f *finder) open(ctx context.Context, i int) (*geometry.Picture, error) {
	f.mu.Lock()
	at := slices.IndexFunc(f.opened, func(p *openedPicture) bool { return p.number == i })
	if at < 0 {
		at = len(f.opened)
		f.opened = append(f.opened, &openedPicture{i, sync.OnceValues(func() (*geometry.Picture, error) { return f.read(ctx, i) })})
	}
	p := f.opened[at]
	f.opened = append(slices.Delete(f.opened, at, at+1), p)
	f.opened = f.opened[max(0, len(f.opened)-openedMost):]
	f.mu.Unlock()
	return p.read()
}

// read reads a picture. A file that is gone, or another one by now, is an error.
func (f *finder) read(ctx context.Context, i int) (*geometry.Picture, error) {
	pic, _, err := f.c.PixelsOf(ctx, f.v, api.Indexed(f.pictures[i].Name)[0])
	if err != nil {
		return nil, err
	}
	defer pic.Release()
	return geometry.New(pic), nil
}

// prove compares pairs, and groups what is proven.
func (f *finder) prove(ctx context.Context, pairs [][2]int) error {
	f.out.Verified = len(pairs)
	found := make([]*relation, len(pairs))
	err := f.each(ctx, "proof", len(pairs), func(i int) error {
		var both [2]*geometry.Picture
		for side := range both {
			p, err := f.open(ctx, pairs[i][side])
			if err != nil {
				f.failed(pairs[i][side], err)
				return ctx.Err()
			}
			both[side] = p
		}
		if m := geometry.Compare(both[0], both[1], geometry.Options{Pairs: float64(f.out.Pairs)}); len(m) > 0 {
			found[i] = relationOf(pairs[i], m[0], both)
		}
		return nil
	})
	slices.SortFunc(f.out.Failed, func(a, b api.Failure) int { return cmp.Compare(a.Source, b.Source) })
	at := map[int]int{} // the group of a whole
	for _, r := range found {
		if r == nil {
			continue
		}
		g, ok := at[r.whole]
		if !ok {
			g = len(f.out.Groups)
			at[r.whole] = g
			f.out.Groups = append(f.out.Groups, api.PartGroup{Whole: f.pictures[r.whole], Width: r.width, Height: r.height})
		}
		part := r.part
		part.Picture = f.pictures[r.other]
		f.out.Groups[g].Parts = append(f.out.Groups[g].Parts, part)
	}
	for _, g := range f.out.Groups {
		slices.SortStableFunc(g.Parts, func(a, b api.Part) int { return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Name, b.Name)) })
	}
	slices.SortFunc(f.out.Groups, func(a, b api.PartGroup) int { return cmp.Compare(a.Whole.Name, b.Whole.Name) })
	return err
}

// failed says once that a picture cannot be read.
func (f *finder) failed(picture int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	from := f.pictures[picture].Source
	if !slices.ContainsFunc(f.out.Failed, func(other api.Failure) bool { return other.Source == from }) {
		f.out.Failed = append(f.out.Failed, api.Failure{Source: from, Error: err.Error()})
	}
}

// relation is a whole, and a picture that shows a part of it.
type relation struct {
	whole, other  int
	width, height int // of the whole
	part          api.Part
}

// relationOf says which of two pictures is a part of the other: the one that is shown wholly. Where both are, or neither is, the
// whole is the one of more pixels.
func relationOf(pair [2]int, m geometry.Match, both [2]*geometry.Picture) *relation {
	share := [2]float64{both[0].Share(m.OutlineA), both[1].Share(m.OutlineB)}
	kind, whole := api.HasPart, 0
	switch {
	case share[0] >= wholly && share[1] >= wholly:
		kind = api.IsTheSame
	case share[0] >= wholly || share[1] >= wholly:
		kind = api.IsPart
	}
	if kind == api.IsPart && share[0] >= wholly || kind != api.IsPart && pixels(both[1]) > pixels(both[0]) {
		whole = 1
	}
	if whole == 1 {
		m = m.Inverse()
	}
	width, height := both[whole].Size()
	return &relation{pair[whole], pair[1-whole], width, height, api.Part{Kind: kind, Share: share[whole], Match: matchOf(m)}}
}

func pixels(p *geometry.Picture) int {
	width, height := p.Size()
	return width * height
}
