package source_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/source"
)

// files makes files of one byte; a name that ends in / is a folder.
func files(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		err := os.MkdirAll(filepath.Dir(path), 0o777)
		if strings.HasSuffix(name, "/") {
			err = errors.Join(err, os.MkdirAll(path, 0o777))
		} else {
			err = errors.Join(err, os.WriteFile(path, []byte{1}, 0o666))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// walk returns what a walk of dir finds, relative to dir, and what it complains of.
func walk(t *testing.T, dir string, o source.Options, roots ...string) (found, problems []string) {
	t.Helper()
	o.Problem = func(path string, err error) {
		problems = append(problems, strings.TrimPrefix(path, dir+string(filepath.Separator))+": "+err.Error())
	}
	err := source.Walk(t.Context(), roots, o, func(it source.Item) error {
		rel, err := filepath.Rel(dir, it.Source)
		if err != nil || it.Address {
			rel = it.Source
		}
		if !it.Address && (it.Size != 1 || it.ModTime.IsZero()) {
			t.Errorf("%s has size %d and date %s", rel, it.Size, it.ModTime)
		}
		if it.Name != "" {
			rel += " = " + it.Name
		}
		for _, t := range it.Tags {
			rel += " #" + t
		}
		found = append(found, filepath.ToSlash(rel))
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return found, problems
}

func same(t *testing.T, why string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", why, got, want)
	}
}

func TestWalkFindsWhatCouldBeAPicture(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files(t, dir,
		"b.png", "a.JPG", "none", "odd.xyz", "ünï/ö 1.png", "deep/er/x.png", "empty/",
		"notes.txt", "film.MP4", "model.onnx", // known by their names to be others
		".hidden.png", ".git/x.png", "@eaDir/t.jpg", "Thumbs.db", "__MACOSX/x.png", "node_modules/p/x.png")
	plain := []string{"a.JPG", "b.png", "deep/er/x.png", "none", "odd.xyz", "ünï/ö 1.png"}
	for _, c := range []struct {
		why  string
		o    source.Options
		want []string
	}{
		{"a folder", source.Options{}, plain},
		{"hidden ones too", source.Options{Hidden: true}, []string{
			".git/x.png", ".hidden.png", "@eaDir/t.jpg", "__MACOSX/x.png", "a.JPG", "b.png", "deep/er/x.png", "node_modules/p/x.png", "none", "odd.xyz", "ünï/ö 1.png",
		}},
		{"by the file's name", source.Options{Include: []string{"*.png"}}, []string{"b.png", "deep/er/x.png", "ünï/ö 1.png"}},
		{"by the path", source.Options{Include: []string{"deep/**"}}, []string{"deep/er/x.png"}},
		{"an include beats the list of other types", source.Options{Include: []string{"*.{txt,JPG}"}}, []string{"a.JPG", "notes.txt"}},
		{"whatever the case", source.Options{Include: []string{"*.jpg"}}, []string{"a.JPG"}},
		{"without what is in a folder", source.Options{Exclude: []string{"deep/**", "[no]*"}}, []string{"a.JPG", "b.png", "ünï/ö 1.png"}},
		{"without a folder", source.Options{Exclude: []string{"deep", "[no]*"}}, []string{"a.JPG", "b.png", "ünï/ö 1.png"}},
		{"without a place", source.Options{Leave: filepath.Join(dir, "deep")}, slices.DeleteFunc(slices.Clone(plain), func(s string) bool { return strings.HasPrefix(s, "deep") })},
	} {
		found, problems := walk(t, dir, c.o, dir)
		same(t, c.why, found, c.want...)
		same(t, c.why, problems)
	}
	found, _ := walk(t, dir, source.Options{}, filepath.Join(dir, "deep"), filepath.Join(dir, ".hidden.png"), "http://example.org/x?y")
	same(t, "several roots, each asked for by name", found, "deep/er/x.png", ".hidden.png", "http://example.org/x?y")
}

func TestLinksAreFollowedWithoutEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files(t, dir, "real/a.png", "real/sub/b.png")
	for from, to := range map[string]string{
		"root":          "real",            // a root that is a link
		"real/loop":     "..",              // a folder that holds itself
		"real/link.png": "sub/b.png",       // a file
		"real/dead.png": "nowhere",         // nothing
		"real/self.png": "self.png",        // itself
		"real/null.png": os.DevNull,        // a device
		"real/out":      os.TempDir() + "", // a folder elsewhere
	} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Skip("this system has no links:", err)
		}
	}
	var linked []string
	found, problems := walk(t, dir, source.Options{Linked: func(path string) { linked = append(linked, path) }}, filepath.Join(dir, "root"))
	same(t, "files and links to files, once each", found, "root/a.png", "root/link.png", "root/sub/b.png")
	same(t, "links that lead out of the root are told", linked, filepath.Join(dir, "root", "loop"), filepath.Join(dir, "root", "out"))
	if len(problems) != 1 || !strings.HasPrefix(problems[0], "root/self.png: ") {
		t.Errorf("problems: %q", problems)
	}
}

func TestWalkRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files(t, dir, "a.png")
	none := func(source.Item) error { return nil }
	if err := source.Walk(t.Context(), []string{filepath.Join(dir, "absent")}, source.Options{}, none); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "absent") {
		t.Errorf("an absent root: %v", err)
	}
	if err := source.Walk(t.Context(), []string{dir}, source.Options{Include: []string{"["}}, none); !errors.Is(err, api.ErrInvalid) {
		t.Error("a malformed glob:", err)
	}
	stop := errors.New("stop")
	if err := source.Walk(t.Context(), []string{dir}, source.Options{}, func(source.Item) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the walk ends with %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := source.Walk(ctx, []string{dir}, source.Options{}, none); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled walk ends with %v", err)
	}
	if _, err := source.Read(t.Context(), source.Item{Source: dir}, nil, 0); err == nil {
		t.Error("a folder is read")
	}
}

func TestListsNamePicturesInAnyWayThatPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, file, text string
		want, problems  []string
	}{
		{"the demo's own kind", "l.csv", "Country,Flag Image\nChad,a.png\n\"Korea, South\",b/c.png\n", []string{"a.png = Chad", "b/c.png = Korea, South"}, nil},
		{"the columns turned round, CRLF, BOM", "l.csv", "\ufeffURL,Title\r\nhttp://x.org/a,Chad\r\na.png,\r\n", []string{"http://x.org/a = Chad", "a.png"}, nil},
		{"no header", "l.csv", "Chad,a.png\nMali,b/c.png\n", []string{"a.png = Chad", "b/c.png = Mali"}, nil},
		{"one column", "l.csv", "a.png\nb/c.png\n", []string{"a.png", "b/c.png"}, nil},
		{"a header without names", "l.csv", "n,path\n1,a.png\n", []string{"a.png"}, nil},
		{"tags", "l.csv", "path,Tags\na.png, red ; São Paulo;;\nb/c.png\n", []string{"a.png #red #São Paulo", "b/c.png"}, nil},
		{"rows that name nothing, or what is not there", "l.csv", "name,path\nChad,a.png\nMali\nNiger,\nTogo,absent.png\nPeru,b\n", []string{"a.png = Chad"},
			[]string{"row 3: it names no path", "row 4: it names no path", "row 5: stat", "row 6: "}},
		{"a quote in the middle, a line break inside quotes", "l.csv", "name,path\nThe \"flag\",a.png\n\"two\nlines\",b/c.png\n", []string{"a.png = The \"flag\"", "b/c.png = two\nlines"}, nil},
		{"tabs", "l.tsv", "name\tpath\nChad, the\ta.png\n", []string{"a.png = Chad, the"}, nil},
		{"lines", "l.txt", "\n# flags\na.png\r\n  b/c.png  \nhttps://x.org/d.png\nb\n", []string{"a.png", "b/c.png", "https://x.org/d.png"}, []string{"row 6: "}},
		{"nothing", "l.csv", "", nil, nil},
	} {
		dir := t.TempDir()
		files(t, dir, "a.png", "b/c.png")
		list := filepath.Join(dir, c.file)
		if err := os.WriteFile(list, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		found, problems := walk(t, dir, source.Options{}, list)
		same(t, c.why, found, c.want...)
		if len(problems) != len(c.problems) {
			t.Errorf("%s: problems %q", c.why, problems)
			continue
		}
		for i, p := range problems {
			if !strings.HasPrefix(p, c.file+", "+c.problems[i]) {
				t.Errorf("%s: problem %q, want %q", c.why, p, c.problems[i])
			}
		}
	}
	list := filepath.Join(t.TempDir(), "film.txt")
	if err := os.WriteFile(list, make([]byte, 3<<20), 0o666); err != nil {
		t.Fatal(err)
	}
	err := source.Walk(t.Context(), []string{list}, source.Options{}, func(source.Item) error { return nil })
	if err == nil || !strings.Contains(err.Error(), list) {
		t.Errorf("a list that is none: %v", err)
	}
}

func TestTenThousandFilesAreWalkedInOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var want []string
	for i := range 10000 {
		name := fmt.Sprintf("%02d/%05d.png", i/500, i)
		want = append(want, name)
	}
	files(t, dir, want...)
	found, _ := walk(t, dir, source.Options{}, dir)
	same(t, "ten thousand", found, want...)
}
