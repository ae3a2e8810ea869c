package akin

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

	"github.com/akin-search/akin/internal/collection"
	"github.com/akin-search/akin/internal/insight/copies"
)

// DuplicateOptions say what to look for. The zero value finds equal files, and the same pictures
// at another size or saved anew, in the whole collection.
type DuplicateOptions struct {
	Filter Filter
	Model  string // whose neighbours are looked at; "" is the collection's own
	Exact  bool   // files with the same bytes only: nothing is decoded

	Mirrored bool // also copies with left and right exchanged
	Rotated  bool // also copies turned by quarters of a turn; with Mirrored, in all eight ways

	// Reference are folders whose pictures are the best of any group, and never to be removed.
	Reference []string
	// Reviewed also gives the groups that were reviewed.
	Reviewed bool
	// MaxWrong is how many pictures of the whole collection may be expected to have a group
	// with a different one, at most; 0 means 0.5. See DuplicateCalibration.
	MaxWrong float64

	Progress func(DuplicateProgress)
}

// DuplicateProgress tells how far Duplicates has come.
type DuplicateProgress struct {
	Step        string // "calibration", "pictures" or "turned"
	Done, Total int
}

// DuplicateKind tells how a picture is a copy of the best of its group.
type DuplicateKind string

// The kinds, from the closest.
const (
	ExactCopy    DuplicateKind = "exact"    // the same bytes
	NearCopy     DuplicateKind = "near"     // the same picture at another size, saved anew, or trimmed
	MirroredCopy DuplicateKind = "mirrored" // left and right exchanged
	RotatedCopy  DuplicateKind = "rotated"  // turned, and maybe mirrored as well
)

// Duplicates is the answer to Collection.Duplicates.
type Duplicates struct {
	Model    string `json:"model"`
	Pictures int    `json:"pictures"` // that were looked at
	// Elsewhere are the pictures of a cluster that were left out because their files are not
	// on this machine.
	Elsewhere int              `json:"elsewhere,omitempty"`
	Groups    []DuplicateGroup `json:"groups"`
	Remove    int              `json:"remove"`   // copies that are to be removed, in all groups
	Bytes     int64            `json:"bytes"`    // of these
	Reviewed  int              `json:"reviewed"` // groups left out because they were reviewed

	Calibration *DuplicateCalibration `json:"calibration,omitempty"` // nil where only equal files were looked for

	Failed []Failure `json:"failed,omitempty"` // pictures that could not be read, or changed since they were indexed
}

// DuplicateGroup is a best picture and its copies: each of them is one of the best.
type DuplicateGroup struct {
	ID     string        `json:"id"`   // of what the group's files hold, whatever they are called
	Kind   DuplicateKind `json:"kind"` // the furthest of its copies
	Why    string        `json:"why"`  // the best is the best
	Copies []Duplicate   `json:"copies"`
}

// Duplicate is a picture of a group. The first is the best.
type Duplicate struct {
	Picture
	Kind      DuplicateKind      `json:"kind,omitempty"` // "" of the best
	Best      bool               `json:"best"`
	Remove    bool               `json:"remove"`              // neither the best, nor of a reference folder, nor reviewed
	Reference bool               `json:"reference,omitempty"` // in a reference folder
	Reviewed  bool               `json:"reviewed,omitempty"`  // was looked at with another of the group, and stays
	Width     int                `json:"width"`
	Height    int                `json:"height"`
	Bytes     int64              `json:"bytes"`
	Format    string             `json:"format"`
	Sharpness float64            `json:"sharpness,omitempty"` // as many times the best's, at a size that both have
	SHA256    string             `json:"sha256"`
	Evidence  *DuplicateEvidence `json:"evidence,omitempty"` // nil where the bytes are the best's
}

