//go:build unix && !darwin

package trash

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/home"
)

// ToTrash plans to move a file into the trash, as the desktops' trash specification 1.0 has it:
// the home trash for files of its disk; for others $topdir/.Trash/$uid where an administrator
// has made a sound .Trash, else $topdir/.Trash-$uid.
func ToTrash(on disk.FS, from string) (*Move, error) {
	from, err := filepath.Abs(from)
	if err != nil {
		return nil, err
	}
	trash, err := trashFor(on, from)
	if err != nil {
		return nil, fmt.Errorf("move %s to the trash: %w", from, err)
	}
	info := func(name string) string { return filepath.Join(trash, "info", name+".trashinfo") }
	to, err := free(func(name string) string {
		if _, err := os.Lstat(info(name)); !errors.Is(err, fs.ErrNotExist) {
			return "" // in use
		}
		return filepath.Join(trash, "files", name)
	}, filepath.Base(from))
	if err != nil {
		return nil, fmt.Errorf("move %s to the trash: %w", from, err)
	}
	return &Move{From: from, To: to, Info: info(filepath.Base(to)), On: on}, nil
}

// remember makes what the trash is to know of the file: whoever makes it has the name.
func (m *Move) remember() error {
	head, err := m.infoHead()
	if err != nil {
		return err
	}
	f, err := m.On.Open(m.Info, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write([]byte(head + "DeletionDate=" + time.Now().Format("2006-01-02T15:04:05") + "\n"))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return m.sync(m.Info)
}

// remembered reports whether the trash has what remember makes for this file, or the beginning of it.
func (m *Move) remembered() (bool, error) {
	data, err := disk.Read(m.Info)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	head, err := m.infoHead()
	return err == nil && (strings.HasPrefix(string(data), head) || strings.HasPrefix(head, string(data))), err
}

// infoHead is what the trash's note of the file begins with. It names the file from the top of its
// disk, which may be mounted elsewhere tomorrow; in the home trash, as it is.
func (m *Move) infoHead() (string, error) {
	named := m.From
	own, err := homeTrash()
	if trash := filepath.Dir(filepath.Dir(m.Info)); err != nil || trash != own {
		top := filepath.Dir(trash) // of $topdir/.Trash-$uid
		if filepath.Base(top) == ".Trash" {
			top = filepath.Dir(top)
		}
		dir, err := filepath.EvalSymlinks(filepath.Dir(m.From))
		if err != nil {
			return "", err
		}
		if named, err = filepath.Rel(top, filepath.Join(dir, filepath.Base(m.From))); err != nil {
			return "", err
		}
	}
	return "[Trash Info]\nPath=" + escape(named) + "\n", nil
}

// PlannedTrash is the trash that ToTrash would use; it makes none.
func PlannedTrash(from string) (string, error) {
	return findTrash(from, func(string) error { return nil })
}

// trashFor returns the trash of a file, made where it is absent.
func trashFor(on disk.FS, path string) (trash string, err error) {
	return findTrash(path, func(dir string) error {
		for _, part := range []string{"files", "info"} {
			if err := disk.MkdirAll(on, filepath.Join(dir, part), 0o700); err != nil {
				return err
			}
		}
		return nil
	})
}

func findTrash(path string, ready func(dir string) error) (trash string, err error) {
	device, err := deviceOf(filepath.Dir(path))
	if err != nil {
		return "", err
	}
	own, err := homeTrash()
	if err == nil {
		if d, err := deviceOf(own); err == nil && d == device {
			return own, ready(own)
		}
	}
	top, err := topOf(filepath.Dir(path), device)
	if err != nil {
		return "", err
	}
	uid := strconv.Itoa(os.Getuid())
	shared := filepath.Join(top, ".Trash")
	if info, err := os.Lstat(shared); err == nil && info.IsDir() && info.Mode()&fs.ModeSticky != 0 {
		if own = filepath.Join(shared, uid); ready(own) == nil && ours(own) {
			return own, nil
		}
	}
	own = filepath.Join(top, ".Trash-"+uid)
	if err := ready(own); err != nil {
		return "", fmt.Errorf("%w: %w", ErrNoTrash, err)
	}
	if !ours(own) {
		return "", fmt.Errorf("%w: %s is a link, or another's", ErrNoTrash, own)
	}
	return own, nil
}

// ours reports whether a trash is no link and belongs to this user; one that is still to be
// made will.
func ours(dir string) bool {
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	if err != nil || !info.IsDir() {
		return false
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Getuid()
}

func homeTrash() (string, error) {
	data, err := home.SystemData()
	return filepath.Join(data, "Trash"), err
}

// deviceOf is the disk of a folder, or of the nearest one above it that exists.
func deviceOf(dir string) (uint64, error) {
	for {
		info, err := os.Stat(dir)
		if err == nil {
			s, ok := info.Sys().(*syscall.Stat_t)
			if !ok {
				return 0, fmt.Errorf("the disk of %s is not known", dir)
			}
			return uint64(s.Dev), nil
		}
		if !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return 0, err
		}
		dir = filepath.Dir(dir)
	}
}

// topOf is the highest folder above dir on its disk.
func topOf(dir string, device uint64) (string, error) {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", err
	}
	for dir != filepath.Dir(dir) {
		if d, err := deviceOf(filepath.Dir(dir)); err != nil || d != device {
			return dir, err
		}
		dir = filepath.Dir(dir)
	}
	return dir, nil
}

// escape writes a path as RFC 2396 has it, with its slashes.
func escape(path string) string {
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("/-_.!~*'()", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
