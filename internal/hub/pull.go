package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gofrs/flock"
)

// file is one of a repository's, as the hub tells of it.
type file struct {
	name string // with slashes
	etag string // SHA-256 of a big file, the git blob's SHA-1 of a small one
	size int64
}

// Pull fetches the files of a repository that want picks from their names, and gives
// the folder of the snapshot. What is in the cache already is not fetched again, and
// what an earlier Pull began is gone on with. Errors: ErrNotFound, ErrDenied,
// ErrOffline, ErrCorrupt.
func (h *Hub) Pull(ctx context.Context, repository string, want func(names []string) ([]string, error)) (dir string, err error) {
	if !IsRepository(repository) {
		return "", fmt.Errorf("pull %q: %w: the hub's names are ORG/NAME", repository, ErrNotFound)
	}
	if h.Offline {
		return "", fmt.Errorf("pull %s: %w: HF_HUB_OFFLINE is set", repository, ErrOffline)
	}
	fail := func(err error) (string, error) { return "", fmt.Errorf("pull %s: %w", repository, err) }
	commit, names, err := h.list(ctx, repository)
	if err != nil {
		return fail(err)
	}
	if names, err = want(names); err != nil {
		return fail(err)
	}
	var files []file
	missing := int64(0)
	for _, name := range names {
		f, err := h.head(ctx, repository, commit, name)
		if err != nil {
			return fail(fmt.Errorf("%s: %w", name, err))
		}
		if _, err := os.Stat(h.blob(repository, f)); err != nil {
			missing += f.size
		}
		files = append(files, f)
	}
	p := &progress{total: missing, report: h.Progress}
	for _, f := range files {
		if err := h.fetch(ctx, repository, commit, f, p); err != nil {
			return fail(fmt.Errorf("%s: %w", f.name, err))
		}
	}
	dir = filepath.Join(h.folder(repository), "snapshots", commit)
	for _, f := range files {
		if err := link(h.blob(repository, f), filepath.Join(dir, filepath.FromSlash(f.name))); err != nil {
			return fail(err)
		}
	}
	ref := filepath.Join(h.folder(repository), "refs", revision)
	if err := os.MkdirAll(filepath.Dir(ref), 0o777); err != nil {
		return fail(err)
	}
	if err := os.WriteFile(ref, []byte(commit), 0o666); err != nil {
		return fail(err)
	}
	return dir, nil
}

// list asks for the commit that main is, and the names of its files.
func (h *Hub) list(ctx context.Context, repository string) (commit string, names []string, err error) {
	response, err := h.ask(ctx, http.MethodGet, "/api/models/"+repository+"/revision/"+revision, 0)
	if err != nil {
		return "", nil, err
	}
	defer response.Body.Close()
	var info struct {
		SHA      string `json:"sha"`
		Siblings []struct {
			Name string `json:"rfilename"`
		} `json:"siblings"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 64<<20)).Decode(&info); err != nil {
		return "", nil, fmt.Errorf("the hub's list of files: %w", err)
	}
	if !isHex(info.SHA, 40) {
		return "", nil, fmt.Errorf("%w: its commit is %q", ErrCorrupt, info.SHA)
	}
	for _, s := range info.Siblings {
		if filepath.IsLocal(filepath.FromSlash(s.Name)) && path.Clean(s.Name) == s.Name && !strings.ContainsRune(s.Name, '\\') {
			names = append(names, s.Name)
		}
	}
	return info.SHA, names, nil
}

// head asks for a file's size and hash.
func (h *Hub) head(ctx context.Context, repository, commit, name string) (file, error) {
	response, err := h.ask(ctx, http.MethodHead, resolve(repository, commit, name), 0)
	if err != nil {
		return file{}, err
	}
	response.Body.Close()
	f := file{name: name, etag: etag(response.Header), size: response.ContentLength}
	if linked := response.Header.Get("X-Linked-Size"); linked != "" {
		if _, err := fmt.Sscan(linked, &f.size); err != nil {
			return file{}, fmt.Errorf("%w: its size is %q", ErrCorrupt, linked)
		}
	}
	if !isHex(f.etag, 40) && !isHex(f.etag, 64) || f.size < 0 {
		return file{}, fmt.Errorf("%w: its hash is %q and its size %d", ErrCorrupt, f.etag, f.size)
	}
	return f, nil
}

func etag(h http.Header) string {
	tag := h.Get("X-Linked-Etag")
	if tag == "" {
		tag = h.Get("ETag")
	}
	return strings.Trim(strings.TrimPrefix(tag, "W/"), `"`)
}

func isHex(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789abcdef") == ""
}

func (h *Hub) blob(repository string, f file) string {
	return filepath.Join(h.folder(repository), "blobs", f.etag)
}

// fetch makes sure that a file's blob is in the cache.
func (h *Hub) fetch(ctx context.Context, repository, commit string, f file, p *progress) error {
	blob := h.blob(repository, f)
	if _, err := os.Stat(blob); err == nil {
		return nil
	}
	locks := filepath.Join(h.Cache, ".locks", filepath.Base(h.folder(repository)))
	for _, dir := range []string{filepath.Dir(blob), locks} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
	}
	lock := flock.New(filepath.Join(locks, f.etag+".lock"))
	if _, err := lock.TryLockContext(ctx, lockPause); err != nil {
		return err
	}
	defer lock.Unlock()
	if _, err := os.Stat(blob); err == nil { // another process fetched it meanwhile
		p.skip(f.size)
		return nil
	}
	partial := blob + ".incomplete"
	out, err := os.OpenFile(partial, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := h.download(ctx, resolve(repository, commit, f.name), f, out, p); err != nil {
		return err
	}
	if err := check(out, f); err != nil {
		out.Close()
		return errors.Join(err, os.Remove(partial)) // begun again the next time
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return err
	}
	return os.Rename(partial, blob)
}

// link makes a snapshot's file of a blob: a relative link, or where the system has
// none, a copy of the file's directory entry.
func link(blob, name string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	target, err := filepath.Rel(filepath.Dir(name), blob)
	if err != nil {
		return err
	}
	if old, err := os.Readlink(name); err == nil && old == target {
		return nil
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Symlink(target, name); err == nil || runtime.GOOS != "windows" {
		return err
	}
	return os.Link(blob, name)
}