// DuplicateEvidence tells how far a copy is from the best.
type DuplicateEvidence struct {
	// Distance is the largest of what follows, each by its tolerance: 1 is as far as copies
	// go that were made of the collection's own pictures.
	Distance   float64  `json:"distance"`
	HashBits   int      `json:"hash_bits"`        // in which the perceptual hashes differ, of 64
	Difference float64  `json:"difference"`       // the largest of a colour at any of 32 x 32 places, of 255
	Cast       float64  `json:"cast"`             // the difference that one place in five has at least
	Aspect     float64  `json:"aspect"`           // of the logarithms of width / height
	Score      *float64 `json:"score,omitempty"`  // cosine of the embeddings, the copy turned back; nil where no model can tell
	Chance     *float64 `json:"chance,omitempty"` // of that score among random pairs
	Turn       string   `json:"turn,omitempty"`   // how the copy must be turned to lie as the best
}

// DuplicateCalibration tells how the limit was found: from copies made of the collection's own
// pictures, and from the nearest of its pictures that are none.
type DuplicateCalibration struct {
	Pictures   int               `json:"pictures"` // of which copies were made
	Made       int               `json:"made"`     // copies
	Tolerance  DuplicateEvidence `json:"tolerance"`
	Sharpness  float64           `json:"sharpness"`            // copies differ by this factor in it at most
	Limit      float64           `json:"limit"`                // of Distance
	Found      float64           `json:"found"`                // share of the made copies that lie within it
	Wrong      float64           `json:"wrong"`                // pictures to be expected with a different one within it, of all
	Unembedded string            `json:"unembedded,omitempty"` // why embeddings were not measured
}

const maxWrong = 0.5

// Duplicates finds the copies among the collection's pictures.
//
// Exact copies have the same bytes. For the others, each picture's nearest by its embedding are
// compared by a perceptual hash, by their colours at 32 x 32 places, and by their
// shapes. How far copies may be from one another is measured: copies are made of some of
// the collection's pictures, and what these move by is the tolerance; then the limit is narrowed
// until no more than MaxWrong pictures can be expected to have a copy that is none.
//
// It reads the pictures' files, those that have a near neighbour, once: what it has learnt of
// a content is kept in the collection's folder, or for a cluster in the user's cache folder.
// Pictures of a cluster whose files are not on this machine are left out.
func (c *Collection) Duplicates(ctx context.Context, o DuplicateOptions) (Duplicates, error) {
	v, err := c.view(ctx, o.Model)
	if err != nil {
		return Duplicates{}, err
	}
	defer v.Close()
	if o.MaxWrong <= 0 {
		o.MaxWrong = maxWrong
	}
	if o.Progress == nil {
		o.Progress = func(DuplicateProgress) {}
	}
	for i, dir := range o.Reference {
		if o.Reference[i], err = absolute(dir); err != nil {
			return Duplicates{}, err
		}
	}
	f := &finder{c: c, v: v, o: o, out: Duplicates{Model: v.model, Groups: []DuplicateGroup{}}}
	if err := f.gather(ctx); err != nil {
		return Duplicates{}, err
	}
	if !o.Exact {
		if f.signatures, err = openSignatures(c.files); err != nil {
			return Duplicates{}, err
		}
		defer f.signatures.Close()
		if err := f.find(ctx); err != nil {
			return Duplicates{}, err
		}
	}
	reviews, err := c.store.Reviews(ctx)
	if err != nil {
		return Duplicates{}, err
	}
	for _, group := range f.groups() {
		f.tell(group, reviews)
	}
	slices.SortFunc(f.out.Failed, func(a, b Failure) int { return cmp.Compare(a.Source, b.Source) })
	return f.out, ctx.Err()
}

// finder finds copies.
type finder struct {
	c          *Collection
	v          *view
	o          DuplicateOptions
	out        Duplicates
	files      map[int64]collection.File // by picture
	units      []unit
	unitOf     map[int]int // row → unit
	signatures *signatureFile
	brief      []brief      // of each unit
	failed     map[int]bool // units that cannot be read

	network   *network // nil where it cannot run
	tolerance copies.Tolerance
	limit     float64
	pairs     []pair
	turns     []copies.Turn // that copies may have, beside upright
	embedded  map[pairKey]float64
	derived   map[int]bool // lossless units that were made from lossy ones
}

