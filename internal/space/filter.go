package space

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/glob"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/local"
	"golang.org/x/text/unicode/norm"
)

// Filtered is the part of a space that passes a filter.
type Filtered struct {
	Rows       Bitmap   // rows with a picture that passes; nil is all
	Pictures   Bitmap   // by their index in Space.Pictures; nil is all
	Candidates int      // number of contents that may be hits
	Missing    []string // entries of Filter.Only that no picture has
}

// Has reports whether the picture of that index passes.
func (f Filtered) Has(picture int) bool {
	return f.Pictures == nil || f.Pictures.Has(picture)
}

// condition is one part of a filter, parsed.
type condition struct {
	label string // "under /pictures"
	// apply clears the bits of pictures that do not pass.
	apply func(ctx context.Context, s *local.Snapshot, left Bitmap) error
	// remote adds the condition to the filter of a remote store; nil where that cannot look into what the condition is about.
	remote func(out *remoteFilter)
}

// Filter applies a filter to the pictures of a space. Errors: api.ErrEmptyFilter, which names the condition that left
// none.
func (v *Space) Filter(ctx context.Context, f api.Filter) (Filtered, error) {
	conditions, err := conditions(f)
	if err != nil || len(conditions) == 0 && f.Only == nil {
		return Filtered{Rows: v.Kept(), Candidates: v.Space.Covered}, err
	}
	out := Filtered{Pictures: full(v.Pictures.Len())}
	if f.Only != nil {
		conditions = append([]condition{out.only(f.Only)}, conditions...)
	}
	trail, err := narrow(ctx, v.Snapshot, out.Pictures, conditions)
	if err != nil {
		return Filtered{}, err
	}
	out.Rows = v.rowsOf(out.Pictures)
	if out.Candidates = out.Rows.count(); out.Candidates == 0 && v.Model != "" { // a catalog has no embeddings
		return Filtered{}, fmt.Errorf("%w: %s, 0 with an embedding of %s", api.ErrEmptyFilter, trail, v.Model)
	}
	return out, nil
}

// narrow applies conditions to all pictures, and says how many each leaves. Errors: api.ErrEmptyFilter, which names the condition
// that left none.
func narrow(ctx context.Context, s *local.Snapshot, left Bitmap, conditions []condition) (trail string, err error) {
	trail = fmt.Sprintf("%d in the collection", s.Pictures.Len())
	for _, c := range conditions {
		if err := c.apply(ctx, s, left); err != nil {
			return "", err
		}
		n := left.count()
		trail += fmt.Sprintf(", %d %s", n, c.label)
		if n == 0 {
			return "", fmt.Errorf("%w: %s", api.ErrEmptyFilter, trail)
		}
	}
	return trail, nil
}

// FilterBy returns the pictures for which pass is true, and their rows.
func (v *Space) FilterBy(pass func(*record.Picture) bool) Filtered {
	f := Filtered{Pictures: full(v.Pictures.Len())}
	f.Pictures.filter(func(i int) bool {
		p := v.Pictures.Borrow(i)
		return pass(&p)
	})
	f.Rows = v.rowsOf(f.Pictures)
	f.Candidates = f.Rows.count()
	return f
}

// rowsOf returns the rows of pictures.
func (v *Space) rowsOf(pictures Bitmap) Bitmap {
	rows := make(Bitmap, len(v.Keep))
	for i := range pictures.each() {
		if row := v.Pictures.Row(i); row >= 0 {
			rows.Add(row)
		}
	}
	return rows
}

