package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	restTime    = 500 * time.Millisecond // a file that is being written is let finish
	networkPoll = 10 * time.Second
	lookAgain   = 2 * time.Second // for a root that was removed
)

// Watch calls changed at once, and again whenever something below the roots has
// changed and then rested for half a second, until ctx ends. Where the file system sends no events
// (poll is set, or the root lies on a network share) the time between two calls is
// poll. What changed is for the caller to find out: a walk is cheap.
func Watch(ctx context.Context, roots []string, o Options, poll time.Duration, changed func() error) error {
	for _, root := range roots {
		if poll == 0 && onNetwork(root) {
			poll = networkPoll
		}
	}
	if poll > 0 {
		return every(ctx, poll, changed)
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return &WatchError{Err: err}
	}
	defer w.Close()
	for _, root := range roots {
		if root, err = filepath.Abs(root); err != nil {
			return fmt.Errorf("watch %s: %w", root, err)
		}
		if err := addFolders(w, root, o); err != nil {
			return &WatchError{Path: root, Err: err}
		}
	}
	missing := false         // a root, as the caller has seen
	rest := time.NewTimer(0) // what changed before the watch began
	defer rest.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e := <-w.Events:
			if !o.Hidden && IsLeftOut(filepath.Base(e.Name)) || e.Op == fsnotify.Chmod || filepath.Dir(e.Name) == o.Leave {
				continue
			}
			if e.Has(fsnotify.Create) {
				if info, err := os.Lstat(e.Name); err == nil && info.IsDir() {
					_ = addFolders(w, e.Name, o) // a folder that is gone again is no loss
				}
			}
			rest.Reset(restTime)
		case err := <-w.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return fmt.Errorf("watch: %w", err)
			}
			rest.Reset(restTime) // events were lost: the walk finds what they told
		case <-rest.C:
			// A root that was removed comes back as another folder.
			there := true
			for _, root := range roots {
				if abs, err := filepath.Abs(root); err == nil && errors.Is(addFolders(w, abs, o), fs.ErrNotExist) {
					there = false
				}
			}
			if there || !missing {
				if err := changed(); err != nil {
					return err
				}
			}
			if missing = !there; missing {
				rest.Reset(lookAgain)
			}
		}
	}
}

func every(ctx context.Context, poll time.Duration, changed func() error) error {
	t := time.NewTicker(poll)
	defer t.Stop()
	for {
		if err := changed(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
}

// addFolders watches a folder and all below it, or the folder of a file or of a member's container.
func addFolders(w *fsnotify.Watcher, root string, o Options) error {
	info, err := os.Stat(root)
	if file := ContainerOf(root); err != nil && file != "" {
		return w.Add(filepath.Dir(file))
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return w.Add(filepath.Dir(root))
	}
	return filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil
		}
		if p == o.Leave || p != root && !o.Hidden && IsLeftOut(d.Name()) {
			return fs.SkipDir
		}
		return w.Add(p)
	})
}
