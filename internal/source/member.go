package source

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/akin-search/akin/internal/container"
	"github.com/akin-search/akin/internal/picture"
)

// containers are those that were read last.
var containers container.Cache

// Stat describes the file that a picture's path leads to: an ordinary file, if there is one, else a member of a
// container. Errors are those of os.Stat: [fs.ErrNotExist] means that the file, or its container, or its place in that is empty.
func Stat(path string) (os.FileInfo, error) { return stat(path, os.Stat) }

// Lstat is Stat that does not follow a link.
func Lstat(path string) (os.FileInfo, error) { return stat(path, os.Lstat) }

func stat(path string, ordinary func(string) (os.FileInfo, error)) (os.FileInfo, error) {
	info, err := ordinary(path)
	if err == nil {
		return info, nil
	}
	file, name, ok := member(path)
	if !ok {
		return nil, err
	}
	m, err := statMember(file, name)
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	return memberInfo{m}, nil
}

func statMember(file, name string) (container.Member, error) {
	f, err := os.Open(file)
	if err != nil {
		return container.Member{}, cause(err)
	}
	c, done, err := containers.Use(context.Background(), f)
	if err != nil {
		return container.Member{}, err
	}
	defer done()
	m, ok := c.Find(name)
	if !ok {
		return m, fs.ErrNotExist
	}
	return m, nil
}

// IsMember reports whether a path leads into a container, in which nothing can be moved or removed.
func IsMember(path string) bool { return ContainerOf(path) != "" }

// ContainerOf returns the container that a path leads into, "" where it is that of a file.
func ContainerOf(path string) string {
	if files, _ := container.Split(path); files == nil {
		return ""
	}
	if _, err := os.Lstat(path); err == nil {
		return ""
	}
	file, _, _ := member(path)
	return file
}

// member parts the path of a member. ok is false where no part of the path is a container's file.
func member(path string) (file, name string, ok bool) {
	files, names := container.Split(filepath.Clean(path))
	for i, file := range files {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return file, names[i], true
		}
	}
	return "", "", false
}

// memberInfo describes a member as a file.
type memberInfo struct{ container.Member }

func (m memberInfo) Name() string       { return path.Base(m.Member.Name) }
func (m memberInfo) Size() int64        { return m.Member.Size }
func (m memberInfo) Mode() fs.FileMode  { return 0o444 }
func (m memberInfo) ModTime() time.Time { return m.Member.ModTime }
func (m memberInfo) IsDir() bool        { return false }
func (m memberInfo) Sys() any           { return nil }

// readMember returns the bytes of an item that lies in a container.
func readMember(ctx context.Context, it Item, file, name string, limit int64) ([]byte, error) {
	data, err := func() ([]byte, error) {
		f, err := it.fence.open(file)
		if err != nil {
			return nil, cause(err)
		}
		c, done, err := containers.Use(ctx, f)
		if err != nil {
			return nil, err
		}
		defer done()
		m, ok := c.Find(name)
		if !ok {
			return nil, fs.ErrNotExist
		}
		return c.Read(ctx, m, limit)
	}()
	if err == nil && it.Guessed && !picture.Resembles(data[:min(len(data), headBytes)]) {
		err = ErrOther
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", it.Source, err)
	}
	return data, nil
}
