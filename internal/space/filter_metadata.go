package space

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/glob"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store/local"
)

// metadataConditions parses the parts of a filter that are about what files say of their pictures.
func metadataConditions(f api.Filter) ([]condition, error) {
	var out []condition
	add := func(label string, pass func(ctx context.Context, s *local.Snapshot) ([]uint64, error)) {
		out = append(out, condition{label: label, apply: func(ctx context.Context, s *local.Snapshot, left Bitmap) error {
			passing, err := pass(ctx, s)
			for i, word := range passing {
				left[i] &= word
			}
			return err
		}})
	}
	for _, c := range []struct {
		field  record.Field
		name   string // in JSON
		values []string
		each   bool // each must match, not one of them
	}{
		{record.Camera, "cameras", f.Cameras, false}, {record.Lens, "lenses", f.Lenses, false},
		{record.Label, "labels", f.Labels, false}, {record.Keyword, "keywords", f.Keywords, true},
	} {
		patterns := make([]valuePattern, len(c.values))
		for i, v := range c.values {
			var err error
			if patterns[i], err = compileValue(v); err != nil {
				return nil, &api.FilterError{Field: c.name, Err: err}
			}
		}
		together := max(len(patterns), 1)
		if c.each {
			together = 1
		}
		for some := range slices.Chunk(patterns, together) {
			var texts []string
			for _, p := range some {
				texts = append(texts, strconv.Quote(p.text))
			}
			add(fmt.Sprintf("with the %s %s", c.field, strings.Join(texts, " or ")), func(ctx context.Context, s *local.Snapshot) ([]uint64, error) {
				return havingValue(ctx, s, c.field, some)
			})
		}
	}
	if f.Rating != 0 {
		if f.Rating < 0 || f.Rating > 5 {
			return nil, &api.FilterError{Field: "rating", Err: fmt.Errorf("%d is no number of stars: want 1 to 5", f.Rating)}
		}
		add(fmt.Sprintf("rated %d or better", f.Rating), func(ctx context.Context, s *local.Snapshot) ([]uint64, error) {
			return having(ctx, s, record.Rating, func(v record.Value) bool {
				n, err := strconv.Atoi(v.Name)
				return err == nil && n >= f.Rating
			})
		})
	}
	for _, text := range f.Captions {
		words := record.Words(text)
		if len(words) == 0 {
			return nil, &api.FilterError{Field: "captions", Err: fmt.Errorf("%q has no word", text)}
		}
		add(fmt.Sprintf("with %q in title or caption", text), func(ctx context.Context, s *local.Snapshot) ([]uint64, error) {
			return s.Said(ctx, words)
		})
	}
	area, err := areas(f)
	if err != nil {
		return nil, err
	}
	for _, a := range area {
		add(a.label, func(ctx context.Context, s *local.Snapshot) ([]uint64, error) {
			return s.Taken(ctx, a.south, a.north, a.has)
		})
	}
	return out, nil
}

// valuePattern is a value that is asked for, or a glob of it.
type valuePattern struct {
	text string
	key  string
	glob *glob.Pattern // nil where the text is no glob: a lens may be called "24-70mm [II"
}

func compileValue(text string) (p valuePattern, err error) {
	if p = (valuePattern{text: text, key: record.ValueKey(text)}); p.key == "" {
		return p, errors.New("an empty value matches none")
	}
	p.glob, err = glob.Compile(withoutSlashes(text))
	if err != nil && !strings.ContainsAny(text, "*?") {
		err = nil
	}
	return p, err
}

// match reports whether a value is meant.
func (p *valuePattern) match(v record.Value) bool {
	return v.Key == p.key || p.glob != nil && p.glob.Match(withoutSlashes(v.Name))
}

// withoutSlashes makes what looks like a path one name, so that a star matches all of it: lenses and keywords have slashes.
func withoutSlashes(text string) string { return strings.ReplaceAll(text, "/", "\u2215") }

