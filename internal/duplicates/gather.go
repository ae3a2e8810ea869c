package duplicates

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
)

// gather collects the contents whose files are as they were indexed.
func (f *finder) gather(ctx context.Context) (err error) {
	if f.files, err = f.c.Store.Files(ctx); err != nil {
		return err
	}
	if f.chosen, err = choices(ctx, f.c); err != nil {
		return err
	}
	filter, err := f.v.Filter(ctx, f.o.Filter)
	if err != nil {
		return err
	}
	referenced := make([]bool, len(f.o.Reference))
	of := map[record.Hash]int{}
	f.contentOf = map[int]int{}
	for i, p := range f.v.Pictures.All() {
		file, known := f.files[p.ID]
		if !known || !filter.Has(i) || record.IsImported(p.Source) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := checkUnchanged(p.Source, file); errors.Is(err, api.ErrNoFile) && f.c.Remote != nil {
			f.out.RemoteOnly++ // another machine may have it
			f.out.Elsewhere = f.out.RemoteOnly
			continue
		} else if err != nil {
			f.out.Failed = append(f.out.Failed, api.Failure{Source: strings.Clone(p.Source), Error: err.Error()})
			continue
		}
		for k, dir := range f.o.Reference {
			referenced[k] = referenced[k] || source.Under(p.Source, dir)
		}
		f.out.Pictures++
		u, ok := of[file.Hash]
		if !ok {
			u = len(f.contents)
			of[file.Hash] = u
			f.contents = append(f.contents, content{hash: file.Hash, row: p.Row})
			if p.Row >= 0 {
				f.contentOf[p.Row] = u
			}
		}
		f.contents[u].pictures = append(f.contents[u].pictures, i)
	}
	if k := slices.Index(referenced, false); k >= 0 {
		return &ReferenceError{Folder: f.o.Reference[k]}
	}
	f.summaries = make([]signatureSummary, len(f.contents))
	f.orderPictures()
	return nil
}

// checkUnchanged reports whether a file is as it was indexed: an ErrNoFile or an ErrChanged if not.
func checkUnchanged(from string, file record.File) error {
	if source.IsAddress(from) {
		return nil
	}
	info, err := source.Stat(from)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return api.ErrNoFile
	case err != nil:
		return err
	case info.Size() != file.Size || info.ModTime().UnixNano() != file.Mtime:
		return api.ErrChanged
	}
	return nil
}

// orderPictures puts the picture to keep first in each content, and leaves out other names of a file.
func (f *finder) orderPictures() {
	f.links, f.linked = map[int][]int{}, map[string]bool{}
	var sources []string
	for _, u := range f.contents {
		for _, i := range u.pictures {
			if from := f.v.Pictures.Borrow(i).Source; !source.IsAddress(from) {
				sources = append(sources, from)
			}
		}
	}
	f.common = strings.Clone(commonFolder(sources))
	for i, u := range f.contents {
		slices.SortStableFunc(u.pictures, f.pictureOrder)
		f.contents[i].pictures = f.withoutAliases(u.pictures)
	}
}

// withoutAliases leaves out pictures that are other names of an earlier one's file: a link, or a path through a
// linked folder. Removing one would remove both. They are recorded in links.
func (f *finder) withoutAliases(pictures []int) []int {
	type file struct {
		info    os.FileInfo
		picture int
	}
	var files []file
	return slices.DeleteFunc(pictures, func(i int) bool {
		from := f.v.Pictures.At(i).Source
		if source.IsAddress(from) || source.IsMember(from) {
			return false
		}
		info, err := os.Stat(from)
		if err != nil { // it has gone since; removal checks again
			return false
		}
		if k := slices.IndexFunc(files, func(other file) bool { return os.SameFile(info, other.info) }); k >= 0 {
			f.links[files[k].picture] = append(f.links[files[k].picture], i)
			return true
		}
		files = append(files, file{info, i})
		return false
	})
}

// ReferenceError is of a reference folder that holds no picture of the collection. It is [record.ErrNotIndexed].
type ReferenceError struct{ Folder string }

func (e *ReferenceError) Error() string {
	return fmt.Sprintf("reference folder %s holds no picture of the collection", e.Folder)
}

func (e *ReferenceError) Is(target error) bool { return target == record.ErrNotIndexed }
