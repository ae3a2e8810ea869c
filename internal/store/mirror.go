package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store/local"
)

// mirror is the copy of a cluster's collection in the user's cache folder, for what needs
// every picture, or every vector of a space. It may be deleted at any time.
type Mirror struct {
	mu     sync.Mutex
	folder *local.Collection
	fresh  map[int64]time.Time // by space of the cluster, 0 for the pictures: when it was last compared
}

const (
	mirrorFresh = 10 * time.Second // for so long it is not compared again
	mirrorBytes = 16 << 30
	mirrorWait  = time.Minute // for another process that writes to it
)

// update brings the pictures, and some spaces, up to what the cluster has.
func (m *Mirror) Update(ctx context.Context, of Opened, spaces []record.Space) (*local.Collection, error) {
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
	most, err := cacheBytes()
	if err != nil {
		return nil, err
	}
	if need > most {
		return nil, fmt.Errorf("this needs every vector of %s here: %.1f GB, and $AKIN_CLUSTER_CACHE allows %.1f; a search needs none of them", of.Location, float64(need)/1e9, float64(most)/1e9)
	}
	dir := filepath.Join(of.Derived, "copy")
	if m.folder == nil {
		if m.folder, err = local.Open(dir, local.Options{}); err != nil {
			return nil, err
		}
		m.fresh = map[int64]time.Time{}
	}
	k := &copier{src: of, dst: Opened{Store: m.folder, Folder: m.folder, Location: dir}, only: spaces, mirror: true}
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

// outdate makes the next update compare: what it has was written to.
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

// cacheBytes is how many bytes of vectors a mirror may have.
func cacheBytes() (int64, error) {
	given := os.Getenv("AKIN_CLUSTER_CACHE")
	if given == "" {
		return mirrorBytes, nil
	}
	gb, err := strconv.ParseFloat(given, 64)
	if err != nil || !(gb >= 0 && gb < 1e9) {
		return 0, fmt.Errorf("$AKIN_CLUSTER_CACHE is %q, which is no number of GB", given)
	}
	return int64(gb * (1 << 30)), nil
}
