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

	"github.com/akin-search/akin/internal/disk"
)

// smallBytes is more than the largest of the files that say what a checkpoint is: 34 MB are a
// tokenizer's.
const smallBytes = 64 << 20

const incomplete = ".incomplete" // ends the name of a blob's beginning

// file is a file of a repository, as the hub describes it.
type file struct {
	name string // with slashes
	etag string // SHA-256 of a big file, the git blob's SHA-1 of a small one
	size int64
}

// Snapshot is a repository at one commit, as the hub describes it.
type Snapshot struct {
	Repository string
	Commit     string
	Names      []string // of its files, with slashes
	Licence    string   // its name on the hub, or "" if none is stated

	hub   *Hub
	files map[string]file // those that were asked about
}

// Look asks the hub for a repository's main commit and its files. Errors: ErrNotFound,
// ErrDenied, ErrOffline, ErrCorrupt.
func (h *Hub) Look(ctx context.Context, repository string) (*Snapshot, error) {
	if !IsRepository(repository) {
		return nil, fmt.Errorf("pull %q: %w: the hub's names are ORG/NAME", repository, ErrNotFound)
	}
	if h.Offline {
		return nil, fmt.Errorf("pull %s: %w", repository, ErrOffline)
	}
	s, err := h.list(ctx, repository)
	if err != nil {
		return nil, fmt.Errorf("pull %s: %w", repository, err)
	}
	return s, nil
}

// Pull fetches files of a snapshot, and returns their folder. What is in the cache
// already is not fetched again, and what an earlier Pull began is gone on with. Errors:
// ErrNotFound, ErrDenied, ErrCorrupt.
func (s *Snapshot) Pull(ctx context.Context, names []string) (dir string, err error) {
	missing, err := s.missing(ctx, names)
	if err == nil {
		err = s.hub.room(s.hub.Cache, missing-s.begun(names))
	}
	if err == nil {
		err = s.fetch(ctx, names, &progress{total: missing, report: s.hub.Progress})
	}
	if err == nil {
		err = s.link(names)
	}
	if err == nil {
		err = s.makeMain()
	}
	if err != nil {
		return "", fmt.Errorf("pull %s: %w", s.Repository, err)
	}
	return s.dir(), nil
}

// Fetch is Pull for the small files that tell what else to fetch: the snapshot does not
// become main, for its weights are not here yet.
func (s *Snapshot) Fetch(ctx context.Context, names []string) (dir string, err error) {
	missing, err := s.missing(ctx, names)
	if err == nil {
		err = s.fetch(ctx, names, &progress{total: missing, report: s.hub.Progress}) // a tokenizer has tens of megabytes
	}
	if err == nil {
		err = s.link(names)
	}
	if err != nil {
		return "", fmt.Errorf("pull %s: %w", s.Repository, err)
	}
	return s.dir(), nil
}

// Read returns the bytes of a small file, by way of the cache.
func (s *Snapshot) Read(ctx context.Context, name string) ([]byte, error) {
	err := s.fetch(ctx, []string{name}, &progress{})
	var data []byte
	if err == nil {
		data, err = os.ReadFile(s.hub.blob(s.Repository, s.files[name]))
	}
	if err != nil {
		return nil, fmt.Errorf("pull %s: %w", s.Repository, err)
	}
	return data, nil
}

// Size returns how many bytes files have, and how many of them are not in the cache.
func (s *Snapshot) Size(ctx context.Context, names []string) (all, missing int64, err error) {
	if missing, err = s.missing(ctx, names); err != nil {
		return 0, 0, fmt.Errorf("pull %s: %w", s.Repository, err)
	}
	for _, name := range names {
		all += s.files[name].size
	}
	return all, missing, nil
}

func (s *Snapshot) missing(ctx context.Context, names []string) (missing int64, err error) {
	for _, name := range names {
		f, err := s.file(ctx, name)
		if err != nil {
			return 0, err
		}
		if _, err := os.Stat(s.hub.blob(s.Repository, f)); err != nil {
			missing += f.size
		}
	}
	return missing, nil
}

