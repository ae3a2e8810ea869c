// Package hub fetches checkpoints from the model hub, into the cache that its Python
// tools use as well: what one of them has fetched is there for the other.
//
//	CACHE/models--ORG--NAME/blobs/ETAG             a file's bytes
//	CACHE/models--ORG--NAME/blobs/ETAG.incomplete  the beginning of them
//	CACHE/models--ORG--NAME/snapshots/COMMIT/FILE  a link to its blob
//	CACHE/models--ORG--NAME/refs/main              the commit that main was last
//	CACHE/.locks/models--ORG--NAME/ETAG.lock       held by who fetches a blob
//
// The protocol and the layout are those of huggingface_hub 0.26 (file_download.py).
// A Part is kept apart from the cache: it is made of pieces of a repository's files.
package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// What callers may act on.
var (
	ErrNotFound = errors.New("the hub does not have it")
	ErrDenied   = errors.New("the hub does not give it")
	ErrOffline  = errors.New("the hub is not asked")
	ErrCorrupt  = errors.New("the hub gave other bytes than it said")
	ErrNoRanges = errors.New("the server gives files only whole")
)

const (
	endpoint = "https://huggingface.co"
	revision = "main"
)

// Hub is where checkpoints come from. FromEnvironment makes one.
type Hub struct {
	Endpoint string // the hub's address, or a mirror's
	Cache    string
	Token    string // "" for what everybody may have
	Offline  bool   // only what is in the cache
	HTTP     *http.Client
	// Progress hears how many bytes of how many there are, of the files that are
	// fetched now; may be nil.
	Progress func(done, total int64)
	// Wait sleeps; tests replace it.
	Wait func(ctx context.Context, d time.Duration) error

	free      func(dir string) (int64, bool) // tests replace it
	syncBytes int64                          // 0 is syncBytes
}

// FromEnvironment heeds the variables that the hub's users know: HF_ENDPOINT,
// HF_HUB_CACHE, HF_HOME, HF_TOKEN, HF_TOKEN_PATH and HF_HUB_OFFLINE.
func FromEnvironment() (*Hub, error) {
	h := &Hub{Endpoint: strings.TrimRight(os.Getenv("HF_ENDPOINT"), "/"), Cache: os.Getenv("HF_HUB_CACHE"), HTTP: &http.Client{}}
	if h.Endpoint == "" {
		h.Endpoint = endpoint
	}
	home := os.Getenv("HF_HOME")
	if home == "" {
		cache := os.Getenv("XDG_CACHE_HOME")
		if cache == "" {
			user, err := os.UserHomeDir()
			if err != nil {
				return nil, fmt.Errorf("find the hub's cache: %w; set HF_HOME", err)
			}
			cache = filepath.Join(user, ".cache")
		}
		home = filepath.Join(cache, "huggingface")
	}
	if h.Cache == "" {
		h.Cache = filepath.Join(home, "hub")
	}
	h.Token = strings.TrimSpace(os.Getenv("HF_TOKEN"))
	if h.Token == "" {
		path := os.Getenv("HF_TOKEN_PATH")
		if path == "" {
			path = filepath.Join(home, "token")
		}
		if data, err := os.ReadFile(path); err == nil {
			h.Token = strings.TrimSpace(string(data))
		}
	}
	switch strings.ToUpper(os.Getenv("HF_HUB_OFFLINE")) {
	case "1", "ON", "YES", "TRUE":
		h.Offline = true
	}
	return h, nil
}

var repositoryName = regexp.MustCompile(`^[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*$`)

// IsRepository reports whether a name could be one of the hub's: ORG/NAME.
func IsRepository(name string) bool {
	return repositoryName.MatchString(name) && !strings.Contains(name, "..") && !strings.Contains(name, "--")
}

// folder is a repository's place in the cache.
func (h *Hub) folder(repository string) string {
	return filepath.Join(h.Cache, "models--"+strings.ReplaceAll(repository, "/", "--"))
}

// Find gives the folder of a repository's last snapshot in the cache, without asking
// the hub; os.ErrNotExist when there is none.
func (h *Hub) Find(repository string) (string, error) {
	if !IsRepository(repository) {
		return "", fmt.Errorf("%w: %q is no ORG/NAME", os.ErrNotExist, repository)
	}
	commit, err := os.ReadFile(filepath.Join(h.folder(repository), "refs", revision))
	if err != nil {
		return "", err
	}
	dir := filepath.Join(h.folder(repository), "snapshots", filepath.Base(strings.TrimSpace(string(commit))))
	if _, err := os.Stat(dir); err != nil {
		return "", err
	}
	return dir, nil
}
