package weaviate

import (
	"context"
	"errors"
	"fmt"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store/local"
)

const (
	recallQueries = 50 // that measure the recall of the index
	recallTop     = 10
	sampleRows    = 632 // pictures whose pairs are the random pairs
)

// Calibrate stores the distribution of random pairs of each space that has changed.
func (w *Writer) Calibrate(ctx context.Context) error {
	spaces, err := w.c.Spaces(ctx)
	if err != nil {
		return err
	}
	for _, s := range spaces {
		known, err := w.c.chanceOf(ctx, s.ID)
		if err != nil {
			return err
		}
		if known.rows == s.Rows {
			continue
		}
		named, err := w.c.spaceOf(ctx, s.ID)
		if err != nil {
			return err
		}
		sample, err := w.c.sample(ctx, s, named.vector)
		if err != nil {
			return err
		}
		now := chance{rows: s.Rows, scores: local.RandomPairsOf(s, sample), recall: 1}
		if w.c.indexOf(named.vector) != "flat" {
			if now.recall, err = w.c.measureRecall(ctx, s, named.vector, sample[:min(len(sample), recallQueries)]); err != nil {
				return err
			}
		}
		if err := w.c.putSpace(ctx, named, now); err != nil {
			return err
		}
		w.c.mu.Lock()
		w.c.chances[s.ID] = now
		w.c.mu.Unlock()
	}
	return nil
}

// sample draws pictures with a vector in the space. UUIDs are hashes, so those that follow any of them are a random
// sample.
func (c *Collection) sample(ctx context.Context, s record.Space, name string) ([]record.Stored, error) {
	var sample []record.Stored
	seen := map[string]bool{}
	add := func(some []*object) {
		for _, o := range some {
			if p := o.stored([]record.Space{s}, []string{name}); !seen[o.uuid] && len(sample) < sampleRows && p.Vectors != nil {
				seen[o.uuid] = true
				sample = append(sample, p)
			}
		}
	}
	enough := errors.New("enough")
	from := beginning
	if s.Rows > 2*sampleRows {
		id := spaceID(s.Model, fmt.Sprint(s.Rows))
		from = formatUUID(id[:])
	}
	for _, after := range []string{from, beginning} {
		err := c.each(ctx, after, pageOf([]record.Space{s}), []string{name}, func(some []*object) error {
			if add(some); len(sample) >= sampleRows {
				return enough
			}
			return nil
		})
		if err != nil && !errors.Is(err, enough) {
			return nil, err
		}
		if len(sample) >= sampleRows || from == beginning {
			break
		}
	}
	return sample, nil
}