// conditions parses the parts of a filter, the cheapest first, except Only.
func conditions(f api.Filter) ([]condition, error) {
	var out []condition
	each := func(label string, keep func(p *record.Picture) bool, remote func(out *remoteFilter)) {
		out = append(out, condition{label: label, apply: func(_ context.Context, s *local.Snapshot, left Bitmap) error {
			left.filter(func(i int) bool {
				p := s.Pictures.Borrow(i)
				return keep(&p)
			})
			return nil
		}, remote: remote})
	}
	for _, t := range f.Tags {
		if _, err := cleanTag(t); err != nil {
			return nil, &api.FilterError{Field: "tags", Err: err}
		}
		out = append(out, condition{label: fmt.Sprintf("tagged %q", t), apply: func(ctx context.Context, s *local.Snapshot, left Bitmap) error {
			tagged, err := s.Tagged(ctx, t)
			for i, word := range tagged {
				left[i] &= word
			}
			return err
		}, remote: func(out *remoteFilter) { out.Tags = append(out.Tags, record.TagKey(t)) }})
	}
	for _, t := range f.NotTags {
		if _, err := cleanTag(t); err != nil {
			return nil, &api.FilterError{Field: "not_tags", Err: err}
		}
		out = append(out, condition{label: fmt.Sprintf("not tagged %q", t), apply: func(ctx context.Context, s *local.Snapshot, left Bitmap) error {
			tagged, err := s.Tagged(ctx, t)
			for i, word := range tagged {
				left[i] &^= word
			}
			return err
		}, remote: func(out *remoteFilter) { out.NotTags = append(out.NotTags, record.TagKey(t)) }})
	}
	if f.Under != "" {
		dir, err := source.Absolute(f.Under)
		if err != nil {
			return nil, &api.FilterError{Field: "under", Err: err}
		}
		each("under "+dir, func(p *record.Picture) bool { return source.Under(p.Source, dir) }, func(out *remoteFilter) { out.Under = dir })
	}
	if len(f.Names) > 0 {
		names := make([]namePattern, len(f.Names))
		for i, g := range f.Names {
			var err error
			if names[i], err = compileName(g); err != nil {
				return nil, &api.FilterError{Field: "names", Err: err}
			}
		}
		match := func(p *record.Picture) bool {
			for i := range names {
				if names[i].match(p) {
					return true
				}
			}
			return false
		}
		each("called "+strings.Join(f.Names, " or "), match, func(out *remoteFilter) {
			out.Names, out.recheck = [][]store.Glob{looseGlobs(f.Names, names)}, match
		})
	}
	described, err := metadataConditions(f)
	if err != nil {
		return nil, err
	}
	dates, err := dates(f)
	return slices.Concat(out, described, dates), err
}

// CheckFilter checks a filter for malformed globs, dates and tags.
func CheckFilter(f api.Filter) error {
	_, err := conditions(f)
	return err
}

// only passes the pictures of a list, and sets Missing.
func (f *Filtered) only(entries []string) condition {
	return condition{label: "of the listed ones", apply: func(_ context.Context, s *local.Snapshot, left Bitmap) error {
		keys := make([][2]string, len(entries)) // an entry: as a name and as a source
		found := make(map[string]bool, 2*len(entries))
		for i, e := range entries {
			source, err := source.Absolute(e)
			if err != nil {
				return err
			}
			keys[i] = [2]string{norm.NFC.String(e), source}
			found[keys[i][0]], found[keys[i][1]] = false, false
		}
		clear(left)
		for i, p := range s.Pictures.All() {
			for _, key := range [...]string{p.Name, p.Source} {
				if before, asked := found[key]; asked {
					left.Add(i)
					if !before {
						found[key] = true
					}
				}
			}
		}
		for i, e := range entries {
			if !found[keys[i][0]] && !found[keys[i][1]] {
				f.Missing = append(f.Missing, e)
				found[keys[i][0]] = true // listed once
			}
		}
		return nil
	}}
}

// namePattern is a glob of names.
type namePattern struct {
	name *glob.Pattern
	path *glob.Pattern // of the end of the source; nil when the glob has no slash
	file bool          // the file name may match as well
}

