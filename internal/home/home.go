package home

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	goruntime "runtime"
)

// DataDir is x.

// ONNX Runtime and checkpoints are looked for, in this order: where the caller
// says, where the environment says, beside the program (as `make dist` lays them
// out), in the .deps folder of the checkout that built it, in the user's data
// folder, and, for the library, where systems install it. The working folder is
// never searched: a library in it would run whatever someone put there.

// dataDir is the user's folder for akin's own data: what AKIN_HOME names, else the system's
// folder for such. It may not be there yet.
func Data() (string, error) {
	if dir := os.Getenv("AKIN_HOME"); dir != "" {
		return filepath.Abs(dir)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the user's data folder: %w; set AKIN_HOME", err)
	}
	switch goruntime.GOOS {
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "akin"), nil
	case "windows":
		if dir := os.Getenv("LOCALAPPDATA"); dir != "" {
			return filepath.Join(dir, "akin"), nil
		}
	default:
		if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
			return filepath.Join(dir, "akin"), nil
		}
	}
	return filepath.Join(home, ".local", "share", "akin"), nil
}

// makePrivate makes a folder for one user's data, which nobody else may look into: names and
// embeddings tell what is in private pictures. A folder that is there stays as its user made it.
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

// makeDataDir makes the user's folder for akin's own data.
func MakeData() error {
	dir, err := Data()
	if err != nil {
		return err
	}
	return MakePrivate(dir)
}

// cacheDir is the user's folder for what can be made again, or "".
func Cache() string {
	if dir := os.Getenv("AKIN_HOME"); dir != "" {
		return filepath.Join(dir, "cache")
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "akin")
}

// homes are the folders that may hold a lib and a models folder.
func Folders() []string {
	var dirs []string
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			exe = real
		}
		dir := filepath.Dir(exe)
		dirs = append(dirs, dir, filepath.Join(filepath.Dir(dir), ".deps"))
	}
	if dir, err := Data(); err == nil {
		dirs = append(dirs, dir)
	}
	return dirs
}
