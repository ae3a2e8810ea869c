package server

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/net/html"

	documentation "github.com/akin-search/akin/docs"
)

func helped(t *testing.T) http.Handler {
	t.Helper()
	template, err := os.ReadFile(path.Join("..", "..", "web", helpTemplate))
	if err != nil {
		t.Fatal(err)
	}
	return handler(t, func(o *Options) {
		o.Docs, o.Page = documentation.Files, fstest.MapFS{helpTemplate: {Data: template}}
	})
}

// helpPage has what a test looks for in a page of help.
type helpPage struct {
	links, pictures []string
	ids             map[string]bool
	words           string
}

func parseHelp(t *testing.T, body io.Reader) helpPage {
	t.Helper()
	tree, err := html.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	p := helpPage{ids: map[string]bool{}}
	for n := range tree.Descendants() {
		if n.Type == html.TextNode {
			p.words += n.Data
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "id":
				p.ids[a.Val] = true
			case a.Key == "href" && n.Data == "a":
				p.links = append(p.links, a.Val)
			case a.Key == "src" && n.Data == "img":
				p.pictures = append(p.pictures, a.Val)
			}
		}
	}
	return p
}

// From the first page of help, every link leads to a page, and to a heading where it names one; every picture is there.
func TestEveryLinkOfHelpLeadsSomewhere(t *testing.T) {
	t.Parallel()
	h := helped(t)
	pages := map[string]helpPage{}
	var visit func(address string) helpPage
	visit = func(address string) helpPage {
		if p, ok := pages[address]; ok {
			return p
		}
		w := get(t, h, "GET", address, nil, nil)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %d, %s", address, w.Code, w.Header().Get("Content-Type"))
		}
		p := parseHelp(t, w.Body)
		pages[address] = p
		here, _ := url.Parse(address)
		for _, link := range p.links {
			to, err := here.Parse(link)
			switch {
			case err != nil:
				t.Errorf("%s links to %q: %v", address, link, err)
			case to.Path == "/" || to.Host != "":
			case path.Ext(to.Path) == ".svg" || path.Ext(to.Path) == ".csv":
				if w := get(t, h, "GET", to.Path, nil, nil); w.Code != http.StatusOK {
					t.Errorf("%s links to %s: %d", address, link, w.Code)
				}
			default:
				if other := visit(to.Path); to.Fragment != "" && !other.ids[to.Fragment] {
					t.Errorf("%s links to %s: no such heading", address, link)
				}
			}
		}
		for _, picture := range p.pictures {
			to, _ := here.Parse(picture)
			w := get(t, h, "GET", to.Path, nil, nil)
			if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "image/") {
				t.Errorf("%s shows %s: %d, %s", address, picture, w.Code, w.Header().Get("Content-Type"))
			}
		}
		return p
	}
	if first := visit("/help/"); len(first.links) < 30 {
		t.Errorf("the first page has %d links", len(first.links))
	}
	if len(pages) < 30 || pages["/help/how-to/map"].words == "" {
		t.Errorf("%d pages", len(pages))
	}
}

// Every view names the page of help that tells of it.
func TestHelpHasThePageOfEveryView(t *testing.T) {
	t.Parallel()
	h := helped(t)
	found, err := os.ReadDir("../../web/src/features")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`help: '([^'#]+)#?([^']*)'`)
	views := 0
	for _, d := range found {
		text, err := os.ReadFile(path.Join("../../web/src/features", d.Name(), "view.ts"))
		if err != nil {
			continue // a folder without a view
		}
		views++
		m := named.FindSubmatch(text)
		if m == nil {
			t.Errorf("%s names no page of help", d.Name())
			continue
		}
		w := get(t, h, "GET", "/help/"+string(m[1]), nil, nil)
		if w.Code != http.StatusOK {
			t.Errorf("%s: help/%s: %d", d.Name(), m[1], w.Code)
		}
		if id := string(m[2]); id != "" && !parseHelp(t, w.Body).ids[id] {
			t.Errorf("%s: help/%s has no heading %s", d.Name(), m[1], id)
		}
	}
	if views < 13 {
		t.Errorf("%d views", views)
	}
}

func TestHelpIsAPageOfItsOwn(t *testing.T) {
	t.Parallel()
	h := helped(t)
	w := get(t, h, "GET", "/help/how-to/map", nil, nil)
	body := w.Body.Bytes()
	for _, want := range []string{
		"<title>Map a collection · akin</title>", // in the template of the page
		`="../../start.js"`,                      // whose addresses hold a folder below
		`<a href="../../help/how-to/map" aria-current="page"`,
		`<a href="../explanation/map`,
	} {
		if !bytes.Contains(body, []byte(want)) {
			t.Errorf("no %s", want)
		}
	}
	if bytes.Contains(body, []byte("{{")) {
		t.Error("a placeholder is left")
	}
	if again := get(t, h, "GET", "/help/how-to/map", map[string]string{"If-None-Match": w.Header().Get("ETag")}, nil); again.Code != http.StatusNotModified {
		t.Errorf("again: %d", again.Code)
	}
	for address, code := range map[string]int{
		"/help/how-to/nothing": 404, "/help/../../go.mod": 404, "/help/embed": 404, "/help/images/none.png": 404,
		"/help.html": 404, // a template
	} {
		if w := get(t, h, "GET", address, nil, nil); w.Code != code {
			t.Errorf("%s: %d", address, w.Code)
		}
	}
	if w := get(t, handler(t, nil), "GET", "/help/", nil, nil); w.Code != http.StatusNotFound {
		t.Errorf("without the documentation: %d", w.Code)
	}
}
