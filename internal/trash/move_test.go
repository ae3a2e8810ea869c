package trash

import (
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/disk"
)

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	}
	return string(data)
}

func names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// otherDisk is a folder on another disk than the tests' folders.
func otherDisk(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "akin-test-")
	if err != nil {
		t.Skip("there is no second disk: ", err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func TestAFolderTakesFilesOfOneName(t *testing.T) {
	t.Parallel()
	for _, where := range []struct {
		why string
		dir string
	}{{"one disk", t.TempDir()}, {"two disks", otherDisk(t)}} {
		from, to := t.TempDir(), filepath.Join(where.dir, "new", "folder")
		for i, text := range []string{"first", "second", "third"} {
			path := filepath.Join(from, "a.b.png")
			write(t, path, text)
			m, err := ToFolder(disk.OS, path, to)
			if err != nil {
				t.Fatal(err)
			}
			if i == 1 { // another is faster
				write(t, m.To, "another's")
				if err := m.Do(sha256.Sum256([]byte(text))); !errors.Is(err, ErrNameTaken) {
					t.Errorf("%s: %v", where.why, err)
				}
				if m, err = ToFolder(disk.OS, path, to); err != nil {
					t.Fatal(err)
				}
			}
			if err := m.Do(sha256.Sum256([]byte(text))); err != nil {
				t.Errorf("%s: %v", where.why, err)
			}
			if got := read(t, m.To); got != text {
				t.Errorf("%s: %q", where.why, got)
			}
		}
		if got, want := names(t, to), []string{"a.b (2).png", "a.b (3).png", "a.b (4).png", "a.b.png"}; !slices.Equal(got, want) {
			t.Errorf("%s: %v", where.why, got)
		}
		if got := names(t, from); len(got) > 0 {
			t.Errorf("%s: %v stay", where.why, got)
		}
	}
}

// A name as long as they may be leaves no room for a number behind it.
func TestLongNamesAreMovedTwice(t *testing.T) {
	t.Parallel()
	to, path := t.TempDir(), filepath.Join(t.TempDir(), strings.Repeat("a", 251)+".png")
	for range 2 {
		write(t, path, "text")
		m, err := ToFolder(disk.OS, path, to)
		if err == nil {
			err = m.Do(sha256.Sum256([]byte("text")))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if got, want := names(t, to), []string{strings.Repeat("a", 247) + " (2).png", filepath.Base(path)}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func TestAChangedFileIsNotCopiedAway(t *testing.T) {
	t.Parallel()
	from, to := filepath.Join(t.TempDir(), "a.png"), otherDisk(t)
	write(t, from, "now")
	m, err := ToFolder(disk.OS, from, to)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Do(sha256.Sum256([]byte("before"))); err == nil {
		t.Error("it went")
	}
	if read(t, from) != "now" || len(names(t, to)) > 0 {
		t.Errorf("%v", names(t, to))
	}
}

// What a killed program leaves, and what becomes of it.
func TestSettle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why            string
		from, to, part string // contents; "" is no file
		moved          bool
		leftFrom       string
		leftTo         string
	}{
		{"nothing was done", "a", "", "", false, "a", ""},
		{"all was done", "", "a", "", true, "", "a"},
		{"killed while copying", "a", "", "half", false, "a", ""},
		{"killed before the original went", "a", "a", "", true, "", "a"},
		{"another's file has the name", "a", "b", "", false, "a", "b"},
		{"the user has taken both", "", "", "", true, "", ""},
	} {
		dir := t.TempDir()
		m := &Move{From: filepath.Join(dir, "from", "x.png"), To: filepath.Join(dir, "to", "x.png"), On: disk.OS}
		write(t, filepath.Join(dir, "from", "other"), "")
		write(t, filepath.Join(dir, "to", "other"), "")
		for path, text := range map[string]string{m.From: c.from, m.To: c.to, m.part(): c.part} {
			if text != "" {
				write(t, path, text)
			}
		}
		moved, err := m.Settle(sha256.Sum256([]byte("a")))
		if err != nil || moved != c.moved {
			t.Errorf("%s: %v, %v", c.why, moved, err)
		}
		for path, want := range map[string]string{m.From: c.leftFrom, m.To: c.leftTo, m.part(): ""} {
			data, _ := os.ReadFile(path)
			if string(data) != want {
				t.Errorf("%s: %s holds %q", c.why, path, data)
			}
		}
	}
}