func compileName(pattern string) (n namePattern, err error) {
	if pattern == "" {
		return n, errors.New("an empty glob matches no name")
	}
	slashed := filepath.ToSlash(pattern)
	if n.name, err = glob.Compile(slashed); err != nil {
		return n, err
	}
	n.file = strings.Contains(slashed, ".")
	if strings.Contains(slashed, "/") {
		if !strings.HasPrefix(slashed, "/") && filepath.VolumeName(pattern) == "" {
			slashed = "**/" + slashed
		}
		if n.path, err = glob.Compile(slashed); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (n *namePattern) match(p *record.Picture) bool {
	if n.path != nil {
		return n.name.Match(p.Name) || n.path.Match(filepath.ToSlash(p.Source))
	}
	// A name begins with folders where other pictures have the same file name.
	return n.name.Match(p.Name[strings.LastIndexByte(p.Name, '/')+1:]) || n.file && n.name.Match(filepath.Base(p.Source))
}

// moment is one end of a time span.
type moment struct {
	seconds int64
	zoned   bool // an instant; else local time at the camera
}

// dates parses After and Before.
func dates(f api.Filter) ([]condition, error) {
	var out []condition
	add := func(label string, m moment, sign int64) {
		out = append(out, condition{label: label, apply: func(ctx context.Context, s *local.Snapshot, left Bitmap) error {
			d, err := s.Dates(ctx)
			if err != nil {
				return err
			}
			at := d.Clock
			if m.zoned {
				at = d.Instant
			}
			left.filter(func(i int) bool {
				return at[i] != record.NoDate && (at[i] >= m.seconds) == (sign > 0)
			})
			return nil
		}, remote: func(out *remoteFilter) {
			out.Spans = append(out.Spans, store.Span{Instant: m.zoned, Before: sign < 0, Seconds: m.seconds})
		}})
	}
	after, err := parseMoment(f.After)
	if err != nil {
		return nil, &api.FilterError{Field: "after", Err: err}
	}
	before, err := parseMoment(f.Before)
	if err != nil {
		return nil, &api.FilterError{Field: "before", Err: err}
	}
	if f.After != "" && f.Before != "" && after.zoned == before.zoned && after.seconds >= before.seconds {
		return nil, &api.FilterError{Field: "before", Err: fmt.Errorf("no time is after the start of %s and before the start of %s", f.After, f.Before)}
	}
	if f.After != "" {
		add("taken in "+f.After+" or later", after, 1)
	}
	if f.Before != "" {
		add("taken before "+f.Before, before, -1)
	}
	if f.Taken != "" {
		from, to, err := parsePeriod(f.Taken)
		if err != nil {
			return nil, &api.FilterError{Field: "taken", Err: err}
		}
		add("taken in "+f.Taken+" or later", from, 1)
		add("taken in "+f.Taken, to, -1)
	}
	return out, nil
}

// parsePeriod parses a year, month or day as its start and the next one's.
func parsePeriod(s string) (from, to moment, err error) {
	for i, layout := range []string{"2006", "2006-1", "2006-1-2"} {
		if t, err := time.Parse(layout, s); err == nil {
			next := [...]time.Time{t.AddDate(1, 0, 0), t.AddDate(0, 1, 0), t.AddDate(0, 0, 1)}[i]
			return moment{seconds: t.Unix()}, moment{seconds: next.Unix()}, nil
		}
	}
	return from, to, fmt.Errorf("%q is no year, month or day: want 2024, 2024-07 or 2024-07-31", s)
}

// parseMoment parses a year, month, day or time as its start; "" is the zero moment.
func parseMoment(s string) (moment, error) {
	if s == "" {
		return moment{}, nil
	}
	for _, layout := range []string{"2006", "2006-1", "2006-1-2", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return moment{seconds: t.Unix()}, nil
		}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return moment{}, fmt.Errorf("%q is not a date: want 2024, 2024-07, 2024-07-31, or a time as 2024-07-31T12:00:00 or 2024-07-31T12:00:00+02:00", s)
	}
	return moment{seconds: t.Unix(), zoned: true}, nil
}

// Bitmap is a set of numbers: i is bit i%64 of word i/64.
type Bitmap []uint64

// full returns the set of 0…n-1.
func full(n int) Bitmap {
	b := Empty(n)
	for i := range b {
		b[i] = ^uint64(0)
	}
	if n%64 != 0 {
		b[len(b)-1] = 1<<(n%64) - 1
	}
	return b
}

// Empty returns the empty set of numbers below n.
func Empty(n int) Bitmap { return make(Bitmap, (n+63)/64) }

// Has reports whether i is in the set.
func (b Bitmap) Has(i int) bool { return b[i/64]>>(i%64)&1 != 0 }

// Add adds i.
func (b Bitmap) Add(i int) { b[i/64] |= 1 << (i % 64) }

func (b Bitmap) count() int {
	n := 0
	for _, word := range b {
		n += bits.OnesCount64(word)
	}
	return n
}

// each yields the numbers in the set.
func (b Bitmap) each() func(yield func(i int) bool) { return b.from(0) }

// from yields the numbers in the set that are not below first.
func (b Bitmap) from(first int) func(yield func(i int) bool) {
	return func(yield func(i int) bool) {
		for w := first / 64; w < len(b); w++ {
			word := b[w]
			if w == first/64 {
				word &= ^uint64(0) << (first % 64)
			}
			for ; word != 0; word &= word - 1 {
				if !yield(64*w + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}

// filter removes the numbers for which keep is false. Several goroutines call keep at once.
func (b Bitmap) filter(keep func(i int) bool) {
	const words = 256   // of a piece: large enough to be worth a goroutine
	var wait disk.Group // keep may read mapped files
	size := max(words, (len(b)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	first := 0
	for piece := range slices.Chunk(b, size) {
		from := 64 * first
		first += len(piece)
		wait.Go(func() {
			for i := range piece.each() {
				if !keep(from + i) {
					piece[i/64] &^= 1 << (i % 64)
				}
			}
		})
	}
	wait.Wait()
}
