//go:build unix

package source_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/akin-search/akin/internal/source"
)

// Opening a pipe would wait for ever.
func TestPipesAreNoPictures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files(t, dir, "a.png")
	pipe := filepath.Join(dir, "pipe.png")
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Fatal(err)
	}
	err := source.Walk(t.Context(), []string{pipe}, source.Options{}, func(source.Item) error { return nil })
	if err == nil {
		t.Error("a pipe is taken for a file")
	}
	found, _ := walk(t, dir, source.Options{}, dir)
	same(t, "a folder with a pipe", found, "a.png")
}
