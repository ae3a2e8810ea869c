package duplicates

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
)

// groups returns the groups as contents, the best first.
func (f *finder) groups(ctx context.Context) ([][]int, error) {
	pairs := make([][2]int, len(f.pairs))
	for i, p := range f.pairs {
		pairs[i] = [2]int{p.a, p.b}
	}
	var failed error
	groups := copies.Groups(len(f.contents), pairs, f.better, func(best, other int) bool {
		if failed != nil {
			return false
		}
		_, ok, err := f.relation(ctx, best, other)
		failed = err
		return ok
	})
	if failed != nil {
		return nil, failed
	}
	grouped := map[int]bool{}
	for _, g := range groups {
		for _, u := range g {
			grouped[u] = true
		}
	}
	for u := range f.contents {
		if len(f.contents[u].pictures) > 1 && !grouped[u] {
			groups = append(groups, []int{u})
		}
	}
	slices.SortFunc(groups, func(a, b []int) int {
		return cmp.Compare(f.contents[slices.Min(a)].pictures[0], f.contents[slices.Min(b)].pictures[0])
	})
	return groups, nil
}

// groupID identifies a group by what its files hold.
func (f *finder) groupID(contents []int) string {
	hash := sha256.New()
	for _, u := range slices.SortedFunc(slices.Values(contents), func(a, b int) int { return slices.Compare(f.contents[a].hash[:], f.contents[b].hash[:]) }) {
		hash.Write(f.contents[u].hash[:])
	}
	return hex.EncodeToString(hash.Sum(nil)[:6])
}

// kindOrder orders the kinds, the closest first.
var kindOrder = []api.DuplicateKind{api.ExactCopy, api.NearCopy, api.MirroredCopy, api.RotatedCopy}

// addGroup adds a group to the answer, unless all of it is of reference folders or was reviewed.
func (f *finder) addGroup(ctx context.Context, contents []int, reviews []record.Review) error {
	g, links, err := f.group(ctx, contents)
	if err != nil {
		return err
	}
	open := f.review(&g, contents, reviews)
	if !slices.ContainsFunc(g.Copies, func(d api.Duplicate) bool { return !d.Reference }) {
		return nil
	}
	if !open {
		if f.out.Reviewed++; !f.o.Reviewed {
			return nil
		}
	}
	g.Why = f.why(&g, contents)
	g.Copies = append(g.Copies, links...)
	for _, d := range g.Copies {
		if d.Remove {
			f.out.Remove++
			f.out.Bytes += d.Bytes
		}
	}
	f.out.Groups = append(f.out.Groups, g)
	return nil
}

// group describes a group, and the pictures that are other names of its files.
func (f *finder) group(ctx context.Context, contents []int) (g api.DuplicateGroup, links []api.Duplicate, err error) {
	g = api.DuplicateGroup{Kind: api.ExactCopy, ID: f.groupID(contents)}
	family := slices.ContainsFunc(contents, func(u int) bool { return f.inFamily[u] })
	for k, u := range contents {
		d, stays, unsure := api.Duplicate{Kind: api.ExactCopy}, false, false
		if k > 0 {
			if d, unsure, err = f.duplicateOf(ctx, contents[0], u, family); err != nil {
				return g, nil, err
			}
			g.Unsure = g.Unsure || unsure
			stays = unsure || d.Better && !f.isReference(f.sourceOf(contents[0])) && !f.isChosen(f.contents[contents[0]].pictures[0])
			if slices.Index(kindOrder, d.Kind) > slices.Index(kindOrder, g.Kind) {
				g.Kind = d.Kind
			}
		} else if f.quality(u).Signature != nil {
			d.Sharpness = 1
		}
		for n, i := range f.contents[u].pictures {
			one := f.duplicate(u, i)
			one.Kind, one.Evidence, one.Sharpness, one.Better = d.Kind, d.Evidence, d.Sharpness, d.Better
			if one.Best = k == 0 && n == 0; one.Best {
				one.Kind = ""
			}
			one.Remove = f.isRemovable(&one) && !(stays && n == 0)
			if f.isLink(one.Source) {
				one.Link = linkTarget(one.Source)
			}
			g.Copies = append(g.Copies, one)
			for _, l := range f.links[i] {
				link := f.duplicate(u, l)
				link.Kind, link.Evidence, link.Sharpness = d.Kind, d.Evidence, d.Sharpness
				link.Link = linkTarget(link.Source)
				links = append(links, link)
			}
		}
	}
	if source.IsAddress(g.Copies[0].Source) { // the best may be gone tomorrow
		for i := range g.Copies {
			g.Copies[i].Remove = false
		}
	}
	return g, links, nil
}

