package weaviate

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/local"
	"github.com/akin-search/akin/internal/vector"
	pb "github.com/weaviate/weaviate/grpc/generated/protocol/v1"
)

// Near returns the k pictures of a space that are nearest to a unit vector among those that
// a filter leaves, and the share of the right ones that they are on average: 1 where they
// are the right ones. Whoever asks scores and orders them.
func (c *Collection) Near(ctx context.Context, s record.Space, unit []float32, k int, f store.Filter) (near *local.Snapshot, recall float64, err error) {
	named, err := c.spaceOf(ctx, s.ID)
	if err != nil {
		return nil, 0, err
	}
	of, err := c.chanceOf(ctx, s.ID)
	if err != nil {
		return nil, 0, err
	}
	found, err := c.nearest(ctx, named.vector, unit, min(k, maxResults), filterWhere(f))
	if err != nil {
		return nil, 0, err
	}
	recall = 1
	if c.indexOf(named.vector) != "flat" {
		recall = of.recall
	}
	return c.snapshot(s, named.vector, found, of), recall, nil
}

func (c *Collection) nearest(ctx context.Context, name string, unit []float32, k int, w where) ([]*object, error) {
	r := c.request(k, []string{name})
	r.Filters = w
	r.NearVector = nearVector(name, unit)
	return c.search(ctx, "search", r)
}

// snapshot makes one of the pictures that a query found.
func (c *Collection) snapshot(s record.Space, name string, found []*object, of chance) *local.Snapshot {
	bySource := map[string]*object{}
	for _, o := range found {
		newest(bySource, o)
	}
	pictures := make([]record.Stored, 0, len(found))
	for _, o := range found {
		if bySource[o.Source] == o {
			pictures = append(pictures, o.stored([]record.Space{s}, []string{name}))
		}
	}
	return local.SnapshotOf(s, pictures, of.scores)
}

// Lookup returns the pictures that could be meant: by their exact names, by names that people
// would call the same, by their sources, and by their contents.
//
// Without a space they have no embeddings.
func (c *Collection) Lookup(ctx context.Context, s record.Space, m store.Lookup) (*local.Snapshot, error) {
	var named space
	var of chance
	var vectors []string
	var asked []where
	if s.ID != 0 {
		var err error
		if named, err = c.spaceOf(ctx, s.ID); err != nil {
			return nil, err
		}
		if of, err = c.chanceOf(ctx, s.ID); err != nil {
			return nil, err
		}
		vectors = []string{named.vector}
	}
	loose, hashes := make([]string, len(m.Names)), make([]string, len(m.Hashes))
	for i, name := range m.Names {
		loose[i] = record.FoldName(name)
	}
	for i, h := range m.Hashes {
		hashes[i] = hex.EncodeToString(h[:])
	}
	var found []*object
	seen := map[string]bool{}
	for _, by := range []struct {
		property string
		values   []string
	}{{"name", m.Names}, {"loose", loose}, {"source", m.Sources}, {"hash", hashes}} {
		for some := range slices.Chunk(by.values, listValues) {
			asked = append(asked, oneOf(by.property, some))
		}
	}
	for some := range slices.Chunk(asked, 4) {
		more, err := c.filtered(ctx, "look for what is meant", either(some...), vectors)
		if err != nil && !errors.Is(err, errMany) {
			return nil, err
		}
		for _, o := range more {
			if !seen[o.uuid] && o.Error == "" {
				seen[o.uuid] = true
				found = append(found, o)
			}
		}
	}
	return c.snapshot(s, named.vector, found, of), nil
}

