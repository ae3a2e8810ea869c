// Package source finds pictures in folders, files, archives, CSV lists and lists of addresses, and reads
// their bytes from disk or over HTTP.
package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/container"
	"github.com/akin-search/akin/internal/frame"
	"github.com/akin-search/akin/internal/glob"
)

// Item is a file or address that may be a picture: only decoding shows whether it is.
type Item struct {
	Source  string   // absolute path, or http(s) address; that of a container's member is as if it were a folder
	Name    string   // in a list, or ""
	Tags    []string // in a list
	Root    string   // absolute path of the folder, file or list that contained it
	Size    int64    // 0 for an address
	ModTime time.Time
	Address bool
	// Guessed says that the file was met in a folder, and that neither its ending nor Options.Include calls it a
	// picture: Read gives ErrOther where its beginning does not either.
	Guessed bool
	fence   *fence // of Options.Within
}

// Options narrow a walk.
type Options struct {
	Include []string // globs; a file must match one of them
	Exclude []string // globs of files and folders to skip
	Hidden  bool     // hidden and junk files too
	Leave   string   // absolute path of a folder that is always skipped, or ""
	// Within are the folders that files must lie in, after links are resolved: a file elsewhere is a
	// problem, and is not opened. Nil permits all folders, an empty slice none.
	Within []string
	// Other is called for each file that its ending says to be something else, such as a video: it is not opened.
	Other func(path string)
	// Linked is called for each symlinked subfolder that leads out of its root: it is skipped.
	Linked func(path string)
	// Problem is called for each folder that cannot be read; the walk continues.
	Problem func(path string, err error)
	// Row is called for each row of a list without a picture, with the path or address in it, or "".
	// Nil calls Problem instead.
	Row func(list string, row int, item string, err error)
	// Columns name the columns of lists whose titles do not.
	Columns api.Columns
	// Enter says whether a container that is met in a folder is looked into; nil says no. One that is a root always is.
	Enter func(path string) bool
	// Frames and Pages are how many frames of each film and pages of each document are items. With 0 these files are left out,
	// and counted as others. Frames are also how many further frames of each animated picture are items.
	Frames, Pages int
	// Understood is called with the columns that were recognised in a list.
	Understood func(api.Understood)

	fence            *fence // of Within
	include, exclude []*glob.Pattern
	absent           map[string]bool // libraries that are not installed, and of which a problem tells
}

// IsOtherName reports whether a file's name ends as those of other things than pictures do: in folders it is not opened.
func IsOtherName(name string) bool {
	return other[strings.ToLower(filepath.Ext(name))] || container.KindOf(name) != nil
}

// junk are names of files and folders that nobody wants indexed.
var junk = map[string]bool{
	"@eadir": true, "node_modules": true, "thumbs.db": true, "desktop.ini": true, "$recycle.bin": true,
	"system volume information": true, "lost+found": true, "__macosx": true, "ehthumbs.db": true,
}

// other are extensions of files that are certainly no pictures. Everything else
// is decided by its content.
var other = func() map[string]bool {
	m := map[string]bool{}
	for _, ext := range strings.Fields(`txt md csv tsv json jsonl xml html htm css js ts go py c h cpp rs java sh bat yml yaml toml ini log
		pdf doc docx xls xlsx ppt pptx odt zip tar gz tgz bz2 xz 7z rar iso dmg exe dll so dylib bin db sqlite parquet pq arrow arrows feather ipc lance ndjson npy npz pth pt onnx safetensors
		mp3 wav flac ogg m4a aac mp4 m4v mov avi mkv webm mpg mpeg wmv xmp aae thm srt ttf otf woff woff2 lock license`) {
		m["."+ext] = true
	}
	return m
}()

