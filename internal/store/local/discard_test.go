package local

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/record"
)

func TestDiscardRemovesWhatIsEmpty(t *testing.T) {
	t.Parallel()
	c, dir := create4(t)
	write(t, c, func(w *Writer) error { // as a run begins that then fails
		_, err := w.Space(t.Context(), "vit", "f", 4)
		return err
	})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if discarded, err := Discard(t.Context(), dir); !discarded || err != nil {
		t.Errorf("%v, %v", discarded, err)
	}
	if _, err := os.Lstat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder: %v", err)
	}
	if _, err := Discard(t.Context(), dir); !errors.Is(err, record.ErrNotFound) {
		t.Errorf("a second time: %v", err)
	}
}

func TestDiscardLeavesPicturesAndOtherFiles(t *testing.T) {
	t.Parallel()
	c, dir := create4(t)
	write(t, c, func(w *Writer) error {
		return w.Commit(t.Context(), record.Batch{Puts: []record.Put{put("/p/a.png", "a")}})
	})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if discarded, err := Discard(t.Context(), dir); discarded || err != nil {
		t.Errorf("with a picture: %v, %v", discarded, err)
	}
	c, dir = create4(t)
	notes := filepath.Join(dir, "notes.txt")
	if err := errors.Join(c.Close(), os.WriteFile(notes, []byte("mine"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if discarded, err := Discard(t.Context(), dir); !discarded || err != nil {
		t.Errorf("with a file of the user's: %v, %v", discarded, err)
	}
	if data, err := os.ReadFile(notes); string(data) != "mine" {
		t.Errorf("the user's file: %q, %v", data, err)
	}
}