// unit is a content, with the pictures that have it: the one to keep first.
type unit struct {
	hash     collection.Hash
	row      int // -1 without an embedding
	pictures []int
}

// brief is what of a signature is kept in memory.
type brief struct {
	known         bool
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
	if f.files, err = f.c.store.Files(ctx); err != nil {
		return err
	}
	keep, err := f.v.keep(ctx, f.o.Filter)
	if err != nil {
		return err
	}
	referenced := make([]bool, len(f.o.Reference))
	of := map[collection.Hash]int{}
	f.unitOf = map[int]int{}
	for i, p := range f.v.Pictures.All() {
		file, known := f.files[p.ID]
		if !known || !keep.has(i) || strings.HasPrefix(p.Source, collection.ImportedSource("")) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		switch problem := unchanged(p.Source, file); {
		case problem == gone && f.c.cluster != nil: // another machine may have it
			f.out.Elsewhere++
			continue
		case problem != "":
			f.out.Failed = append(f.out.Failed, Failure{Source: strings.Clone(p.Source), Error: problem})
			continue
		}
		for k, dir := range f.o.Reference {
			referenced[k] = referenced[k] || under(p.Source, dir)
		}
		f.out.Pictures++
		u, ok := of[file.Hash]
		if !ok {
			u = len(f.units)
			of[file.Hash] = u
			f.units = append(f.units, unit{hash: file.Hash, row: p.Row})
			if p.Row >= 0 {
				f.unitOf[p.Row] = u
			}
		}
		f.units[u].pictures = append(f.units[u].pictures, i)
	}
	for k, found := range referenced {
		if !found {
			return fmt.Errorf("reference %s: %w: no picture of it is; index it first", f.o.Reference[k], ErrNotIndexed)
		}
	}
	for i, u := range f.units {
		slices.SortStableFunc(u.pictures, f.comparePictures)
		f.units[i].pictures = f.withoutAliases(u.pictures)
	}
	f.brief = make([]brief, len(f.units))
	return nil
}

// withoutAliases leaves out pictures that are the file of an earlier one by another name: a
// link, or a path through a linked folder. Whoever removed one would remove both.
func (f *finder) withoutAliases(pictures []int) []int {
	if len(pictures) < 2 {
		return pictures
	}
	var files []os.FileInfo
	return slices.DeleteFunc(pictures, func(i int) bool {
		source := f.v.Pictures.At(i).Source
		if isAddress(source) {
			return false
		}
		info, err := os.Stat(source)
		if err != nil { // it went meanwhile; removing checks again
			return false
		}
		known := slices.ContainsFunc(files, func(other os.FileInfo) bool { return os.SameFile(info, other) })
		files = append(files, info)
		return known
	})
}

const gone = "the file is gone: run `akin index --prune`"

// unchanged says what is wrong with a file that is not as it was indexed.
func unchanged(source string, file collection.File) string {
	if isAddress(source) {
		return ""
	}
	info, err := os.Stat(source)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return gone
	case err != nil:
		return err.Error()
	case info.Size() != file.Size || info.ModTime().UnixNano() != file.Mtime:
		return "the file has changed since it was indexed: index it again"
	}
	return ""
}

