// Package home knows where one user's files of akin lie: collections, models, what was removed, and caches.
package home

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Dir is the folder of a user's data, with a folder "cache" in it. "" means the system's own folders for data and
// for caches.
type Dir string

// Data returns the folder for data. It may not exist yet.
func (d Dir) Data() (string, error) {
	if d != "" {
		return filepath.Abs(string(d))
	}
	data, err := SystemData()
	if err != nil {
		return "", fmt.Errorf("find the user's data folder: %w", err)
	}
	return filepath.Join(data, "akin"), nil
}

// Cache returns the folder for what can be made again, or "" for a user who has none.
func (d Dir) Cache() string {
	if d != "" {
		return filepath.Join(string(d), "cache")
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "akin")
}

// SystemData returns the folder that the system has for the data of a user's programs, as os.UserCacheDir does for
// caches. The variables are the system's, not akin's.
func SystemData() (string, error) {
	switch runtime.GOOS {
	case "darwin":
		dir, err := os.UserHomeDir()
		return filepath.Join(dir, "Library", "Application Support"), err
	case "windows":
		if dir := os.Getenv("LOCALAPPDATA"); dir != "" { // as Windows sets it
			return dir, nil
		}
	default:
		if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) { // the XDG base directory specification: a relative one is ignored
			return dir, nil
		}
	}
	dir, err := os.UserHomeDir()
	return filepath.Join(dir, ".local", "share"), err
}

// MakeData makes the folder for data, private to its user.
func MakeData(d Dir) error {
	dir, err := d.Data()
	if err != nil {
		return err
	}
	return MakePrivate(dir)
}

// MakePrivate makes a folder that only its user may open: names and embeddings say what is in private pictures. The
// mode of an existing folder stays.
func MakePrivate(dir string) error {
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}

// Installed returns the folders that may hold a folder "lib" with ONNX Runtime and a folder "models", in the order in
// which they are searched: beside the program, in lib/akin of the prefix whose bin has the
// program (as scripts/tree lays out archives, packages and wheels), in the .deps folder of the checkout that built the program, and in the
// user's data. The working folder is never one of them: it would run any library that
// someone has put there.
func Installed(d Dir) []string {
	var dirs []string
	if program, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(program); err == nil {
			program = real
		}
		dir := filepath.Dir(program)
		prefix := filepath.Dir(dir)
		dirs = append(dirs, dir, filepath.Join(prefix, "lib", "akin"), filepath.Join(prefix, ".deps"))
	}
	if dir, err := d.Data(); err == nil {
		dirs = append(dirs, dir)
	}
	return dirs
}
