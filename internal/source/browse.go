package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/picture"
)

const (
	mostEntries = 200_000 // of a folder that are looked at
	mostListed  = 5_000   // folders in it that are listed
)

// IsPictureName reports whether a file's name ends as those of pictures do that can be read.
func IsPictureName(name string) bool { return picture.IsExtension(filepath.Ext(name)) }

// Browse lists the folders in a folder, by name and without those that Walk leaves out, and counts its pictures by
// their names: no file is opened. Folders that are links lead nowhere out of within, as in Options.
func Browse(ctx context.Context, dir string, within []string) (out api.FolderList, err error) {
	fence, err := newFence(within)
	if err != nil {
		return out, err
	}
	out = api.FolderList{Path: dir, Folders: []api.Subfolder{}}
	if above := filepath.Dir(dir); above != dir {
		if fence.holds(above) {
			out.Parent = above
		}
	}
	f, err := fence.open(dir)
	if err != nil {
		return out, fmt.Errorf("list %s: %w", dir, cause(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.IsDir() {
		return out, api.Invalidf("list %s: it is no folder", dir)
	}
	for looked := 0; ; {
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		entries, err := f.ReadDir(1000)
		for _, e := range entries {
			note(&out, fence, e)
		}
		if looked += len(entries); looked >= mostEntries {
			out.More = true
			break
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out, fmt.Errorf("list %s: %w", dir, cause(err))
		}
	}
	slices.SortFunc(out.Folders, func(a, b api.Subfolder) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	if len(out.Folders) > mostListed {
		out.Folders, out.More = out.Folders[:mostListed], true
	}
	return out, nil
}

// note adds an entry of a folder to what is told of it.
func note(out *api.FolderList, fence *fence, e fs.DirEntry) {
	if IsLeftOut(e.Name()) {
		return
	}
	path := filepath.Join(out.Path, e.Name())
	isDir, linked := e.IsDir(), e.Type()&fs.ModeSymlink != 0
	if linked && !fence.holds(path) {
		return
	}
	if linked {
		info, err := os.Stat(path)
		if err != nil {
			return // it leads nowhere
		}
		isDir = info.IsDir()
	}
	switch {
	case isDir:
		out.Folders = append(out.Folders, api.Subfolder{Name: e.Name(), Path: path, Linked: linked})
	case IsPictureName(e.Name()):
		out.Pictures++
	}
}

// errEnough ends a count.
var errEnough = errors.New("enough")

// Count counts the pictures in a folder and those below it by their names, until ctx is done: then there are more.
func Count(ctx context.Context, dir string, within []string) (out api.FolderCount, err error) {
	fence, err := newFence(within)
	if err != nil {
		return out, err
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() && fence.holds(dir) { // Walk would read a list
		return out, api.Invalidf("count the pictures in %s: it is no folder", dir)
	}
	err = Walk(ctx, []string{dir}, Options{Within: within}, func(it Item) error {
		if ctx.Err() != nil {
			return errEnough
		}
		if IsPictureName(it.Source) {
			out.Pictures++
			out.Bytes += it.Size
		}
		return nil
	})
	if errors.Is(err, errEnough) || ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		out.More, err = true, nil
	}
	return out, err
}