// Walk calls fn for every item of the roots: the files of folders in sorted order, single files,
// the members of archives, and the rows of lists: .csv, .tsv, .txt, .parquet, .arrow, .jsonl and .json. It stops at fn's
// first error.
func Walk(ctx context.Context, roots []string, o Options, fn func(Item) error) error {
	var err error
	if o.include, err = compile(o.Include); err != nil {
		return err
	}
	if o.exclude, err = compile(o.Exclude); err != nil {
		return err
	}
	if o.Problem == nil {
		o.Problem = func(string, error) {}
	}
	if o.Linked == nil {
		o.Linked = func(string) {}
	}
	if o.Other == nil {
		o.Other = func(string) {}
	}
	if o.Enter == nil {
		o.Enter = func(string) bool { return false }
	}
	o.absent = map[string]bool{}
	fence, err := newFence(o.Within)
	if err != nil {
		return err
	}
	o.fence = fence
	emit := fn
	fn = func(it Item) error {
		it.fence = fence
		return emit(it)
	}
	for _, root := range roots {
		if IsAddress(root) {
			if err := fn(Item{Source: root, Root: root, Address: true}); err != nil {
				return err
			}
			continue
		}
		abs, err := filepath.Abs(root)
		if err != nil {
			return fmt.Errorf("read %s: %w", root, err)
		}
		if err := fence.check(Item{Source: abs}); errors.Is(err, ErrOutside) {
			return fmt.Errorf("read %s: %w", root, err)
		}
		info, err := os.Stat(abs)
		if err != nil {
			if file, within, ok := member(abs); ok {
				if err := (entered{file: file, root: abs, within: within}).walk(ctx, o, fn); err != nil {
					return err
				}
				continue
			}
			return fmt.Errorf("read %s: %w", root, errors.Unwrap(err))
		}
		switch ext := strings.ToLower(filepath.Ext(abs)); {
		case info.IsDir():
			err = walkFolder(ctx, abs, o, fn)
		case info.Mode().IsRegular() && container.KindOf(abs) != nil && holdsPictures(ctx, abs, o):
			err = entered{file: abs, root: abs}.walk(ctx, o, fn)
		case ext == ".csv" || ext == ".txt" || ext == ".tsv" || frame.Is(ext):
			err = walkList(ctx, abs, ext, fence.rows(o), fn)
		case !info.Mode().IsRegular():
			err = fmt.Errorf("read %s: neither a file nor a folder", root)
		default:
			if err = fn(Item{Source: abs, Root: abs, Size: info.Size(), ModTime: info.ModTime()}); err == nil && o.Frames > 0 && container.MayMove(abs) {
				err = entered{file: abs, root: abs}.walk(ctx, o, fn)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func walkFolder(ctx context.Context, root string, o Options, fn func(Item) error) error {
	// A root that is a link is followed; links below it are followed to files only,
	// so that no loop can hold the walk and no picture has two sources.
	start := root
	if real, err := filepath.EvalSymlinks(root); err == nil {
		start = real
	}
	return filepath.WalkDir(start, func(p string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		rel, relErr := filepath.Rel(start, p)
		if relErr != nil {
			return relErr
		}
		seen := filepath.Join(root, rel)
		if err != nil {
			o.Problem(seen, err)
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if seen == o.Leave {
			return fs.SkipDir
		}
		if rel == "." {
			return nil
		}
		slashed := filepath.ToSlash(rel)
		if !o.Hidden && IsLeftOut(d.Name()) || matches(o.exclude, slashed, d.IsDir()) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			if isCollection(p) {
				return fs.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			if info, err = os.Stat(p); err == nil && info.IsDir() {
				if real, err := filepath.EvalSymlinks(p); err == nil && !isBelow(start, real) {
					o.Linked(seen)
				}
				return nil
			}
		}
		if err == nil && info.Mode().IsRegular() && o.enters(p, seen, slashed) && holdsPictures(ctx, seen, o) {
			return entered{file: seen, root: root, below: slashed + "/"}.walk(ctx, o, fn)
		}
		if len(o.Include) > 0 {
			if !matches(o.include, slashed, false) {
				return nil
			}
		} else if IsOtherName(p) {
			if err == nil && info.Mode().IsRegular() {
				o.Other(seen)
			}
			return nil
		}
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) { // it went away meanwhile, or is a dead link
				o.Problem(seen, err)
			}
			return nil
		}
		if !info.Mode().IsRegular() {
			return nil
		}
		if d.Type()&fs.ModeSymlink != 0 { // a file in the folder is where it seems to be
			if err := o.fence.check(Item{Source: p}); err != nil {
				o.Problem(seen, err)
				return nil
			}
		}
		guessed := len(o.Include) == 0 && !IsPictureName(p)
		err = fn(Item{Source: seen, Root: root, Size: info.Size(), ModTime: info.ModTime(), Guessed: guessed})
		if err == nil && o.Frames > 0 && container.MayMove(p) {
			err = entered{file: seen, root: root, below: slashed + "/"}.walk(ctx, o, fn)
		}
		return err
	})
}

// isCollection reports whether a folder is one of akin's collections, which holds no pictures of the user's.
func isCollection(dir string) bool {
	info, err := os.Lstat(filepath.Join(dir, "akin.db"))
	return err == nil && info.Mode().IsRegular()
}

// isBelow reports whether a path is the folder dir, or below it.
func isBelow(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// IsLeftOut reports whether files and folders of a name are left out of folders: hidden ones, and what systems keep beside
// pictures.
func IsLeftOut(name string) bool {
	return strings.HasPrefix(name, ".") || junk[strings.ToLower(name)]
}

func compile(globs []string) ([]*glob.Pattern, error) {
	var all []*glob.Pattern
	for _, g := range globs {
		p, err := glob.Compile(g)
		if err != nil {
			return nil, api.Invalidf("%w", err)
		}
		all = append(all, p)
	}
	return all, nil
}

// matches compares a path below the root, and its last element, with globs. A folder is also matched
// as the path that everything in it begins with, so that "old/**" leaves the folder out unread.
func matches(globs []*glob.Pattern, p string, isDir bool) bool {
	return slices.ContainsFunc(globs, func(g *glob.Pattern) bool {
		return g.Match(p) || g.Match(path.Base(p)) || isDir && g.Match(p+"/")
	})
}