// begun returns how many bytes of files that were asked about, and are missing, are here.
func (s *Snapshot) begun(names []string) (n int64) {
	for _, name := range names {
		if info, err := os.Stat(s.hub.blob(s.Repository, s.files[name]) + incomplete); err == nil {
			n += min(info.Size(), s.files[name].size)
		}
	}
	return n
}

// file asks about a file, once.
func (s *Snapshot) file(ctx context.Context, name string) (file, error) {
	if f, ok := s.files[name]; ok {
		return f, nil
	}
	f, err := s.hub.head(ctx, s.Repository, s.Commit, name)
	if err != nil {
		return file{}, fmt.Errorf("%s: %w", name, err)
	}
	if ext := path.Ext(name); (ext == ".json" || ext == ".txt") && f.size > smallBytes {
		return file{}, fmt.Errorf("%s: %w: it has %d bytes, and such a file no more than %d", name, ErrCorrupt, f.size, smallBytes)
	}
	s.files[name] = f
	return f, nil
}

// fetch makes sure that files are in the cache.
func (s *Snapshot) fetch(ctx context.Context, names []string, p *progress) error {
	for _, name := range names {
		f, err := s.file(ctx, name)
		if err != nil {
			return err
		}
		if err := s.hub.fetch(ctx, s.Repository, s.Commit, f, p); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (s *Snapshot) dir() string {
	return filepath.Join(s.hub.folder(s.Repository), "snapshots", s.Commit)
}

// link puts files that are in the cache into the snapshot's folder.
func (s *Snapshot) link(names []string) error {
	for _, name := range names {
		if err := link(s.hub.blob(s.Repository, s.files[name]), filepath.Join(s.dir(), filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}

// makeMain makes the snapshot the one that Find finds.
func (s *Snapshot) makeMain() error {
	ref := filepath.Join(s.hub.folder(s.Repository), "refs", revision)
	if err := os.MkdirAll(filepath.Dir(ref), 0o777); err != nil {
		return err
	}
	return disk.Replace(ref, []byte(s.Commit), 0o666)
}

// list asks for the commit that main is, the names of its files, and its licence.
func (h *Hub) list(ctx context.Context, repository string) (*Snapshot, error) {
	response, err := h.ask(ctx, http.MethodGet, "/api/models/"+repository+"/revision/"+revision, span{})
	if err != nil {
		return nil, deniedOn(h.Page(repository), err)
	}
	defer response.Body.Close()
	var info struct {
		SHA      string `json:"sha"`
		Siblings []struct {
			Name string `json:"rfilename"`
		} `json:"siblings"`
		Card struct {
			Licence     any    `json:"license"`
			LicenceName string `json:"license_name"` // where the licence is "other"
		} `json:"cardData"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 64<<20)).Decode(&info); err != nil {
		return nil, fmt.Errorf("the hub's list of files: %w", err)
	}
	if !isHex(info.SHA, 40) {
		return nil, fmt.Errorf("%w: its commit is %.80q", ErrCorrupt, info.SHA)
	}
	out := &Snapshot{Repository: repository, Commit: info.SHA, Licence: licence(info.Card.Licence, info.Card.LicenceName), hub: h, files: map[string]file{}}
	for _, s := range info.Siblings {
		if filepath.IsLocal(filepath.FromSlash(s.Name)) && path.Clean(s.Name) == s.Name && !strings.ContainsRune(s.Name, '\\') {
			out.Names = append(out.Names, s.Name)
		}
	}
	return out, nil
}

// licence is the one that a model's card states: a name, a list of names, or one of its own.
func licence(stated any, own string) string {
	name, _ := stated.(string)
	if list, ok := stated.([]any); ok {
		var names []string
		for _, one := range list {
			names = append(names, fmt.Sprint(one))
		}
		name = strings.Join(names, ", ")
	}
	if name == "other" && own != "" {
		return own
	}
	return name
}

// head asks for a file's size and hash.
func (h *Hub) head(ctx context.Context, repository, commit, name string) (file, error) {
	response, err := h.ask(ctx, http.MethodHead, resolve(repository, commit, name), span{})
	if err != nil {
		return file{}, deniedOn(h.Page(repository), err)
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
	return h.obtain(ctx, resolve(repository, commit, f.name), f, blob+incomplete, blob, check, p)
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
