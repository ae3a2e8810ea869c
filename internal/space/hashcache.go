package space

import (
	"context"
	"crypto/sha256"
	"io"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/akin-search/akin/internal/record"
)

// hashCache remembers the hashes of files, so that serving a part of a large file does not read
// all of it each time. A file is identified by its inode, size and times; no program can set the
// time of its inode's last change.
type hashCache struct {
	mu      sync.Mutex
	byState map[fileState]record.Hash
}

// fileState changes whenever a file's bytes do. It identifies a user's file, whose times any program may set; that of
// internal/store/local is of akin's own files, which only akin replaces, and works on every system.
type fileState struct {
	device, inode     uint64
	size              int64
	modified, changed int64 // nanoseconds since 1970
}

const (
	maxHashes = 4096
	// minChangeAge is how old a change must be: another one within the clock's tick would look the same.
	minChangeAge = 2 * time.Second
)

// hashing bounds how many files are hashed at a time, over all collections: other requests
// need the processor as well.
var hashing = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))

// sum returns the hash of an open file. It leaves the file's offset anywhere.
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
	if sum, ok := v.known(f); ok { // hashed while this call waited
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
	for other := range v.byState { // any entry: it is hashed again when needed
		if len(v.byState) < maxHashes {
			break
		}
		delete(v.byState, other)
	}
	v.byState[state] = sum
}

// contextReader reads until ctx ends.
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
