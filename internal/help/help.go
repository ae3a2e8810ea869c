// Package help renders the documentation, Markdown as it is read on GitHub, as pages of `akin serve`.
package help

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"path"
	"strings"
	"sync"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// repository is where links lead that leave the documentation.
const repository = "https://github.com/akin-search/akin/blob/main/"

// Help is the documentation.
type Help struct {
	files    fs.FS // Markdown and pictures
	template *template.Template
	sections func() ([]section, error)
	markdown goldmark.Markdown
}

// section is a part of the list of all pages, which README.md has.
type section struct {
	Title string
	Pages []link
}

type link struct{ Title, Path string }

// New returns the documentation of files, each page set in a template: HTML with places for Title, Sections and Content,
// and Root, which is the way from a page to the folder that the template's own addresses are relative to.
func New(files fs.FS, page []byte) (*Help, error) {
	rooted := strings.NewReplacer(`="./`, `="{{.Root}}`).Replace(string(page))
	t, err := template.New("help").Parse(rooted)
	if err != nil {
		return nil, err
	}
	h := &Help{files: files, template: t, markdown: goldmark.New(
		goldmark.WithExtensions(extension.Table),
		goldmark.WithParserOptions(parser.WithAutoHeadingID(), parser.WithASTTransformers(util.Prioritized(relink{}, 100))),
	)}
	h.sections = sync.OnceValues(h.list)
	return h, nil
}

// Page renders the page of a name, which is its path without an ending; README.md is the page without a name. The error
// is fs.ErrNotExist where there is none.
func (h *Help) Page(name string) ([]byte, error) {
	file := name + ".md"
	if name == "" {
		file = "README.md"
	}
	markdown, err := fs.ReadFile(h.files, file)
	if err != nil {
		return nil, err
	}
	sections, err := h.sections()
	if err != nil {
		return nil, err
	}
	var content bytes.Buffer
	context := parser.NewContext(parser.WithIDs(headings{}))
	context.Set(fileKey, file)
	if err := h.markdown.Convert(markdown, &content, parser.WithContext(context)); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	// What is wider than the window scrolls by itself, by the keyboard as well.
	html := strings.NewReplacer(
		"<table>", `<div class="scroll" tabindex="0"><table>`, "</table>", "</table></div>",
		"<pre>", `<pre tabindex="0">`,
		"<th></th>", "<td></td>", // a heading of nothing is none
	).Replace(content.String())
	var page bytes.Buffer
	err = h.template.Execute(&page, struct {
		Root, Path, Title string
		Sections          []section
		Content           template.HTML
	}{strings.Repeat("../", strings.Count("help/"+name, "/")), name, title(markdown), sections, template.HTML(html)}) //nolint:gosec // of this program's own files
	return page.Bytes(), err
}

// list reads the list of all pages.
func (h *Help) list() ([]section, error) {
	markdown, err := fs.ReadFile(h.files, "README.md")
	if err != nil {
		return nil, err
	}
	var sections []section
	context := parser.NewContext()
	context.Set(fileKey, "README.md")
	tree := h.markdown.Parser().Parse(text.NewReader(markdown), parser.WithContext(context))
	err = ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Heading:
			if entering && n.Level == 2 {
				name, _, _ := strings.Cut(words(n, markdown), ":")
				sections = append(sections, section{Title: name})
			}
		case *ast.Link:
			to := string(n.Destination)
			if entering && len(sections) > 0 && !strings.Contains(to, "://") {
				last := &sections[len(sections)-1]
				last.Pages = append(last.Pages, link{words(n, markdown), to})
			}
		}
		return ast.WalkContinue, nil
	})
	return sections, err
}

// title is a page's first heading.
func title(markdown []byte) string {
	first, _, _ := strings.Cut(string(markdown), "\n")
	return strings.TrimSpace(strings.TrimLeft(first, "#"))
}

// words are the text in a node.
func words(n ast.Node, markdown []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Value(markdown))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

var fileKey = parser.NewContextKey()

// relink turns links between files into links between pages.
type relink struct{}

func (relink) Transform(doc *ast.Document, _ text.Reader, context parser.Context) {
	file, _ := context.Get(fileKey).(string)
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if l, ok := n.(*ast.Link); ok && entering {
			l.Destination = []byte(pageLink(file, string(l.Destination)))
		}
		return ast.WalkContinue, nil
	})
}

// pageLink returns the address on the page of file that a link to a file has.
func pageLink(file, to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Path == "" {
		return to
	}
	target := path.Join("docs", path.Dir(file), u.Path)
	if !strings.HasPrefix(target, "docs/") {
		return repository + target
	}
	if base, ok := strings.CutSuffix(u.Path, ".md"); ok {
		if u.Path = base; path.Base(base) == "README" {
			u.Path = path.Dir(base) + "/"
		}
	}
	return u.String()
}

// headings names headings as GitHub does, so that links to them hold in both places.
type headings map[string]int

func (h headings) Generate(value []byte, _ ast.NodeKind) []byte {
	id := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r):
			return unicode.ToLower(r)
		}
		return -1
	}, strings.TrimSpace(string(value)))
	n := h[id]
	if h[id]++; n > 0 {
		return fmt.Appendf(nil, "%s-%d", id, n)
	}
	return []byte(id)
}

func (h headings) Put(value []byte) { h[string(value)]++ }
