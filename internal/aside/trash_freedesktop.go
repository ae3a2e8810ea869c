//go:build unix && !darwin

package aside

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
)

// ToTrash plans a file's way into the trash, as the desktops' trash specification 1.0 has it:
// the home trash for files of its disk; for others $topdir/.Trash/$uid where an administrator
// has made a sound .Trash, else $topdir/.Trash-$uid.
func ToTrash(from string) (*Move, error) {
	from, err := filepath.Abs(from)
	if err != nil {
		return nil, err
	}
	trash, top, err := trashFor(from)
	if err != nil {
		return nil, fmt.Errorf("move %s to the trash: %w", from, err)
	}
	named := from
	if top != "" { // such a disk may be mounted elsewhere tomorrow
		dir, err := filepath.EvalSymlinks(filepath.Dir(from))
		if err != nil {
			return nil, err
		}
		if named, err = filepath.Rel(top, filepath.Join(dir, filepath.Base(from))); err != nil {
			return nil, err
		}
	}
	info := "[Trash Info]\nPath=" + escape(named) + "\nDeletionDate=" + time.Now().Format("2006-01-02T15:04:05") + "\n"
	for n := 1; n < 1_000_000; n++ {
		name := numbered(filepath.Base(from), n)
		m := &Move{From: from, To: filepath.Join(trash, "files", name), Info: filepath.Join(trash, "info", name+".trashinfo")}
		// Whoever makes the info file has the name.
		f, err := os.OpenFile(m.Info, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		} else if err != nil {
			return nil, fmt.Errorf("move %s to the trash: %w", from, err)
		}
		_, err = f.WriteString(info)
		if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
			return nil, errors.Join(fmt.Errorf("move %s to the trash: %w", from, err), os.Remove(m.Info))
		}
		if _, err := os.Lstat(m.To); err == nil {
			if err := os.Remove(m.Info); err != nil {
				return nil, err
			}
			continue
		}
		return m, syncDirs(m.Info)
	}
	return nil, fmt.Errorf("move %s to the trash: no name is free there", from)
}

// PlannedTrash is the trash that ToTrash would use; it makes none.
func PlannedTrash(from string) (string, error) {
	trash, _, err := findTrash(from, func(string) error { return nil })
	return trash, err
}

// trashFor gives the trash of a file, made where it is absent, and the top folder of the
// file's disk, "" for the home trash.
func trashFor(path string) (trash, top string, err error) {
	return findTrash(path, func(dir string) error {
		for _, part := range []string{"files", "info"} {
			if err := os.MkdirAll(filepath.Join(dir, part), 0o700); err != nil {
				return err
			}
		}
		return nil
	})
}

func findTrash(path string, ready func(dir string) error) (trash, top string, err error) {
	device, err := deviceOf(filepath.Dir(path))
	if err != nil {
		return "", "", err
	}
	home, err := homeTrash()
	if err == nil {
		if d, err := deviceOf(home); err == nil && d == device {
			return home, "", ready(home)
		}
	}
	top, err = topOf(filepath.Dir(path), device)
	if err != nil {
		return "", "", err
	}
	uid := strconv.Itoa(os.Getuid())
	shared := filepath.Join(top, ".Trash")
	if info, err := os.Lstat(shared); err == nil && info.IsDir() && info.Mode()&fs.ModeSticky != 0 {
		if own := filepath.Join(shared, uid); ready(own) == nil && ours(own) {
			return own, top, nil
		}
	}
	own := filepath.Join(top, ".Trash-"+uid)
	if err := ready(own); err != nil {
		return "", "", fmt.Errorf("%w: %w; move it to a folder instead", ErrNoTrash, err)
	}
	if !ours(own) {
		return "", "", fmt.Errorf("%w: %s is a link, or another's; move it to a folder instead", ErrNoTrash, own)
	}
	return own, top, nil
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
	if data := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(data) {
		return filepath.Join(data, "Trash"), nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share", "Trash"), err
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
