package duplicates

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/store"
)

// review marks the pictures of a group that were reviewed together, and reports whether any was not. Of
// pictures with the same bytes, as many count as there were at the review: those that were added first.
func (f *finder) review(g *api.DuplicateGroup, contents []int, reviews []record.Review) (open bool) {
	var reviewed record.Review
	most := 1 // a review has two pictures or more
	for _, r := range reviews {
		n := 0
		for _, u := range contents {
			n += min(r[f.contents[u].hash], len(f.contents[u].pictures))
		}
		if n > most {
			reviewed, most = r, n
		}
	}
	at := 0
	for _, u := range contents {
		oldest := slices.Clone(f.contents[u].pictures)
		slices.SortFunc(oldest, func(i, j int) int {
			a, b := f.v.Pictures.ID(i), f.v.Pictures.ID(j)
			return cmp.Or(cmp.Compare(f.files[a].Added, f.files[b].Added), cmp.Compare(a, b))
		})
		seen := oldest[:min(reviewed[f.contents[u].hash], len(oldest))]
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

// ReviewDuplicates records that sets of pictures were reviewed and all of them stay: their group is not shown again
// until another picture joins it. Pictures are named as for AddTag. Reviews are stored by the contents of files,
// not by their names. It returns how many sets are new.
func ReviewDuplicates(ctx context.Context, c *space.Collection, sets ...[]string) (added int, err error) {
	err = changeReviews(ctx, c, func(w store.Writer, contents func([]string) (record.Review, error)) error {
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
				return api.Invalidf("review %s: a group has two pictures or more", strings.Join(set, ", "))
			}
			reviews = append(reviews, r)
		}
		added, err = w.Review(ctx, reviews)
		return err
	})
	return added, err
}

// UnreviewDuplicates removes all reviews that contain any of these pictures, and returns how many there were.
func UnreviewDuplicates(ctx context.Context, c *space.Collection, pictures ...string) (removed int, err error) {
	err = changeReviews(ctx, c, func(w store.Writer, contents func([]string) (record.Review, error)) error {
		r, err := contents(pictures)
		if err != nil {
			return err
		}
		removed, err = w.Unreview(ctx, r.Hashes())
		return err
	})
	return removed, err
}

// changeReviews calls change with a writer and a function that returns the contents of pictures.
func changeReviews(ctx context.Context, c *space.Collection, change func(store.Writer, func([]string) (record.Review, error)) error) (err error) {
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
			if h, ok := hashes[p.ID]; ok && (filepath.IsAbs(p.Source) || source.IsAddress(p.Source)) {
				r[h]++
			}
		}
		return r, nil
	})
}
