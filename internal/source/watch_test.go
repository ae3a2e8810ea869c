package source_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/source"
)

// watched runs a watch and tells of each call.
func watched(t *testing.T, o source.Options, poll time.Duration, roots ...string) <-chan struct{} {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	calls, ended := make(chan struct{}, 100), make(chan error, 1)
	go func() {
		ended <- source.Watch(ctx, roots, o, poll, func() error {
			calls <- struct{}{}
			return nil
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the watch ends with %v", err)
		}
	})
	return calls
}

func wait(t *testing.T, calls <-chan struct{}, why string) {
	t.Helper()
	select {
	case <-calls:
	case <-time.After(20 * time.Second):
		t.Fatalf("nothing is heard of %s", why)
	}
}

func TestWatchHearsOfEveryChange(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files(t, dir, "a.png", "deep/er/b.png", "store.akin/")
	calls := watched(t, source.Options{Leave: filepath.Join(dir, "store.akin")}, 0, dir)
	wait(t, calls, "what was there before")
	for _, c := range []struct {
		why string
		do  func() error
	}{
		{"a new file", func() error { return os.WriteFile(filepath.Join(dir, "new.png"), []byte{1}, 0o666) }},
		{"a change in a folder", func() error { return os.WriteFile(filepath.Join(dir, "deep/er/b.png"), []byte{2}, 0o666) }},
		{"a renamed file", func() error { return os.Rename(filepath.Join(dir, "a.png"), filepath.Join(dir, "deep/a.png")) }},
		{"a deleted file", func() error { return os.Remove(filepath.Join(dir, "deep/a.png")) }},
		{"a new folder", func() error { return os.MkdirAll(filepath.Join(dir, "fresh/er"), 0o777) }},
		{"a file in the new folder", func() error { return os.WriteFile(filepath.Join(dir, "fresh/er/c.png"), []byte{1}, 0o666) }},
	} {
		if err := c.do(); err != nil {
			t.Fatal(err)
		}
		wait(t, calls, c.why)
	}
	// Junk and the place to leave out are not heard of.
	files(t, dir, ".hidden.png", "store.akin/akin.db", "store.akin/spaces/x.vec")
	select {
	case <-calls:
		t.Error("what is left out is heard of")
	case <-time.After(1500 * time.Millisecond):
	}
}

func TestAFolderThatComesBackIsWatchedAgain(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "photos")
	files(t, dir, "a.png")
	calls := watched(t, source.Options{}, 0, dir)
	wait(t, calls, "what was there before")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	wait(t, calls, "the folder's end")
	files(t, dir, "b.png")
	wait(t, calls, "its return")
	files(t, dir, "c.png")
	wait(t, calls, "a file in it")
}

func TestWatchLooksByItself(t *testing.T) {
	t.Parallel()
	calls := watched(t, source.Options{}, 10*time.Millisecond, t.TempDir())
	for range 3 {
		wait(t, calls, "time")
	}
}

func TestAWatchEndsWithItsCallersError(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	for _, poll := range []time.Duration{0, time.Millisecond} {
		err := source.Watch(t.Context(), []string{t.TempDir()}, source.Options{}, poll, func() error { return stop })
		if !errors.Is(err, stop) {
			t.Errorf("it ends with %v", err)
		}
	}
	err := source.Watch(t.Context(), []string{filepath.Join(t.TempDir(), "absent")}, source.Options{}, 0, func() error { return nil })
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an absent root: %v", err)
	}
}

// An archive that is named, and a folder in it, are heard of when another one takes its place.
func TestWatchHearsOfAnArchive(t *testing.T) {
	t.Parallel()
	for _, below := range []string{"", "day"} {
		dir := t.TempDir()
		archive := zipped(t, filepath.Join(dir, "x.zip"), "day/a.png")
		calls := watched(t, source.Options{}, 0, filepath.Join(archive, below))
		wait(t, calls, "what was there before")
		zipped(t, filepath.Join(dir, "new"), "day/a.png", "day/b.png")
		if err := os.Rename(filepath.Join(dir, "new"), archive); err != nil {
			t.Fatal(err)
		}
		wait(t, calls, "another archive")
	}
}
