package duplicates

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/trash"
	"github.com/gofrs/flock"
)

// ErrNoTrash says that files cannot go to a trash here; a folder takes them.
var ErrNoTrash = trash.ErrNoTrash

// RemoveDuplicates puts the copies of groups that are marked Remove into the trash, or a folder.
// Just before it moves one it reads both files again: the copy must hold what it held when the
// group was found, and so must the best, which must be another file. Nothing is deleted, and no
// file replaced. Every step is written to DIR/removed.journal before it is taken, of a cluster
// to one in the user's data folder; what a killed run has left open, the next one brings to
// its end.
//
// A copy that cannot be moved stays, and is among Skipped. Those that went leave the collection,
// and no embedding is lost: put back and indexed again, they cost nothing.
func RemoveDuplicates(ctx context.Context, c *space.Collection, groups []api.DuplicateGroup, o api.RemoveOptions) (r api.RemoveReport, err error) {
	r = api.RemoveReport{DryRun: o.DryRun, Removed: []api.RemovedCopy{}, Skipped: []api.Failure{}}
	if o.Folder != "" {
		if o.Folder, err = filepath.Abs(o.Folder); err != nil {
			return r, err
		}
		roots, err := c.Store.Roots(ctx)
		if err != nil {
			return r, err
		}
		for _, root := range roots {
			if source.Under(o.Folder, root.Path) {
				return r, fmt.Errorf("move copies to %s: it lies in %s, which is indexed: they would come back; name a folder elsewhere", o.Folder, root.Path)
			}
		}
	}
	remover := &remover{c: c, o: o, report: &r}
	if !o.DryRun {
		if err := remover.open(ctx); err != nil {
			return r, err
		}
		defer func() { err = errors.Join(err, remover.close(context.WithoutCancel(ctx))) }()
	}
	total, done := 0, 0
	for _, g := range groups {
		for _, d := range g.Copies {
			if d.Remove {
				total++
			}
		}
	}
	for _, g := range groups {
		for _, d := range g.Copies {
			if !d.Remove {
				continue
			}
			if err := ctx.Err(); err != nil {
				return r, err
			}
			if err := remover.remove(g, d); errors.Is(err, trash.ErrJournal) || errors.Is(err, trash.ErrUnsynced) {
				return r, err // the disk is not to be trusted with more
			} else if err != nil {
				r.Skipped = append(r.Skipped, api.Failure{Source: d.Source, Error: err.Error()})
			}
			if done++; o.Progress != nil {
				o.Progress(done, total)
			}
		}
	}
	return r, nil
}

// remover moves copies away.
type remover struct {
	c       *space.Collection
	o       api.RemoveOptions
	report  *api.RemoveReport
	writer  store.Writer
	lock    *flock.Flock            // of the journal: a cluster's writer has none
	known   map[string]record.Known // by source
	journal *trash.Journal
	moved   []trash.Entry // moved, and still in the collection
	planned map[string]bool
}

// open takes the writer's lock and the journal's, and brings to an end what a killed run has begun.
func (r *remover) open(ctx context.Context) (err error) {
	if r.writer, err = r.c.Writer(); err != nil {
		return err
	}
	path := filepath.Join(r.c.LocalDir, "removed.journal")
	if err = disk.MkdirAll(disk.OS, r.c.LocalDir, 0o777); err == nil {
		err = r.take(path + ".lock")
	}
	if err == nil {
		r.known, err = r.c.Store.Known(ctx)
	}
	var begun []trash.Entry
	if err == nil {
		r.journal, begun, err = trash.OpenJournal(disk.OS, path)
	}
	if err == nil {
		err = r.finishInterrupted(ctx, begun)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("look through %s: %w", path, err), r.release())
	}
	return nil
}

// take takes the lock of a cluster's journal; in a folder the writer has one.
func (r *remover) take(path string) error {
	if r.c.Remote == nil {
		return nil
	}
	lock := flock.New(path)
	ok, err := lock.TryLock()
	if err == nil && !ok {
		err = fmt.Errorf("%w: it holds %s", record.ErrLocked, path)
	}
	if err == nil {
		r.lock = lock
	}
	return err
}

// release gives back all that open took.
func (r *remover) release() error {
	var errs []error
	if r.journal != nil {
		errs = append(errs, r.journal.Close())
	}
	if r.lock != nil {
		errs = append(errs, r.lock.Unlock())
	}
	return errors.Join(append(errs, r.writer.Close())...)
}

// settle ends what the journal says was begun and not ended. What cannot be is told, and stays begun.
func (r *remover) finishInterrupted(ctx context.Context, begun []trash.Entry) error {
	for _, e := range begun {
		hash, err := parseHash(e.SHA256)
		if err != nil {
			continue
		}
		moved, err := (&trash.Move{From: e.From, To: e.To, Info: e.Info, On: disk.OS}).Settle(hash)
		switch {
		case err != nil:
			r.report.Skipped = append(r.report.Skipped, api.Failure{Source: e.From, Error: fmt.Sprintf("an earlier run began to move it to %s: %v", e.To, err)})
		case moved:
			r.moved = append(r.moved, e)
		default:
			if err := r.journal.Write(trash.Undone, e); err != nil {
				return err
			}
		}
	}
	return r.unindexMoved(ctx)
}

func parseHash(s string) (h record.Hash, err error) {
	b, err := hex.DecodeString(s)
	if err == nil && len(b) != len(h) {
		err = fmt.Errorf("%q is no SHA-256", s)
	}
	copy(h[:], b)
	return h, err
}

