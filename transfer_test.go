package akin_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// FAISS wrote the files: 12 rows, whose ids in idmap2.faiss are 33, 30, … 0.
func TestAnIndexOfFAISSComesInAndGoesOut(t *testing.T) {
	t.Parallel()
	from := filepath.Join("internal", "vector", "testdata", "faiss")
	lines := make([]string, 34)
	for i := range lines {
		lines[i] = "picture " + string(rune('A'+i))
	}
	dir := t.TempDir()
	names := filepath.Join(dir, "names.txt")
	must(t, os.WriteFile(names, []byte(strings.Join(lines, "\n")), 0o666))
	c, err := akin.Open(t.Context(), filepath.Join(dir, "c"), akin.Options{})
	must(t, err)
	defer c.Close()
	r, err := c.Import(t.Context(), api.ImportOptions{Model: "m", File: filepath.Join(from, "idmap2.faiss"), Names: names})
	must(t, err)
	if r.Rows != 12 || r.Dim != 5 {
		t.Errorf("%+v", r)
	}
	e, err := c.Export(t.Context(), "m")
	must(t, err)
	if want := lines[33]; e.Names[0] != want || !slices.Contains(e.Names, lines[0]) {
		t.Errorf("names %q, the first ought to be %q", e.Names, want)
	}
	var b bytes.Buffer
	must(t, e.Write(&b, "faiss"))
	flat, err := os.ReadFile(filepath.Join(from, "flat_ip.faiss"))
	must(t, err)
	if b.Len() != len(flat) || !bytes.Equal(b.Bytes()[:45], flat[:45]) {
		t.Errorf("%d bytes of an IndexFlatIP, FAISS writes %d", b.Len(), len(flat))
	}
	must(t, os.WriteFile(names, []byte(strings.Join(lines[:20], "\n")), 0o666))
	_, err = c.Import(t.Context(), api.ImportOptions{Model: "other", File: filepath.Join(from, "idmap.faiss"), Names: names})
	if err == nil || !strings.Contains(err.Error(), "id 33") || !strings.Contains(err.Error(), "names.txt") {
		t.Errorf("an id without a line: %v", err)
	}
}
