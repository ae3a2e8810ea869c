package record

import (
	"errors"
	"fmt"
	"strings"

	"github.com/akin-search/akin/internal/disk"
)

// ErrCacheLimit says that more of a cluster would have to be copied to this machine than may be.
var ErrCacheLimit = errors.New("more than the cache of clusters may hold")

// ErrAPIKey says that a cluster refuses the API key, or wants one.
var ErrAPIKey = errors.New("the cluster refuses the API key")

// APIKeyError is an ErrAPIKey of a store engine.
type APIKeyError struct {
	Engine string // the scheme of its addresses
}

func (e *APIKeyError) Error() string { return ErrAPIKey.Error() }

func (e *APIKeyError) Is(target error) bool { return target == ErrAPIKey }

// ErrCluster says that a cluster does not answer, or refuses.
var ErrCluster = errors.New("the cluster does not answer")

// NotIndexedError is an ErrNotIndexed of a name.
type NotIndexedError struct {
	Name string
	Near []string // names of pictures, the nearest first
	File bool     // there is no such file either
}

func (e *NotIndexedError) Error() string {
	text := fmt.Sprintf("no picture in the collection is called %q", e.Name)
	if e.File {
		text += ", and there is no such file"
	}
	if len(e.Near) > 0 {
		text += "; did you mean " + strings.Join(e.Near, ", ") + "?"
	}
	return text
}

func (e *NotIndexedError) Is(target error) bool { return target == ErrNotIndexed }

// What callers may act on.
var (
	ErrNotFound     = errors.New("no collection there")
	ErrLocked       = errors.New("another process is writing to the collection")
	ErrVersion      = errors.New("the collection was written by a newer akin")
	ErrNeedsReindex = errors.New("the collection was written by an older akin")
	ErrNotIndexed   = errors.New("not in the collection")
	ErrNoMetadata   = errors.New("the collection has no metadata of its pictures: indexing them again reads it")
	ErrAmbiguous    = errors.New("several pictures could be meant")
	ErrDamaged      = disk.ErrDamaged // also what mapped files give that cannot be read
)
