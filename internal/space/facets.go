package space

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store/local"
)

// Facets counts the values of metadata among the pictures of a filter. In a collection without metadata only years are
// counted.
func (c *Collection) Facets(ctx context.Context, o api.FacetOptions) (api.Facets, error) {
	if o.Limit <= 0 {
		o.Limit = 50
	}
	s, err := c.Catalog(ctx)
	if err != nil {
		return api.Facets{}, err
	}
	defer s.Close()
	out := api.Facets{
		Cameras: []api.FacetValue{}, Lenses: []api.FacetValue{}, Labels: []api.FacetValue{}, Keywords: []api.FacetValue{},
		Ratings: []api.FacetValue{}, Years: []api.FacetValue{},
	}
	for _, x := range []struct {
		field  record.Field
		to     *[]api.FacetValue
		ignore func(f *api.Filter)
	}{
		{record.Camera, &out.Cameras, func(f *api.Filter) { f.Cameras = nil }},
		{record.Lens, &out.Lenses, func(f *api.Filter) { f.Lenses = nil }},
		{record.Label, &out.Labels, func(f *api.Filter) { f.Labels = nil }},
		{record.Keyword, &out.Keywords, func(*api.Filter) {}},
		{record.Rating, &out.Ratings, func(f *api.Filter) { f.Rating = 0 }},
	} {
		f := o.Filter
		x.ignore(&f)
		of, err := passing(ctx, s, f)
		if err == nil {
			err = s.Count(ctx, x.field, of, func(v record.Value, pictures int) {
				*x.to = append(*x.to, api.FacetValue{Value: v.Name, Pictures: pictures})
			})
		}
		if err != nil && !errors.Is(err, record.ErrNoMetadata) {
			return api.Facets{}, err
		}
		slices.SortFunc(*x.to, func(a, b api.FacetValue) int {
			if x.field == record.Rating {
				return cmp.Compare(stars(b), stars(a))
			}
			return cmp.Or(cmp.Compare(b.Pictures, a.Pictures), cmp.Compare(a.Value, b.Value))
		})
		*x.to = (*x.to)[:min(len(*x.to), o.Limit)]
	}
	if out.Located, err = located(ctx, s, o.Filter); err != nil && !errors.Is(err, record.ErrNoMetadata) {
		return api.Facets{}, err
	}
	if out.Captioned, err = captioned(ctx, s, o.Filter); err != nil && !errors.Is(err, record.ErrNoMetadata) {
		return api.Facets{}, err
	}
	undated := o.Filter
	undated.Taken, undated.After, undated.Before = "", "", ""
	of, err := passing(ctx, s, undated)
	if err == nil {
		out.Years, err = years(ctx, s, of, o.Limit)
	}
	return out, err
}

func stars(v api.FacetValue) int {
	n, _ := strconv.Atoi(v.Value) // a store has no other values
	return n
}

// passing returns the pictures that pass a filter, without an error where none does.
func passing(ctx context.Context, s *local.Snapshot, f api.Filter) (Bitmap, error) {
	conditions, err := conditions(f)
	if err != nil {
		return nil, err
	}
	left := full(s.Pictures.Len())
	for _, c := range conditions {
		if err := c.apply(ctx, s, left); err != nil {
			return nil, err
		}
	}
	return left, nil
}

// located counts the pictures of a filter that tell where they were taken.
func located(ctx context.Context, s *local.Snapshot, f api.Filter) (int, error) {
	placed, err := s.Taken(ctx, -90, 90, func(record.Position) bool { return true })
	if err != nil {
		return 0, err
	}
	return countOf(ctx, s, f, placed)
}

// captioned counts the pictures of a filter that have a title or a caption; words of it that are asked for do not count.
func captioned(ctx context.Context, s *local.Snapshot, f api.Filter) (int, error) {
	said, err := s.Said(ctx, []string{""})
	if err != nil {
		return 0, err
	}
	f.Captions = nil
	return countOf(ctx, s, f, said)
}

// countOf counts the pictures of a filter that are among some.
func countOf(ctx context.Context, s *local.Snapshot, f api.Filter, some []uint64) (int, error) {
	left, err := passing(ctx, s, f)
	for i, word := range some[:len(left)] {
		left[i] &= word
	}
	return left.count(), err
}

// years counts pictures by the years of their dates.
func years(ctx context.Context, s *local.Snapshot, of Bitmap, limit int) ([]api.FacetValue, error) {
	dates, err := s.Dates(ctx)
	if err != nil {
		return nil, err
	}
	pictures := map[int]int{}
	for i := range of.each() {
		if at := dates.Clock[i]; at != record.NoDate {
			pictures[time.Unix(at, 0).UTC().Year()]++
		}
	}
	out := []api.FacetValue{}
	for year, n := range pictures {
		out = append(out, api.FacetValue{Value: strconv.Itoa(year), Pictures: n})
	}
	slices.SortFunc(out, func(a, b api.FacetValue) int { return cmp.Compare(stars(b), stars(a)) })
	return out[:min(len(out), limit)], nil
}
