package report

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight/geometry"
	"github.com/akin-search/akin/internal/space"
)

const (
	partCandidates = 20
	partsMost      = 20_000 // pictures: their features are in memory, 130 kB each
	wholly         = 0.9    // the share of a picture that is all of it, but for its border
)

// Parts finds the pictures that are proven to show parts of one another. Pairs are proposed by a model, where there are many
// pictures, and compared by some of their keypoints first.
func Parts(ctx context.Context, c *space.Collection, o api.PartsOptions) (api.Parts, error) {
	v, err := c.OpenSpace(ctx, o.Model)
	if err != nil {
		return api.Parts{}, err
	}
	defer v.Close()
	f := &partsFinder{c: c, v: v, o: o, out: api.Parts{Model: v.Model, Groups: []api.PartGroup{}, Failed: []api.Failure{}}}
	if err := f.propose(ctx); err != nil {
		return f.out, err
	}
	if err := f.read(ctx); err != nil {
		return f.out, err
	}
	promising, err := f.screen(ctx)
	if err != nil {
		return f.out, err
	}
	err = f.prove(ctx, promising)
	return f.out, err
}

// partsFinder is one run. Pictures are numbered; of those with the same bytes there is one.
type partsFinder struct {
	c        *space.Collection
	v        *space.Space
	o        api.PartsOptions
	pictures []api.Picture
	features []*geometry.Features // nil of a picture that cannot be read
	pairs    [][2]int             // in order, the smaller number first
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

// propose sets the pictures and the pairs to compare.
func (f *partsFinder) propose(ctx context.Context) error {
	kept, err := f.v.Filter(ctx, f.o.Filter)
	if err != nil {
		return err
	}
	number := map[string]int{} // by name
	rows := map[int]bool{}
	for i, p := range f.v.Pictures.All() {
		if p.Row < 0 || rows[p.Row] || !kept.Has(i) {
			continue
		}
		rows[p.Row] = true
		number[p.Name] = len(f.pictures)
		f.pictures = append(f.pictures, api.Picture{Name: p.Name, Source: p.Source})
	}
	n := len(f.pictures)
	if n > partsMost {
		return api.Invalidf("parts are looked for among at most %d pictures, and these are %d: a filter chooses some", partsMost, n)
	}
	if n <= api.AllPairsOf {
		for b := range n {
			for a := range b {
				f.pairs = append(f.pairs, [2]int{a, b})
			}
		}
		return nil
	}
	top := cmp.Or(f.o.Candidates, partCandidates)
	proposed := map[[2]int]bool{}
	done := 0
	err = f.c.Neighbors(ctx, api.SearchOptions{Model: f.v.Model, Top: top, Filter: f.o.Filter}, func(p api.Picture, hits []api.Hit) {
		a, ok := number[p.Name]
		for _, h := range hits {
			if b, there := number[h.Name]; ok && there && a != b {
				proposed[[2]int{min(a, b), max(a, b)}] = true
			}
		}
		done++
		f.progress("candidates", done, n)
	})
	for p := range proposed {
		f.pairs = append(f.pairs, p)
	}
	slices.SortFunc(f.pairs, func(x, y [2]int) int { return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1])) })
	return err
}

func (f *partsFinder) progress(step string, done, total int) {
	if f.o.Progress != nil {
		f.o.Progress(api.Progress{Step: step, Done: done, Total: total})
	}
}

// each calls do with the numbers up to n, several at a time.
func (f *partsFinder) each(ctx context.Context, step string, n int, do func(i int) error) error {
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
func (f *partsFinder) open(ctx context.Context, i int) (*geometry.Picture, error) {
	f.mu.Lock()
	at := slices.IndexFunc(f.opened, func(p *openedPicture) bool { return p.number == i })
	if at < 0 {
		at = len(f.opened)
		f.opened = append(f.opened, &openedPicture{i, sync.OnceValues(func() (*geometry.Picture, error) { return f.readPicture(ctx, i) })})
	}
	p := f.opened[at]
	f.opened = append(slices.Delete(f.opened, at, at+1), p)
	f.opened = f.opened[max(0, len(f.opened)-openedMost):]
	f.mu.Unlock()
	return p.read()
}

// readPicture reads a picture. A file that is gone, or another one by now, is an error.
func (f *partsFinder) readPicture(ctx context.Context, i int) (*geometry.Picture, error) {
	pic, _, err := f.c.PixelsOf(ctx, f.v, api.Indexed(f.pictures[i].Name)[0])
	if err != nil {
		return nil, err
	}
	defer pic.Release()
	return geometry.New(pic), nil
}

// read reads the features of all pictures.
func (f *partsFinder) read(ctx context.Context) error {
	f.features = make([]*geometry.Features, len(f.pictures))
	return f.each(ctx, "keypoints", len(f.pictures), func(i int) error {
		p, err := f.readPicture(ctx, i)
		f.mu.Lock()
		defer f.mu.Unlock()
		if err != nil {
			f.out.Failed = append(f.out.Failed, api.Failure{Source: f.pictures[i].Source, Error: err.Error()})
			return ctx.Err()
		}
		f.features[i] = p.Features()
		f.out.Pictures++
		return nil
	})
}

// screen returns the pairs that are worth a proof.
func (f *partsFinder) screen(ctx context.Context) (promising [][2]int, err error) {
	f.pairs = slices.DeleteFunc(f.pairs, func(p [2]int) bool { return f.features[p[0]] == nil || f.features[p[1]] == nil })
	f.out.Pairs = len(f.pairs)
	is := make([]bool, len(f.pairs))
	o := geometry.Options{Pairs: float64(len(f.pairs))}
	err = f.each(ctx, "pairs", len(f.pairs), func(i int) error {
		is[i] = geometry.Promising(f.features[f.pairs[i][0]], f.features[f.pairs[i][1]], o)
		return nil
	})
	for i, p := range f.pairs {
		if is[i] {
			promising = append(promising, p)
		}
	}
	return promising, err
}

// prove compares pairs, and groups what is proven.
func (f *partsFinder) prove(ctx context.Context, pairs [][2]int) error {
	found := make([]*relation, len(pairs))
	err := f.each(ctx, "proof", len(pairs), func(i int) error {
		var both [2]*geometry.Picture
		for side := range both {
			p, err := f.open(ctx, pairs[i][side])
			if err != nil {
				return ctx.Err() // it was read a moment ago
			}
			both[side] = p
		}
		if m := geometry.Compare(both[0], both[1], geometry.Options{Pairs: float64(len(f.pairs))}); len(m) > 0 {
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
			f.out.Groups = append(f.out.Groups, api.PartGroup{Whole: f.pictures[r.whole]})
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

// relation is a whole, and a picture that shows a part of it.
type relation struct {
	whole, other int
	part         api.Part
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
	if kind == api.IsPart && share[0] >= wholly || kind != api.IsPart && both[1].Pixels() > both[0].Pixels() {
		whole = 1
	}
	if whole == 1 {
		m = m.Inverse()
	}
	return &relation{pair[whole], pair[1-whole], api.Part{Kind: kind, Share: share[whole], Match: matchOf(m)}}
}
