//go:build cgo && (linux || darwin)

package picture

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// red counts the pixels that are redder than anything that a drawing itself has.
func red(p *Picture) (n int) {
	for i := 0; i < len(p.Pix); i += 3 {
		if p.Pix[i] > 200 && p.Pix[i+1] < 60 && p.Pix[i+2] < 60 {
			n++
		}
	}
	return n
}

// Whatever a drawing names outside of itself, in a file or at an address, is neither opened nor seen.
// All that lies outside is red, or makes something red.
func TestDrawingsReadNothingOutside(t *testing.T) {
	t.Parallel()
	withoutSVG(t)
	dir := t.TempDir()
	m := image.NewRGBA(image.Rect(0, 0, 8, 8))
	draw.Draw(m, m.Bounds(), image.NewUniform(color.RGBA{255, 0, 0, 255}), image.Point{}, draw.Src)
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		t.Fatal(err)
	}
	const rect = `<rect width="600" height="600" fill="#f00"/>`
	for name, data := range map[string]string{
		"red.png": file.String(), "red.css": `rect { fill: #f00 }`, "red.ent": rect, "red.dtd": `<!ENTITY x '` + rect + `'>`, "font.ttf": "no font", "red.txt": "#f00",
		"red.svg": string(svgFile(`<linearGradient id="g"><stop stop-color="#f00"/></linearGradient><pattern id="p" width="600" height="600">` + rect + `</pattern>` +
			`<mask id="m"/><filter id="f"><feFlood flood-color="#f00"/></filter><g id="r">` + rect + `</g>` + rect)),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var asked atomic.Value
	asked.Store("")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.URL.Path)
		http.FileServer(http.Dir(dir)).ServeHTTP(w, r)
	}))
	defer s.Close()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	relative, err := filepath.Rel(here, dir) // a child's folder is its parent's
	if err != nil {
		t.Fatal(err)
	}
	opened := watchOpened(t, dir)

	picture := func(address string) []byte {
		return svgFile(`<image width="600" height="600" xlink:href="` + address + `"/>`)
	}
	filled := func(address string) []byte {
		return svgFile(`<rect width="600" height="600" fill="url(` + address + `)"/>`)
	}
	entity := func(subset, body string) []byte {
		return []byte(`<?xml version="1.0"?><!DOCTYPE svg [` + subset + `]>` + string(svgFile(body)))
	}
	laughs := `<!ENTITY a0 'ha'>`
	for i := range 30 {
		n := string(rune('0'+i/10)) + string(rune('0'+i%10))
		last := "a0"
		if i > 0 {
			last = "b" + string(rune('0'+(i-1)/10)) + string(rune('0'+(i-1)%10))
		}
		laughs += `<!ENTITY b` + n + ` '` + strings.Repeat("&"+last+";", 10) + `'>`
	}
	for _, c := range []struct {
		why  string
		data []byte
		red  bool // what lies inside is drawn
	}{
		{"a picture inside", picture("data:image/png;base64," + base64.StdEncoding.EncodeToString(file.Bytes())), true},
		{"an entity inside", entity(`<!ENTITY x '`+rect+`'>`, `&x;`), true},
		{"a style inside", svgFile(`<style>rect { fill: #f00 }</style><rect width="600" height="600"/>`), true},

		{"a picture by its file's address", picture("file://DIR/red.png"), false},
		{"a picture of localhost's file", picture("file://localhost/DIR/red.png"), false},
		{"a picture by its path", picture("DIR/red.png"), false},
		{"a picture by its relative path", picture("RELATIVE/red.png"), false},
		{"a picture by SVG 2's attribute", svgFile(`<image width="600" height="600" href="file://DIR/red.png"/>`), false},
		{"a picture from above xml:base", svgFile(`<g xml:base="file://DIR/"><image width="600" height="600" xlink:href="red.png"/></g>`), false},
		{"a picture at an address", picture("HTTP/red.png"), false},
		{"a picture at an address without a scheme", picture("//HOST/red.png"), false},
		{"a picture that is a drawing", picture("file://DIR/red.svg"), false},
		{"a picture of memory", picture("file:///proc/self/mem"), false},
		{"a picture that never ends", picture("file:///dev/zero"), false},
		{"a drawing inside with a picture outside", picture("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(
			[]byte(strings.ReplaceAll(string(picture("file://DIR/red.png")), "DIR", filepath.ToSlash(dir))))), false},
		{"a part of a file", svgFile(`<use xlink:href="file://DIR/red.svg#r"/>`), false},
		{"a part of a file by its path", svgFile(`<use xlink:href="RELATIVE/red.svg#r"/>`), false},
		{"a part of what an address has", svgFile(`<use href="HTTP/red.svg#r"/>`), false},
		{"a gradient of a file", filled("file://DIR/red.svg#g"), false},
		{"a pattern of an address", filled("HTTP/red.svg#p"), false},
		{"a filter of a file", svgFile(`<rect width="600" height="600" fill="#fff" filter="url(file://DIR/red.svg#f)"/>`), false},
		{"a mask of an address", svgFile(`<rect width="600" height="600" fill="#fff" mask="url(HTTP/red.svg#m)"/>`), false},
		{"a filter's picture of a file", svgFile(`<filter id="f"><feImage xlink:href="file://DIR/red.png"/></filter><rect width="600" height="600" fill="#fff" filter="url(#f)"/>`), false},
		{"a filter's picture of an address", svgFile(`<filter id="f"><feImage href="HTTP/red.png"/></filter><rect width="600" height="600" fill="#fff" filter="url(#f)"/>`), false},

		{"an included file", svgFile(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://DIR/red.svg"/>`), false},
		{"an included text", svgFile(`<style><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="DIR/red.css" parse="text"/></style><rect width="600" height="600" fill="#fff"/>`), false},
		{"an included address", svgFile(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="HTTP/red.svg"/>`), false},
		{"an entity of a file", entity(`<!ENTITY x SYSTEM "file://DIR/red.ent">`, `&x;`), false},
		{"an entity of a path", entity(`<!ENTITY x SYSTEM "DIR/red.ent">`, `&x;`), false},
		{"an entity of an address", entity(`<!ENTITY x PUBLIC "-//x//y" "HTTP/red.ent">`, `&x;`), false},
		{"an entity of a text, in a value", entity(`<!ENTITY x SYSTEM "file://DIR/red.txt">`, `<rect width="600" height="600" fill="&x;"/>`), false},
		{"an entity of /etc/passwd", entity(`<!ENTITY x SYSTEM "file:///etc/passwd">`, `<text y="50">&x;</text>`), false},
		{"a parameter entity", entity(`<!ENTITY % p SYSTEM "file://DIR/red.dtd"> %p;`, `&x;`), false},
		{"a parameter entity of an address", entity(`<!ENTITY % p SYSTEM "HTTP/red.dtd"> %p;`, `&x;`), false},
		{"a document type of a file", []byte(`<!DOCTYPE svg SYSTEM "file://DIR/red.dtd">` + string(svgFile(`&x;`))), false},
		{"a document type of an address", []byte(`<!DOCTYPE svg SYSTEM "HTTP/red.dtd">` + string(svgFile(`&x;`))), false},
		{"10^30 entities", entity(laughs, `<text y="50">&b29;</text>`), false},

		{"a stylesheet of a file", []byte(`<?xml-stylesheet type="text/css" href="file://DIR/red.css"?>` + string(svgFile(`<rect width="600" height="600" fill="#fff"/>`))), false},
		{"a stylesheet of a path", []byte(`<?xml-stylesheet type="text/css" href="RELATIVE/red.css"?>` + string(svgFile(`<rect width="600" height="600" fill="#fff"/>`))), false},
		{"a stylesheet of an address", []byte(`<?xml-stylesheet type="text/css" href="HTTP/red.css"?>` + string(svgFile(`<rect width="600" height="600" fill="#fff"/>`))), false},
		{"a style that imports a file", svgFile(`<style>@import url("file://DIR/red.css");</style><rect width="600" height="600" fill="#fff"/>`), false},
		{"a style that imports a path", svgFile(`<style>@import "RELATIVE/red.css";</style><rect width="600" height="600" fill="#fff"/>`), false},
		{"a style that imports an address", svgFile(`<style>@import url(HTTP/red.css);</style><rect width="600" height="600" fill="#fff"/>`), false},
		{"a font of a file", svgFile(`<style>@font-face { font-family: F; src: url(file://DIR/font.ttf) }</style><text y="90" font-family="F">a</text>`), false},
		{"a font of an address", svgFile(`<style>@font-face { font-family: F; src: url(HTTP/font.ttf) }</style><text y="90" font-family="F">a</text>`), false},
		{"a script", svgFile(`<script xlink:href="HTTP/red.txt"/><script>document.documentElement.style.background = "#f00"</script>`), false},
		{"a page", svgFile(`<foreignObject width="600" height="600"><iframe xmlns="http://www.w3.org/1999/xhtml" src="HTTP/red.svg"/></foreignObject>`), false},
	} {
		data := strings.NewReplacer("DIR", filepath.ToSlash(dir), "RELATIVE", filepath.ToSlash(relative), "HTTP", s.URL, "HOST", strings.TrimPrefix(s.URL, "http://")).Replace(string(c.data))
		start := time.Now()
		p, _, err := Decode(t.Context(), []byte(data), Limits{Time: 10 * time.Second})
		if err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrTooLarge) || err != nil && c.red {
			t.Errorf("%s: %v", c.why, err)
		}
		if err == nil && red(p) > 0 != c.red {
			t.Errorf("%s: %d of %d pixels are red", c.why, red(p), p.Width*p.Height)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: it took %v", c.why, took)
		}
		if path := asked.Swap(""); path != "" {
			t.Errorf("%s: %s was fetched", c.why, path)
		}
		if names := opened(); len(names) > 0 {
			t.Errorf("%s: %q was opened", c.why, names)
		}
	}
}
