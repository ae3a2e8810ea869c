package duplicates

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/source"
)

// putAside are words in the names of folders that people and programs put copies into. A folder is one of
// these where its name is one of the words, or has it as a word of its own: "old", "Backup 2019", "photos_copy".
var copyFolderWords = []string{
	"backup", "backups", "bak", "copy", "copies", "duplicate", "duplicates", "dupes", "old", "tmp", "temp", "cache", "trash",
	"download", "downloads", "received", "sent", "thumbnails", "thumbs",
}

// isPutAside tells whether a file lies in such a folder, at any depth.
func inCopyFolder(path string) bool {
	for _, folder := range strings.Split(filepath.ToSlash(filepath.Dir(path)), "/") {
		words := strings.FieldsFunc(strings.ToLower(folder), func(r rune) bool { return !('a' <= r && r <= 'z' || r > 127) })
		if slices.ContainsFunc(words, func(w string) bool { return slices.Contains(copyFolderWords, w) }) {
			return true
		}
	}
	return false
}

// comparePlaces compares where two pictures lie: negative where a's is the better place, and why.
func (f *finder) comparePlaces(a, b string) (int, string) {
	if d := -compareBool(f.isReference(a), f.isReference(b)); d != 0 {
		return d, "in a reference folder"
	}
	if d := compareBool(source.IsAddress(a), source.IsAddress(b)); d != 0 {
		return d, "a file"
	}
	if source.IsAddress(a) {
		return 0, ""
	}
	if d := compareBool(f.isLink(a), f.isLink(b)); d != 0 {
		return d, "a file, not a link"
	}
	return compareBool(f.liesWithCopies(a), f.liesWithCopies(b)), "in a folder of its own, not of copies"
}

// isAside tells whether a file was put trash. What all pictures that are asked about have in common says nothing: a
// collection below a folder of downloads.
func (f *finder) liesWithCopies(path string) bool {
	rest, ok := strings.CutPrefix(path, f.common)
	return ok && inCopyFolder(rest) || !ok && inCopyFolder(path)
}

// isLink tells whether a path is a symbolic link.
func (f *finder) isLink(path string) bool {
	is, known := f.linked[path]
	if !known && !source.IsAddress(path) {
		info, err := os.Lstat(path)
		is = err == nil && info.Mode()&os.ModeSymlink != 0
		f.linked[strings.Clone(path)] = is
	}
	return is
}

// linkTarget is where a path leads to.
func linkTarget(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}

// clearlyBetter tells whether a picture shows more than the best of its group: it is sharper, or has a quarter more pixels
// and is as sharp. Where the best is best by its place, the other one is not to go.
func clearlyBetter(q, best copies.Quality, blurred float64) bool {
	if d, why := copies.Better(q, best, blurred); d < 0 && why == "sharper" {
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

// commonFolder is the folder that holds all sources, with a slash at its end.
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
