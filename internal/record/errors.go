package record

import (
	"errors"

	"github.com/akin-search/akin/internal/disk"
)

// ErrCacheLimit says that more of a cluster would have to be copied to this machine than may be.
var ErrCacheLimit = errors.New("more than the cache of clusters may hold")

// ErrAPIKey says that a cluster refuses the API key, or wants one.
var ErrAPIKey = errors.New("the cluster refuses the API key")

// ErrCluster says that a cluster does not answer, or refuses.
var ErrCluster = errors.New("the cluster does not answer")

// What callers may act on.
var (
	ErrNotFound     = errors.New("no collection there")
	ErrLocked       = errors.New("another process is writing to the collection")
	ErrVersion      = errors.New("the collection was written by a newer akin")
	ErrNeedsReindex = errors.New("the collection was written by an older akin")
	ErrNotIndexed   = errors.New("not in the collection")
	ErrAmbiguous    = errors.New("several pictures could be meant")
	ErrDamaged      = disk.ErrDamaged // also what mapped files give that cannot be read
)
