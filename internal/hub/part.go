package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"github.com/akin-search/akin/internal/disk"
)

// Part is a folder that is made of a repository: some files as they are, and one that
// is put together of pieces of others, which is smaller than they are. It is kept
// apart from the cache, whose other users know whole files only.
//
//	DIR/FILE                     the file that is put together
//	DIR/source.json              what it was made of
//	DIR.LAYOUT.partial/FILE      its beginning; LAYOUT names what it is to become
//	DIR.lock                     held by who makes it
type Part struct {
	Dir    string
	File   string  // the name of the file that is put together
	Head   []byte  // what it begins with
	Pieces []Piece // what follows, in this order
	Beside []string
}

// Piece is a stretch of one of a repository's files.
type Piece struct {
	Name           string
	Offset, Length int64
}

const (
	sourceFile = "source.json"
	partial    = ".partial"
	// syncBytes is how often a part is synced, and so what is fetched again at most
	// when it is gone on with.
	syncBytes = 16 << 20
	// gapBytes between two pieces are read over: asking again takes as long.
	gapBytes = 1 << 20
)

var errReplaced = errors.New("its bytes were replaced while they were fetched")

// source reports what a part was made of.
type source struct {
	Repository string `json:"repository"`
	Commit     string `json:"commit"`
	Layout     string `json:"layout"` // names the head, the pieces and their files' hashes
}

func readSource(dir string) (source, bool) {
	var s source
	data, err := os.ReadFile(filepath.Join(dir, sourceFile))
	return s, err == nil && json.Unmarshal(data, &s) == nil && isHex(s.Layout, layoutDigits)
}

// IsPartial reports whether a folder's name is that of a part that is not whole.
func IsPartial(name string) bool { return strings.HasSuffix(name, partial) }

// IsPart reports the repository that the part in a folder was made of.
func IsPart(dir string) (repository string, ok bool) {
	s, ok := readSource(dir)
	return s.Repository, ok
}

// HasPart reports whether the part in a folder was made of this snapshot.
func (s *Snapshot) HasPart(dir string) bool {
	have, ok := readSource(dir)
	return ok && have.Repository == s.Repository && have.Commit == s.Commit
}

// PullPart makes a part, or brings the one that is there up to date. Its folder is
// there when it is whole, and not before. An earlier PullPart of the same pieces is
// gone on with. Errors: those of Pull, and ErrNoRanges.
func (s *Snapshot) PullPart(ctx context.Context, p Part) error {
	fail := func(err error) error { return fmt.Errorf("pull %s: %w", s.Repository, err) }
	unlock, err := lockPart(ctx, p.Dir)
	if err != nil {
		return fail(err)
	}
	defer unlock()
	layout, err := s.layout(ctx, p)
	if err != nil {
		return fail(err)
	}
	have, ours := readSource(p.Dir)
	if _, err := os.Lstat(p.Dir); err == nil && !ours {
		return fail(fmt.Errorf("another model is called %s already: remove %s first", filepath.Base(p.Dir), p.Dir))
	}
	if ours && have.Layout == layout {
		if err := s.furnish(ctx, p, p.Dir, layout); err != nil {
			return fail(err)
		}
		return nil
	}
	dir := partialDir(p.Dir, layout)
	if err := removePartials(p.Dir, dir); err != nil {
		return fail(err)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fail(err)
	}
	if err := s.furnish(ctx, p, dir, layout); err != nil {
		return fail(err)
	}
	if err := s.assemble(ctx, p, filepath.Join(dir, p.File)); err != nil {
		return fail(err)
	}
	if ours { // the older one is out of the way, and nobody's when this ends here
		if err := os.Rename(p.Dir, partialDir(p.Dir, have.Layout)); err != nil {
			return fail(err)
		}
	}
	err = disk.OS.SyncDir(dir)
	if err == nil {
		err = os.Rename(dir, p.Dir)
	}
	if err == nil {
		err = disk.OS.SyncDir(filepath.Dir(p.Dir))
	}
	if err == nil {
		err = removePartials(p.Dir, "")
	}
	if err != nil {
		return fail(err)
	}
	return nil
}

// RemovePart removes the part in a folder, whole or not, where there is one.
func RemovePart(ctx context.Context, dir string) error {
	_, ours := readSource(dir)
	begun, err := partials(dir)
	if err != nil || !ours && len(begun) == 0 {
		return err
	}
	unlock, err := lockPart(ctx, dir)
	if err != nil {
		return err
	}
	defer unlock()
	if have, ours := readSource(dir); ours {
		if err := os.Rename(dir, partialDir(dir, have.Layout)); err != nil {
			return err
		}
	}
	return removePartials(dir, "")
}

func lockPart(ctx context.Context, dir string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return nil, err
	}
	lock := flock.New(dir + ".lock")
	if _, err := lock.TryLockContext(ctx, lockPause); err != nil {
		return nil, err
	}
	return func() { _ = lock.Unlock() }, nil
}

const layoutDigits = 16

