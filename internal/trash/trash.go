// Package trash moves files into the desktop's trash, or into a folder. It never deletes the only copy of a file, and
// never replaces one.
//
// A Move is made in two steps, so that the caller can write down in a Journal what it is about to
// do: where the file goes is known before anything is made or moved. After a crash between the two steps, or within the
// second, the next run calls Settle for each move in the journal that has not ended.
package trash

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/akin-search/akin/internal/disk"
)

// ErrNoTrash says that a file cannot go to a trash here.
var ErrNoTrash = errors.New("no trash for this file")

// ErrUnsynced says that a file was moved and that the disk did not confirm it: after a power cut
// it may lie in its old place again, or in both. To sync it again would prove nothing.
var ErrUnsynced = errors.New("it was moved, but the disk did not confirm it")

// ErrBothPlaces says that a move failed halfway and could not be taken back: the file is in both
// places, and Settle is to be called later.
var ErrBothPlaces = errors.New("the file is in both places")

// ErrNameTaken says that another file has got the name meanwhile: plan the move again.
var ErrNameTaken = errors.New("another file has that name")

// Move is a move of a file that is planned.
type Move struct {
	From, To string
	Info     string // what the trash remembers of it, a file that Do makes; "" in a folder
	On       disk.FS
}

// ToFolder plans to move a file into a folder, under a name that no file there has. It makes the folder.
func ToFolder(on disk.FS, from, dir string) (*Move, error) {
	if err := disk.MkdirAll(on, dir, 0o777); err != nil {
		return nil, fmt.Errorf("move %s: %w", from, err)
	}
	to, err := free(func(name string) string { return filepath.Join(dir, name) }, filepath.Base(from))
	if err != nil {
		return nil, fmt.Errorf("move %s: %w", from, err)
	}
	return &Move{From: from, To: to, On: on}, nil
}

// PlannedName is where ToFolder would put a file, without making the folder; taken are names
// that it is to take for used.
func PlannedName(from, dir string, taken map[string]bool) (string, error) {
	return free(func(name string) string {
		path := filepath.Join(dir, name)
		if taken[path] {
			return ""
		}
		return path
	}, filepath.Base(from))
}

// free returns the first of "a.png", "a (2).png", "a (3).png" … that is not a file.
func free(in func(name string) string, name string) (string, error) {
	for n := 1; n < 1_000_000; n++ {
		path := in(disk.Numbered(name, n))
		if path == "" {
			continue
		}
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			return path, nil
		} else if err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("no name like %s is free", name)
}

// Do moves the file, which must hold what hash says where it has to be copied to another disk.
// When it returns nil, the file is at To and nowhere else, and on disk. After other errors than
// ErrUnsynced and ErrBothPlaces it is where it was.
func (m *Move) Do(hash [32]byte) error {
	fail := func(err error) error { return fmt.Errorf("move %s to %s: %w", m.From, m.To, err) }
	if m.Info != "" {
		if err := m.remember(); errors.Is(err, fs.ErrExist) {
			return fail(ErrNameTaken) // another's: it stays
		} else if err != nil {
			return errors.Join(fail(err), m.remove(m.Info))
		}
	}
	err := m.On.RenameNew(m.From, m.To)
	if err == nil {
		if err := m.sync(m.To, m.From); err != nil {
			return fail(fmt.Errorf("%w: %w", ErrUnsynced, err))
		}
		return nil
	}
	if errors.Is(err, syscall.EXDEV) && m.Info == "" {
		if err = m.copy(hash); err == nil {
			return nil
		}
		if errors.Is(err, ErrUnsynced) || errors.Is(err, ErrBothPlaces) {
			return fail(err)
		}
	}
	if errors.Is(err, fs.ErrExist) {
		err = ErrNameTaken
	}
	err = errors.Join(fail(err), m.remove(m.part()))
	if m.Info != "" {
		err = errors.Join(err, m.remove(m.Info))
	}
	return err
}

