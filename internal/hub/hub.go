// Package hub downloads checkpoints from the model hub into the cache of its Python tools, so that
// each uses what the other downloaded.
//
//	CACHE/models--ORG--NAME/blobs/ETAG             a file's bytes
//	CACHE/models--ORG--NAME/blobs/ETAG.incomplete  the beginning of them
//	CACHE/models--ORG--NAME/snapshots/COMMIT/FILE  a link to its blob
//	CACHE/models--ORG--NAME/refs/main              the commit that main was at last
//	CACHE/.locks/models--ORG--NAME/ETAG.lock       held by the process that downloads a blob
//
// The protocol and the layout are those of huggingface_hub 0.26 (file_download.py).
// A Part lies outside the cache: it consists of pieces of a repository's files.
package hub

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/akin-search/akin/api"
)

const (
	endpoint = "https://huggingface.co"
	revision = "main"
)

// Hub downloads checkpoints. New makes one.
type Hub struct {
	Endpoint   string // address of the hub or a mirror
	Cache      string // folder
	TorchCache string // folder
	Token      string // "" downloads what is public
	Offline    bool   // use the caches only
	HTTP       *http.Client
	// Progress is called with the bytes that are there, and in all, of the files being
	// downloaded. It may be nil.
	Progress func(done, total int64)
	// Wait sleeps; tests replace it.
	Wait func(ctx context.Context, d time.Duration) error

	free      func(dir string) (int64, bool) // tests replace it
	syncBytes int64                          // 0 is syncBytes
}

// New returns the hub that the options say.
func New(o api.Hub) (*Hub, error) {
	if o == (api.Hub{}) {
		o = FromEnvironment(func(string) string { return "" })
	}
	if o.Endpoint == "" {
		o.Endpoint = endpoint
	}
	var err error
	if o.Cache == "" {
		o.Cache, err = userCache("huggingface", "hub")
	}
	if o.TorchCache == "" && err == nil {
		o.TorchCache, err = userCache("torch", "hub", "checkpoints")
	}
	if err != nil {
		return nil, fmt.Errorf("find the cache of the model hub: %w", err)
	}
	return &Hub{Endpoint: strings.TrimRight(o.Endpoint, "/"), Cache: o.Cache, TorchCache: o.TorchCache, Token: o.Token, Offline: o.Offline, HTTP: &http.Client{}}, nil
}

// FromEnvironment returns the options that the variables of the hub's Python tools say, as
// huggingface_hub and torch.hub read them: HF_ENDPOINT, HF_HUB_CACHE, HF_HOME, HF_TOKEN,
// HF_TOKEN_PATH, HF_HUB_OFFLINE, TORCH_HOME and XDG_CACHE_HOME.
func FromEnvironment(getenv func(string) string) api.Hub {
	o := api.Hub{Endpoint: getenv("HF_ENDPOINT"), Cache: getenv("HF_HUB_CACHE"), Token: strings.TrimSpace(getenv("HF_TOKEN"))}
	home := func(variable, name string) string {
		if dir := getenv(variable); dir != "" {
			return dir
		}
		if cache := getenv("XDG_CACHE_HOME"); cache != "" {
			return filepath.Join(cache, name)
		}
		dir, _ := userCache(name) // New reports it
		return dir
	}
	hf := home("HF_HOME", "huggingface")
	if o.Cache == "" && hf != "" {
		o.Cache = filepath.Join(hf, "hub")
	}
	if o.Token == "" {
		path := getenv("HF_TOKEN_PATH")
		if path == "" {
			path = filepath.Join(hf, "token")
		}
		if data, err := os.ReadFile(path); err == nil {
			o.Token = strings.TrimSpace(string(data))
		}
	}
	switch strings.ToUpper(getenv("HF_HUB_OFFLINE")) {
	case "1", "ON", "YES", "TRUE":
		o.Offline = true
	}
	if torch := home("TORCH_HOME", "torch"); torch != "" {
		o.TorchCache = filepath.Join(torch, "hub", "checkpoints")
	}
	return o
}

// userCache is a folder in ~/.cache, which the Python tools use on every system.
func userCache(names ...string) (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(append([]string{home, ".cache"}, names...)...), nil
}

var repositoryName = regexp.MustCompile(`^[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*$`)

// Page returns the address of a repository's page, which has its licence.
func (h *Hub) Page(repository string) string { return h.Endpoint + "/" + repository }

// IsRepository reports whether a name has the form ORG/NAME of the hub.
func IsRepository(name string) bool {
	return repositoryName.MatchString(name) && !strings.Contains(name, "..") && !strings.Contains(name, "--")
}

// folder returns a repository's folder in the cache.
func (h *Hub) folder(repository string) string {
	return filepath.Join(h.Cache, "models--"+strings.ReplaceAll(repository, "/", "--"))
}

// Find returns the folder of a repository's last snapshot in the cache, without a
// request; os.ErrNotExist if there is none.
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
