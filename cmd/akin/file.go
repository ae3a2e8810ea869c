package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/akin-search/akin/internal/disk"
)

// writeTo writes the file that a flag names, if it names one, and says so.
func (a *app) writeTo(path string, write func(io.Writer) error) error {
	if path == "" {
		return nil
	}
	if err := writeFile(path, write); err != nil {
		return err
	}
	a.Notef("wrote %s", path)
	return nil
}

// writeFile writes a whole file or none: an old file stays until the new one is complete. The
// target of a link is written, and a device or a pipe is written in place.
func writeFile(path string, write func(io.Writer) error) error {
	if target, err := os.Readlink(path); err == nil { // also where the target does not exist yet
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return fmt.Errorf("write %s: it is a folder", path)
	}
	if err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return fmt.Errorf("write %s: %w", path, withoutPath(err))
		}
		return errors.Join(fill(f, write), f.Close())
	}
	err = disk.ReplaceWith(disk.OS, path, 0o666, func(w io.Writer) error { return fill(w, write) })
	if err != nil {
		return fmt.Errorf("write %s: %w", path, withoutPath(err)) // the path in it is that of the unfinished file
	}
	return nil
}

// writeText writes a whole file of text or none.
func writeText(path, text string) error {
	return writeFile(path, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

func fill(f io.Writer, write func(io.Writer) error) error {
	w := bufio.NewWriterSize(f, 1<<20)
	if err := write(w); err != nil {
		return err
	}
	return w.Flush()
}

// notAnInput refuses to overwrite a file that is read.
func notAnInput(out string, inputs ...string) error {
	to, err := os.Stat(out)
	if err != nil {
		return nil // it does not exist
	}
	for _, in := range inputs {
		if from, err := os.Stat(in); err == nil && from.Mode().IsRegular() && os.SameFile(from, to) {
			return usagef("%s is an input and would be overwritten", in)
		}
	}
	return nil
}

// withoutPath returns an error without the system call and path that it names.
func withoutPath(err error) error {
	var at *os.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
