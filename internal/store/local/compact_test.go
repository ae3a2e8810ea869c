package local

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/vector"
)

// grown is a collection of segments of 300 rows, whose copies are made from 100 rows on.
func grown(t *testing.T, rows int) (*Collection, record.Space, *Writer) {
	t.Helper()
	const dim = 32
	c, err := Open(filepath.Join(t.TempDir(), "c"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.segmentBytes, c.compactLeast = 4*dim*300, 100
	w, err := c.Writer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	space, err := w.Space(t.Context(), "m", "f", dim)
	if err != nil {
		t.Fatal(err)
	}
	more(t, w, space, 0, rows)
	return c, space, w
}

func more(t *testing.T, w *Writer, space record.Space, from, to int) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(from), 1))
	var b record.Batch
	for i := from; i < to; i++ {
		hash := record.Hash{byte(i), byte(i >> 8), 1}
		v := make([]float32, space.Dim)
		for j := range v {
			v[j] = float32(r.NormFloat64())
		}
		b.Puts = append(b.Puts, record.Put{Source: filepath.Join("/", "p", string(hash[:2])+"x"), Hash: hash})
		b.Embeddings = append(b.Embeddings, record.Embedding{Space: space.ID, Hash: hash, Vector: v})
	}
	if err := w.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// copies gives the rows of each segment that its copy has; -1 where there is none.
func copies(t *testing.T, c *Collection, space record.Space) []int {
	t.Helper()
	s, err := c.Snapshot(t.Context(), space)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var have []int
	for i := range s.Matrix.Parts {
		n := -1
		if k := s.Matrix.Compact[i]; k != nil {
			n = k.Rows
		}
		have = append(have, n)
	}
	// Whatever there is, the answer is the plain scan's.
	plain := s.Matrix
	plain.Compact = nil
	for i := 0; i < s.Space.Rows; i += 7 {
		o := vector.Options{K: 5, Tie: s.Tie, Keep: s.Keep}
		want, err := vector.Search(t.Context(), plain, s.Matrix.Row(i), o)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := vector.Search(t.Context(), s.Matrix, s.Matrix.Row(i), o); err != nil || !slices.Equal(got, want) {
			t.Fatalf("row %d: %v, want %v (%v)", i, got, want, err)
		}
	}
	return have
}

