package weaviate

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	pb "github.com/weaviate/weaviate/grpc/generated/protocol/v1"
	"golang.org/x/sync/errgroup"
)

// indexes are the nodes' own indexes, of vectors and of properties. A node that is killed while
// it is written to may have a picture that they lack (see syncIndexes); then its searches miss
// it, and no other node mends that.
type indexes struct {
	c      *Collection
	spaces []space
	every  bool // picture is walked to, whatever a sample says
	failed map[*node]error
	counts map[*node]map[string]missing // by model
	misses map[string]bool              // by UUID: those that some node misses
}

// missing counts the pictures that a node misses: those that its index lacks, and those that
// walks through it do not come to, where they are more than they should be.
type missing struct{ lacking, strays int }

// lookAtIndexes asks every node for all that it has itself, by its indexes; by walks through
// graphs only where a sample of walks misses some, or every is true.
func (c *Collection) lookAtIndexes(ctx context.Context, spaces []space, every bool) (*indexes, error) {
	x := &indexes{c: c, spaces: spaces, every: every, failed: map[*node]error{}, counts: map[*node]map[string]missing{}, misses: map[string]bool{}}
	if ok, err := c.there(ctx); !ok || len(spaces) == 0 {
		return x, err
	}
	for _, n := range c.nodes {
		x.counts[n] = map[string]missing{}
		if err := x.look(ctx, n); err != nil {
			x.failed[n] = err
		}
	}
	return x, ctx.Err()
}

func (x *indexes) look(ctx context.Context, n *node) error {
	properties := []string{"number"}
	var vectors []string
	for _, s := range x.spaces {
		properties = append(properties, hasPrefix+s.vector)
		if x.walked(s) {
			vectors = append(vectors, s.vector)
		}
	}
	lacking, walk := make([][]*object, len(x.spaces)), make([]bool, len(x.spaces))
	for after := beginning; ; {
		r := x.c.request(pageObjects, vectors)
		r.After = after
		page, err := x.of(ctx, n, r, properties)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		for i, s := range x.spaces {
			have := slices.DeleteFunc(slices.Clone(page), func(o *object) bool { return !o.has[s.vector] })
			some, err := x.lackingOf(ctx, n, s, have)
			if err != nil {
				return err
			}
			lacking[i] = append(lacking[i], some...)
			if !x.walked(s) {
				continue
			}
			have = slices.DeleteFunc(have, func(o *object) bool { return slices.Contains(some, o) })
			if after == beginning {
				if walk[i], err = x.worthWalking(ctx, n, s, have); err != nil {
					return err
				}
			}
			if walk[i] {
				strays, err := x.strays(ctx, n, s, have)
				if err != nil {
					return err
				}
				x.count(n, s, missing{strays: len(strays)}, strays)
			}
		}
		after = page[len(page)-1].uuid
	}
	for i, s := range x.spaces {
		still, err := x.stillLacking(ctx, n, s, lacking[i])
		if err != nil {
			return err
		}
		x.count(n, s, missing{lacking: len(still)}, still)
	}
	return nil
}

// count takes note of pictures that a node misses.
func (x *indexes) count(n *node, s space, more missing, some []*object) {
	for _, o := range some {
		x.misses[o.uuid] = true
	}
	m := x.counts[n][s.Model]
	x.counts[n][s.Model] = missing{m.lacking + more.lacking, m.strays + more.strays}
}

// lookAgain is how often, a second apart, what an index lacks is asked for once more.
const lookAgain = 5

// stillLacking asks again for what a node's index lacked: what was written a moment ago may be on
// its way into it.
func (x *indexes) stillLacking(ctx context.Context, n *node, s space, lacking []*object) (_ []*object, err error) {
	for try := 0; len(lacking) > 0 && try < lookAgain && err == nil; try++ {
		if err = pauseFor(ctx, time.Second); err == nil {
			lacking, err = x.lackingOf(ctx, n, s, lacking)
		}
	}
	return lacking, err
}

