// Package duplicates finds and removes duplicates among the pictures of a collection. Signatures and embeddings
// propose candidates, package evidence decides by the pixels, and made duplicates and changed pictures measure how
// often that is wrong.
package duplicates

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/space"
)

const defaultMaxWrong = 0.5

// Duplicates finds the duplicates among the collection's pictures.
//
// Exact duplicates have the same bytes. For the others, signatures and nearest neighbours propose pairs, and the
// pixels decide: the two pictures are registered at the resolution of the smaller one, and no place may differ by more
// than what compression and scaling explain. Transparent pictures are compared on white and on black. The recall and
// the expected number of false matches are measured on duplicates and changed pictures made from the collection's own.
//
// It reads the files of pictures that have a near neighbour or may have transparency once, and those of candidate
// pairs once more. What it computes for a content is cached in the collection's folder, or for a cluster in the
// user's cache folder. Pictures of a cluster whose files are not on this machine are skipped.
func Duplicates(ctx context.Context, c *space.Collection, o api.DuplicateOptions) (d api.Duplicates, err error) {
	v, err := c.OpenSpace(ctx, o.Model)
	if err != nil {
		return api.Duplicates{}, err
	}
	defer v.Close()
	if o.MaxWrong <= 0 {
		o.MaxWrong = defaultMaxWrong
	}
	if o.Progress == nil {
		o.Progress = func(api.Progress) {}
	}
	o.Reference = slices.Clone(o.Reference)
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
		if err := f.openCaches(c.DerivedDir); err != nil {
			return api.Duplicates{}, err
		}
		defer func() {
			if closed := f.closeCaches(); err == nil && closed != nil {
				d, err = api.Duplicates{}, closed
			}
		}()
		if err := f.find(ctx); err != nil {
			return api.Duplicates{}, err
		}
	}
	if err := f.answer(ctx); err != nil {
		return api.Duplicates{}, err
	}
	return f.out, ctx.Err()
}

// finder finds duplicates. It works on contents, which it identifies by their index.
type finder struct {
	c         *space.Collection
	v         *space.Space
	o         api.DuplicateOptions
	out       api.Duplicates
	files     map[int64]record.File // by picture
	contents  []content
	contentOf map[int]int     // row → content
	linked    map[string]bool // by path: whether it is a symbolic link
	common    string          // the folder that holds all pictures
	links     map[int][]int   // picture → pictures that are other names of its file
	chosen    map[int64]bool  // pictures, by their id, that have api.KeepTag

	signatures signatureFile
	evidences  evidenceFile
	gallery    *gallery
	summaries  []signatureSummary // by content
	failed     map[int]bool       // contents that cannot be read
	network    *models.Network    // nil if it cannot run
	turns      []copies.Turn      // to look for, beside upright
	tolerance  copies.Tolerance
	embedded   map[pairKey]float64 // distances of the embeddings of turned pictures
	pairs      []pair              // of duplicates
	accepted   map[pairKey]bool    // those that the pixels accept, with the turn
	similar    []pair              // that signatures hold for duplicates, and the pixels do not
	fromLossy  map[int]bool        // lossless files that were made from lossy ones
	changes    [][]float64         // by sampled content: the distances of changed pictures
	inFamily   map[int]bool        // contents of similar, if MaxWrong is exceeded
	within     float64             // duplicates of these that are further apart stay
}

// content is what a file holds, with the pictures that have it: the one to keep first.
type content struct {
	hash     record.Hash
	row      int // -1 without an embedding
	pictures []int
}

// pair is two contents.
type pair struct{ a, b int }

// pairKey is two contents, the second one turned.
type pairKey struct {
	a, b int
	turn copies.Turn
}

func (f *finder) openCaches(dir string) (err error) {
	if f.signatures, err = openSignatures(dir); err != nil {
		return err
	}
	if f.evidences, err = openEvidence(dir); err != nil {
		return errors.Join(err, f.signatures.close())
	}
	f.gallery = &gallery{f: f, at: map[int]*cachedPicture{}}
	return nil
}

func (f *finder) closeCaches() error { return errors.Join(f.signatures.close(), f.evidences.close()) }

// answer makes groups of the pairs, and completes the answer.
func (f *finder) answer(ctx context.Context) error {
	reviews, err := f.c.Store.Reviews(ctx)
	if err != nil {
		return err
	}
	groups, err := f.groups(ctx)
	if err != nil {
		return err
	}
	for _, group := range groups {
		if err := f.addGroup(ctx, group, reviews); err != nil {
			return err
		}
	}
	if err := f.addSeries(ctx, groups); err != nil {
		return err
	}
	f.addBlank()
	slices.SortFunc(f.out.Failed, func(a, b api.Failure) int { return cmp.Compare(a.Source, b.Source) })
	return nil
}
