package model

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the catalogue in docs/how-to/models.md")

// The catalogue of the documentation is this one.
func TestTheDocumentedCatalogueIsCurrent(t *testing.T) {
	t.Parallel()
	const page, begin, end = "../../docs/how-to/models.md", "<!-- catalogue -->\n", "<!-- end -->\n"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	got, after, more := strings.Cut(rest, end)
	if !ok || !more {
		t.Fatalf("%s has no place for the catalogue", page)
	}
	var b strings.Builder
	b.WriteString("| model | dimensions | MB | speed | licence | good at |\n|---|---|---|---|---|---|\n")
	for _, s := range Known() {
		licence := s.Licence
		if terms := Terms(licence); terms != "" {
			licence = fmt.Sprintf("%s: **%s**", licence, terms)
		}
		fmt.Fprintf(&b, "| `%s` | %d | %d | %s | %s | %s |\n", s.Name, s.Dim, (s.Bytes+5e5)/1e6, s.Speed, licence, s.About)
	}
	if got == b.String() {
		return
	}
	if !*update {
		t.Fatalf("%s lists other models than the catalogue; go test ./internal/model -run Catalogue -update rewrites it", page)
	}
	if err := os.WriteFile(page, []byte(before+begin+b.String()+end+after), 0o666); err != nil {
		t.Fatal(err)
	}
}