// lackingOf asks a node's index of a space for pictures that the node has, and returns those that
// it does not find.
func (x *indexes) lackingOf(ctx context.Context, n *node, s space, have []*object) (lacking []*object, err error) {
	for some := range slices.Chunk(have, listValues) {
		ids := make([]int64, len(some))
		for i, o := range some {
			ids[i] = o.ID
		}
		whatever := make([]float32, s.Dim) // is near: all are asked for
		whatever[0] = 1
		r := x.c.request(len(some), nil)
		r.Filters = oneOf("number", decimals(ids))
		r.NearVector = nearVector(s.vector, whatever)
		found, err := x.of(ctx, n, r, []string{"number"})
		if err != nil {
			return nil, err
		}
		indexed := map[string]bool{}
		for _, o := range found {
			indexed[o.uuid] = true
		}
		for _, o := range some {
			if !indexed[o.uuid] {
				lacking = append(lacking, o)
			}
		}
	}
	return lacking, nil
}

// of returns what one node finds by itself; it may be about to serve.
func (x *indexes) of(ctx context.Context, n *node, r *pb.SearchRequest, properties []string) (found []*object, err error) {
	alone := pb.ConsistencyLevel_CONSISTENCY_LEVEL_ONE
	r.ConsistencyLevel, r.Properties = &alone, &pb.PropertiesRequest{NonRefProperties: properties}
	search := func(ctx context.Context, n *node) (err error) {
		found, err = n.search(ctx, r)
		return err
	}
	for began := time.Now(); ; {
		if err = n.try(ctx, search); err == nil || !passing(err) || time.Since(began) > greeting {
			return found, err
		}
		if err := pauseFor(ctx, time.Second); err != nil {
			return nil, err
		}
	}
}

// problems are what was found, a line each.
func (x *indexes) problems() (lines []string) {
	for _, n := range x.c.nodes {
		if err := x.failed[n]; err != nil {
			lines = append(lines, fmt.Sprintf("node %s was not asked for all that it has: %v", n.at.REST, err))
		}
		for _, model := range slices.Sorted(maps.Keys(x.counts[n])) {
			m := x.counts[n][model]
			if m.lacking > 0 {
				lines = append(lines, fmt.Sprintf("node %s: its index lacks %d pictures of %s, which its searches miss; nothing is lost: a repair writes them again", n.at.REST, m.lacking, model))
			}
			if m.strays > 0 {
				lines = append(lines, fmt.Sprintf("node %s: walks through its hnsw graph of %s miss %d pictures; nothing is lost: a repair writes them again", n.at.REST, model, m.strays))
			}
		}
	}
	return lines
}

// mend writes what an index lacks again, so that every node puts it into its index. Weaviate
// does that where a vector differs from the one before: each is changed in its last bit, and back.
// The checksum stays that of the right one, by which a repair that was cut off is known.
func (x *indexes) mend(ctx context.Context, lacking []*object) (done []string, err error) {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(mergers)
	for _, o := range lacking {
		group.Go(func() error {
			right, other := map[string][]float32{}, map[string][]float32{}
			for name, v := range o.vectors {
				if o.has[name] && sumOf(v) == o.sums[name] {
					right[name], other[name] = v, nudge(v)
				}
			}
			if err := x.c.mergeVectors(inner, o, other, spaceValues(right)); err != nil {
				return err
			}
			return x.c.mergeVectors(inner, o, right, spaceValues(right))
		})
	}
	if err := group.Wait(); err != nil || len(lacking) == 0 {
		return nil, err
	}
	return []string{fmt.Sprintf("%d pictures that a node did not find were written again", len(lacking))}, x.c.syncIndexes(ctx)
}

// nudge returns a vector with another last bit of its first number.
func nudge(v []float32) []float32 {
	v = slices.Clone(v)
	v[0] = math.Float32frombits(math.Float32bits(v[0]) ^ 1)
	return v
}

// restore takes back what mend had changed when it was cut off, and reports whether it had.
func (o *object) restore() (was bool) {
	for name, v := range o.vectors {
		if len(v) == 0 || sumOf(v) == o.sums[name] {
			continue
		}
		if right := nudge(v); sumOf(right) == o.sums[name] {
			o.vectors[name], was = right, true
		}
	}
	return was
}
