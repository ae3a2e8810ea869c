//go:build linux

package trash

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/disk"
)

func toTrash(t *testing.T, path, text string) *Move {
	t.Helper()
	write(t, path, text)
	m, err := ToTrash(disk.OS, path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(m.Info); err == nil {
		t.Error("something is made before it can be written down")
	}
	if err := m.Do(sha256.Sum256([]byte(text))); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); err == nil {
		t.Errorf("%s is still there", path)
	}
	if read(t, m.To) != text {
		t.Errorf("%s holds %q", m.To, read(t, m.To))
	}
	return m
}

// By the specification's words: $XDG_DATA_HOME/Trash, files/NAME with info/NAME.trashinfo, an absolute
// path with its bytes escaped as in a URL, and the local time.
func TestTheHomeTrash(t *testing.T) {
	data := t.TempDir()
	t.Setenv("XDG_DATA_HOME", data)
	path := filepath.Join(t.TempDir(), "dossier été", "50% a+b.png")
	m := toTrash(t, path, "one")
	if m.To != filepath.Join(data, "Trash", "files", "50% a+b.png") || m.Info != filepath.Join(data, "Trash", "info", "50% a+b.png.trashinfo") {
		t.Errorf("%+v", m)
	}
	want := regexp.MustCompile(`^\[Trash Info\]\nPath=` + regexp.QuoteMeta(filepath.Dir(filepath.Dir(path))+"/dossier%20%C3%A9t%C3%A9/50%25%20a%2Bb.png") + `\nDeletionDate=(\S{19})\n$`)
	found := want.FindStringSubmatch(read(t, m.Info))
	if found == nil {
		t.Fatalf("%s\nis not %s", read(t, m.Info), want)
	}
	if at, err := time.ParseInLocation("2006-01-02T15:04:05", found[1], time.Local); err != nil || time.Since(at) > time.Minute || time.Since(at) < -time.Minute {
		t.Errorf("it went at %s: %v", found[1], err)
	}
	if second := toTrash(t, path, "two"); second.To == m.To || read(t, m.To) != "one" {
		t.Errorf("%s is replaced", m.To)
	}
	// Not begun, and taken back.
	write(t, path, "three")
	third, err := ToTrash(disk.OS, path)
	if err != nil {
		t.Fatal(err)
	}
	if moved, err := third.Settle(sha256.Sum256([]byte("three"))); err != nil || moved || len(names(t, filepath.Join(data, "Trash", "info"))) != 2 {
		t.Errorf("%v, %v, %v", moved, err, names(t, filepath.Join(data, "Trash", "info")))
	}
}

func TestAnotherDisksTrash(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	dir := otherDisk(t)
	own := filepath.Join("/dev/shm", ".Trash-"+strconv.Itoa(os.Getuid()))
	if _, err := os.Lstat(own); err == nil {
		t.Skip(own, " is in use")
	}
	t.Cleanup(func() { os.RemoveAll(own) })
	m := toTrash(t, filepath.Join(dir, "a b.png"), "one")
	if m.To != filepath.Join(own, "files", "a b.png") {
		t.Errorf("%+v", m)
	}
	if want := "\nPath=" + filepath.Base(dir) + "/a%20b.png\n"; !regexp.MustCompile(regexp.QuoteMeta(want)).MatchString(read(t, m.Info)) {
		t.Errorf("%s", read(t, m.Info))
	}
	if info, err := os.Stat(own); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
	// One that is a link leads who knows where.
	if err := os.RemoveAll(own); err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir()
	if err := os.Symlink(elsewhere, own); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "b.png"), "two")
	if m, err := ToTrash(disk.OS, filepath.Join(dir, "b.png")); err == nil {
		t.Errorf("%+v", m)
	}
}
