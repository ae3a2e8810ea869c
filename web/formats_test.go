package web

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/transfer"
)

var update = flag.Bool("update", false, "write src/api/formats.ts anew")

// The page's file fields accept every format that akin decodes, and it exports in every one that akin writes:
// src/api/formats.ts is made from the lists of both.
func TestThePageKnowsEveryFormat(t *testing.T) {
	t.Parallel()
	const name = "src/api/formats.ts"
	accept := []string{"image/*"}
	for _, f := range picture.Formats() {
		for _, e := range f.Extensions {
			accept = append(accept, "."+strings.TrimPrefix(e, "."))
		}
	}
	slices.Sort(accept[1:])
	want := "// Made from Go's lists: `go test ./web -update`.\n\n/** What `akin export` writes. */\n" +
		"export const exports = ['" + strings.Join(transfer.Formats, "', '") + "'];\n\n" +
		"/** What file fields accept. */\n" +
		"export const accept =\n  '" + strings.Join(accept, ",") + "';\n"
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is\n%s\nwant\n%s\nrun go test ./web -update", name, got, want)
	}
}
