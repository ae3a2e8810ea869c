package space

import (
	"context"
	"crypto/sha256"
	"io"
	"os"

	"github.com/akin-search/akin/internal/record"

	goruntime "runtime"
	"sync"
	"time"
)

// verified remembers what files held when they were last read whole, so that who asks for a
// few bytes of a large one does not have all of it read each time. A file is known by its
// inode, size and times, of which the last change of its inode is one that no program sets.
type hashCache struct {
	mu      sync.Mutex
	byState map[fileState]record.Hash
}

// fileState is what of a file changes with its bytes.
type fileState struct {
	device, inode     uint64
	size              int64
	modified, changed int64 // nanoseconds since 1970
}

const (
	maxHashes = 4096
	// settled is how old a change must be: a later one within the clock's tick would look alike.
	minChangeAge = 2 * time.Second
)

// hashing bounds how many files are read whole at a time, of all collections: other questions
// need the processor as well.
var hashing = make(chan struct{}, max(1, goruntime.GOMAXPROCS(0)/2))

// sum gives the hash of an open file, and leaves it somewhere.
func (v *hashCache) sum(ctx context.Context, f *os.File) (sum record.Hash, err error) {
	if sum, ok := v.known(f); ok {
		return sum, nil
	}
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
	case <-ctx.Done():
		return sum, ctx.Err()
	}
	if sum, ok := v.known(f); ok { // who was before has read it
		return sum, nil
	}
	before, ok := stateOf(f)
	h := sha256.New()
	if _, err := io.Copy(h, contextReader{ctx, f}); err != nil {
		return sum, err
	}
	sum = record.Hash(h.Sum(nil))
	if after, still := stateOf(f); ok && still && after == before && time.Since(time.Unix(0, after.changed)) > minChangeAge {
		v.remember(after, sum)
	}
	return sum, nil
}

func (v *hashCache) known(f *os.File) (record.Hash, bool) {
	state, ok := stateOf(f)
	if !ok {
		return record.Hash{}, false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	sum, ok := v.byState[state]
	return sum, ok
}

func (v *hashCache) remember(state fileState, sum record.Hash) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.byState == nil {
		v.byState = map[fileState]record.Hash{}
	}
	for other := range v.byState { // any one: reading it again costs once
		if len(v.byState) < maxHashes {
			break
		}
		delete(v.byState, other)
	}
	v.byState[state] = sum
}

// whileWanted reads for as long as someone waits.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
