package duplicates

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/store"
)

const maxWrong = 0.5

// Duplicates finds the copies among the collection's pictures.
//
// Exact copies have the same bytes. For the others, signatures and the nearest by embedding propose pairs, and
// the pixels decide: the two are laid on one another at the resolution of the smaller one, and no
// place may differ by more than losses of saving and scaling explain. What is seen is compared: pictures with
// transparency on white and on black. How many copies are found, and how many wrong ones are to be expected, is
// measured on copies and on changed pictures that are made of the collection's own.
//
// It reads the files of pictures that have a near neighbour or may have transparency once, and those of pairs
// once more: what it has learnt of
// a content is kept in the collection's folder, or for a cluster in the user's cache folder.
// Pictures of a cluster whose files are not on this machine are left out.
func Duplicates(ctx context.Context, c *space.Collection, o api.DuplicateOptions) (api.Duplicates, error) {
	v, err := c.OpenSpace(ctx, o.Model)
	if err != nil {
		return api.Duplicates{}, err
	}
	defer v.Close()
	if o.MaxWrong <= 0 {
		o.MaxWrong = maxWrong
	}
	if o.Progress == nil {
		o.Progress = func(api.Progress) {}
	}
	for i, dir := range o.Reference {
		if o.Reference[i], err = source.Absolute(dir); err != nil {
			return api.Duplicates{}, err
		}
	}
	f := &finder{c: c, v: v, o: o, out: api.Duplicates{Model: v.Model, Groups: []api.DuplicateGroup{}}}
	if err := f.gather(ctx); err != nil {
		return api.Duplicates{}, err
	}
	if !o.Exact {
		if f.signatures, err = openSignatures(c.DerivedDir); err != nil {
			return api.Duplicates{}, err
		}
		defer f.signatures.Close()
		f.evidences = openPairs(c.DerivedDir)
		defer f.evidences.flush()
		f.gallery = &gallery{f: f, at: map[int]*cachedPicture{}}
		if err := f.find(ctx); err != nil {
			return api.Duplicates{}, err
		}
	}
	reviews, err := c.Store.Reviews(ctx)
	if err != nil {
		return api.Duplicates{}, err
	}
	groups := f.groups()
	for _, group := range groups {
		f.addGroup(group, reviews)
	}
	f.addSeries(groups)
	f.addBlank()
	slices.SortFunc(f.out.Failed, func(a, b api.Failure) int { return cmp.Compare(a.Source, b.Source) })
	return f.out, ctx.Err()
}

// finder finds copies.
type finder struct {
	c          *space.Collection
	v          *space.Space
	o          api.DuplicateOptions
	out        api.Duplicates
	files      map[int64]record.File // by picture
	contents   []content
	contentOf  map[int]int // row → unit
	signatures *signatureFile
	summaries  []signatureSummary // of each unit
	failed     map[int]bool       // units that cannot be read

	network   *models.Network // nil where it cannot run
	tolerance copies.Tolerance
	evidences *pairFile
	gallery   *gallery
	pairs     []pair           // copies
	accepted  map[pairKey]bool // of these, how
	alike     []pair           // as near as copies, and none
	changes   [][]float64      // how far made pictures that differ are from what they were made of, each of a unit
	inFamily  map[int]bool     // units of alike, where MaxWrong is exceeded
	within    float64          // copies of these that are further stay
	linked    map[string]bool  // whether a path is a link, where that was asked
	common    string           // the folder that holds all
	links     map[int][]int    // of a picture, others that are its file by another name
	turns     []copies.Turn    // that copies may have, beside upright
	embedded  map[pairKey]float64
	derived   map[int]bool // lossless units that were made from lossy ones
}

// unit is a content, with the pictures that have it: the one to keep first.
type content struct {
	hash     record.Hash
	row      int // -1 without an embedding
	pictures []int
}

// brief is what of a signature is kept in memory.
type signatureSummary struct {
	known         bool
	alpha, blank  bool
	width, height int
	hash          [copies.Turns]uint64
}

