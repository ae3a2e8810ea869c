package picture

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryFormatIsComplete(t *testing.T) {
	t.Parallel()
	seen := map[string]string{} // by extension
	for _, f := range Formats() {
		if f.Title == "" || !strings.HasPrefix(f.MediaType, "image/") || len(f.Extensions) == 0 || f.matches == nil || f.inspect == nil || f.decode == nil || f.Lossless && f.Lossy {
			t.Errorf("%+v", f)
		}
		for _, ext := range f.Extensions {
			if !strings.HasPrefix(ext, ".") || ext != strings.ToLower(ext) || seen[ext] != "" {
				t.Errorf("extension %q of %s, and of %q", ext, f.Name, seen[ext])
			}
			seen[ext] = f.Name
		}
	}
	if !IsExtension(".JPG") || IsExtension(".txt") || IsExtension("") {
		t.Error("IsExtension")
	}
	if f, ok := FormatOf("svg"); !ok || f.MediaType != "image/svg+xml" {
		t.Errorf("svg: %+v", f)
	}
	if _, ok := FormatOf("xcf"); ok {
		t.Error("there is no decoder of xcf")
	}
}

// The reference lists what is registered, and nothing else.
func TestTheReferenceListsEveryFormat(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "reference", "formats.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(page), "| format | what is read |\n|---|---|\n")
	if !found {
		t.Fatal("no table of formats")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	listed := map[string]bool{}
	for line := range strings.Lines(table) {
		for _, title := range strings.Split(strings.Split(line, "|")[1], ",") {
			listed[strings.TrimSpace(title)] = true
		}
	}
	for _, f := range Formats() {
		if !listed[f.Title] {
			t.Errorf("docs/reference/formats.md does not say what is read of %s", f.Title)
		}
		delete(listed, f.Title)
	}
	delete(listed, "PSB") // what their formats are called for large files, and for cursors
	delete(listed, "CUR")
	for title := range listed {
		t.Errorf("docs/reference/formats.md has %s, which is no format", title)
	}
}

// Sniff asks the formats in no order.
func TestNoFileIsOfTwoFormats(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "*", "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range Formats() {
			if f.matches(data) {
				names = append(names, f.Name)
				found[f.Name] = true
			}
		}
		if len(names) > 1 || len(names) == 1 && Sniff(data) != names[0] {
			t.Errorf("%s: %v", file, names)
		}
	}
	if len(found) < 6 {
		t.Errorf("only files of %v", found)
	}
}
