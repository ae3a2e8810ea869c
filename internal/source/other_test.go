package source_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/source"
)

// Files that their endings say to be something else are counted, and collections of akin's hold nothing to index.
func TestWalkCountsOtherFilesAndPassesCollections(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files(t, dir, "a.png", "film.mp4", "sub/doc.pdf", ".hidden.mp4", "own.akin/akin.db", "own.akin/spaces/1/1.vec", "own.akin/thumbs/x.jpg")
	var other []string
	found, problems := walk(t, dir, source.Options{Other: func(path string) {
		rel, _ := filepath.Rel(dir, path)
		other = append(other, filepath.ToSlash(rel))
	}}, dir)
	if strings.Join(found, " ") != "a.png" || len(problems) > 0 {
		t.Errorf("found %q, problems %q", found, problems)
	}
	if strings.Join(other, " ") != "film.mp4 sub/doc.pdf" {
		t.Errorf("others: %q", other)
	}
	if found, _ := walk(t, dir, source.Options{Include: []string{"*.mp4"}}, dir); strings.Join(found, " ") != "film.mp4" {
		t.Errorf("with --include: %q", found)
	}
}

func TestProseIsNoList(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files(t, dir, "a.png")
	for _, c := range []struct {
		name, text string
		refused    bool
		why        string
	}{
		{"help.txt", "akin finds pictures\nthat look alike\nand shows what it means\n", true, "no line names a file"},
		{"list.txt", "# my pictures\na.png\nanother thing\nand a third\n", false, "one line does"},
		{"gone.txt", "x.png\ny.png\nz.png\n", false, "they are called as pictures are, and each is an error of its own"},
		{"two.txt", "Chad\nMali\n", false, "too little to judge by"},
		{"words.csv", "one\ntwo\nthree\nfour\n", true, "a column of words"},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		err := source.Walk(t.Context(), []string{path}, source.Options{}, func(source.Item) error { return nil })
		if refused := err != nil && strings.Contains(err.Error(), "it is no list of pictures"); refused != c.refused {
			t.Errorf("%s: %v: %s", c.name, err, c.why)
		}
	}
}
