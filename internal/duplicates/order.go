package duplicates

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
)

// Reasons why a picture is the best of its group, beside those of copies.Better.
const (
	inReference   = "in a reference folder"
	isFile        = "a file"
	noLink        = "a file, not a link"
	noMember      = "a file, not in an archive"
	inOwnFolder   = "not in a folder for copies"
	oldestOfEqual = "the oldest of equals"
	shortestPath  = "the shortest path of equals"
	firstByName   = "the first of equals by name"
)

// better reports whether content a is to be kept rather than b.
func (f *finder) better(a, b int) bool {
	d, _ := f.compareContents(a, b)
	return d < 0
}

// compareContents is negative if content a is to be kept rather than b; why is the reason.
func (f *finder) compareContents(a, b int) (d int, why string) {
	if d, why := f.compareChoices(f.contents[a].pictures[0], f.contents[b].pictures[0]); d != 0 {
		return d, why
	}
	if d, why := f.comparePlaces(f.sourceOf(a), f.sourceOf(b)); d != 0 {
		return d, why
	}
	if d, why := copies.Better(f.quality(a), f.quality(b), f.tolerance.Blurred); d != 0 {
		return d, why
	}
	return f.comparePictures(f.contents[a].pictures[0], f.contents[b].pictures[0])
}

// pictureOrder is comparePictures without the reason.
func (f *finder) pictureOrder(i, j int) int {
	d, _ := f.comparePictures(i, j)
	return d
}

// comparePictures is negative if the first of two pictures with the same bytes is to be kept: the one that was chosen, that of a reference
// folder, a file rather than a link, in a folder that is not for copies, the oldest, the shortest path, the first by
// name; why is the reason.
func (f *finder) comparePictures(i, j int) (d int, why string) {
	if d, why := f.compareChoices(i, j); d != 0 {
		return d, why
	}
	a, b := f.v.Pictures.Borrow(i), f.v.Pictures.Borrow(j)
	if d, why := f.comparePlaces(a.Source, b.Source); d != 0 {
		return d, why
	}
	if d := cmp.Compare(f.files[a.ID].Mtime, f.files[b.ID].Mtime); d != 0 {
		return d, oldestOfEqual
	}
	if d := cmp.Compare(len(a.Source), len(b.Source)); d != 0 {
		return d, shortestPath
	}
	return cmp.Compare(a.Source, b.Source), firstByName
}

