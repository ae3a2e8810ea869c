package weaviate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/weaviate/weaviate/entities/models"
	pb "github.com/weaviate/weaviate/grpc/generated/protocol/v1"
	"golang.org/x/sync/errgroup"
)

const (
	batchBytes = 8 << 20 // of one batch's vectors
	mergers    = 8       // objects that are changed at once
)

// send writes new objects, merges changes into existing ones, and then deletes what both replace.
func (x *change) send(ctx context.Context) error {
	ids := make([]string, 0, len(x.write))
	for id := range x.write {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var batch []*pb.BatchObject
	size := 0
	flush := func() error {
		err := x.c.putBatch(ctx, fmt.Sprintf("write %d pictures", len(batch)), batch)
		batch, size = nil, 0
		return err
	}
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(mergers)
	for _, id := range ids {
		o := x.write[id]
		if x.merge[id] {
			group.Go(func() error { return x.c.merge(inner, o) })
			continue
		}
		b, err := o.batchObject(x.c.address.Class)
		if err != nil {
			return errors.Join(err, group.Wait())
		}
		batch = append(batch, b)
		for _, v := range b.Vectors {
			size += len(v.VectorBytes)
		}
		if size >= batchBytes || len(batch) >= pageObjects {
			if err := flush(); err != nil {
				return errors.Join(err, group.Wait())
			}
		}
	}
	if err := errors.Join(flush(), group.Wait()); err != nil {
		return err
	}
	if len(x.write) > len(x.merge) {
		if err := x.c.syncIndexes(ctx); err != nil {
			return err
		}
	}
	var old []string
	for id := range x.drop {
		if x.write[id] == nil {
			old = append(old, id)
		}
	}
	slices.Sort(old)
	return x.c.delete(ctx, x.c.address.Class, old)
}

// putBatch writes whole objects, in the place of those of their UUIDs. It sends refused ones again until none is
// refused.
func (c *Collection) putBatch(ctx context.Context, what string, batch []*pb.BatchObject) error {
	if len(batch) == 0 {
		return nil
	}
	left := batch
	return c.ask(ctx, what, func(ctx context.Context, n *node) error {
		reply, err := n.wire.BatchObjects(ctx, &pb.BatchObjectsRequest{Objects: left, ConsistencyLevel: c.level()})
		if err != nil {
			return err
		}
		if len(reply.Errors) == 0 {
			return nil
		}
		var refused []*pb.BatchObject
		for _, e := range reply.Errors {
			if int(e.Index) < len(left) {
				refused = append(refused, left[e.Index])
			}
		}
		first := reply.Errors[0].Error
		err = fmt.Errorf("%d of %d objects were refused, the first: %s", len(refused), len(left), first)
		left = refused
		if isFinal(first) {
			return final{err}
		}
		return retry{err}
	})
}

// skipSyncIndexes is set by tests of what Weaviate does without syncIndexes.
var skipSyncIndexes = false

// syncIndexes makes every replica write the logs of its vector indexes. Weaviate 1.35 writes them before the last of a
// batch's vectors are in them, and then answers. A node that is killed at that moment has objects that its searches do
// not find until they are written again: replicas compare objects, not indexes. Any later write to the shard writes the
// logs; this one changes nothing.
func (c *Collection) syncIndexes(ctx context.Context) error {
	if skipSyncIndexes {
		return nil
	}
	return c.ask(ctx, "sync the indexes", func(ctx context.Context, n *node) error {
		_, err := n.wire.BatchDelete(ctx, &pb.BatchDeleteRequest{
			Collection: c.address.Class, Filters: oneOf("_id", []string{beginning}), ConsistencyLevel: c.level(),
		})
		return err
	})
}

// merge changes an existing object, and adds vectors to it.
func (c *Collection) merge(ctx context.Context, o *object) error {
	return c.mergeVectors(ctx, o, o.vectors, spaceValues(o.vectors))
}

func (c *Collection) mergeVectors(ctx context.Context, o *object, of map[string][]float32, values map[string]any) error {
	properties := o.properties()
	for name, v := range values {
		properties[name] = v
	}
	vectors := models.Vectors{}
	for name, v := range of {
		vectors[name] = v
	}
	return c.ask(ctx, "change "+o.Source, func(ctx context.Context, n *node) error {
		client, err := n.client()
		if err != nil {
			return err
		}
		u := client.Data().Updater().WithClassName(c.address.Class).WithID(o.uuid).WithMerge().
			WithProperties(properties).WithConsistencyLevel(c.address.Consistency)
		if len(vectors) > 0 {
			u = u.WithVectors(vectors)
		}
		return u.Do(ctx)
	})
}

// delete deletes objects of a class. One that is gone is not an error.
func (c *Collection) delete(ctx context.Context, class string, uuids []string) error {
	for some := range slices.Chunk(uuids, listValues) {
		err := c.ask(ctx, fmt.Sprintf("delete %d of %s", len(some), class), func(ctx context.Context, n *node) error {
			reply, err := n.wire.BatchDelete(ctx, &pb.BatchDeleteRequest{
				Collection: class, Filters: oneOf("_id", some), ConsistencyLevel: c.level(),
			})
			if err == nil && reply.Failed > 0 {
				err = retry{fmt.Errorf("%d of %d were not deleted", reply.Failed, reply.Matches)}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