// forget takes what was moved out of the collection.
func (r *remover) unindexMoved(ctx context.Context) error {
	var b record.Batch
	for _, e := range r.moved {
		if k, ok := r.known[e.From]; ok {
			if _, err := os.Lstat(e.From); errors.Is(err, os.ErrNotExist) { // else another has its place already
				b.Remove = append(b.Remove, k.ID)
			}
		}
	}
	if len(b.Remove) > 0 {
		if err := r.writer.Commit(ctx, b); err != nil {
			return err
		}
	}
	for _, e := range r.moved {
		if err := r.journal.Write(trash.Done, e); err != nil {
			return err
		}
	}
	r.moved = nil
	return nil
}

func (r *remover) close(ctx context.Context) error {
	defer r.c.Mirror.Outdate()
	return errors.Join(r.unindexMoved(ctx), r.release())
}

// forgetEvery is how many files may have moved before the collection hears of it.
const unindexEvery = 64

// remove moves one copy away.
func (r *remover) remove(g api.DuplicateGroup, d api.Duplicate) error {
	best := g.Copies[0]
	for _, b := range g.Copies {
		if b.Best {
			best = b
		}
	}
	if !best.Best || d.Best || d.Reference || d.Source == best.Source {
		return errors.New("it is the best of its group, or of a reference folder, or the group has no best")
	}
	if source.IsAddress(d.Source) || source.IsAddress(best.Source) {
		return errors.New("addresses cannot be removed, nor be relied upon")
	}
	if err := check(d, best); err != nil {
		return err
	}
	links := linksTo(g, d)
	if r.o.DryRun {
		return r.plan(d, best, links)
	}
	hash, err := parseHash(d.SHA256)
	if err != nil {
		return err
	}
	for {
		var m *trash.Move
		if r.o.Folder == "" {
			m, err = trash.ToTrash(disk.OS, d.Source)
		} else {
			m, err = trash.ToFolder(disk.OS, d.Source, r.o.Folder)
		}
		if err != nil {
			return err
		}
		e := trash.Entry{From: m.From, To: m.To, Info: m.Info, Kept: best.Source, SHA256: d.SHA256}
		if err := r.journal.Write(trash.Begin, e); err != nil {
			return err
		}
		err = m.Do(hash)
		if err == nil || errors.Is(err, trash.ErrUnsynced) {
			r.report.Removed = append(r.report.Removed, api.RemovedCopy{Source: d.Source, To: m.To, Kept: best.Source, Bytes: d.Bytes, Links: links})
			r.report.Bytes += d.Bytes
			if err != nil { // the next run looks where it is
				return errors.Join(err, r.journal.Write(trash.Unsynced, e))
			}
			if r.moved = append(r.moved, e); len(r.moved) >= unindexEvery {
				return r.unindexMoved(context.Background())
			}
			return nil
		}
		if errors.Is(err, trash.ErrBothPlaces) {
			return err // it stays begun
		}
		if err := errors.Join(err, r.journal.Write(trash.Undone, e)); !errors.Is(err, trash.ErrNameTaken) {
			return err
		}
	}
}

// linksTo gives the pictures of a group that are links to one of its files.
func linksTo(g api.DuplicateGroup, d api.Duplicate) (links []string) {
	target, err := filepath.EvalSymlinks(d.Source)
	if err != nil {
		return nil
	}
	for _, other := range g.Copies {
		if other.Source != d.Source && other.Link == target {
			links = append(links, other.Source)
		}
	}
	return links
}

// plan tells where a copy would go.
func (r *remover) plan(d, best api.Duplicate, links []string) (err error) {
	p := api.RemovedCopy{Source: d.Source, Kept: best.Source, Bytes: d.Bytes, Links: links}
	if r.o.Folder == "" {
		p.To, err = trash.PlannedTrash(d.Source)
	} else {
		if r.planned == nil {
			r.planned = map[string]bool{}
		}
		p.To, err = trash.PlannedName(d.Source, r.o.Folder, r.planned)
		r.planned[p.To] = true
	}
	if err != nil {
		return err
	}
	r.report.Removed, r.report.Bytes = append(r.report.Removed, p), r.report.Bytes+d.Bytes
	return nil
}

// check reads a copy and the best of its group again: both must be what they were, and two files.
func check(d, best api.Duplicate) error {
	if info, err := os.Lstat(d.Source); err != nil {
		return err
	} else if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is a link, or no file: only files are moved", d.Source)
	}
	copyPath, err := filepath.EvalSymlinks(d.Source)
	if err != nil {
		return err
	}
	bestPath, err := filepath.EvalSymlinks(best.Source)
	if err != nil {
		return fmt.Errorf("the best of the group: %w", err)
	}
	if copyPath == bestPath {
		return fmt.Errorf("%s and %s are one file", d.Source, best.Source)
	}
	if err := holds(best.Source, best.SHA256); err != nil {
		return fmt.Errorf("the best of the group: %w", err)
	}
	return holds(d.Source, d.SHA256)
}

// holds reads a file, and reports an error when it is not what it was.
func holds(path, hash string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return errors.Join(fmt.Errorf("%s is no file", path), err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if hex.EncodeToString(h.Sum(nil)) != hash {
		return fmt.Errorf("%s has changed since the copies were looked for", path)
	}
	return nil
}
