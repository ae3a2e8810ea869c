package store

import (
	"context"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store/local"
)

// Remote is a store that finds candidates itself, where its vectors lie.
type Remote interface {
	Store
	Address() string
	Writer() (Writer, error)
	// Near returns, in no order, the k pictures of a space that are nearest to a unit vector among those that pass a
	// filter, and the recall that this search has on average: 1 if it is exact.
	Near(ctx context.Context, s record.Space, unit []float32, k int, f Filter) (near *local.Snapshot, recall float64, err error)
	// Lookup returns the pictures that a query may mean, with their embeddings of a space; the zero space has none.
	Lookup(ctx context.Context, s record.Space, m Lookup) (*local.Snapshot, error)
	// List returns the ids of the pictures that have one of the names or sources, and the numbers of the names that
	// no picture has.
	List(ctx context.Context, names, sources []string) (ids []int64, missing []int, err error)
	// Count returns how many pictures pass a filter.
	Count(ctx context.Context, f Filter) (int, error)
	Repair(ctx context.Context) (record.Repaired, error)
}

// MaxNear is the largest k that Near is called with, and every store can return so many: fewer than k means that there
// are no others. It is Weaviate's default limit of results.
const MaxNear = 10_000

// Lookup is what a query may mean.
type Lookup struct {
	Names   []string
	Sources []string
	Hashes  []record.Hash
}

// Filter says which pictures may be found. All that is set must hold.
type Filter struct {
	Under   string   // a folder, or an address: only what lies below it
	Names   [][]Glob // of each list one must match
	Tags    []string // as record.TagKey returns them
	NotTags []string
	Spans   []Span
	Only    []int64 // ids; nil is all
}

// Glob is a pattern of a name, in lower case: * matches any characters and ? matches one. It may match more than the
// filter does; the caller checks what is found.
type Glob struct {
	Property string // stem or file
	Pattern  string
}

// Span passes pictures that were taken before a time, or not before it.
type Span struct {
	Instant bool // seconds since 1970; else local time at the camera, as seconds
	Before  bool
	Seconds int64
}
