package trash

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/disk/disktest"
)

// twoDisks is a file system on which no file is renamed from one folder to another.
type twoDisks struct{ disk.FS }

func (d twoDisks) RenameNew(from, to string) error {
	if filepath.Dir(from) != filepath.Dir(to) {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: syscall.EXDEV}
	}
	return d.FS.RenameNew(from, to)
}

// stage is where a removal is played: pictures, a folder or a trash to put them into, and a journal.
type stage struct {
	dir, way string
	contents map[string]string // by the pictures' paths
}

func newStage(t *testing.T, way string) stage {
	t.Helper()
	s := stage{dir: t.TempDir(), way: way, contents: map[string]string{}}
	for i := range 2 {
		path := filepath.Join(s.dir, "pictures", fmt.Sprint(i), "a.png")
		s.contents[path] = fmt.Sprint("picture ", i)
		write(t, path, s.contents[path])
	}
	if err := os.Mkdir(filepath.Dir(s.journal()), 0o777); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s stage) journal() string { return filepath.Join(s.dir, "collection", "removed.journal") }
func (s stage) target() string  { return filepath.Join(s.dir, "away", "copies") }

// remove moves both pictures away, as `akin dupes` does; it gives those that it says went.
func (s stage) remove(on disk.FS) (went map[string]string, err error) {
	went = map[string]string{}
	if s.way == "to another disk" {
		on = twoDisks{on}
	}
	j, begun, err := OpenJournal(on, s.journal())
	if err != nil {
		return went, err
	}
	defer j.Close()
	if err := s.settle(on, j, begun, went); err != nil {
		return went, err
	}
	for i := range 2 {
		path := filepath.Join(s.dir, "pictures", fmt.Sprint(i), "a.png")
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		hash := sha256.Sum256([]byte(s.contents[path]))
		var m *Move
		if s.way == "to the trash" {
			m, err = ToTrash(on, path)
		} else {
			m, err = ToFolder(on, path, s.target())
		}
		if err != nil {
			return went, err
		}
		e := Entry{From: m.From, To: m.To, Info: m.Info, SHA256: hex.EncodeToString(hash[:])}
		if err := j.Write(Begin, e); err != nil {
			return went, err
		}
		switch err := m.Do(hash); {
		case errors.Is(err, ErrUnsynced):
			went[path] = m.To
			return went, errors.Join(err, j.Write(Unsynced, e))
		case errors.Is(err, ErrBothPlaces):
			return went, err
		case err != nil:
			return went, errors.Join(err, j.Write(Undone, e))
		}
		went[path] = m.To
		if err := j.Write(Done, e); err != nil {
			return went, err
		}
	}
	return went, nil
}

func (s stage) settle(on disk.FS, j *Journal, begun []Entry, went map[string]string) error {
	for _, e := range begun {
		moved, err := (&Move{From: e.From, To: e.To, Info: e.Info, On: on}).Settle(sha256.Sum256([]byte(s.contents[e.From])))
		step := Undone
		if err != nil {
			continue // it stays begun
		} else if moved {
			step = Done
			went[e.From] = e.To
		}
		if err := j.Write(step, e); err != nil {
			return err
		}
	}
	return nil
}