// pair are two units that are copies.
type pair struct{ a, b int }

type pairKey struct {
	a, b int
	turn copies.Turn
}

// gather collects the contents whose files are there as they were indexed.
func (f *finder) gather(ctx context.Context) (err error) {
	if f.files, err = f.c.Store.Files(ctx); err != nil {
		return err
	}
	keep, err := f.v.Filter(ctx, f.o.Filter)
	if err != nil {
		return err
	}
	referenced := make([]bool, len(f.o.Reference))
	of := map[record.Hash]int{}
	f.contentOf = map[int]int{}
	for i, p := range f.v.Pictures.All() {
		file, known := f.files[p.ID]
		if !known || !keep.Has(i) || strings.HasPrefix(p.Source, record.ImportedSource("")) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		switch problem := unchanged(p.Source, file); {
		case problem == fileMissing && f.c.Remote != nil: // another machine may have it
			f.out.RemoteOnly++
			continue
		case problem != "":
			f.out.Failed = append(f.out.Failed, api.Failure{Source: strings.Clone(p.Source), Error: problem})
			continue
		}
		for k, dir := range f.o.Reference {
			referenced[k] = referenced[k] || source.Under(p.Source, dir)
		}
		f.out.Pictures++
		u, ok := of[file.Hash]
		if !ok {
			u = len(f.contents)
			of[file.Hash] = u
			f.contents = append(f.contents, content{hash: file.Hash, row: p.Row})
			if p.Row >= 0 {
				f.contentOf[p.Row] = u
			}
		}
		f.contents[u].pictures = append(f.contents[u].pictures, i)
	}
	for k, found := range referenced {
		if !found {
			return fmt.Errorf("reference %s: %w: no picture of it is; index it first", f.o.Reference[k], record.ErrNotIndexed)
		}
	}
	f.links, f.linked = map[int][]int{}, map[string]bool{}
	var sources []string
	for _, u := range f.contents {
		for _, i := range u.pictures {
			if from := f.v.Pictures.Borrow(i).Source; !source.IsAddress(from) {
				sources = append(sources, from)
			}
		}
	}
	f.common = strings.Clone(commonFolder(sources))
	for i, u := range f.contents {
		slices.SortStableFunc(u.pictures, f.comparePictures)
		f.contents[i].pictures = f.withoutAliases(u.pictures)
	}
	f.summaries = make([]signatureSummary, len(f.contents))
	return nil
}

// withoutAliases leaves out pictures that are the file of an earlier one by another name: a
// link, or a path through a linked folder. Whoever removed one would remove both. They are remembered with
// the one that stays.
func (f *finder) withoutAliases(pictures []int) []int {
	type file struct {
		info    os.FileInfo
		picture int
	}
	var files []file
	return slices.DeleteFunc(pictures, func(i int) bool {
		from := f.v.Pictures.At(i).Source
		if source.IsAddress(from) {
			return false
		}
		info, err := os.Stat(from)
		if err != nil { // it went meanwhile; removing checks again
			return false
		}
		if k := slices.IndexFunc(files, func(other file) bool { return os.SameFile(info, other.info) }); k >= 0 {
			f.links[files[k].picture] = append(f.links[files[k].picture], i)
			return true
		}
		files = append(files, file{info, i})
		return false
	})
}

const fileMissing = "the file is gone: run `akin index --prune`"

// unchanged says what is wrong with a file that is not as it was indexed.
func unchanged(from string, file record.File) string {
	if source.IsAddress(from) {
		return ""
	}
	info, err := os.Stat(from)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fileMissing
	case err != nil:
		return err.Error()
	case info.Size() != file.Size || info.ModTime().UnixNano() != file.Mtime:
		return "the file has changed since it was indexed: index it again"
	}
	return ""
}

