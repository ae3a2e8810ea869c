package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/container"
	"github.com/akin-search/akin/internal/frame"
	"github.com/akin-search/akin/internal/picture"
)

// enters reports whether a file in a folder is a container that is looked into: its path, as it is seen, and below the root.
// A film or document is one file, which globs match as such.
func (o Options) enters(path, seen, slashed string) bool {
	kind := container.KindOf(path)
	switch {
	case kind == nil:
		return false
	case kind.Sampled == "":
		return o.Enter(seen)
	}
	return o.sample(kind) > 0 && (len(o.Include) == 0 || matches(o.include, slashed, false))
}

// sample is how many members of a container of that kind are items.
func (o Options) sample(kind *container.Kind) int {
	return map[string]int{container.Frames: o.Frames, container.Pages: o.Pages}[kind.Sampled]
}

// entered is a container that is walked as a folder.
type entered struct {
	file   string // its absolute path
	root   string // that led to it
	below  string // its path below the root, which globs match, with a slash; "" where it is the root
	within string // the member, or folder of members, that is meant; "" means all
}

// walk calls fn for the members that may be pictures. What is wrong with the container is a problem, and the walk of
// others continues. Containers in it are not looked into, and count as other files.
func (e entered) walk(ctx context.Context, o Options, fn func(Item) error) error {
	n := 0
	if kind := container.KindOf(e.file); kind == nil { // a picture that may move
		n, o.Include, o.include = o.Frames, nil, nil
	} else if kind.Sampled != "" {
		n, o.Include, o.include = o.sample(kind), nil, nil // which the file matches
		if n == 0 && e.within == "" {
			o.Problem(e.file, &UnsampledError{kind.Name, kind.Sampled})
			return nil
		}
	}
	c, done, err := e.open(ctx, o)
	if errors.Is(err, picture.ErrStill) && e.within == "" {
		return nil
	}
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		e.failed(o, err)
		return nil
	}
	defer done()
	for _, flaw := range c.Flaws() {
		o.Problem(e.file, flaw)
	}
	any := e.within == ""
	members := c.Members()
	if s, ok := c.(container.Sampled); ok && any {
		members = s.Sample(n)
	}
	for _, m := range members {
		if err := ctx.Err(); err != nil {
			return err
		}
		if m.Aside || e.within != "" && m.Name != e.within && !strings.HasPrefix(m.Name, e.within+"/") {
			continue
		}
		any = true
		if err := e.emit(m, o, fn); err != nil {
			return err
		}
	}
	if m, ok := c.Find(e.within); ok && !any { // it is not one of those that are listed
		any = true
		err = e.emit(m, o, fn)
	}
	if !any {
		return fmt.Errorf("read %s: %w", e.root, fs.ErrNotExist)
	}
	return err
}

// failed tells why a container cannot be opened. That a program is not installed is told of the first file that needs it: the
// others are files of other kinds.
func (e entered) failed(o Options, err error) {
	absent, ok := errors.AsType[*picture.NoDecoderError](err)
	if ok && o.absent[absent.Library] {
		o.Other(e.file)
		return
	}
	if ok {
		o.absent[absent.Library] = true
	}
	o.Problem(e.file, err)
}

// holdsPictures reports whether a file with the name of a container is to be walked as one. A table may be a list, and is
// read as one where it cannot be opened, which says what is wrong with it.
func holdsPictures(ctx context.Context, file string, o Options) bool {
	if !frame.Is(filepath.Ext(file)) {
		return true
	}
	if o.Columns[api.PathColumn] != "" { // it was said to be a list
		return false
	}
	_, done, err := (entered{file: file}).open(ctx, o)
	if err == nil {
		done()
	}
	return err == nil
}

func (e entered) open(ctx context.Context, o Options) (container.Container, func(), error) {
	f, err := o.fence.open(e.file)
	if err != nil {
		return nil, nil, cause(err)
	}
	return containers.Use(ctx, f)
}

// emit calls fn for a member, unless its name says that nobody wants it.
func (e entered) emit(m container.Member, o Options, fn func(Item) error) error {
	seen, name := container.Join(e.file, m.Name), e.below+m.Name
	leaves := func(element string) bool { return !o.Hidden && IsLeftOut(element) }
	if m.Name != e.within && (slices.ContainsFunc(strings.Split(m.Name, "/"), leaves) || excluded(name, len(e.below), o)) {
		return nil
	}
	if len(o.Include) > 0 {
		if !matches(o.include, name, false) {
			return nil
		}
	} else if IsOtherName(m.Name) {
		o.Other(seen)
		return nil
	}
	return fn(Item{
		Source: seen, Name: m.Title, Tags: m.Tags, Root: e.root, Size: m.Size, ModTime: m.ModTime,
		Guessed: len(o.Include) == 0 && !IsPictureName(path.Base(m.Name)),
	})
}

// excluded reports whether a glob leaves out a path, or one of its folders from a byte on.
func excluded(name string, from int, o Options) bool {
	if len(o.exclude) == 0 {
		return false
	}
	for i := from; i < len(name); i++ {
		if name[i] == '/' && matches(o.exclude, name[:i], true) {
			return true
		}
	}
	return matches(o.exclude, name, false)
}