// check looks at what a removal left. Every content is there; settled is what comes after the next
// run has ended what was begun: each file is in one place, and nothing half-done is left.
func (s stage) check(t *testing.T, what string, settled bool) {
	t.Helper()
	places := map[string][]string{}
	var notes, files []string
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == s.journal() {
			return err
		}
		data, err := os.ReadFile(path)
		switch {
		case strings.HasSuffix(path, ".trashinfo"):
			notes = append(notes, strings.TrimSuffix(filepath.Base(path), ".trashinfo"))
		case settled && strings.HasSuffix(path, ".akin-part"):
			t.Errorf("%s: %s is left", what, path)
		default:
			places[string(data)] = append(places[string(data)], path)
			if filepath.Base(filepath.Dir(path)) == "files" {
				files = append(files, filepath.Base(path))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for from, content := range s.contents {
		if n := len(places[content]); n < 1 || settled && n != 1 {
			t.Errorf("%s: the content of %s is in %v", what, from, places[content])
		}
	}
	if settled && strings.Join(notes, " ") != strings.Join(files, " ") {
		t.Errorf("%s: the trash has notes of %v, and files %v", what, notes, files)
	}
	if j, begun, err := OpenJournal(disk.OS, s.journal()); err != nil || settled && len(begun) > 0 {
		t.Errorf("%s: %v, begun still: %+v", what, err, begun)
	} else {
		j.Close()
	}
}

// lastStep is the last step of a file that a journal has.
func lastStep(journal []byte, from string) (step string) {
	for line := range strings.Lines(string(journal)) {
		var e Entry
		if json.Unmarshal([]byte(line), &e) == nil && e.From == from {
			step = e.Step
		}
	}
	return step
}

// ways are the ways out that there are here.
func ways() []string {
	out := []string{"to a folder", "to another disk"}
	if runtime.GOOS == "linux" {
		out = append(out, "to the trash")
	}
	return out
}

// restore puts everything back that the journal has as moved, as `akin dupes --restore` does.
func (s stage) restore(on disk.FS) (back []string, err error) {
	if s.way == "to another disk" {
		on = twoDisks{on}
	}
	j, begun, err := OpenJournal(on, s.journal())
	if err != nil {
		return nil, err
	}
	defer j.Close()
	if err := s.settle(on, j, begun, map[string]string{}); err != nil {
		return nil, err
	}
	moved, err := j.Moved()
	if err != nil {
		return nil, err
	}
	for _, e := range moved {
		m := &Move{From: e.From, To: e.To, Info: e.Info, On: on}
		if err := m.Restore(sha256.Sum256([]byte(s.contents[e.From]))); err != nil {
			return back, err
		}
		back = append(back, e.From)
		if err := j.Write(Restored, e); err != nil {
			return back, err
		}
	}
	return back, nil
}

// faultKinds are what happens at an operation: the disk fails once, or is full from then on, or the process is killed, or
// the power is cut.
var faultKinds = []struct {
	why    string
	err    error
	sticky bool
	cut    bool
}{
	{"EIO", syscall.EIO, false, false},
	{"EIO from then on", syscall.EIO, true, false},
	{"ENOSPC from then on", syscall.ENOSPC, true, false},
	{"a read-only disk from then on", syscall.EROFS, true, false},
	{"a kill", nil, false, false},
	{"a power cut", nil, false, true},
}

// At each operation in turn something of this happens. No content is ever lost, what is said to be moved is, and the
// next run brings everything to its end.
func TestRemovalsFailAtEveryOperation(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", "") // each stage has its own, below
	lost := 0
	for _, way := range ways() {
		for _, fault := range faultKinds {
			tried := 0
			for at := 0; ; at++ {
				s := newStage(t, way)
				t.Setenv("XDG_DATA_HOME", filepath.Join(s.dir, "data"))
				var under disk.FS = disk.OS
				var power *disktest.PowerCut
				if fault.cut {
					power = disktest.NewPowerCut(t, s.dir)
					under = power
				}
				faults := &disktest.Faults{FS: under, At: at, Err: fault.err, Sticky: fault.sticky}
				var went map[string]string
				var err error
				killed := disktest.Run(func() { went, err = s.remove(faults) })
				if faults.Done() <= at {
					if err != nil || len(went) != 2 {
						t.Fatalf("%s without faults: %v, %v", way, went, err)
					}
					break
				}
				tried++
				what := fmt.Sprintf("%s, %s at operation %d (%s)", way, fault.why, at, faults.Log[at])
				if fault.cut {
					power.Cut(t)
				}
				if err == nil && !killed && len(went) != 2 {
					t.Errorf("%s: nothing is told", what)
				}
				s.check(t, what, false)
				if !fault.cut {
					for from, to := range went { // what is told is so
						if _, err := os.Lstat(to); err != nil {
							t.Errorf("%s: %s is said to be moved: %v", what, from, err)
						}
						if _, err := os.Lstat(from); err == nil {
							t.Errorf("%s: %s is said to be moved, and is still there", what, from)
						}
					}
				}
				if !killed && !fault.cut { // and what is so is told
					for from := range s.contents {
						if _, err := os.Lstat(from); errors.Is(err, fs.ErrNotExist) && went[from] == "" {
							t.Errorf("%s: %s was moved, and is not said to be", what, from)
						}
					}
				}
				if data, err := os.ReadFile(s.journal()); err == nil && !fault.cut {
					for from := range s.contents {
						if last := lastStep(data, from); last == Undone {
							if _, err := os.Lstat(from); err != nil {
								t.Errorf("%s: the journal has %s undone: %v", what, from, err)
							}
						}
					}
				}
				// The disk is well again, and the next run comes.
				if _, err := s.remove(disk.OS); err != nil {
					t.Errorf("%s, and another run: %v", what, err)
				}
				s.check(t, what+", and another run", true)
				for from := range s.contents {
					if _, err := os.Lstat(from); err == nil {
						t.Errorf("%s, and another run: %s was not moved", what, from)
					}
				}
				if t.Failed() {
					t.FailNow()
				}
			}
			t.Logf("faults: %s, %s at each of %d operations, %d files lost", way, fault.why, tried, lost)
		}
	}
}

// Of files that are put back as well, no content is ever lost, and what is said to be back is.
func TestRestoresFailAtEveryOperation(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", "") // each stage has its own, below
	for _, way := range ways() {
		for _, fault := range faultKinds {
			for at := 0; ; at++ {
				s := newStage(t, way)
				t.Setenv("XDG_DATA_HOME", filepath.Join(s.dir, "data"))
				if went, err := s.remove(disk.OS); err != nil || len(went) != 2 {
					t.Fatal(went, err)
				}
				if err := os.Remove(filepath.Join(s.dir, "pictures", "1")); err != nil { // the folder is made again
					t.Fatal(err)
				}
				var under disk.FS = disk.OS
				var power *disktest.PowerCut
				if fault.cut {
					power = disktest.NewPowerCut(t, s.dir)
					under = power
				}
				faults := &disktest.Faults{FS: under, At: at, Err: fault.err, Sticky: fault.sticky}
				var back []string
				var err error
				killed := disktest.Run(func() { back, err = s.restore(faults) })
				if faults.Done() <= at {
					if err != nil || len(back) != 2 {
						t.Fatalf("%s without faults: %v, %v", way, back, err)
					}
					if at == 0 {
						t.Fatalf("%s: nothing was done", way)
					}
					break
				}
				what := fmt.Sprintf("put back what went %s, %s at operation %d (%s)", way, fault.why, at, faults.Log[at])
				if fault.cut {
					power.Cut(t)
				}
				if err == nil && !killed && len(back) != 2 {
					t.Errorf("%s: nothing is told", what)
				}
				s.check(t, what, false)
				journal, err := os.ReadFile(s.journal())
				if err != nil {
					t.Fatal(err)
				}
				for from, content := range s.contents { // what is told is so
					if data, err := os.ReadFile(from); lastStep(journal, from) == Restored && (err != nil || string(data) != content) {
						t.Errorf("%s: the journal has %s restored: %q, %v", what, from, data, err)
					}
				}
				// The disk is well again, and the next run comes.
				if _, err := s.restore(disk.OS); err != nil {
					t.Errorf("%s, and another run: %v", what, err)
				}
				s.check(t, what+", and another run", true)
				for from, content := range s.contents {
					if got := read(t, from); got != content {
						t.Errorf("%s, and another run: %s holds %q", what, from, got)
					}
				}
				if left, err := s.restore(disk.OS); err != nil || len(left) > 0 {
					t.Errorf("%s, and a third run: %v, %v", what, left, err)
				}
				if t.Failed() {
					t.FailNow()
				}
			}
		}
	}
}

// When the power is cut after a removal has ended, it has: also in new folders.
func TestARemovalIsDurable(t *testing.T) {
	for _, way := range ways() {
		s := newStage(t, way)
		t.Setenv("XDG_DATA_HOME", filepath.Join(s.dir, "data"))
		power := disktest.NewPowerCut(t, s.dir)
		went, err := s.remove(power)
		if err != nil || len(went) != 2 {
			t.Fatal(went, err)
		}
		power.Cut(t)
		s.check(t, way, true)
		for from, to := range went {
			if _, err := os.Lstat(from); err == nil {
				t.Errorf("%s: %s is back", way, from)
			}
			if read(t, to) != s.contents[from] {
				t.Errorf("%s: %s holds %q", way, to, read(t, to))
			}
		}
	}
}

// fixed is a file system where the files of one folder cannot be removed, as on a read-only disk.
type fixed struct {
	disk.FS
	folder string
}

func (f fixed) Remove(path string) error {
	if strings.HasPrefix(path, f.folder) {
		return &fs.PathError{Op: "remove", Path: path, Err: syscall.EROFS}
	}
	return f.FS.Remove(path)
}

// Where the originals cannot go, no run leaves copies.
func TestCopiesOfAReadOnlyDiskAreTakenBack(t *testing.T) {
	t.Parallel()
	s := newStage(t, "to another disk")
	on := fixed{disk.OS, filepath.Join(s.dir, "pictures")}
	for range 3 {
		if went, err := s.remove(on); !errors.Is(err, syscall.EROFS) || len(went) > 0 {
			t.Errorf("%v, %v", went, err)
		}
		if left := names(t, s.target()); len(left) > 0 {
			t.Errorf("%v are left", left)
		}
		s.check(t, "a read-only source", true)
	}
	// One that was killed before it could take the copy back, and those who come after it.
	from, to := filepath.Join(s.dir, "pictures", "0", "a.png"), filepath.Join(s.target(), "a.png")
	hash := sha256.Sum256([]byte(s.contents[from]))
	j, _, err := OpenJournal(disk.OS, s.journal())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(j.Write(Begin, Entry{From: from, To: to, SHA256: hex.EncodeToString(hash[:])}), j.Close()); err != nil {
		t.Fatal(err)
	}
	write(t, to, s.contents[from])
	if _, err := s.remove(on); !errors.Is(err, syscall.EROFS) {
		t.Errorf("%v", err)
	}
	s.check(t, "killed on a read-only source", true)
}

// The note of another's file in the trash is not this move's to remove.
func TestAnothersNoteStays(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the trash keeps no notes here")
	}
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	path := filepath.Join(t.TempDir(), "a.png")
	write(t, path, "one")
	m, err := ToTrash(disk.OS, path)
	if err != nil {
		t.Fatal(err)
	}
	const note = "[Trash Info]\nPath=/elsewhere/a.png\nDeletionDate=2026-01-01T00:00:00\n"
	write(t, m.Info, note)
	if err := m.Do(sha256.Sum256([]byte("one"))); !errors.Is(err, ErrNameTaken) {
		t.Errorf("%v", err)
	}
	if moved, err := m.Settle(sha256.Sum256([]byte("one"))); err != nil || moved {
		t.Errorf("%v, %v", moved, err)
	}
	if read(t, m.Info) != note || read(t, path) != "one" {
		t.Errorf("%q, %q", read(t, m.Info), read(t, path))
	}
}
