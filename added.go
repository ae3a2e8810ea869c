package akin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/source"
)

const (
	addedDepth = 32  // folders of a path
	addedName  = 255 // bytes of each name: what file systems take
)

// AddFile stores a picture's file in the user's data folder, in the folder for a collection of that name, so that Index
// of the folder adds it: for programs that are given pictures rather than paths. A path has slashes between its names,
// none of which Index leaves out of folders. What is there already stays: the same bytes are not stored again, others
// under a name with a number. Errors: ErrInvalid, ErrNoCollection for a name that no collection may have, and those of
// InspectBytes where the bytes are no picture.
func AddFile(ctx context.Context, collection, path string, data []byte, o Options) (added api.AddedFile, err error) {
	return addFile(ctx, disk.OS, collection, path, data, o)
}

func addFile(ctx context.Context, on disk.FS, collection, path string, data []byte, o Options) (added api.AddedFile, err error) {
	if !home.ProperName(collection) {
		return added, fmt.Errorf("%w: %q", ErrNoCollection, collection)
	}
	names, err := addedNames(path)
	if err != nil {
		return added, err
	}
	if _, err := models.InspectBytes(ctx, path, data, models.Options(o)); err != nil {
		return added, err
	}
	if err := home.MakeData(o.Home); err != nil {
		return added, err
	}
	added.Folder, err = o.Home.AddedFolder(collection)
	if err != nil {
		return added, err
	}
	last := len(names) - 1
	dir, err := disk.Folder(on, filepath.Dir(filepath.Dir(added.Folder)), 0o700, append([]string{"pictures", collection}, names[:last]...)...)
	if errors.Is(err, disk.ErrLink) {
		return added, fmt.Errorf("%w: store %s: a file or a link has the name of one of its folders", ErrInvalid, path)
	}
	if err != nil {
		return added, fmt.Errorf("store %s: %w", path, err)
	}
	if last > 0 {
		added.Folder = filepath.Join(added.Folder, names[0])
	}
	for n := 1; ; n++ {
		added.Path = filepath.Join(dir, disk.Numbered(names[last], n))
		there, err := holds(added.Path, data)
		if err != nil {
			return added, fmt.Errorf("store %s: %w", path, err)
		}
		if there {
			added.Known = true
			return added, nil
		}
		if err = disk.Create(on, added.Path, data, 0o600); !errors.Is(err, fs.ErrExist) {
			if err != nil {
				err = fmt.Errorf("store %s: %w", path, err)
			}
			return added, err
		}
	}
}

// addedNames returns the names in a path, or an error that says which of them no file may have.
func addedNames(path string) ([]string, error) {
	names := strings.Split(path, "/")
	if len(names) > addedDepth {
		return nil, fmt.Errorf("%w: the path %.60q is too deep: %d folders at most", ErrInvalid, path, addedDepth-1)
	}
	for _, name := range names {
		wrong := strings.IndexFunc(name, func(r rune) bool {
			return unicode.IsControl(r) || r == unicode.ReplacementChar || strings.ContainsRune(`\:*?"<>|`, r)
		}) >= 0
		if name == "" || len(name) > addedName || wrong || source.IsLeftOut(name) || strings.TrimRight(name, ". ") != name || !filepath.IsLocal(name) {
			return nil, fmt.Errorf("%w: %.60q in the path %.60q is no name for a file: it must be one that is not left out of folders, shorter than %d bytes, and one that every system takes", ErrInvalid, name, path, addedName+1)
		}
	}
	if last := names[len(names)-1]; !source.IsPictureName(last) {
		return nil, fmt.Errorf("%w: %.60q does not end as the files of pictures do", ErrInvalid, last)
	}
	return names, nil
}

// holds reports whether a file is there and has these bytes.
func holds(path string, data []byte) (bool, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && (!info.Mode().IsRegular() || info.Size() != int64(len(data))) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	have, err := disk.Read(path)
	return bytes.Equal(have, data), err
}
