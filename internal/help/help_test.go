package help

import (
	"os"
	"path"
	"strings"
	"testing"
)

// What leaves the documentation leads to the repository, and to a file that is there.
func TestLinksOutOfHelpNameFiles(t *testing.T) {
	t.Parallel()
	for file, link := range map[string]string{"README.md": "../ARCHITECTURE.md", "how-to/serve.md": "../../packaging/akin.service"} {
		name, ok := strings.CutPrefix(pageLink(file, link), repository)
		if !ok {
			t.Fatalf("%s in %s: %s", link, file, pageLink(file, link))
		}
		if _, err := os.Stat(path.Join("..", "..", name)); err != nil {
			t.Error(err)
		}
	}
}

// Links to headings hold on GitHub and here.
func TestHeadingsAreNamedAsOnGitHub(t *testing.T) {
	t.Parallel()
	h := headings{}
	for _, row := range [][2]string{
		{"Near, related, weak", "near-related-weak"},
		{"The `.vec` file", "the-vec-file"},
		{"text_models", "text_models"},
		{"Größe", "größe"},
		{"Near, related, weak", "near-related-weak-1"},
	} {
		if id := string(h.Generate([]byte(row[0]), 0)); id != row[1] {
			t.Errorf("%s: %s, not %s", row[0], id, row[1])
		}
	}
}
