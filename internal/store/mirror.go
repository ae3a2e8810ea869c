package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store/local"
)

// Mirror is the copy of a cluster's collection in the user's cache folder, for what needs
// every picture, or every vector of a space. It may be deleted at any time.
type Mirror struct {
	Limit int64 // bytes of vectors that it may hold: 0 means 16 GiB, and less than 0 none

	mu     sync.Mutex
	folder *local.Collection
	fresh  map[int64]time.Time // by space of the cluster, 0 for the pictures: when it was last compared
}

const (
	mirrorFresh = 10 * time.Second // for so long it is not compared again
	mirrorBytes = 16e9
	mirrorWait  = time.Minute // for another process that writes to it
)

// Update brings the pictures, and some spaces, up to what the cluster has.
func (m *Mirror) Update(ctx context.Context, of Handle, spaces []record.Space) (*local.Collection, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	need := int64(0)
	stale := time.Since(m.fresh[0]) > mirrorFresh
	for _, s := range spaces {
		need += int64(s.Rows) * int64(s.Dim) * 4
		stale = stale || time.Since(m.fresh[s.ID]) > mirrorFresh
	}
	if m.folder != nil && !stale {
		return m.folder, nil
	}
	limit := m.Limit
	if limit == 0 {
		limit = mirrorBytes
	}
	if limit = max(limit, 0); need > limit {
		return nil, fmt.Errorf("%w: it needs every vector of %s, %.1f GB, and the cache holds %.1f GB; a search needs none of them", record.ErrCacheLimit, of.Location, float64(need)/1e9, float64(limit)/1e9)
	}
	var err error
	dir := filepath.Join(of.DerivedDir, "copy")
	if m.folder == nil {
		if m.folder, err = local.Open(dir, local.Options{}); err != nil {
			return nil, err
		}
		m.fresh = map[int64]time.Time{}
	}
	k := &copier{src: of, dst: Handle{Store: m.folder, Folder: m.folder, Location: dir}, only: spaces, mirror: true}
	for began := time.Now(); ; {
		if err = k.run(ctx); !errors.Is(err, record.ErrLocked) || time.Since(began) > mirrorWait {
			break
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("copy what is needed of %s: %w", of.Location, err)
	}
	m.fresh[0] = time.Now()
	for _, s := range spaces {
		m.fresh[s.ID] = time.Now()
	}
	return m.folder, nil
}

// Outdate makes the next Update compare: the cluster was written to.
func (m *Mirror) Outdate() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.fresh)
}

func (m *Mirror) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.folder == nil {
		return nil
	}
	return m.folder.Close()
}
