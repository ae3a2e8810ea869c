package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrOutside marks a file that lies in no folder of Options.Within, whatever list or link
// leads to it.
var ErrOutside = errors.New("it leads out of the folders that may be read")

// A fence is the folders that files are read from, and no others: their real paths. Nil is
// no fence. It counts where a file really lies, when it is opened: a list may name any path,
// and a link may be changed after it was looked at.
type fence struct{ folders []string }

// newFence makes a fence of folders; nil is none.
func newFence(folders []string) (*fence, error) {
	if folders == nil {
		return nil, nil
	}
	f := &fence{}
	for _, folder := range folders {
		abs, err := filepath.Abs(folder)
		if err == nil {
			abs, err = filepath.EvalSymlinks(abs)
		}
		if err != nil {
			return nil, fmt.Errorf("read only within %s: %w", folder, err)
		}
		f.folders = append(f.folders, abs)
	}
	return f, nil
}

// place finds the folder that a path really lies in, and where in it; for a member, its container.
func (f *fence) place(path string) (folder, rest string, err error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		if file, _, ok := member(path); ok {
			real, err = filepath.EvalSymlinks(file)
		}
	}
	if err != nil {
		return "", "", err
	}
	for _, folder := range f.folders {
		if rest, err := filepath.Rel(folder, real); err == nil && filepath.IsLocal(rest) {
			return folder, rest, nil
		}
	}
	return "", "", ErrOutside
}

// holds reports whether a path really lies in one of the folders.
func (f *fence) holds(path string) bool {
	if f == nil {
		return true
	}
	_, _, err := f.place(path)
	return err == nil
}

// open opens a file. What was put in its place meanwhile is opened within the folder or not
// at all.
func (f *fence) open(path string) (*os.File, error) {
	if f == nil {
		return os.Open(path)
	}
	folder, rest, err := f.place(path)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: cause(err)}
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	file, err := root.Open(rest)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: cause(err)}
	}
	return file, nil
}

// cause is what a path's error is about, without the path.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// check says whether an item may be read.
func (f *fence) check(it Item) error {
	if f == nil || it.Address {
		return nil
	}
	_, _, err := f.place(it.Source)
	return err
}

// rows is a walk's options for a list. Behind a fence, whatever is wrong with a row is told
// alike: it would say of any path whether there is a file, and of any text that passes for a
// list what it holds.
func (f *fence) rows(o Options) Options {
	if f != nil {
		problem := o.Problem
		o.Problem = func(row string, _ error) { problem(row, errNothing) }
		if told := o.Row; told != nil {
			o.Row = func(list string, row int, _ string, _ error) { told(list, row, "", errNothing) }
		}
		o.Understood = nil
	}
	return o
}

var errNothing = errors.New("it names nothing that may be read")
