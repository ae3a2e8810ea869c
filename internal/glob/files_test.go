package glob

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestAFoldersPathIsNoPattern(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ why, folder string }{
		{"a plain name", "pictures"},
		{"brackets are a class in a pattern", "pictures [2024]"},
		{"a class that is not closed is an error in a pattern", "a[b"},
		{"a star is anything in a pattern", "a*b"},
		{"a backslash is an escape in a pattern", `a\b`},
	} {
		dir := filepath.Join(t.TempDir(), c.folder)
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Skip(err) // a system that has no such names
		}
		for _, name := range []string{"2.vec", "1.vec", "1.rows"} {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		got, err := Files(dir, "?.vec")
		if want := []string{filepath.Join(dir, "1.vec"), filepath.Join(dir, "2.vec")}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", c.why, got, err)
		}
	}
	if _, err := Files(filepath.Join(t.TempDir(), "absent"), "*"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an absent folder: %v", err)
	}
}

// filepath.Glob takes the folders that a user names for patterns, and says nothing when it
// cannot read one: no program here uses it.
func TestNothingUsesFilepathGlob(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != root && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "node_modules" || name == "bench") {
			return fs.SkipDir
		}
		if filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		files++
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(data)) {
			if code, _, _ := strings.Cut(line, "//"); strings.Contains(code, "filepath.Glob(") || strings.Contains(code, "fs.Glob(") {
				t.Errorf("%s: %s", path, strings.TrimSpace(line))
			}
		}
		return nil
	})
	if err != nil || files < 100 {
		t.Errorf("%d files were read: %v", files, err)
	}
}