// comparePlaces is negative if the first of two sources is the better place; why is the reason.
func (f *finder) comparePlaces(a, b string) (d int, why string) {
	if d := compareBool(f.isReference(b), f.isReference(a)); d != 0 {
		return d, inReference
	}
	if d := compareBool(source.IsAddress(a), source.IsAddress(b)); d != 0 {
		return d, isFile
	}
	if source.IsAddress(a) {
		return 0, ""
	}
	if d := compareBool(source.IsMember(a), source.IsMember(b)); d != 0 {
		return d, noMember
	}
	if d := compareBool(f.isLink(a), f.isLink(b)); d != 0 {
		return d, noLink
	}
	return compareBool(f.liesWithCopies(a), f.liesWithCopies(b)), inOwnFolder
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// why returns what makes the best of a group better than the next one.
func (f *finder) why(g *api.DuplicateGroup, contents []int) string {
	if g.Copies[0].Chosen && slices.ContainsFunc(g.Copies, func(d api.Duplicate) bool { return !d.Chosen }) {
		return tagged
	}
	if g.Copies[0].Reference && slices.ContainsFunc(g.Copies, func(d api.Duplicate) bool { return !d.Reference }) {
		return inReference
	}
	if len(contents) == 1 {
		pictures := f.contents[contents[0]].pictures
		_, why := f.comparePictures(pictures[0], pictures[1])
		return why
	}
	next := contents[1]
	for _, u := range contents[1:] {
		if _, why := f.compareContents(contents[0], u); why == copies.Sharpest && f.size(u) > f.size(contents[0]) {
			return why
		}
		if f.better(u, next) {
			next = u
		}
	}
	_, why := f.compareContents(contents[0], next)
	return why
}

// quality returns what decides which of several contents is the best.
func (f *finder) quality(u int) copies.Quality {
	file := f.files[f.v.Pictures.ID(f.contents[u].pictures[0])]
	q := copies.Quality{Width: file.Width, Height: file.Height, Lossless: isLossless(file.Format), FromLossy: f.fromLossy[u], Bytes: file.Size}
	if s, ok := f.signatures.get(f.contents[u].hash); ok {
		q.Signature = s
	}
	return q
}

// size returns a content's number of pixels.
func (f *finder) size(u int) int {
	file := f.files[f.v.Pictures.ID(f.contents[u].pictures[0])]
	return file.Width * file.Height
}

func (f *finder) sourceOf(u int) string { return f.firstOf(u).Source }

func (f *finder) firstOf(u int) record.Picture {
	return f.v.Pictures.Borrow(f.contents[u].pictures[0])
}

// clearlyBetter reports whether a picture shows more than the best of its group: it is sharper, or has a quarter more
// pixels and is as sharp. Then it stays, for the best may be the best by its place alone.
func clearlyBetter(q, best copies.Quality, blurred float64) bool {
	if d, why := copies.Better(q, best, blurred); d < 0 && why == copies.Sharpest {
		return true
	}
	if 4*q.Width*q.Height < 5*best.Width*best.Height {
		return false
	}
	if q.Signature != nil && best.Signature != nil {
		return copies.Sharper(q.Signature, best.Signature)*blurred >= 1
	}
	return true
}

func (f *finder) isReference(from string) bool {
	return slices.ContainsFunc(f.o.Reference, func(dir string) bool { return source.Under(from, dir) })
}

// copyFolderWords are words in the names of folders that people and programs put copies into. A folder is one of
// these if its name has such a word by itself: "old", "Backup 2019", "photos_copy".
var copyFolderWords = []string{
	"backup", "backups", "bak", "copy", "copies", "duplicate", "duplicates", "dupes", "old", "tmp", "temp", "cache", "trash",
	"download", "downloads", "received", "sent", "thumbnails", "thumbs",
}

// inCopyFolder reports whether a file lies in a folder for copies, at any depth.
func inCopyFolder(path string) bool {
	for _, folder := range strings.Split(filepath.ToSlash(filepath.Dir(path)), "/") {
		words := strings.FieldsFunc(strings.ToLower(folder), func(r rune) bool { return !('a' <= r && r <= 'z' || r > 127) })
		if slices.ContainsFunc(words, func(w string) bool { return slices.Contains(copyFolderWords, w) }) {
			return true
		}
	}
	return false
}

// liesWithCopies reports whether a file is in a folder for copies. The folder that holds all pictures does not count:
// the collection may lie below Downloads.
func (f *finder) liesWithCopies(path string) bool {
	rest, ok := strings.CutPrefix(path, f.common)
	return ok && inCopyFolder(rest) || !ok && inCopyFolder(path)
}

// isLink reports whether a path is a symbolic link.
func (f *finder) isLink(path string) bool {
	is, known := f.linked[path]
	if !known && !source.IsAddress(path) {
		info, err := os.Lstat(path)
		is = err == nil && info.Mode()&os.ModeSymlink != 0
		f.linked[strings.Clone(path)] = is
	}
	return is
}

// linkTarget returns the file that a path leads to.
func linkTarget(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}

// commonFolder returns the folder that holds all sources, with a separator at its end.
func commonFolder(sources []string) string {
	common := ""
	for i, s := range sources {
		dir := filepath.Dir(s) + string(filepath.Separator)
		if i == 0 {
			common = dir
		}
		for !strings.HasPrefix(dir, common) {
			common = filepath.Dir(strings.TrimSuffix(common, string(filepath.Separator))) + string(filepath.Separator)
			if len(common) <= 2 {
				return string(filepath.Separator)
			}
		}
	}
	return common
}