// List returns the ids of the pictures that entries name or are the sources of, and the
// entries that none has.
func (c *Collection) List(ctx context.Context, names, sources []string) (ids []int64, missing []int, err error) {
	found := map[string]bool{}
	for property, values := range map[string][]string{"name": names, "source": sources} {
		some, err := c.having(ctx, property, values, nil)
		if err != nil {
			return nil, nil, err
		}
		for _, o := range some {
			ids = append(ids, o.ID)
			found["name "+o.Name], found["source "+o.Source] = true, true
		}
	}
	for i := range names {
		if !found["name "+names[i]] && !found["source "+sources[i]] {
			missing = append(missing, i)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), missing, nil
}

// measureRecall asks for the nearest of some pictures and returns the share of the right
// answers among what is found. The right ones are found by reading every vector.
func (c *Collection) measureRecall(ctx context.Context, s record.Space, name string, asked []record.Stored) (float64, error) {
	if len(asked) == 0 {
		return 1, nil
	}
	best := make([][]float32, len(asked)) // scores of the nearest, descending
	err := c.each(ctx, beginning, pageOf([]record.Space{s}), []string{name}, func(some []*object) error {
		for _, o := range some {
			v := o.vectors[name]
			if len(v) != s.Dim {
				continue
			}
			for i, a := range asked {
				score := vector.Dot(a.Vectors[s.ID], v)
				at, _ := slices.BinarySearchFunc(best[i], score, func(have, score float32) int {
					return map[bool]int{true: -1, false: 1}[have >= score]
				})
				if at < recallTop {
					best[i] = slices.Insert(best[i], at, score)
					best[i] = best[i][:min(len(best[i]), recallTop)]
				}
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	right, total := 0, 0
	for i, a := range asked {
		found, err := c.nearest(ctx, name, a.Vectors[s.ID], recallTop, nil)
		if err != nil {
			return 0, err
		}
		total += len(best[i])
		for _, o := range found {
			if vector.Dot(a.Vectors[s.ID], o.vectors[name]) >= best[i][len(best[i])-1] {
				right++
			}
		}
	}
	if total == 0 {
		return 0, errors.New("measure recall: no vectors")
	}
	// One more than were asked: so many right ones do not prove that all are.
	return min(float64(right), float64(total)) / float64(total+1), nil
}

// Verify reads every object and returns what is wrong, a line each.
func (c *Collection) Verify(ctx context.Context) ([]string, error) {
	problems := []string{}
	spaces, _, err := c.spaceObjects(ctx, true)
	if err != nil {
		return nil, err
	}
	of := make([]record.Space, len(spaces))
	for i, s := range spaces {
		of[i] = s.Space
	}
	at := map[string]string{}
	indexes, err := c.lookAtIndexes(ctx, spaces, false)
	if err != nil {
		return nil, err
	}
	err = c.each(ctx, beginning, pageOf(of), c.vectorNames(), func(some []*object) error {
		for _, o := range some {
			if o.uuid != uuidOf(o.Hash, o.Source) || o.ID != numberOf(o.uuid) {
				problems = append(problems, fmt.Sprintf("object %s, %s: its id is not that of its content", o.uuid, o.Source))
			}
			if other, ok := at[o.Source]; ok {
				problems = append(problems, fmt.Sprintf("%s is there twice, as %s and %s; nothing is lost: a repair removes the older", o.Source, other, o.uuid))
			}
			at[o.Source] = o.uuid
			for _, s := range spaces {
				switch v := o.vectors[s.vector]; {
				case !o.has[s.vector]:
				case len(v) != s.Dim:
					problems = append(problems, fmt.Sprintf("%s: its embedding of %s has %d values, not %d", o.Source, s.Model, len(v), s.Dim))
				case sumOf(v) != o.sums[s.vector]:
					problems = append(problems, fmt.Sprintf("%s: the checksum of its embedding of %s is wrong", o.Source, s.Model))
				}
			}
		}
		return nil
	})
	return append(problems, indexes.problems()...), err
}

// repairs is how often Repair goes through all at most: pictures that are written anew into a
// graph may cut off others.
const repairs = 4

// Repair removes the older of pictures that are there twice, and pictures' claims to
// embeddings that are damaged, so that the next index makes them again; and has every node
// find again what its index lacks.
func (c *Collection) Repair(ctx context.Context) (r record.Repaired, err error) {
	for range repairs {
		wrote, err := c.repair(ctx, &r)
		if err != nil {
			return r, err
		}
		if !wrote {
			break
		}
	}
	r.Problems, err = c.Verify(ctx)
	return r, err
}

// repair goes through all once, and reports whether it wrote into indexes.
func (c *Collection) repair(ctx context.Context, r *record.Repaired) (wrote bool, err error) {
	spaces, _, err := c.spaceObjects(ctx, true)
	if err != nil {
		return false, err
	}
	of := make([]record.Space, len(spaces))
	for i, s := range spaces {
		of[i] = s.Space
	}
	last := map[string]*object{}
	var old []string
	var damaged []*object
	var lacking []*object
	indexes, err := c.lookAtIndexes(ctx, spaces, true)
	if err != nil {
		return false, err
	}
	err = c.each(ctx, beginning, pageOf(of), c.vectorNames(), func(some []*object) error {
		for _, o := range some {
			if o.restore() || indexes.misses[o.uuid] { // the first: a repair was cut off
				lacking = append(lacking, o)
			}
		}
		for _, o := range some {
			if before := last[o.Source]; before != nil {
				newest(last, o)
				gone := o
				if last[o.Source] == o {
					gone = before
				}
				old = append(old, gone.uuid)
				r.Done = append(r.Done, fmt.Sprintf("%s was there twice: the older one, %s, is removed", o.Source, gone.uuid))
			} else {
				last[o.Source] = &object{uuid: o.uuid, Stored: o.Stored, updated: o.updated}
			}
			for _, s := range spaces {
				if v := o.vectors[s.vector]; o.has[s.vector] && (len(v) != s.Dim || sumOf(v) != o.sums[s.vector]) {
					damaged = append(damaged, o)
					r.Done = append(r.Done, fmt.Sprintf("%s: its embedding of %s was damaged and is forgotten; index again", o.Source, s.Model))
				}
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	done, err := indexes.mend(ctx, lacking)
	if r.Done = append(r.Done, done...); err != nil {
		return false, err
	}
	for _, o := range damaged {
		whole := &object{uuid: o.uuid, Stored: o.Stored, vectors: map[string][]float32{}}
		for name, v := range o.vectors {
			if o.has[name] && sumOf(v) == o.sums[name] {
				whole.vectors[name] = v
			}
		}
		b, err := whole.batchObject(c.address.Class)
		if err != nil {
			return false, err
		}
		if err := c.putBatch(ctx, "mend "+o.Source, []*pb.BatchObject{b}); err != nil {
			return false, err
		}
	}
	if err := c.delete(ctx, c.address.Class, old); err != nil {
		return false, err
	}
	return len(lacking) > 0, nil
}
