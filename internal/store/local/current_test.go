package local

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/akin-search/akin/internal/record"
)

// Readers share what nobody has written to since, and see at once what anyone writes:
// another process, or this one by another connection.
func TestReadersShareUntilSomeoneWrites(t *testing.T) {
	t.Parallel()
	c, dir := create4(t)
	space := two(t, c)
	other, err := Open(dir, Options{}) // as another process would
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	first, second := snapshot(t, c, space), snapshot(t, c, space)
	if first.sharedParts != second.sharedParts {
		t.Error("nobody wrote, and the snapshot is not shared")
	}
	if err := errors.Join(first.Close(), first.Close()); err != nil { // closing twice is closing once
		t.Fatal(err)
	}
	if p, err := second.Find("a"); err != nil || second.Matrix.Row(p.Row)[0] != 1 {
		t.Errorf("the other user's: %+v, %v", p, err)
	}
	for i, writer := range []*Collection{other, c} {
		before := snapshot(t, c, space)
		content := fmt.Sprint("new", i)
		write(t, writer, func(w *Writer) error {
			return w.Commit(t.Context(), record.Batch{Puts: []record.Put{put("/p/"+content+".png", content)}, Embeddings: []record.Embedding{embedding(space, content, 0, 0, 0, 1)}})
		})
		after := snapshot(t, c, space)
		if after.Pictures.Len() != 3+i || after.Matrix.Rows() != 3+i {
			t.Errorf("%d pictures, %d rows", after.Pictures.Len(), after.Matrix.Rows())
		}
		if before.Pictures.Len() != 2+i || before.Matrix.Rows() != 2+i {
			t.Errorf("a snapshot changed: %d pictures", before.Pictures.Len())
		}
		if spaces, err := c.Spaces(t.Context()); err != nil || spaces[0].Rows != 3+i {
			t.Errorf("%+v, %v", spaces, err)
		}
		if tagged, err := after.Tagged(t.Context(), "x"); err != nil || tagged[0] != 1<<i-1 {
			t.Errorf("tagged: %b, %v", tagged, err)
		}
		write(t, writer, func(w *Writer) error {
			_, err := w.Tag(t.Context(), []record.Tagging{{Picture: int64(i + 1), Tag: "x"}})
			return err
		})
		catalog, err := c.Catalog(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if tagged, err := catalog.Tagged(t.Context(), "x"); err != nil || tagged[0] != 1<<(i+1)-1 {
			t.Errorf("tagged since: %b, %v", tagged, err)
		}
		if err := catalog.Close(); err != nil {
			t.Error(err)
		}
	}
	write(t, other, func(w *Writer) error { return w.Drop(t.Context(), space) })
	if spaces, err := c.Spaces(t.Context()); err != nil || len(spaces) != 0 {
		t.Errorf("%+v, %v", spaces, err)
	}
}

// Many readers at once, while someone writes: each sees as many rows as pictures.
func TestSharedSnapshotsAreWhole(t *testing.T) {
	t.Parallel()
	c, dir := create4(t)
	space := two(t, c)
	other, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	done := make(chan bool)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			least := 0
			for {
				select {
				case <-done:
					return
				default:
				}
				s, err := c.Snapshot(t.Context(), space)
				if err != nil {
					t.Error(err)
					return
				}
				n := s.Pictures.Len()
				if n < least || s.Matrix.Rows() != n || s.rows.covered != n {
					t.Errorf("%d pictures after %d, %d rows, %d covered", n, least, s.Matrix.Rows(), s.rows.covered)
				}
				least = n
				if _, err := s.Lookup("B"); err != nil { // by another case
					t.Error(err)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writeEach(t, other, space, 40)
	close(done)
	wait.Wait()
}

// writeEach adds so many pictures, a commit each.
func writeEach(t *testing.T, c *Collection, space record.Space, n int) {
	t.Helper()
	for i := range n {
		content := fmt.Sprint(i)
		write(t, c, func(w *Writer) error {
			return w.Commit(t.Context(), record.Batch{Puts: []record.Put{put("/q/"+content+".png", content)}, Embeddings: []record.Embedding{embedding(space, content, 1, float32(i), 0, 0)}})
		})
	}
}

// A reader who gives up before it begins leaves what others share as it is: a server's clients go away at any time.
func TestAReaderWhoGivesUpMakesNobodyOpenAgain(t *testing.T) {
	t.Parallel()
	c, _ := create4(t)
	space := two(t, c)
	before := snapshot(t, c, space)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Snapshot(gone, space); !errors.Is(err, context.Canceled) {
		t.Errorf("a snapshot for who has gone: %v", err)
	}
	if _, err := c.Spaces(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("spaces for who has gone: %v", err)
	}
	after := snapshot(t, c, space)
	if before.sharedParts != after.sharedParts {
		t.Error("the snapshot was opened again")
	}
}

// Who chooses a space sees no newer moment than the snapshot that it gets.
func TestASpaceIsChosenAsOfTheSnapshot(t *testing.T) {
	t.Parallel()
	c, dir := create4(t)
	space := two(t, c)
	other, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	refused := errors.New("none of them")
	if _, err := c.SnapshotOf(t.Context(), func([]record.Space) (record.Space, error) { return record.Space{}, refused }); !errors.Is(err, refused) {
		t.Errorf("where none is chosen: %v", err)
	}
	done := make(chan bool)
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				listed := 0
				s, err := c.SnapshotOf(t.Context(), func(all []record.Space) (record.Space, error) {
					listed = all[0].Rows
					return all[0], nil
				})
				if err != nil {
					t.Error(err)
					return
				}
				// The list is read before the rows are: a commit between them may add some, and none is missing.
				if rows := s.Matrix.Rows(); rows < listed || s.Pictures.Len() != rows {
					t.Errorf("%d rows of %d pictures, %d in the list", rows, s.Pictures.Len(), listed)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writeEach(t, other, space, 30)
	close(done)
	wait.Wait()
}
