// Package aside puts files out of the way: into the desktop's trash, or into a folder. It
// never deletes what is in no other place, and never replaces a file.
//
// A Move is made in two steps, so that the caller can write down what it is about to do: To
// is known before anything moves. A program that was killed between the two, or within
// the second, calls Settle for what it finds written down.
package aside

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// ErrNoTrash says that a file cannot go to a trash here.
var ErrNoTrash = errors.New("there is no trash for it")

// ErrTaken says that a file of that name has appeared meanwhile: ask for another place.
var ErrTaken = errors.New("a file of that name is there")

// Move is a file's way out.
type Move struct {
	From, To string
	Info     string // what the trash is to remember of it, a file that exists already; "" in a folder
}

// ToFolder plans a file's way into a folder, which is made where it is absent, under a name that no
// file there has.
func ToFolder(from, dir string) (*Move, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("move %s: %w", from, err)
	}
	to, err := free(func(name string) string { return filepath.Join(dir, name) }, filepath.Base(from))
	if err != nil {
		return nil, fmt.Errorf("move %s: %w", from, err)
	}
	return &Move{From: from, To: to}, nil
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

// free gives the first of "a.png", "a (2).png", "a (3).png" … that is no file.
func free(in func(name string) string, name string) (string, error) {
	for n := 1; n < 1_000_000; n++ {
		path := in(numbered(name, n))
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

func numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	ext := filepath.Ext(name)
	return fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ext), n, ext)
}

// Do moves the file, which must hold what hash says where it has to be copied to another disk.
// When it returns nil, the file is at To and nowhere else, and on disk.
func (m *Move) Do(hash [32]byte) error {
	err := rename(m.From, m.To)
	if err == nil {
		return syncDirs(m.To, m.From)
	}
	if errors.Is(err, syscall.EXDEV) && m.Info == "" {
		if err = m.copy(hash); err == nil {
			return nil
		}
	}
	if errors.Is(err, fs.ErrExist) {
		err = ErrTaken
	}
	return errors.Join(fmt.Errorf("move %s to %s: %w", m.From, m.To, err), m.Cancel())
}

// part is where a file is copied to before it gets its name.
func (m *Move) part() string {
	return filepath.Join(filepath.Dir(m.To), "."+filepath.Base(m.To)+".akin-part")
}

// copy moves a file to another disk: the copy is complete, compared and on disk before the
// original goes.
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
	out, err := os.OpenFile(m.part(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, info.Mode().Perm())
	if err != nil {
		return err
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, sum), in)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return err
	}
	if [32]byte(sum.Sum(nil)) != hash {
		return errors.New("it has changed")
	}
	if err := os.Chtimes(m.part(), info.ModTime(), info.ModTime()); err != nil {
		return err
	}
	if err := rename(m.part(), m.To); err != nil {
		return err
	}
	if err := syncDirs(m.To); err != nil {
		return err
	}
	if err := os.Remove(m.From); err != nil {
		return err
	}
	return syncDirs(m.From)
}

// Cancel takes back what was prepared, where the file is still at From.
func (m *Move) Cancel() error {
	var errs []error
	for _, path := range []string{m.Info, m.part()} {
		if path == "" {
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Settle brings a Move to an end of which is not known how far it came, and reports whether the
// file is gone from From. Where it is in both places, with the contents that hash names in
// the new one, the old one goes.
func (m *Move) Settle(hash [32]byte) (moved bool, err error) {
	_, fromErr := os.Lstat(m.From)
	_, toErr := os.Lstat(m.To)
	if errors.Is(fromErr, fs.ErrNotExist) {
		return true, nil
	}
	if toErr == nil && m.Info == "" {
		if sum, err := hashFile(m.To); err == nil && sum == hash {
			if same, err := sameFile(m.From, m.To); err != nil || same {
				return false, err
			}
			return true, errors.Join(os.Remove(m.From), syncDirs(m.From))
		}
	}
	if toErr == nil { // another's file
		return false, os.RemoveAll(m.part())
	}
	return false, m.Cancel()
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