// comparePictures puts, of pictures with the same bytes, the one to keep first: that of a reference
// folder, a file rather than a link, in a folder that is not one of backups, the oldest, the shortest path.
func (f *finder) comparePictures(i, j int) int {
	a, b := f.v.Pictures.Borrow(i), f.v.Pictures.Borrow(j)
	d, _ := f.comparePlaces(a.Source, b.Source)
	return cmp.Or(
		d,
		cmp.Compare(f.files[a.ID].Mtime, f.files[b.ID].Mtime),
		cmp.Compare(len(a.Source), len(b.Source)),
		cmp.Compare(a.Source, b.Source),
	)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func (f *finder) isReference(from string) bool {
	return slices.ContainsFunc(f.o.Reference, func(dir string) bool { return source.Under(from, dir) })
}

// groups gives the groups by their units, the best first.
func (f *finder) groups() [][]int {
	pairs := make([][2]int, len(f.pairs))
	for i, p := range f.pairs {
		pairs[i] = [2]int{p.a, p.b}
	}
	groups := copies.Groups(len(f.contents), pairs, f.better, func(best, other int) bool {
		_, ok := f.relation(best, other)
		return ok
	})
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
	return groups
}

// better reports whether content a is to be kept rather than b.
func (f *finder) better(a, b int) bool {
	d, _ := f.compareUnits(a, b)
	return d < 0
}

func (f *finder) compareUnits(a, b int) (int, string) {
	first := func(u int) record.Picture { return f.v.Pictures.Borrow(f.contents[u].pictures[0]) }
	if d, why := f.comparePlaces(first(a).Source, first(b).Source); d != 0 {
		return d, why
	}
	if d, why := copies.Better(f.quality(a), f.quality(b), f.tolerance.Blurred); d != 0 {
		return d, why
	}
	return f.comparePictures(f.contents[a].pictures[0], f.contents[b].pictures[0]), "the oldest of equals"
}

func isLossless(format string) bool {
	f, _ := picture.FormatOf(format)
	return f.Lossless
}

func isLossy(format string) bool {
	f, _ := picture.FormatOf(format)
	return f.Lossy
}

// mayHaveAlpha reports whether pictures of a format may have transparency: embeddings ignore it, so
// their signatures are compared as well.
func mayHaveAlpha(format string) bool {
	f, _ := picture.FormatOf(format)
	return f.Alpha
}

func (f *finder) quality(u int) copies.Quality {
	file := f.files[f.v.Pictures.ID(f.contents[u].pictures[0])]
	q := copies.Quality{Width: file.Width, Height: file.Height, Lossless: isLossless(file.Format), FromLossy: f.derived[u], Bytes: file.Size}
	if s, ok := f.signatures.get(f.contents[u].hash); ok {
		q.Signature = s
	}
	return q
}

// groupID is of what the files of units hold.
func (f *finder) groupID(units []int) string {
	hash := sha256.New()
	for _, u := range slices.SortedFunc(slices.Values(units), func(a, b int) int { return slices.Compare(f.contents[a].hash[:], f.contents[b].hash[:]) }) {
		hash.Write(f.contents[u].hash[:])
	}
	return hex.EncodeToString(hash.Sum(nil)[:6])
}

// duplicate is what is known of a picture of a unit.
func (f *finder) duplicate(u, i int) api.Duplicate {
	p := f.v.Pictures.At(i)
	file := f.files[p.ID]
	return api.Duplicate{
		Picture: api.Picture{Name: p.Name, Source: p.Source}, Width: file.Width, Height: file.Height, Bytes: file.Size, Format: file.Format,
		Reference: f.isReference(p.Source), SHA256: hex.EncodeToString(f.contents[u].hash[:]),
	}
}

// tell puts a group into the answer.
func (f *finder) addGroup(units []int, reviews []record.Review) {
	g := api.DuplicateGroup{Kind: api.ExactCopy, ID: f.groupID(units)}
	family := slices.ContainsFunc(units, func(u int) bool { return f.inFamily[u] })
	bestQuality := f.quality(units[0])
	best := bestQuality.Signature
	var links []api.Duplicate
	for k, u := range units {
		d, unsure := api.Duplicate{Kind: api.ExactCopy}, false
		if k > 0 {
			r, _ := f.relation(units[0], u)
			unsure = family && (!r.pixels.Same || r.pixels.Worst > f.within)
			g.Unsure = g.Unsure || unsure
			d.Kind, d.Evidence = r.kind(), f.evidence(r)
			q := f.quality(u)
			if s := q.Signature; s != nil && best != nil {
				d.Sharpness = copies.Sharper(s, best)
			}
			d.Better = clearlyBetter(q, bestQuality, f.tolerance.Blurred)
			if slices.Index(kinds, d.Kind) > slices.Index(kinds, g.Kind) {
				g.Kind = d.Kind
			}
		} else if best != nil {
			d.Sharpness = 1
		}
		for n, i := range f.contents[u].pictures {
			one := f.duplicate(u, i)
			one.Kind, one.Evidence, one.Sharpness, one.Better = d.Kind, d.Evidence, d.Sharpness, d.Better
			if one.Best = k == 0 && n == 0; one.Best {
				one.Kind = ""
			}
			one.Remove = !one.Best && !one.Reference && !source.IsAddress(one.Source) && !f.isLink(one.Source)
			if k > 0 && n == 0 && (unsure || d.Better && !f.isReference(f.v.Pictures.Borrow(f.contents[units[0]].pictures[0]).Source)) {
				one.Remove = false
			}
			if f.isLink(one.Source) {
				one.Link = linkTarget(one.Source)
			}
			g.Copies = append(g.Copies, one)
			for _, l := range f.links[i] {
				link := f.duplicate(u, l)
				link.Kind, link.Evidence, link.Sharpness = api.ExactCopy, d.Evidence, d.Sharpness
				if k > 0 {
					link.Kind = d.Kind
				}
				link.Link = linkTarget(link.Source)
				links = append(links, link)
			}
		}
	}
	if source.IsAddress(g.Copies[0].Source) { // it may be gone tomorrow
		for i := range g.Copies {
			g.Copies[i].Remove = false
		}
	}
	open := f.review(&g, units, reviews)
	if !slices.ContainsFunc(g.Copies, func(d api.Duplicate) bool { return !d.Reference }) {
		return
	}
	if !open {
		if f.out.Reviewed++; !f.o.Reviewed {
			return
		}
	}
	g.Why = f.why(&g, units)
	g.Copies = append(g.Copies, links...)
	for _, d := range g.Copies {
		if d.Remove {
			f.out.Remove++
			f.out.Bytes += d.Bytes
		}
	}
	f.out.Groups = append(f.out.Groups, g)
}

var kinds = []api.DuplicateKind{api.ExactCopy, api.NearCopy, api.MirroredCopy, api.RotatedCopy}

// why says what makes the best better than the next.
func (f *finder) why(g *api.DuplicateGroup, units []int) string {
	if g.Copies[0].Reference && slices.ContainsFunc(g.Copies, func(d api.Duplicate) bool { return !d.Reference }) {
		return "in a reference folder"
	}
	if len(units) == 1 {
		pictures := f.contents[units[0]].pictures
		if d, why := f.comparePlaces(g.Copies[0].Source, g.Copies[1].Source); d != 0 {
			return why
		}
		if f.files[f.v.Pictures.ID(pictures[0])].Mtime != f.files[f.v.Pictures.ID(pictures[1])].Mtime {
			return "the oldest of equals"
		}
		return "the shortest path of equals"
	}
	next := units[1]
	for _, u := range units[1:] {
		if _, why := f.compareUnits(units[0], u); why == "sharper" && f.size(u) > f.size(units[0]) {
			return why
		}
		if f.better(u, next) {
			next = u
		}
	}
	_, why := f.compareUnits(units[0], next)
	return why
}

// size is a content's number of pixels.
func (f *finder) size(u int) int {
	q := f.quality(u)
	return q.Width * q.Height
}

// review marks the pictures that were looked at together, and tells whether any is new. Of
// several with the same bytes, as many as there were then are known: those that were
// added first.
func (f *finder) review(g *api.DuplicateGroup, units []int, reviews []record.Review) (open bool) {
	var known record.Review
	most := 1 // fewer were not looked at together
	for _, r := range reviews {
		n := 0
		for _, u := range units {
			n += min(r[f.contents[u].hash], len(f.contents[u].pictures))
		}
		if n > most {
			known, most = r, n
		}
	}
	at := 0
	for _, u := range units {
		oldest := slices.Clone(f.contents[u].pictures)
		slices.SortFunc(oldest, func(i, j int) int {
			a, b := f.v.Pictures.ID(i), f.v.Pictures.ID(j)
			return cmp.Or(cmp.Compare(f.files[a].Added, f.files[b].Added), cmp.Compare(a, b))
		})
		seen := oldest[:min(known[f.contents[u].hash], len(oldest))]
		for _, i := range f.contents[u].pictures {
			d := &g.Copies[at]
			if d.Reviewed = slices.Contains(seen, i); d.Reviewed {
				d.Remove = false
			} else {
				open = true
			}
			at++
		}
	}
	return open
}

// evidence gives a relation for people.
func (f *finder) evidence(r relation) *api.DuplicateEvidence {
	p := pixels(r.pixels)
	e := &api.DuplicateEvidence{Distance: max(0, p.Differs), Pixels: p, Proposed: round(r.distance), HashBits: r.moved.Bits, Difference: r.moved.Difference, Cast: r.moved.Cast, Aspect: round(r.moved.Aspect), Turn: r.turn.String()}
	if !math.IsNaN(r.moved.Embedding) && !math.IsInf(r.moved.Embedding, 0) {
		score := 1 - r.moved.Embedding
		chance := f.v.Chance(score)
		e.Score, e.Chance = &score, &chance
	}
	return e
}

func round(v float64) float64 { return math.Round(v*1e4) / 1e4 }

// ReviewDuplicates remembers that pictures were looked at together, and that all of them stay:
// their group is not shown again until another picture joins it. Pictures are named as
// for AddTag; each set is one group. What is remembered is what the files hold, not what they
// are called. It tells how many sets say something new.
func ReviewDuplicates(ctx context.Context, c *space.Collection, sets ...[]string) (added int, err error) {
	err = rereview(ctx, c, func(w store.Writer, contents func([]string) (record.Review, error)) error {
		var reviews []record.Review
		for _, set := range sets {
			r, err := contents(set)
			if err != nil {
				return err
			}
			n := 0
			for _, files := range r {
				n += files
			}
			if n < 2 {
				return api.Invalidf("%s alone is no group: name the pictures that were looked at together", strings.Join(set, ", "))
			}
			reviews = append(reviews, r)
		}
		added, err = w.Review(ctx, reviews)
		return err
	})
	return added, err
}

// UnreviewDuplicates forgets all reviews that these pictures are part of, and tells how many there were.
func UnreviewDuplicates(ctx context.Context, c *space.Collection, pictures ...string) (removed int, err error) {
	err = rereview(ctx, c, func(w store.Writer, contents func([]string) (record.Review, error)) error {
		r, err := contents(pictures)
		if err != nil {
			return err
		}
		removed, err = w.Unreview(ctx, r.Hashes())
		return err
	})
	return removed, err
}

func rereview(ctx context.Context, c *space.Collection, change func(store.Writer, func([]string) (record.Review, error)) error) (err error) {
	w, err := c.Writer()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	catalog, err := c.Catalog(ctx)
	if err != nil {
		return err
	}
	defer catalog.Close()
	hashes, err := c.Store.ContentHashes(ctx)
	if err != nil {
		return err
	}
	return change(w, func(names []string) (record.Review, error) {
		chosen, err := space.SelectPictures(catalog, names)
		if err != nil {
			return nil, err
		}
		r := record.Review{}
		for _, p := range chosen {
			if h, ok := hashes[p.ID]; ok && filepath.IsAbs(p.Source) || ok && source.IsAddress(p.Source) {
				r[h]++
			}
		}
		return r, nil
	})
}