// sync makes what was done in the folders of these files stay.
func (m *Move) sync(paths ...string) error {
	for _, path := range paths {
		if err := m.On.SyncDir(filepath.Dir(path)); err != nil {
			return err
		}
	}
	return nil
}

// remove removes a file that may be gone.
func (m *Move) remove(path string) error {
	if err := m.On.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// part is where a file is copied to before it gets its name.
func (m *Move) part() string {
	return filepath.Join(filepath.Dir(m.To), "."+filepath.Base(m.To)+".akin-part")
}

// copy moves a file to another disk: the copy is complete, compared and on disk before the
// original goes. Where that cannot go, the copy does.
func (m *Move) copy(hash [32]byte) (err error) {
	in, err := os.Open(m.From)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := m.On.Open(m.part(), os.O_RDWR|os.O_CREATE|os.O_TRUNC, info.Mode().Perm())
	if err != nil {
		return err
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, sum), in)
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	if [32]byte(sum.Sum(nil)) != hash {
		return errors.New("it has changed")
	}
	if err := os.Chtimes(m.part(), info.ModTime(), info.ModTime()); err != nil {
		return err
	}
	if err := m.On.RenameNew(m.part(), m.To); err != nil {
		return err
	}
	if err := m.sync(m.To); err != nil {
		return errors.Join(err, m.takeBack())
	}
	if err := m.On.Remove(m.From); err != nil {
		return errors.Join(err, m.takeBack())
	}
	if err := m.sync(m.From); err != nil {
		return fmt.Errorf("%w: %w", ErrUnsynced, err)
	}
	return nil
}

// takeBack removes the copy of a file that is still where it was.
func (m *Move) takeBack() error {
	if _, err := os.Lstat(m.From); err != nil {
		return fmt.Errorf("%w: %w", ErrBothPlaces, err)
	}
	if err := errors.Join(m.remove(m.To), m.sync(m.To)); err != nil {
		return fmt.Errorf("%w: %w", ErrBothPlaces, err)
	}
	return nil
}

// Settle ends a Move that was interrupted, and reports whether the file is gone from From. Where it is in both places, with the contents that hash names, the old
// one goes; where that cannot, the new one. After an error it is to be called again some time.
func (m *Move) Settle(hash [32]byte) (moved bool, err error) {
	_, fromErr := os.Lstat(m.From)
	_, toErr := os.Lstat(m.To)
	if errors.Is(fromErr, fs.ErrNotExist) {
		if toErr == nil { // whoever moved it may have ended before the disk knew
			err = errors.Join(m.sync(m.To), m.syncThere(m.From))
		}
		return err == nil, err
	}
	if fromErr != nil {
		return false, fromErr
	}
	ours := m.Info == ""
	if !ours {
		if ours, err = m.remembered(); err != nil {
			return false, err
		}
	}
	if toErr == nil && ours {
		if sum, err := hashFile(m.To); err == nil && sum == hash {
			if same, err := sameFile(m.From, m.To); err != nil || same {
				return false, err
			}
			if err = m.On.Remove(m.From); err == nil {
				return true, m.sync(m.From)
			}
			if sum, readErr := hashFile(m.From); readErr != nil || sum != hash {
				return false, errors.Join(ErrBothPlaces, err, readErr)
			}
			if err := m.takeBack(); err != nil || m.Info == "" {
				return false, err
			}
			return false, m.remove(m.Info)
		}
	}
	if err := m.remove(m.part()); err != nil || m.Info == "" || toErr == nil || !ours { // what is there is another's
		return false, err
	}
	return false, m.remove(m.Info)
}

// syncThere syncs the folder of a file, where it is still there.
func (m *Move) syncThere(path string) error {
	if err := m.sync(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func sameFile(a, b string) (bool, error) {
	x, err := os.Stat(a)
	if err != nil {
		return false, err
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y), err
}

func hashFile(path string) (sum [32]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	return [32]byte(h.Sum(nil)), nil
}
