//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin/bench/internal/result"
)

// The page's table is the one of the file of results that it names: after a change of either, run bench/all
// with -table.
func TestThePageHasTheTableOfItsFile(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	page, err := os.ReadFile(filepath.Join(root, "docs", "speed.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), begin)
	path, _, ends := strings.Cut(rest, ". -->")
	if !found || !ends {
		t.Fatal("docs/speed.md has no place for the table")
	}
	if path == "none yet" {
		t.Skip("nothing was measured with bench/all yet")
	}
	f, err := result.Read(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Base(path) != f.Name() {
		t.Errorf("%s has the results of %s", path, f.Name())
	}
	want, err := replaceTable(string(page), path, f.Table())
	if err != nil {
		t.Fatal(err)
	}
	if want != string(page) {
		t.Errorf("docs/speed.md has another table than %s; write it with: go run ./bench/all -table %s", path, path)
	}
}

func TestOnlyThePagesTableIsReplaced(t *testing.T) {
	t.Parallel()
	page := "# Speed\n\n" + begin + "old.json. -->\n\nold\n\n" + end + "\n\nafter\n"
	got, err := replaceTable(page, "new.json", "| new |\n")
	if want := "# Speed\n\n" + begin + "new.json. -->\n\n| new |\n\n" + end + "\n\nafter\n"; err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
	if _, err := replaceTable("# Speed\n", "new.json", ""); err == nil {
		t.Error("a page without a place for the table was changed")
	}
}
