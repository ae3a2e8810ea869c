//go:build unix

package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/akin-search/akin/internal/golden"
)

// harmful are names of files, in a folder of that name, that a page could take for its own.
var harmful = []string{
	"<script>alert(1)<script>", `"onerror="alert(1)`, `'onload='alert(1) x='`, "a\u2028alert(1)\u2029b", "javascript:alert(1)", "</script><img src=x onerror=alert(1)>",
	"</style></title></textarea><svg onload=alert(1)>", "{{.Title}}", "<!--<script>", "--><iframe srcdoc=x>", "]]><base href=x>", `\u003cscript\u003ealert(1)`,
	"`onerror=`alert(1)", "&lt;script&gt;alert(1)",
}

const harmfulModel = `m'><script>alert(1)</script><img src=x onerror=alert(1)>`

// Each page that a command writes is of the same elements, scripts and addresses with hostile
// names of files, folders and models as with harmless ones, and has them as text.
func TestPagesOfHostileNames(t *testing.T) {
	t.Parallel()
	plain := htmlPages(t, "m", func(i int) string { return fmt.Sprintf("folder %d/name %[1]d", i) })
	hostile := htmlPages(t, harmfulModel, func(i int) string {
		return harmful[i%len(harmful)] + "/" + strings.TrimPrefix(harmful[i%len(harmful)], "</")
	})
	for command, page := range hostile {
		want := plain[command]
		if got, want := kinds(page), kinds(want); !slices.Equal(got, want) {
			t.Errorf("%s: elements and attributes %q, want %q", command, got, want)
		}
		if got, want := scripts(t, page), scripts(t, want); !slices.Equal(got, want) {
			t.Errorf("%s: its scripts are others: %.300q, want %.300q", command, got, want)
		}
		for e := range page.Descendants() {
			for _, a := range e.Attr {
				if slices.Contains([]string{"src", "href", "action", "data", "srcdoc", "xlink:href"}, a.Key) && !strings.HasPrefix(a.Val, "data:image/") && !strings.HasPrefix(a.Val, "#") {
					t.Errorf("%s: %s=%.100q", command, a.Key, a.Val)
				}
			}
		}
		shown := words(page)
		if !slices.ContainsFunc(append(harmful, harmfulModel), func(name string) bool { return strings.Contains(shown, strings.TrimPrefix(name, "</")) }) {
			t.Errorf("%s shows none of the names", command)
		}
	}
}

// htmlPages are the pages of all commands that write one, of some flags that are called as name has it.
func htmlPages(t *testing.T, model string, name func(int) string) map[string]*html.Node {
	t.Helper()
	deps := golden.Deps(t)
	libraries, _ := filepath.Glob(filepath.Join(deps, "lib", "*onnxruntime*.so*"))
	s := &session{dir: t.TempDir(), env: []string{"AKIN_MODELS=" + filepath.Join(deps, "models")}}
	if len(libraries) > 0 {
		s.env = append(s.env, "AKIN_ONNXRUNTIME="+libraries[0])
	}
	flags, err := filepath.Glob(filepath.Join(deps, "flags", "*.png"))
	if err != nil || len(flags) < 2*len(harmful) {
		t.Fatal(len(flags), err)
	}
	pictures := filepath.Join(s.dir, "pictures")
	for i := range len(harmful) {
		data, err := os.ReadFile(flags[i&^1]) // each twice
		file := filepath.Join(pictures, name(i)+".png")
		if err = errors.Join(err, os.MkdirAll(filepath.Dir(file), 0o777), os.WriteFile(file, data, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	do := func(args ...string) {
		t.Helper()
		if out, err := s.command(args...).CombinedOutput(); err != nil {
			t.Fatalf("%q: %v: %s", args, err, out)
		}
	}
	do("index", pictures)
	do("export", "-m", "mobilenetv2-gem", "--out", "v.csv")
	file, err := os.ReadFile(filepath.Join(s.dir, "v.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(file))).ReadAll()
	if err != nil || len(rows) != len(harmful)+1 {
		t.Fatal(len(rows), err)
	}
	do("import", "-m", model, "v.csv")
	var names []string
	var pairs strings.Builder
	w := csv.NewWriter(&pairs)
	for i, row := range rows[1:] {
		names = append(names, row[0])
		if i%2 == 1 {
			_ = w.Write([]string{names[i-1], names[i]})
		}
	}
	w.Flush()
	if err := os.WriteFile(filepath.Join(s.dir, "pairs.csv"), []byte(pairs.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	pages := map[string]*html.Node{}
	for _, args := range [][]string{
		{"compare", names[0]}, {"disagree"}, {"disagree", names[0]}, {"dupes", "--exact"}, {"bias", "pairs.csv", "--language", model}, {"eval", "pairs.csv"}, {"advise", "pairs.csv"},
		{"explain", "-m", "mobilenetv2-gem", names[0], names[len(names)-1]}, {"map", "-m", model}, {"probe", "--sample", "2", "-m", "mobilenetv2-gem"}, {"context", "pairs.csv", "--without", "lettering", "-m", "mobilenetv2-gem"},
	} {
		do(append(args, "--html", "page.html")...)
		f, err := os.Open(filepath.Join(s.dir, "page.html"))
		if err != nil {
			t.Fatal(err)
		}
		command := fmt.Sprint(args[0], len(args))
		pages[command], err = html.Parse(f)
		if err := errors.Join(err, f.Close(), os.Remove(f.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	return pages
}

// kinds are the kinds of elements that a page has, each with its attributes.
func kinds(page *html.Node) (all []string) {
	for e := range page.Descendants() {
		if e.Type != html.ElementNode && e.Type != html.CommentNode {
			continue
		}
		kind := e.Data
		if e.Type == html.CommentNode {
			kind = "comment"
		}
		for _, a := range e.Attr {
			kind += " " + a.Key
		}
		all = append(all, kind)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// scripts are those of a page that run; what is data must be JSON.
func scripts(t *testing.T, page *html.Node) (all []string) {
	t.Helper()
	for e := range page.Descendants() {
		if e.Type != html.ElementNode || e.Data != "script" {
			continue
		}
		if slices.Contains(e.Attr, html.Attribute{Key: "type", Val: "application/json"}) {
			if !json.Valid([]byte(words(e))) {
				t.Errorf("data of a page is no JSON: %.300q", words(e))
			}
			continue
		}
		all = append(all, words(e))
	}
	return all
}

func words(n *html.Node) string {
	var b strings.Builder
	for e := range n.Descendants() {
		if e.Type == html.TextNode {
			b.WriteString(e.Data)
		}
	}
	return b.String()
}