// havingValue returns the pictures with a value that one of some patterns matches. Errors: api.NoSuchValueError.
func havingValue(ctx context.Context, s *local.Snapshot, field record.Field, patterns []valuePattern) ([]uint64, error) {
	values, err := s.Values(ctx, field)
	if err != nil {
		return nil, err
	}
	for _, p := range patterns {
		if !slices.ContainsFunc(values, p.match) {
			return nil, &api.NoSuchValueError{Field: string(field), Value: p.text, Near: nearValues(p.text, values)}
		}
	}
	return having(ctx, s, field, func(v record.Value) bool {
		return slices.ContainsFunc(patterns, func(p valuePattern) bool { return p.match(v) })
	})
}

func having(ctx context.Context, s *local.Snapshot, field record.Field, keep func(record.Value) bool) ([]uint64, error) {
	values, err := s.Values(ctx, field)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, v := range values {
		if keep(v) {
			ids = append(ids, v.ID)
		}
	}
	return s.Having(ctx, ids)
}

// nearValues returns values that a mistyped one may mean: those that contain it, as many people leave out the make of a
// camera, else those that differ least.
func nearValues(text string, values []record.Value) []string {
	const most = 3
	var out []string
	typed := local.Typed(strings.Trim(text, "*"))
	for _, v := range values {
		if len(out) < most && typed != "" && strings.Contains(local.Typed(v.Name), typed) {
			out = append(out, v.Name)
		}
	}
	if len(out) > 0 {
		return out
	}
	return record.Closest(text, func(yield func(string) bool) {
		for _, v := range values {
			if !yield(v.Name) {
				return
			}
		}
	})
}

// area is a part of the Earth.
type area struct {
	label        string
	south, north float64 // degrees, that it lies between
	has          func(record.Position) bool
}

// areas parses Near and Box.
func areas(f api.Filter) ([]area, error) {
	var out []area
	if f.Near != nil {
		if err := checkPlace(f.Near, "LAT,LON,KM", 3); err != nil {
			return nil, &api.FilterError{Field: "near", Err: err}
		}
		at, km := record.Position{Latitude: f.Near[0], Longitude: f.Near[1]}, f.Near[2]
		err := errors.Join(checkLatitude(at.Latitude), checkLongitude(at.Longitude))
		if err == nil && km <= 0 {
			err = fmt.Errorf("%g kilometres is no distance", km)
		}
		if err != nil {
			return nil, &api.FilterError{Field: "near", Err: err}
		}
		south, north := at.Latitudes(km)
		out = append(out, area{fmt.Sprintf("within %g km of %g,%g", km, at.Latitude, at.Longitude), south, north,
			func(p record.Position) bool { return at.Kilometres(p) <= km }})
	}
	if f.Box != nil {
		if err := checkPlace(f.Box, "SOUTH,WEST,NORTH,EAST", 4); err != nil {
			return nil, &api.FilterError{Field: "box", Err: err}
		}
		b := record.Box{South: f.Box[0], West: f.Box[1], North: f.Box[2], East: f.Box[3]}
		err := errors.Join(checkLatitude(b.South), checkLongitude(b.West), checkLatitude(b.North), checkLongitude(b.East))
		if err == nil && b.South > b.North {
			err = fmt.Errorf("its south, %g, is north of its north, %g: want SOUTH,WEST,NORTH,EAST", b.South, b.North)
		}
		if err != nil {
			return nil, &api.FilterError{Field: "box", Err: err}
		}
		out = append(out, area{fmt.Sprintf("between %g,%g and %g,%g", b.South, b.West, b.North, b.East), b.South, b.North, b.Has})
	}
	return out, nil
}

func checkPlace(numbers []float64, want string, n int) error {
	if len(numbers) != n {
		return fmt.Errorf("it has %d numbers: want %s", len(numbers), want)
	}
	for _, v := range numbers {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%g is no number: want %s", v, want)
		}
	}
	return nil
}

func checkLatitude(v float64) error {
	if math.Abs(v) > 90 {
		return fmt.Errorf("the latitude %g is not between -90 and 90", v)
	}
	return nil
}

func checkLongitude(v float64) error {
	if math.Abs(v) > 180 {
		return fmt.Errorf("the longitude %g is not between -180 and 180", v)
	}
	return nil
}
