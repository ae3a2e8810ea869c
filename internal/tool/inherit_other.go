//go:build !linux

package tool

import (
	"os"
	"path/filepath"
)

// inherit gives a program a file by its absolute path, which is no option: it begins with a slash or a drive. A file that a
// process inherits shares its place with all others that read it here.
func inherit(f *os.File) (name string, files []*os.File) {
	name = f.Name()
	if abs, err := filepath.Abs(name); err == nil {
		name = abs
	}
	return name, nil
}

func confine(int, Limits) {} // time and output are bounded, memory is not
