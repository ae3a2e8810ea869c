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
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/trash"
	"github.com/gofrs/flock"
)

// RemoveDuplicates moves the duplicates of groups that are marked Remove to the trash, or to a folder. Right
// before a move it reads both files again: the duplicate and the best must hold what they held when
// the group was found, and be different files. Nothing is deleted, and no file is replaced. Every step is
// written to a journal first, DIR/removed.journal or for a cluster one in the user's data folder; the next run
// completes what an interrupted one began.
//
// A duplicate that cannot be moved, or has got api.KeepTag since it was found, stays, and is reported in Skipped. Those
// that were moved leave the collection. Their embeddings stay: if the files are put back and indexed again, nothing is
// recomputed.
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
				return r, api.Invalidf("move duplicates to %s: the folder lies in %s, which is indexed", o.Folder, root.Path)
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
	if err := remover.readChoices(ctx); err != nil {
		return r, err
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
				return r, err // the disk is not safe for more
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

// remover moves duplicates.
type remover struct {
	c       *space.Collection
	o       api.RemoveOptions
	report  *api.RemoveReport
	writer  store.Writer
	lock    *flock.Flock            // of a cluster's journal; nil for a folder, which the writer locks
	known   map[string]record.Known // by source
	chosen  map[string]bool         // by source: it has api.KeepTag, maybe since the duplicates were found
	journal *trash.Journal
	moved   []trash.Entry   // moved, and still in the collection
	planned map[string]bool // destinations of a dry run
}

// open takes the locks of the writer and of the journal, and completes what an interrupted run began.
func (r *remover) open(ctx context.Context) (err error) {
	if r.writer, err = r.c.Writer(); err != nil {
		return err
	}
	path := filepath.Join(r.c.LocalDir, "removed.journal")
	if err = disk.MkdirAll(disk.OS, r.c.LocalDir, 0o777); err == nil {
		err = r.lockJournal(path + ".lock")
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
		return errors.Join(fmt.Errorf("complete %s: %w", path, err), r.release())
	}
	return nil
}

// readChoices reads which pictures have api.KeepTag.
func (r *remover) readChoices(ctx context.Context) error {
	chosen, err := choices(ctx, r.c)
	if err != nil || len(chosen) == 0 {
		return err
	}
	known := r.known
	if known == nil { // of a dry run
		if known, err = r.c.Store.Known(ctx); err != nil {
			return err
		}
	}
	r.chosen = map[string]bool{}
	for source, k := range known {
		if chosen[k.ID] {
			r.chosen[source] = true
		}
	}
	return nil
}

// lockJournal locks the journal of a cluster. A folder is locked by its writer.
func (r *remover) lockJournal(path string) error {
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

// release closes and unlocks what open took.
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

// finishInterrupted completes the moves that the journal has begun and not ended. One that cannot be completed is
// reported, and stays begun.
func (r *remover) finishInterrupted(ctx context.Context, begun []trash.Entry) error {
	for _, e := range begun {
		hash, err := parseHash(e.SHA256)
		if err != nil {
			continue
		}
		moved, err := (&trash.Move{From: e.From, To: e.To, Info: e.Info, On: disk.OS}).Settle(hash)
		switch {
		case err != nil:
			r.report.Skipped = append(r.report.Skipped, api.Failure{Source: e.From, Error: fmt.Sprintf("an earlier run began to move it to %s, which cannot be completed: %v", e.To, err)})
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
		err = fmt.Errorf("%q is not a SHA-256", s)
	}
	copy(h[:], b)
	return h, err
}

// unindexMoved removes what was moved from the collection.
func (r *remover) unindexMoved(ctx context.Context) error {
	var b record.Batch
	for _, e := range r.moved {
		if k, ok := r.known[e.From]; ok {
			if _, err := os.Lstat(e.From); errors.Is(err, os.ErrNotExist) { // else a new file has taken its name
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

// unindexEvery is how many files are moved before they are removed from the collection.
const unindexEvery = 64

// remove moves one duplicate.
func (r *remover) remove(g api.DuplicateGroup, d api.Duplicate) error {
	best := g.Copies[0]
	for _, b := range g.Copies {
		if b.Best {
			best = b
		}
	}
	if !best.Best || d.Best || d.Reference || d.Source == best.Source {
		return errors.New("it is the best of its group, or in a reference folder, or the group has no best")
	}
	if source.IsAddress(d.Source) || source.IsAddress(best.Source) {
		return errors.New("it or the best of its group is an address: only files are moved")
	}
	if source.IsMember(d.Source) {
		return inContainer(d.Source)
	}
	if r.chosen[d.Source] {
		return fmt.Errorf("it has the tag %s, and stays", api.KeepTag)
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
			if err != nil { // the next run checks where it is
				return errors.Join(err, r.journal.Write(trash.Unsynced, e))
			}
			if r.moved = append(r.moved, e); len(r.moved) >= unindexEvery {
				return r.unindexMoved(context.Background())
			}
			return nil
		}
		if errors.Is(err, trash.ErrBothPlaces) {
			return err // it stays begun in the journal
		}
		if err := errors.Join(err, r.journal.Write(trash.Undone, e)); !errors.Is(err, trash.ErrNameTaken) {
			return err
		}
	}
}

// inContainer says why a picture in a container is not removed.
func inContainer(path string) error {
	return fmt.Errorf("it lies in %s, from which nothing is removed", source.ContainerOf(path))
}

// linksTo returns the pictures of a group that are links to one of its files.
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

// plan reports where a duplicate would be moved.
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

// check reads a duplicate and the best of its group again: both must hold what they held, and be different files.
func check(d, best api.Duplicate) error {
	if info, err := os.Lstat(d.Source); err != nil {
		return err
	} else if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file: only those are moved", d.Source)
	}
	copyPath, err := filepath.EvalSymlinks(d.Source)
	if err != nil {
		return err
	}
	if source.IsMember(best.Source) {
		if err := memberHolds(best.Source, best.SHA256); err != nil {
			return fmt.Errorf("the best of the group: %w", err)
		}
		return holds(d.Source, d.SHA256)
	}
	bestPath, err := filepath.EvalSymlinks(best.Source)
	if err != nil {
		return fmt.Errorf("the best of the group: %w", err)
	}
	if copyPath == bestPath {
		return fmt.Errorf("%s and %s are the same file", d.Source, best.Source)
	}
	if err := holds(best.Source, best.SHA256); err != nil {
		return fmt.Errorf("the best of the group: %w", err)
	}
	return holds(d.Source, d.SHA256)
}

// memberHolds is holds of a picture in a container.
func memberHolds(path, hash string) error {
	data, err := source.Bytes(context.Background(), nil, path)
	if err == nil && embed.HashString(data) != hash {
		err = fmt.Errorf("%s has changed since the duplicates were found", path)
	}
	return err
}

// holds reads a file and reports an error unless it has that SHA-256.
func holds(path, hash string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return errors.Join(fmt.Errorf("%s is not a regular file", path), err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if hex.EncodeToString(h.Sum(nil)) != hash {
		return fmt.Errorf("%s has changed since the duplicates were found", path)
	}
	return nil
}
