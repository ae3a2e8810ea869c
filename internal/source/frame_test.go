package source

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
)

// A list in Parquet or JSON lines is read as one in CSV is: its titles tell the columns, else the files do.
func TestTypedListsAreWalked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"0.png", "1.png", "2.png", "3.png", "4.png"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	parquet, err := os.ReadFile(filepath.Join("..", "frame", "testdata", "snappy.parquet")) // by pyarrow
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"list.parquet":   string(parquet),
		"metadata.jsonl": `{"file_name": "0.png", "text": "a red flag", "tags": ["red", "old"]}` + "\n" + `{"file_name": "gone.png", "text": "another"}`,
		"two.jsonl":      `{"front": "0.png", "back": "1.png"}` + "\n" + `{"front": "2.png", "back": "3.png"}`,
		"prose.jsonl":    "Dear all",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	walk := func(list string, columns api.Columns) (got []string, rows int, u api.Understood, err error) {
		err = Walk(t.Context(), []string{filepath.Join(dir, list)}, Options{
			Columns: columns, Understood: func(x api.Understood) { u = x },
			Row: func(string, int, string, error) { rows++ },
		}, func(it Item) error {
			got = append(got, filepath.Base(it.Source)+" "+it.Name+" "+strings.Join(it.Tags, ","))
			return nil
		})
		return got, rows, u, err
	}
	got, rows, u, err := walk("list.parquet", nil)
	want := []string{"0.png Chad red,blue", "1.png Mali ", "2.png Tchad é ", "3.png  x", "4.png a;b y,z"}
	if err != nil || rows != 0 || !slices.Equal(got, want) || u.Path != "image.path" || u.Name != "name" || u.Tags != "tags" {
		t.Errorf("%q, %d rows failed, %+v, %v", got, rows, u, err)
	}
	got, rows, u, err = walk("metadata.jsonl", nil)
	if err != nil || rows != 1 || !slices.Equal(got, []string{"0.png a red flag red,old"}) || u.Path != "file_name" || u.Name != "text" {
		t.Errorf("%q, %d rows failed, %+v, %v", got, rows, u, err)
	}
	if _, _, _, err = walk("two.jsonl", nil); err == nil || !strings.Contains(err.Error(), "front and back are both of pictures") {
		t.Error(err)
	}
	if got, _, _, err = walk("two.jsonl", api.Columns{api.PathColumn: "back"}); err != nil || len(got) != 2 || !strings.HasPrefix(got[0], "1.png") {
		t.Errorf("%q, %v", got, err)
	}
	if _, _, _, err = walk("prose.jsonl", nil); err == nil || !strings.Contains(err.Error(), "prose.jsonl") {
		t.Error(err)
	}
}