// duplicateOf compares a content with the best of its group. unsure is true if it stays because of
// DuplicateCalibration.Within.
func (f *finder) duplicateOf(ctx context.Context, best, u int, family bool) (d api.Duplicate, unsure bool, err error) {
	r, _, err := f.relation(ctx, best, u)
	if err != nil {
		return d, false, err
	}
	unsure = family && (!r.pixels.Same || r.pixels.Worst > f.within)
	d.Kind, d.Evidence = r.kind(), f.evidence(r)
	q, bestQuality := f.quality(u), f.quality(best)
	if q.Signature != nil && bestQuality.Signature != nil {
		d.Sharpness = copies.Sharper(q.Signature, bestQuality.Signature)
	}
	d.Better = clearlyBetter(q, bestQuality, f.tolerance.Blurred)
	return d, unsure, nil
}

// isRemovable reports whether a picture of a group may be removed at all.
func (f *finder) isRemovable(d *api.Duplicate) bool {
	return !d.Best && !d.Chosen && !d.Reference && !source.IsAddress(d.Source) && !source.IsMember(d.Source) && !f.isLink(d.Source)
}

// duplicate describes a picture of a content.
func (f *finder) duplicate(u, i int) api.Duplicate {
	p := f.v.Pictures.At(i)
	file := f.files[p.ID]
	return api.Duplicate{
		Picture: api.Picture{Name: p.Name, Source: p.Source}, Width: file.Width, Height: file.Height, Bytes: file.Size, Format: file.Format,
		Chosen: f.isChosen(i), Reference: f.isReference(p.Source), SHA256: hex.EncodeToString(f.contents[u].hash[:]),
	}
}

// evidence describes a relation for the answer.
func (f *finder) evidence(r relation) *api.DuplicateEvidence {
	p := pixels(r.pixels)
	e := &api.DuplicateEvidence{
		Distance: max(0, p.Differs), Pixels: p, Proposed: round(r.distance), Turn: r.turn.String(),
		HashBits: r.moved.Bits, Difference: r.moved.Difference, Cast: r.moved.Cast, Aspect: round(r.moved.Aspect),
	}
	if !math.IsNaN(r.moved.Embedding) && !math.IsInf(r.moved.Embedding, 0) {
		score := 1 - r.moved.Embedding
		chance := f.v.Chance(score)
		e.Score, e.Chance = &score, &chance
	}
	return e
}

// pixels describes evidence for the answer. Its numbers are finite, as JSON requires.
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

func round(v float64) float64 { return math.Round(v*1e4) / 1e4 }

// addSeries adds similar pictures that are no duplicates to the answer: connected components of them, with each group
// of duplicates represented by its best.
func (f *finder) addSeries(ctx context.Context, groups [][]int) error {
	best := map[int]int{}
	for _, g := range groups {
		for _, u := range g {
			best[u] = g[0]
		}
	}
	representative := func(u int) int {
		if b, ok := best[u]; ok {
			return b
		}
		return u
	}
	var pairs [][2]int
	closest := map[int]evidence.Evidence{} // by content: of its most similar one
	for _, p := range f.similar {
		a, b := representative(p.a), representative(p.b)
		if a == b {
			continue
		}
		pairs = append(pairs, [2]int{a, b})
		e, err := f.compared(ctx, p.b, p.a, 0)
		if errors.Is(err, errUnreadable) {
			continue
		} else if err != nil {
			return err
		}
		if one, ok := closest[b]; !ok || e.Worst < one.Worst {
			closest[b] = e
		}
		if one, ok := closest[a]; !ok || e.Worst < one.Worst {
			closest[a] = e.Swapped()
		}
	}
	for _, contents := range copies.Connected(len(f.contents), pairs) {
		f.addOneSeries(contents, closest)
	}
	slices.SortFunc(f.out.Series, func(a, b api.DuplicateGroup) int { return cmp.Compare(a.Copies[0].Source, b.Copies[0].Source) })
	return nil
}

func (f *finder) addOneSeries(contents []int, closest map[int]evidence.Evidence) {
	slices.SortFunc(contents, func(a, b int) int { return f.contents[a].pictures[0] - f.contents[b].pictures[0] })
	g := api.DuplicateGroup{ID: f.groupID(contents), Kind: api.Series, Why: "similar, and each shows something else"}
	references := 0
	for _, u := range contents {
		d := f.duplicate(u, f.contents[u].pictures[0])
		d.Kind = api.Series
		if e, ok := closest[u]; ok {
			p := pixels(e)
			d.Evidence = &api.DuplicateEvidence{Pixels: p, Distance: max(0, p.Differs)}
		}
		if d.Reference {
			references++
		}
		g.Copies = append(g.Copies, d)
	}
	if references < len(contents) {
		f.out.Series = append(f.out.Series, g)
	}
}

// addBlank lists the pictures that show nothing, of those that were read.
func (f *finder) addBlank() {
	for u, s := range f.summaries {
		if s.known && s.blank {
			f.out.Blank = append(f.out.Blank, f.v.Pictures.At(f.contents[u].pictures[0]).Source)
		}
	}
	slices.Sort(f.out.Blank)
}