func TestCompactCopiesFollowTheirSegments(t *testing.T) {
	t.Parallel()
	c, space, w := grown(t, 650)
	if have := copies(t, c, space); !slices.Equal(have, []int{-1, -1, -1}) {
		t.Fatalf("before they are made: %v", have)
	}
	must := func(want ...int) {
		t.Helper()
		if err := w.Prepare(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if have := copies(t, c, space); !slices.Equal(have, want) {
			t.Fatalf("%v, want %v", have, want)
		}
	}
	must(300, 300, -1)
	more(t, w, space, 650, 720)
	must(300, 300, 120)
	more(t, w, space, 720, 760)
	must(300, 300, 120) // not worth it yet
	more(t, w, space, 760, 800)
	must(300, 300, 200)
}

func TestDamagedCopiesAreTooLittleToStopAnyone(t *testing.T) {
	t.Parallel()
	c, space, w := grown(t, 600)
	if err := w.Prepare(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	path := func(i int) string { return filepath.Join(c.spaceDir(space), segmentName(i)+compactSuffix) }
	change := func(path string, at func(size int64) int64) {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		info, _ := f.Stat()
		if _, err := f.WriteAt([]byte{0xa5, 0x5a, 0xff}, at(info.Size())); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	change(path(1), func(int64) int64 { return 10 })               // its head
	change(path(2), func(size int64) int64 { return size - 3000 }) // its codes
	s, err := c.Snapshot(t.Context(), space)
	if err != nil {
		t.Fatal(err)
	}
	if s.Matrix.Compact[0] != nil || s.Matrix.Compact[1] == nil {
		t.Error("the head is checked on opening, and nothing else")
	}
	s.Close()
	problems, err := c.Verify(t.Context())
	if err != nil || len(problems) != 2 || !strings.Contains(problems[0], "a repair makes it again") {
		t.Fatalf("%q, %v", problems, err)
	}
	if r, err := w.Repair(t.Context()); err != nil || len(r.Problems) != 0 || len(r.Done) != 2 {
		t.Fatalf("after the repair: %+v, %v", r, err)
	}
	if have := copies(t, c, space); !slices.Equal(have, []int{300, 300}) {
		t.Errorf("%v", have)
	}
	if err := os.Remove(path(2)); err != nil {
		t.Fatal(err)
	}
	if problems, err := c.Verify(t.Context()); err != nil || len(problems) != 0 {
		t.Errorf("a copy that is missing is no fault: %q, %v", problems, err)
	}
}

// testdata/copy-2.compact was made of the same rows by the version before, in the second format of copies.
func TestCopiesOfTheFormatBeforeAreMadeAgain(t *testing.T) {
	t.Parallel()
	c, space, w := grown(t, 100)
	path := filepath.Join(c.spaceDir(space), segmentName(1)+compactSuffix)
	old, err := os.ReadFile("testdata/copy-2.compact")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, old, 0o666); err != nil {
		t.Fatal(err)
	}
	outdated := func() bool {
		t.Helper()
		s, err := c.Snapshot(t.Context(), space)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		return s.Matrix.Compact[0].Outdated()
	}
	if have := copies(t, c, space); !slices.Equal(have, []int{100}) || !outdated() {
		t.Fatalf("it is not read as what it is: %v", have)
	}
	if problems, err := c.Verify(t.Context()); err != nil || len(problems) != 0 {
		t.Errorf("it is no fault: %q, %v", problems, err)
	}
	if err := w.Prepare(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if have := copies(t, c, space); !slices.Equal(have, []int{100}) || outdated() {
		t.Errorf("it stays: %v", have)
	}
}

// A kill while a copy is written leaves its beginning beside it.
func TestHalfACopyIsNone(t *testing.T) {
	t.Parallel()
	c, space, w := grown(t, 300)
	if err := w.Prepare(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(c.spaceDir(space), segmentName(1)+compactSuffix)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 127, 128, 255, 256, 1000, len(whole) - 1} {
		if err := errors.Join(os.WriteFile(path+".new", whole[:n], 0o666), os.WriteFile(path, whole[:n], 0o666)); err != nil {
			t.Fatal(err)
		}
		if have := copies(t, c, space); !slices.Equal(have, []int{-1}) {
			t.Fatalf("%d bytes: %v", n, have)
		}
		if err := w.Prepare(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if have := copies(t, c, space); !slices.Equal(have, []int{300}) {
			t.Fatalf("made again: %v", have)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := w.Prepare(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

// Whoever stops the making keeps what was made; searches go on meanwhile.
func TestCopiesAreMadeFromWhereTheyWereStopped(t *testing.T) {
	t.Parallel()
	c, space, w := grown(t, 800)
	ctx, cancel := context.WithCancel(t.Context())
	err := w.Prepare(ctx, func(done, total int) {
		if total != 800 {
			t.Errorf("%d vectors to do", total)
		}
		if done == 300 {
			if have := copies(t, c, space); !slices.Equal(have, []int{300, -1, -1}) {
				t.Errorf("in between: %v", have)
			}
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if have := copies(t, c, space); !slices.Equal(have, []int{300, -1, -1}) {
		t.Errorf("after it was stopped: %v", have)
	}
	err = w.Prepare(t.Context(), func(done, total int) {
		if total != 500 {
			t.Errorf("%d vectors left to do", total)
		}
	})
	if have := copies(t, c, space); err != nil || !slices.Equal(have, []int{300, 300, 200}) {
		t.Errorf("in the end: %v, %v", have, err)
	}
}
