package local

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/disk/disktest"
	"github.com/akin-search/akin/internal/record"
)

const dim = 4

func create4(t testing.TB) (*Collection, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "c.akin")
	c, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, dir
}

// TestMain lets the test binary be the second process of the lock's test, and the
// one of the upgrade's test that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("AKIN_TEST_UPGRADE"); dir != "" {
		upgradeAndDie(dir, os.Getenv("AKIN_TEST_STATEMENT"))
	}
	if dir := os.Getenv("AKIN_TEST_LOCK"); dir != "" {
		c, err := Open(dir, Options{})
		if err == nil {
			_, err = c.Writer()
		}
		fmt.Print(err)
		os.Exit(0)
	}
	if dir := os.Getenv("AKIN_TEST_CONNECT"); dir != "" {
		connectTwice(dir)
	}
	os.Exit(m.Run())
}

func write(t testing.TB, c *Collection, f func(w *Writer) error) {
	t.Helper()
	w, err := c.Writer()
	if err == nil {
		err = errors.Join(f(w), w.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func put(source string, content string) record.Put {
	return record.Put{Source: source, Root: "/p", Size: int64(len(content)), Mtime: 1, Hash: sha256.Sum256([]byte(content)), Format: "png", Width: 1, Height: 1}
}

func embedding(space record.Space, content string, v ...float32) record.Embedding {
	return record.Embedding{Space: space.ID, Hash: sha256.Sum256([]byte(content)), Vector: v}
}

// two puts two pictures with embeddings into a space of the model "m".
func two(t testing.TB, c *Collection) record.Space {
	t.Helper()
	var space record.Space
	write(t, c, func(w *Writer) (err error) {
		if space, err = w.Space(t.Context(), "m", "f1", dim); err != nil {
			return err
		}
		return w.Commit(t.Context(), record.Batch{
			Puts:       []record.Put{put("/p/a.png", "A"), put("/p/b.png", "B")},
			Embeddings: []record.Embedding{embedding(space, "A", 2, 0, 0, 0), embedding(space, "B", 0, 3, 4, 0)},
		})
	})
	return space
}

func snapshot(t testing.TB, c *Collection, s record.Space) *Snapshot {
	t.Helper()
	snap, err := c.Snapshot(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { snap.Close() })
	return snap
}

func verify(t testing.TB, c *Collection) []string {
	t.Helper()
	problems, err := c.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return problems
}

func TestWhatWasCommittedIsReadBackNormalised(t *testing.T) {
	t.Parallel()
	c, dir := create4(t)
	space := two(t, c)
	again, err := Open(dir, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	s := snapshot(t, again, space)
	if s.Pictures.Len() != 2 || !slices.Equal(s.Matrix.Row(s.Pictures.At(1).Row), []float32{0, 0.6, 0.8, 0}) {
		t.Errorf("%+v", slices.Collect(s.Pictures.names()))
	}
	if p := verify(t, again); len(p) > 0 {
		t.Error(p)
	}
}

func TestNamesAreShortAndUnique(t *testing.T) {
	t.Parallel()
	c, _ := create4(t)
	sources := []string{"/p/cat.png", "/p/2024/cat.png", "/q/2024/cat.png", "/q/2024/cat.jpg", "http://x.org/i/dog.png", "/p/Sa\u0303o.png"}
	want := []string{"cat", "2024/cat", "q/2024/cat", "cat.jpg", "dog", "S\u00e3o"}
	write(t, c, func(w *Writer) error {
		s, err := w.Space(t.Context(), "m", "f", dim)
		if err != nil {
			return err
		}
		var b record.Batch
		for _, src := range sources {
			b.Puts = append(b.Puts, put(src, src))
			b.Embeddings = append(b.Embeddings, embedding(s, src, 1, 0, 0, 0))
		}
		return w.Commit(t.Context(), b)
	})
	spaces, _ := c.Spaces(t.Context())
	s := snapshot(t, c, spaces[0])
	for i, p := range s.Pictures.All() {
		if p.Name != want[i] {
			t.Errorf("%s is called %q, want %q", p.Source, p.Name, want[i])
		}
	}
	if p, err := s.Find("s\u00e3o"); err != nil || p.Name != "S\u00e3o" {
		t.Errorf("another case: %+v, %v", p, err)
	}
	if _, err := s.Find("CAT"); err != nil {
		t.Errorf("the only one of that name: %v", err)
	}
	if _, err := s.Find("bird"); !errors.Is(err, record.ErrNotIndexed) {
		t.Errorf("an unknown name: %v", err)
	}
}

func TestOneProcessWritesAtATime(t *testing.T) {
	t.Parallel()
	c, dir := create4(t)
	w, err := c.Writer()
	if err != nil {
		t.Fatal(err)
	}
	second := func() string {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "AKIN_TEST_LOCK="+dir)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	if out := second(); !strings.Contains(out, record.ErrLocked.Error()) || !strings.Contains(out, fmt.Sprintf("process %d", os.Getpid())) {
		t.Errorf("the second writer: %s", out)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if out := second(); out != "<nil>" {
		t.Errorf("after the first: %s", out)
	}
}

func TestASnapshotStaysAsItWas(t *testing.T) {
	t.Parallel()
	c, _ := create4(t)
	space := two(t, c)
	before := snapshot(t, c, space)
	write(t, c, func(w *Writer) error {
		return w.Commit(t.Context(), record.Batch{
			Puts: []record.Put{put("/p/c.png", "C")}, Embeddings: []record.Embedding{embedding(space, "C", 0, 0, 0, 1)},
			Remove: []int64{before.Pictures.At(0).ID},
		})
	})
	if before.Pictures.Len() != 2 || before.Matrix.Rows() != 2 {
		t.Errorf("the old one has %d pictures and %d rows", before.Pictures.Len(), before.Matrix.Rows())
	}
	after := snapshot(t, c, space)
	if after.Pictures.Len() != 2 || after.Matrix.Rows() != 3 || after.Keep[0] != 0b110 {
		t.Errorf("the new one has %d pictures, %d rows, keeps %b", after.Pictures.Len(), after.Matrix.Rows(), after.Keep[0])
	}
}

func TestADroppedSpaceIsGone(t *testing.T) {
	t.Parallel()
	c, dir := create4(t)
	old := two(t, c)
	var young record.Space
	write(t, c, func(w *Writer) (err error) {
		if young, err = w.Space(t.Context(), "m", "f2", dim); err != nil {
			return err
		}
		return w.Commit(t.Context(), record.Batch{Embeddings: []record.Embedding{embedding(young, "A", 0, 0, 0, 1)}})
	})
	reader := snapshot(t, c, old)
	orphan := filepath.Join(dir, "spaces", "left by a killed process")
	if err := os.MkdirAll(orphan, 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, c, func(w *Writer) error {
		// One that this writer has open.
		if err := w.Commit(t.Context(), record.Batch{Puts: []record.Put{put("/p/c.png", "C")}, Embeddings: []record.Embedding{embedding(old, "C", 0, 1, 0, 0)}}); err != nil {
			return err
		}
		return w.Drop(t.Context(), old)
	})
	spaces, err := c.Spaces(t.Context())
	if err != nil || len(spaces) != 1 || spaces[0].ID != young.ID || spaces[0].Rows != 1 {
		t.Fatalf("%+v, %v", spaces, err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "spaces", "*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != young.Folder {
		t.Errorf("on disk: %v, %v", left, err)
	}
	if info, err := c.Info(t.Context()); err != nil || info.Pictures != 3 {
		t.Errorf("%d pictures, %v", info.Pictures, err)
	}
	if reader.Pictures.Len() != 2 || reader.Matrix.Row(0)[0] == 0 {
		t.Error("who was reading it lost it")
	}
	// What is made anew begins at nothing.
	write(t, c, func(w *Writer) error {
		again, err := w.Space(t.Context(), old.Model, old.Fingerprint, dim)
		if err != nil {
			return err
		}
		if again.Rows != 0 {
			t.Errorf("%d rows came back", again.Rows)
		}
		return w.Commit(t.Context(), record.Batch{Embeddings: []record.Embedding{embedding(again, "B", 0, 0, 1, 0)}})
	})
	if problems, err := c.Verify(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

func TestAFileTakesOverTheImportedPictureOfItsName(t *testing.T) {
	t.Parallel()
	c, _ := create4(t)
	var space record.Space
	write(t, c, func(w *Writer) (err error) {
		if space, err = w.Space(t.Context(), "clip", "imported/4", dim); err != nil {
			return err
		}
		p := record.Put{Name: "Chad", Source: record.ImportedSource("Chad"), Hash: sha256.Sum256([]byte("import:Chad"))}
		return w.Commit(t.Context(), record.Batch{Puts: []record.Put{p}, Embeddings: []record.Embedding{{Space: space.ID, Hash: p.Hash, Vector: []float32{0, 1, 0, 0}}}})
	})
	write(t, c, func(w *Writer) error {
		return w.Commit(t.Context(), record.Batch{Puts: []record.Put{put("/flags/Chad.png", "pixels")}})
	})
	s := snapshot(t, c, space)
	if s.Pictures.Len() != 1 || s.Pictures.At(0).Source != "/flags/Chad.png" || s.Pictures.At(0).Row != 0 {
		t.Errorf("%+v", slices.Collect(s.Pictures.names()))
	}
}

func TestChanceIsTheShareOfPairsThatScoreAsHigh(t *testing.T) {
	t.Parallel()
	c, _ := create4(t)
	var space record.Space
	// Angles of 0, 30, 60 and 90 degrees: of the 6 pairs 3 are 30 degrees apart
	// (0.866), 2 are 60 (0.5) and 1 is 90 (0).
	write(t, c, func(w *Writer) (err error) {
		if space, err = w.Space(t.Context(), "m", "f", dim); err != nil {
			return err
		}
		var b record.Batch
		for i := range 4 {
			name := fmt.Sprint(i)
			a := float64(i) * math.Pi / 6
			b.Puts = append(b.Puts, put("/p/"+name+".png", name))
			b.Embeddings = append(b.Embeddings, embedding(space, name, float32(math.Cos(a)), float32(math.Sin(a)), 0, 0))
		}
		if err := w.Commit(t.Context(), b); err != nil {
			return err
		}
		return w.Calibrate(t.Context())
	})
	s := snapshot(t, c, space)
	for _, x := range []struct{ score, want float64 }{{0.9, 0}, {0.86, 0.5}, {0.6, 0.5}, {0.49, 5.0 / 6}, {-0.1, 1}} {
		if got := s.Chance(x.score); math.Abs(got-x.want) > 1e-12 {
			t.Errorf("chance of %g is %g, want %g", x.score, got, x.want)
		}
	}
}

func TestDamageIsFoundAndNamed(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		why, file string
		damage    func(path string) error
		want      string
	}{
		{"a flipped bit in a row", "000001.vec", flip(headerBytes + 5), "checksum is wrong"},
		{"a flipped bit in the header", "000001.vec", flip(9), "header"},
		{"a flipped bit in a record", "000001.rows", flip(20), "checksum is wrong"},
		{"a record's head", "000001.rows", flip(0), "head is damaged"},
		{"rows that are cut off", "000001.vec", func(p string) error { return os.Truncate(p, headerBytes+20) }, "cut off"},
		{"a missing segment", "000001.vec", os.Remove, "no such file"},
	} {
		c, dir := create4(t)
		space := two(t, c)
		if err := x.damage(filepath.Join(dir, "spaces", space.Folder, x.file)); err != nil {
			t.Fatal(err)
		}
		problems := verify(t, c)
		if len(problems) != 1 || !strings.Contains(problems[0], x.want) || !strings.Contains(problems[0], "000001") {
			t.Errorf("%s: %q", x.why, problems)
		}
	}
}

func flip(at int64) func(path string) error {
	return func(path string) error {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		data[at] ^= 0x10
		return os.WriteFile(path, data, 0o666)
	}
}

func TestADatabaseThatIsNoneIsAClearError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "akin.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 1000)), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir, Options{})
	if !errors.Is(err, record.ErrDamaged) || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	c, newer := create4(t)
	if _, err := c.db.Exec(`UPDATE meta SET value = '99'`); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(newer, Options{}); !errors.Is(err, record.ErrVersion) {
		t.Errorf("a newer format: %v", err)
	}
}

var errDisk = errors.New("no space left on device")

// failing is a disk whose nth operation fails, and all after it.
func failing(n int) *disktest.Faults {
	return &disktest.Faults{FS: disk.OS, At: n, Err: errDisk, Sticky: true}
}

func TestAFailedCommitChangesNothing(t *testing.T) {
	t.Parallel()
	for n := 0; ; n++ {
		c, _ := create4(t)
		space := two(t, c)
		w, err := c.Writer()
		if err != nil {
			t.Fatal(err)
		}
		faults := failing(n)
		w.disk = faults
		b := record.Batch{Puts: []record.Put{put("/p/c.png", "C")}, Embeddings: []record.Embedding{embedding(space, "C", 0, 0, 0, 1)}}
		err = w.Commit(t.Context(), b)
		failed := err != nil
		if failed && !errors.Is(err, errDisk) {
			t.Errorf("operation %d: %v", n, err)
		}
		if p := verify(t, c); len(p) > 0 {
			t.Errorf("operation %d: %v", n, p)
		}
		if s := snapshot(t, c, space); failed != (s.Pictures.Len() == 2) || failed != (s.Matrix.Rows() == 2) {
			t.Errorf("operation %d failed: %v, and %d pictures are there", n, failed, s.Pictures.Len())
		}
		// There is room again: the same writer goes on.
		faults.At = -1
		if failed {
			if err := w.Commit(t.Context(), b); err != nil {
				t.Errorf("operation %d, again: %v", n, err)
			}
		}
		if s := snapshot(t, c, space); s.Pictures.Len() != 3 || s.Matrix.Rows() != 3 {
			t.Errorf("operation %d: %d pictures in the end", n, s.Pictures.Len())
		}
		if p := verify(t, c); len(p) > 0 {
			t.Errorf("operation %d, in the end: %v", n, p)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if !failed || t.Failed() {
			if n < 6 {
				t.Errorf("%d operations failed", n)
			}
			break
		}
	}
}

func TestAnEmbeddingWithoutDirectionIsRefused(t *testing.T) {
	t.Parallel()
	c, _ := create4(t)
	space := two(t, c)
	w, err := c.Writer()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, v := range [][]float32{{0, 0, 0, 0}, {float32(math.NaN()), 0, 0, 0}, {float32(math.Inf(1)), 0, 0, 0}, {1, 2}} {
		if err := w.Commit(t.Context(), record.Batch{Puts: []record.Put{put("/p/z.png", "Z")}, Embeddings: []record.Embedding{embedding(space, "Z", v...)}}); err == nil {
			t.Errorf("%v was stored", v)
		}
	}
	if s := snapshot(t, c, space); s.Pictures.Len() != 2 {
		t.Errorf("%d pictures", s.Pictures.Len())
	}
}

func BenchmarkKnown10000(b *testing.B) {
	c, _ := create4(b)
	write(b, c, func(w *Writer) error {
		var batch record.Batch
		for i := range 10_000 {
			name := fmt.Sprintf("/p/%d/%d.png", i/100, i)
			batch.Puts = append(batch.Puts, put(name, name))
		}
		return w.Commit(context.Background(), batch)
	})
	for b.Loop() {
		if known, err := c.Known(b.Context()); err != nil || len(known) != 10_000 {
			b.Fatal(len(known), err)
		}
	}
}

// A file is the picture of its name that came without one, as a person reads names.
func TestFilesTakeOverImportedPictures(t *testing.T) {
	t.Parallel()
	c, _ := create4(t)
	var space record.Space
	imported := func(name string) record.Put {
		p := put(record.ImportedSource(name), name)
		p.Name, p.Root = name, ""
		return p
	}
	write(t, c, func(w *Writer) (err error) {
		if space, err = w.Space(t.Context(), "theirs", "f", dim); err != nil {
			return err
		}
		var b record.Batch
		for i, name := range []string{"Antigua and Barbuda", "Chad", "MALI", "Mali"} {
			b.Puts = append(b.Puts, imported(name))
			b.Embeddings = append(b.Embeddings, embedding(space, name, 1, float32(i), 0, 0))
		}
		return w.Commit(t.Context(), b)
	})
	write(t, c, func(w *Writer) error {
		return w.Commit(t.Context(), record.Batch{Puts: []record.Put{
			put("/p/Antigua_and_Barbuda.png", "A"), put("/p/chad.png", "C"), put("/p/Mali.png", "M"), put("/p/mali.png", "m"),
		}})
	})
	s := snapshot(t, c, space)
	got := map[string]string{}
	for _, p := range s.Pictures.All() {
		if p.Row < 0 {
			t.Errorf("%s has no embedding", p.Name)
			continue
		}
		got[p.Source] = fmt.Sprint(p.Name, s.Matrix.Row(p.Row)[1]/s.Matrix.Row(p.Row)[0])
	}
	want := map[string]string{
		"/p/Antigua_and_Barbuda.png": "Antigua and Barbuda0",
		"/p/chad.png":                "Chad1",
		"/p/mali.png":                "MALI2", // the one that the exact name left
		"/p/Mali.png":                "Mali3",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestACollectionIsNotMadeAmongOtherThings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, made := range map[string]bool{"holiday.jpg": false, "lock": true, "akin.db.new-wal": true} {
		at := filepath.Join(dir, name+".akin")
		if err := errors.Join(os.Mkdir(at, 0o777), os.WriteFile(filepath.Join(at, name), nil, 0o666)); err != nil {
			t.Fatal(err)
		}
		c, err := Open(at, Options{})
		if made != (err == nil) || !made && !strings.Contains(err.Error(), "holiday.jpg") {
			t.Errorf("beside %s: %v", name, err)
		}
		if err == nil {
			c.Close()
		}
	}
}