// layout names what a part's file is to hold: while it stays the same, so does every
// byte.
func (s *Snapshot) layout(ctx context.Context, p Part) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%q %x\n", p.File, sha256.Sum256(p.Head))
	for _, piece := range p.Pieces {
		f, err := s.file(ctx, piece.Name)
		if err != nil {
			return "", err
		}
		if piece.Offset < 0 || piece.Length < 0 || piece.Length > f.size-piece.Offset {
			return "", fmt.Errorf("%s: %w: bytes %d to %d of %d are asked for", piece.Name, ErrCorrupt, piece.Offset, piece.Offset+piece.Length, f.size)
		}
		fmt.Fprintf(h, "%s %d %d\n", f.etag, piece.Offset, piece.Length)
	}
	return hex.EncodeToString(h.Sum(nil))[:layoutDigits], nil
}

func partialDir(dir, layout string) string { return dir + "." + layout + partial }

// partials are the folders of a part that are not whole.
func partials(dir string) (dirs []string, err error) {
	entries, err := os.ReadDir(filepath.Dir(dir))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		name, ends := strings.CutSuffix(e.Name(), partial)
		layout, begins := strings.CutPrefix(name, filepath.Base(dir)+".")
		if ends && begins && isHex(layout, layoutDigits) {
			dirs = append(dirs, partialDir(dir, layout))
		}
	}
	return dirs, err
}

// removePartials removes them, but for keep.
func removePartials(dir, keep string) error {
	dirs, err := partials(dir)
	for _, d := range dirs {
		if d != keep {
			err = errors.Join(err, os.RemoveAll(d))
		}
	}
	return err
}

// furnish adds the other files, and then records what the part was made of.
func (s *Snapshot) furnish(ctx context.Context, p Part, dir, layout string) error {
	for _, name := range p.Beside {
		data, err := s.Read(ctx, name)
		if err != nil {
			return err
		}
		if err := disk.Replace(filepath.Join(dir, filepath.Base(name)), data, 0o666); err != nil {
			return err
		}
	}
	told, err := json.Marshal(source{s.Repository, s.Commit, layout})
	if err != nil {
		return err
	}
	return disk.Replace(filepath.Join(dir, sourceFile), append(told, '\n'), 0o666)
}

// assemble fills a part's file, from where it is sure to be right.
func (s *Snapshot) assemble(ctx context.Context, p Part, path string) error {
	remotes, size := map[string]*remote{}, int64(0) // size is that of the pieces
	for _, piece := range p.Pieces {
		if remotes[piece.Name] == nil {
			r, err := s.remote(ctx, piece.Name)
			if err != nil {
				return err
			}
			r.ranged = true // or its headers had not been read
			remotes[piece.Name] = r
		}
		size += piece.Length
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	head := int64(len(p.Head))
	out := &paced{File: f, every: s.hub.syncBytes}
	if out.every == 0 {
		out.every = syncBytes
	}
	if out.at = out.sure(min(info.Size(), head+size)); out.at < head {
		out.at = 0
	}
	if err := f.Truncate(out.at); err != nil {
		return err
	}
	if err := s.hub.room(filepath.Dir(path), head+size-out.at); err != nil {
		return err
	}
	if out.at == 0 {
		if _, err := out.Write(p.Head); err != nil {
			return err
		}
	}
	count := &progress{total: size, report: s.hub.Progress}
	count.skip(out.at - head)
	err = s.hub.persist(ctx, out.at-head, size, func(at int64) (int64, error) {
		return p.fetch(ctx, remotes, at, size, io.MultiWriter(out, count))
	})
	if errors.Is(err, errReplaced) {
		// What is there may be of either.
		f.Close()
		return errors.Join(fmt.Errorf("%w; what there was of it was removed: pull again", err), os.Remove(path))
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// fetch fetches pieces that are near each other in one file, from byte at of the size
// of all pieces on, and returns how many bytes came.
func (p Part) fetch(ctx context.Context, remotes map[string]*remote, at, size int64, out io.Writer) (int64, error) {
	run := p.run(at)
	r, last := remotes[run[0].Name], run[len(run)-1]
	body, err := r.open(ctx, span{run[0].Offset, last.Offset + last.Length})
	if err != nil {
		return 0, fmt.Errorf("%s: %w", r.name, err)
	}
	defer body.Close()
	came, from := int64(0), run[0].Offset
	for _, piece := range run {
		_, err := io.CopyN(io.Discard, body, piece.Offset-from)
		if err == nil {
			var n int64
			n, err = io.CopyN(out, body, piece.Length)
			came += n
		}
		if err != nil {
			return came, fmt.Errorf("%s: %w", r.name, cut(err, at+came, size))
		}
		from = piece.Offset + piece.Length
	}
	return came, nil
}

// run returns the pieces from byte at of all of them on that are fetched together: the
// first is cut to begin there.
func (p Part) run(at int64) (run []Piece) {
	for _, piece := range p.Pieces {
		if at >= piece.Length {
			at -= piece.Length
			continue
		}
		piece.Offset, piece.Length, at = piece.Offset+at, piece.Length-at, 0
		if len(run) > 0 {
			last := run[len(run)-1]
			gap := piece.Offset - last.Offset - last.Length
			if piece.Name != last.Name || gap < 0 || gap > gapBytes {
				break
			}
		}
		run = append(run, piece)
	}
	return run
}
