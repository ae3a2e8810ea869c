package parts

import (
	"context"
	"errors"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/features"
	"github.com/akin-search/akin/internal/indexer"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/regions"
	"github.com/akin-search/akin/internal/space"
)

// Index is indexer.Index. It then adds the pictures to the index of parts, if o.Parts is set or the collection has one. When ctx is cancelled,
// what was added stays.
func Index(ctx context.Context, c *space.Collection, paths []string, o api.IndexOptions) (api.IndexReport, error) {
	report, err := indexer.Index(ctx, c, paths, o)
	if err == nil {
		err = update(ctx, c, &report, o)
	}
	if err == nil {
		report.Regions, err = regions.Update(ctx, c, o.Regions, report.Models, o.Progress)
	}
	return report, err
}

// Watch is indexer.Watch, with the index of parts.
func Watch(ctx context.Context, c *space.Collection, paths []string, o api.IndexOptions, each func(api.IndexReport, error)) error {
	return indexer.Watch(ctx, c, paths, o, func(report api.IndexReport, err error) {
		if err == nil {
			err = update(ctx, c, &report, o)
		}
		if err == nil {
			report.Regions, err = regions.Update(ctx, c, o.Regions, report.Models, o.Progress)
		}
		each(report, err)
	})
}

// update adds what the index of parts lacks, and says so in the report of a run.
func update(ctx context.Context, c *space.Collection, report *api.IndexReport, o api.IndexOptions) error {
	began := time.Now()
	n, err := c.Features.Len()
	if err != nil || n == 0 && !o.Parts {
		return err
	}
	done, err := Update(ctx, c, o.Progress)
	report.Parts = &done
	report.Parts.Seconds = time.Since(began).Seconds()
	return err
}

// progressEvery is how often progress is reported.
const progressEvery = 100 * time.Millisecond

// Update adds the collection's pictures to its index of parts. progress may be nil.
func Update(ctx context.Context, c *space.Collection, progress func(api.Progress)) (out api.PartsIndexed, err error) {
	out.Failed = []api.Failure{}
	v, err := c.OpenCatalog(ctx)
	if err != nil {
		return out, err
	}
	defer v.Close()
	all, err := v.Contents(ctx, func(int) bool { return true })
	if err != nil {
		return out, err
	}
	is := make(map[record.Hash]bool, len(all.Hashes))
	for _, h := range all.Hashes {
		is[h] = true
	}
	w, err := features.OpenWriter(c.DerivedDir, func(h record.Hash) bool { return is[h] })
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	var todo []int
	for i, h := range all.Hashes {
		if !w.Has(h) {
			todo = append(todo, i)
		}
	}
	out.Pictures = len(all.Hashes) - len(todo)
	return out, addAll(ctx, c, v, all, todo, w, &out, progress)
}

// found is what was found in a picture.
type found struct {
	content  int
	features *features.Features
	err      error
}

// addAll reads pictures on all cores, and adds them.
func addAll(ctx context.Context, c *space.Collection, v *space.Space, all space.Contents, todo []int, w *features.Writer, out *api.PartsIndexed, progress func(api.Progress)) error {
	results := make(chan found)
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(max(1, runtime.GOMAXPROCS(0)))
	go func() {
		for _, content := range todo {
			if inner.Err() != nil {
				break
			}
			g.Go(func() error {
				r := found{content: content}
				r.features, r.err = featuresOf(inner, c, v, v.Pictures.At(all.Pictures[content][0]).Name)
				results <- r
				return nil
			})
		}
		_ = g.Wait()
		close(results)
	}()
	var failed error
	reported := time.Now()
	done := 0
	for r := range results {
		done++
		switch {
		case ctx.Err() != nil || failed != nil: // the others end
		case r.err != nil:
			out.Failed = append(out.Failed, api.Failure{Source: v.Pictures.At(all.Pictures[r.content][0]).Source, Error: r.err.Error()})
		default:
			if failed = w.Put(all.Hashes[r.content], r.features); failed == nil {
				out.Added++
				out.Pictures++
			}
		}
		if now := time.Now(); progress != nil && (now.Sub(reported) > progressEvery || done == len(todo)) {
			progress(api.Progress{Step: api.StepParts, Done: done, Total: len(todo)})
			reported = now
		}
	}
	return errors.Join(failed, ctx.Err())
}

// featuresOf reads the features of a picture.
func featuresOf(ctx context.Context, c *space.Collection, v *space.Space, name string) (*features.Features, error) {
	pic, _, err := c.PixelsOf(ctx, v, api.Indexed(name)[0])
	if err != nil {
		return nil, err
	}
	defer pic.Release()
	return features.Of(pic), nil
}
