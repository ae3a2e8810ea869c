package docs

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fence    = regexp.MustCompile("(?ms)^```.*?^```|`[^`\n]*`")
	heading  = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	notInID  = regexp.MustCompile(`[^\p{L}\p{N}\- _]`)
	mention  = regexp.MustCompile(`(?m)(?:^|[^\w/.])(docs/[\w/-]+\.(?:md|png|svg|csv))`)
	textFile = map[string]bool{".go": true, ".md": true, ".ts": true, ".svelte": true, ".py": true, ".yml": true, "": true}
)

// Every relative link of a Markdown file leads to a file, and to a heading where it names one.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	walk(t, func(path string, text string) {
		if filepath.Ext(path) != ".md" {
			return
		}
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			u, err := url.Parse(m[1])
			if err != nil {
				t.Errorf("%s: link %q: %v", path, m[1], err)
				continue
			}
			if u.Scheme != "" {
				continue
			}
			target := path
			if u.Path != "" {
				target = filepath.Join(filepath.Dir(path), filepath.FromSlash(u.Path))
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: link %q leads nowhere", path, m[1])
				continue
			}
			if u.Fragment != "" && !anchors(t, target)[u.Fragment] {
				t.Errorf("%s: link %q: %s has no such heading", path, m[1], target)
			}
		}
	})
}

// Comments, messages and scripts name pages of docs/ that exist.
func TestMentionedPagesExist(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..")
	walk(t, func(path string, text string) {
		for _, m := range mention.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(m[1]))); err != nil {
				t.Errorf("%s names %s, which does not exist", path, m[1])
			}
		}
	})
}

// ARCHITECTURE.md and the recipes of CONTRIBUTING.md name files that exist.
func TestRecipesNameFiles(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"ARCHITECTURE.md", "CONTRIBUTING.md"} {
		text, err := os.ReadFile(filepath.Join("..", page))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("`([\\w./-]+/[\\w.-]*)`").FindAllStringSubmatch(string(text), -1) {
			path := m[1]
			if strings.HasPrefix(path, "/") || strings.HasPrefix(path, ".deps") || strings.Contains(path, "NAME") || strings.Contains(path, "ROOM") {
				continue
			}
			if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(path))); err != nil {
				t.Errorf("%s names %s, which does not exist", page, path)
			}
		}
	}
}

// Every page can be reached from docs/README.md.
func TestIndexListsEveryPage(t *testing.T) {
	t.Parallel()
	index, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("*/*.md")
	if err != nil {
		t.Fatal(err)
	}
	top, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, top...) {
		if page != "README.md" && !strings.Contains(string(index), "]("+filepath.ToSlash(page)+")") {
			t.Errorf("docs/README.md does not link to %s", page)
		}
	}
}

// anchors returns the headings of a Markdown file as GitHub writes them behind #.
func anchors(t *testing.T, path string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	code := regexp.MustCompile("(?ms)^```.*?^```")
	for _, m := range heading.FindAllStringSubmatch(code.ReplaceAllString(string(text), ""), -1) {
		id := strings.ToLower(strings.ReplaceAll(m[1], "`", ""))
		found[strings.ReplaceAll(notInID.ReplaceAllString(id, ""), " ", "-")] = true
	}
	return found
}

func walk(t *testing.T, visit func(path, text string)) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			switch name {
			case ".git", ".deps", "node_modules", "dist", "demo", "bin", ".work":
				return filepath.SkipDir
			}
			if strings.HasPrefix(name, ".venv") || name == "testdata" {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || !textFile[filepath.Ext(name)] {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		visit(path, string(text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