// comparePictures puts, of pictures with the same bytes, the one to keep first: that of a reference
// folder, the oldest file, the shortest path.
func (f *finder) comparePictures(i, j int) int {
	a, b := f.v.Pictures.Borrow(i), f.v.Pictures.Borrow(j)
	return cmp.Or(
		-compareBool(f.isReference(a.Source), f.isReference(b.Source)),
		compareBool(isAddress(a.Source), isAddress(b.Source)),
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

func (f *finder) isReference(source string) bool {
	return slices.ContainsFunc(f.o.Reference, func(dir string) bool { return under(source, dir) })
}

// groups gives the groups by their units, the best first.
func (f *finder) groups() [][]int {
	pairs := make([][2]int, len(f.pairs))
	for i, p := range f.pairs {
		pairs[i] = [2]int{p.a, p.b}
	}
	groups := copies.Groups(len(f.units), pairs, f.better, func(best, other int) bool {
		_, ok := f.relation(best, other)
		return ok
	})
	grouped := map[int]bool{}
	for _, g := range groups {
		for _, u := range g {
			grouped[u] = true
		}
	}
	for u := range f.units {
		if len(f.units[u].pictures) > 1 && !grouped[u] {
			groups = append(groups, []int{u})
		}
	}
	slices.SortFunc(groups, func(a, b []int) int {
		return cmp.Compare(f.units[slices.Min(a)].pictures[0], f.units[slices.Min(b)].pictures[0])
	})
	return groups
}

// better reports whether content a is to be kept rather than b.
func (f *finder) better(a, b int) bool {
	d, _ := f.compareUnits(a, b)
	return d < 0
}

func (f *finder) compareUnits(a, b int) (int, string) {
	first := func(u int) collection.Picture { return f.v.Pictures.Borrow(f.units[u].pictures[0]) }
	if d := -compareBool(f.isReference(first(a).Source), f.isReference(first(b).Source)); d != 0 {
		return d, "in a reference folder"
	}
	if d := compareBool(isAddress(first(a).Source), isAddress(first(b).Source)); d != 0 {
		return d, "a file"
	}
	if d, why := copies.Better(f.quality(a), f.quality(b), f.tolerance.Blurred); d != 0 {
		return d, why
	}
	return f.comparePictures(f.units[a].pictures[0], f.units[b].pictures[0]), "the oldest of equals"
}

// lossless are the formats that lose nothing, as far as their names tell, and lossy those that do.
var (
	lossless = []string{"png", "bmp", "tiff", "svg"}
	lossy    = []string{"jpeg", "heic", "avif"}
)

func (f *finder) quality(u int) copies.Quality {
	file := f.files[f.v.Pictures.ID(f.units[u].pictures[0])]
	q := copies.Quality{Width: file.Width, Height: file.Height, Lossless: slices.Contains(lossless, file.Format), Derived: f.derived[u], Bytes: file.Size}
	if s, ok := f.signatures.get(f.units[u].hash); ok {
		q.Signature = s
	}
	return q
}

// tell puts a group into the answer.
func (f *finder) tell(units []int, reviews []collection.Review) {
	g := DuplicateGroup{Kind: ExactCopy}
	hash := sha256.New()
	for _, u := range slices.SortedFunc(slices.Values(units), func(a, b int) int { return slices.Compare(f.units[a].hash[:], f.units[b].hash[:]) }) {
		hash.Write(f.units[u].hash[:])
	}
	g.ID = hex.EncodeToString(hash.Sum(nil)[:6])
	best := f.quality(units[0]).Signature
	for k, u := range units {
		d := Duplicate{Kind: ExactCopy, SHA256: hex.EncodeToString(f.units[u].hash[:])}
		if k > 0 {
			r, _ := f.relation(units[0], u)
			d.Kind, d.Evidence = r.kind(), f.evidence(r)
			if s := f.quality(u).Signature; s != nil && best != nil {
				d.Sharpness = copies.Sharper(s, best)
			}
			if slices.Index(kinds, d.Kind) > slices.Index(kinds, g.Kind) {
				g.Kind = d.Kind
			}
		} else if best != nil {
			d.Sharpness = 1
		}
		for n, i := range f.units[u].pictures {
			p := f.v.Pictures.At(i)
			file := f.files[p.ID]
			one := d
			one.Picture = Picture{Name: p.Name, Source: p.Source}
			one.Width, one.Height, one.Bytes, one.Format = file.Width, file.Height, file.Size, file.Format
			one.Reference = f.isReference(p.Source)
			if one.Best = k == 0 && n == 0; one.Best {
				one.Kind = ""
			}
			one.Remove = !one.Best && !one.Reference && !isAddress(p.Source)
			g.Copies = append(g.Copies, one)
		}
	}
	if isAddress(g.Copies[0].Source) { // it may be gone tomorrow
		for i := range g.Copies {
			g.Copies[i].Remove = false
		}
	}
	open := f.review(&g, units, reviews)
	if !slices.ContainsFunc(g.Copies, func(d Duplicate) bool { return !d.Reference }) {
		return
	}
	if !open {
		if f.out.Reviewed++; !f.o.Reviewed {
			return
		}
	}
	g.Why = f.why(&g, units)
	for _, d := range g.Copies {
		if d.Remove {
			f.out.Remove++
			f.out.Bytes += d.Bytes
		}
	}
	f.out.Groups = append(f.out.Groups, g)
}

var kinds = []DuplicateKind{ExactCopy, NearCopy, MirroredCopy, RotatedCopy}

// why says what makes the best better than the next.
func (f *finder) why(g *DuplicateGroup, units []int) string {
	if g.Copies[0].Reference && slices.ContainsFunc(g.Copies, func(d Duplicate) bool { return !d.Reference }) {
		return "in a reference folder"
	}
	if len(units) == 1 {
		pictures := f.units[units[0]].pictures
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
func (f *finder) review(g *DuplicateGroup, units []int, reviews []collection.Review) (open bool) {
	var known collection.Review
	most := 1 // fewer were not looked at together
	for _, r := range reviews {
		n := 0
		for _, u := range units {
			n += min(r[f.units[u].hash], len(f.units[u].pictures))
		}
		if n > most {
			known, most = r, n
		}
	}
	at := 0
	for _, u := range units {
		oldest := slices.Clone(f.units[u].pictures)
		slices.SortFunc(oldest, func(i, j int) int {
			a, b := f.v.Pictures.ID(i), f.v.Pictures.ID(j)
			return cmp.Or(cmp.Compare(f.files[a].Added, f.files[b].Added), cmp.Compare(a, b))
		})
		seen := oldest[:min(known[f.units[u].hash], len(oldest))]
		for _, i := range f.units[u].pictures {
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
func (f *finder) evidence(r relation) *DuplicateEvidence {
	e := &DuplicateEvidence{Distance: round(r.distance), HashBits: r.moved.Bits, Difference: r.moved.Difference, Cast: r.moved.Cast, Aspect: round(r.moved.Aspect), Turn: r.turn.String()}
	if !math.IsNaN(r.moved.Embedding) {
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
func (c *Collection) ReviewDuplicates(ctx context.Context, sets ...[]string) (added int, err error) {
	err = c.rereview(ctx, func(w writer, contents func([]string) (collection.Review, error)) error {
		var reviews []collection.Review
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
				return invalidf("%s alone is no group: name the pictures that were looked at together", strings.Join(set, ", "))
			}
			reviews = append(reviews, r)
		}
		added, err = w.Review(ctx, reviews)
		return err
	})
	return added, err
}

// UnreviewDuplicates forgets all reviews that these pictures are part of, and tells how many there were.
func (c *Collection) UnreviewDuplicates(ctx context.Context, pictures ...string) (removed int, err error) {
	err = c.rereview(ctx, func(w writer, contents func([]string) (collection.Review, error)) error {
		r, err := contents(pictures)
		if err != nil {
			return err
		}
		removed, err = w.Unreview(ctx, r.Hashes())
		return err
	})
	return removed, err
}

func (c *Collection) rereview(ctx context.Context, change func(writer, func([]string) (collection.Review, error)) error) (err error) {
	w, err := c.writer()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	catalog, err := c.catalog(ctx)
	if err != nil {
		return err
	}
	defer catalog.Close()
	hashes, err := c.store.ContentHashes(ctx)
	if err != nil {
		return err
	}
	return change(w, func(names []string) (collection.Review, error) {
		chosen, err := choose(catalog, names)
		if err != nil {
			return nil, err
		}
		r := collection.Review{}
		for _, p := range chosen {
			if h, ok := hashes[p.ID]; ok && filepath.IsAbs(p.Source) || ok && isAddress(p.Source) {
				r[h]++
			}
		}
		return r, nil
	})
}
