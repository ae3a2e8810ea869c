package weaviate

import (
	"context"
	"sync"

	"github.com/akin-search/akin/internal/vector"
	pb "github.com/weaviate/weaviate/grpc/generated/protocol/v1"
	"golang.org/x/sync/errgroup"
)

// A walk through a node's hnsw graph comes only to what the graph's edges lead to. A node
// that was killed may have lost so many of them that nearly all of its pictures are cut off,
// though its index has each. Some few are in any graph.
const (
	walkSample = 200 // pictures that are tried of each graph
	walkMisses = 10  // of these, where the graph is sound
)

// walked reports whether searches in a space walk through a graph.
func (x *indexes) walked(s space) bool { return x.c.indexOf(s.vector) == "hnsw" }

// worthWalking reports whether each picture of a node's graph is to be walked to: where walks to the
// first of some pictures, whose order, by UUID, is that of a hash, miss more than they should.
func (x *indexes) worthWalking(ctx context.Context, n *node, s space, have []*object) (bool, error) {
	if x.every {
		return true, nil
	}
	missed, err := x.strays(ctx, n, s, have[:min(len(have), walkSample)])
	return len(missed) > walkMisses, err
}

// strays returns those of some pictures that a node does not find when it is asked for their own
// vectors.
func (x *indexes) strays(ctx context.Context, n *node, s space, have []*object) (strays []*object, err error) {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(mergers)
	var mu sync.Mutex
	for _, o := range have {
		own := o.vectors[s.vector]
		if len(own) != s.Dim { // damaged, and told as that
			continue
		}
		group.Go(func() error {
			r := x.c.request(recallTop, []string{s.vector})
			r.NearVector = nearVector(s.vector, own)
			found, err := x.of(inner, n, r, []string{"number"})
			if err != nil {
				return err
			}
			for _, f := range found {
				if f.uuid == o.uuid {
					return nil
				}
			}
			if len(found) == recallTop && vector.Dot(own, found[recallTop-1].vectors[s.vector]) >= vector.Dot(own, own) {
				return nil // as many others are the same
			}
			mu.Lock()
			defer mu.Unlock()
			strays = append(strays, o)
			return nil
		})
	}
	return strays, group.Wait()
}

// nearVector asks for what is nearest in a named vector.
func nearVector(name string, v []float32) *pb.NearVector {
	return &pb.NearVector{
		Vectors: []*pb.Vectors{{Name: name, VectorBytes: bytesOf(v), Type: pb.Vectors_VECTOR_TYPE_SINGLE_FP32}},
		Targets: &pb.Targets{TargetVectors: []string{name}},
	}
}
