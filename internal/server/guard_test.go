package server

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/akin-search/akin/client"
)

func TestOnlyKnownHostsAreAnswered(t *testing.T) {
	t.Parallel()
	h := handler(t, func(o *Options) { o.Hosts = []string{"pictures.example.org"} })
	for host, want := range map[string]int{
		"localhost": 200, "localhost:7777": 200, "127.0.0.1:7777": 200, "[::1]:7777": 200, "192.168.1.7": 200, "LOCALHOST.": 200, "app.localhost:1": 200,
		"pictures.example.org": 200, "Pictures.Example.org:443": 200,
		"evil.example": 421, "127.0.0.1.evil.example": 421, "localhost.evil.example:7777": 421, "": 421, "pictures.example.org.evil.example": 421,
	} {
		if w := get(t, h, "GET", base+"/version", map[string]string{"Host": host}, nil); w.Code != want {
			t.Errorf("%q: %d, want %d", host, w.Code, want)
		}
	}
}

func TestPagesOfOtherSitesAskNothing(t *testing.T) {
	t.Parallel()
	h := handler(t, func(o *Options) { o.Origins = []string{"https://friend.example"} })
	for _, x := range []struct {
		why, method string
		header      map[string]string
		want        int
	}{
		{"a program", "GET", nil, 200},
		{"the page itself", "GET", map[string]string{"Sec-Fetch-Site": "same-origin"}, 200},
		{"a picture or form of another site", "GET", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"another port of this machine", "GET", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		{"a script of another site", "POST", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403},
		{"an old browser", "POST", map[string]string{"Origin": "https://evil.example"}, 403},
		{"a page in a sandbox", "POST", map[string]string{"Origin": "null"}, 403},
		{"a site that is allowed", "GET", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://friend.example"}, 200},
		{"its preflight", "OPTIONS", map[string]string{"Origin": "https://friend.example", "Access-Control-Request-Method": "PUT"}, 204},
		{"the preflight of another", "OPTIONS", map[string]string{"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}, 405},
	} {
		w := get(t, h, x.method, base+"/collections", x.header, nil)
		allowed := w.Header().Get("Access-Control-Allow-Origin")
		if w.Code != x.want || (allowed != "") != (x.header["Origin"] == "https://friend.example") {
			t.Errorf("%s: %d, want %d; allowed %q", x.why, w.Code, x.want, allowed)
		}
	}
}

func TestATokenIsAskedFor(t *testing.T) {
	t.Parallel()
	page := fstest.MapFS{"index.html": {Data: []byte("<p>page")}, "assets/a.js": {Data: []byte("1")}}
	h := handler(t, func(o *Options) { o.Token, o.Page = "an-open-s3cret-42", page })
	bearer := func(token string) map[string]string { return map[string]string{"Authorization": "Bearer " + token} }
	for _, x := range []struct {
		path   string
		header map[string]string
		want   int
	}{
		{base + "/collections", nil, 401},
		{base + "/collections", bearer("an-open-s3cret-4"), 401},
		{base + "/collections", bearer(""), 401},
		{base + "/collections?token=an-open-s3cret-42", nil, 401},
		{base + "/collections", bearer("an-open-s3cret-42"), 200},
		{base + "/collections", map[string]string{"Cookie": newSessions("an-open-s3cret-42").cookie + "=an-open-s3cret-42"}, 401},
		{"/metrics", nil, 401},
		{"/metrics", bearer("an-open-s3cret-42"), 200},
		{"/healthz", nil, 200},
		{"/readyz", nil, 200},
		{"/", nil, 200},
		{"/assets/a.js", nil, 200},
		{"/docs", nil, 200},
	} {
		w := get(t, h, "GET", x.path, x.header, nil)
		if w.Code != x.want {
			t.Errorf("%s with %v: %d, want %d", x.path, x.header, w.Code, x.want)
		}
		if x.want == 401 && (w.Header().Get("WWW-Authenticate") == "" || w.Header().Get("Content-Type") != "application/problem+json") {
			t.Errorf("%s: %v", x.path, w.Header())
		}
	}
	w := get(t, h, "GET", "/?token=an-open-s3cret-42", nil, nil)
	set := w.Result().Cookies()
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "./" || len(set) != 1 || strings.Contains(set[0].Value, "an-open-s3cret-42") || !set[0].HttpOnly || set[0].SameSite != http.SameSiteStrictMode {
		t.Fatalf("%d to %q, %v", w.Code, w.Header().Get("Location"), set)
	}
	if w := get(t, h, "GET", base+"/collections", map[string]string{"Cookie": set[0].Name + "=" + set[0].Value}, nil); w.Code != 200 {
		t.Errorf("with the cookie: %d", w.Code)
	}
	if w := get(t, h, "GET", base+"/collections", map[string]string{"Authorization": "Bearer " + set[0].Value}, nil); w.Code != 401 {
		t.Errorf("the cookie's value as a token: %d", w.Code)
	}
	if w := get(t, h, "GET", "/?token=no", nil, nil); len(w.Result().Cookies()) > 0 {
		t.Error("a wrong token gives a cookie")
	}
	login := func(body string) *httptest.ResponseRecorder {
		return get(t, h, "POST", base+"/login", map[string]string{"Content-Type": "application/json", "X-Forwarded-Proto": "https"}, strings.NewReader(body))
	}
	if w := login(`{"token":"an-open-s3cret-42"}`); w.Code != http.StatusNoContent || len(w.Result().Cookies()) != 1 || !w.Result().Cookies()[0].Secure {
		t.Errorf("login: %d, %v", w.Code, w.Header())
	}
	if w := login(`{"token":"no"}`); w.Code != http.StatusUnauthorized || len(w.Result().Cookies()) > 0 {
		t.Errorf("a wrong login: %d", w.Code)
	}

	_, o := shared(t)
	o.Token = "an-open-s3cret-42"
	address, _ := serve(t, o)
	if _, err := to(t, address, client.Options{}).Collections(t.Context()); status(err) != 401 {
		t.Error(err)
	}
	if all, err := to(t, address, client.Options{Token: "an-open-s3cret-42"}).Collections(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
}

// Every answer says what may run and be loaded, whatever it is.
func TestEveryAnswerIsGuarded(t *testing.T) {
	t.Parallel()
	h := handler(t, func(o *Options) { o.Page = fstest.MapFS{"index.html": {Data: []byte("<p>page")}} })
	for _, path := range []string{"/", "/docs", "/openapi.json", "/nothing", base + "/collections", base + "/nothing", base + "/collections/flags.akin/thumbnail?name=Chad", "/metrics"} {
		w := get(t, h, "GET", path, nil, nil)
		policy := w.Header().Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: no %s in %q", path, want, policy)
			}
		}
		for _, d := range strings.Split(policy, ";") {
			if d = strings.TrimSpace(d); strings.HasPrefix(d, "script-src") && d != "script-src 'self'" {
				t.Errorf("%s: %s", path, d)
			}
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", path, w.Header())
		}
	}
}

func TestEverythingLiesUnderAPrefix(t *testing.T) {
	t.Parallel()
	_, o := shared(t)
	o.Prefix = "/akin"
	o.Page = fstest.MapFS{"index.html": {Data: []byte("<p>page")}}
	address, s := serve(t, o)
	if all, err := to(t, address, client.Options{}).Collections(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
	for path, want := range map[string]int{"/akin/": 200, "/akin": 301, "/": 404, "/akinx": 404, base + "/version": 404, "/akin" + base + "/version": 200, "/akin/docs": 200} {
		if w := get(t, s.Handler(), "GET", path, nil, nil); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

func TestWhatIsNotThereIsAProblem(t *testing.T) {
	t.Parallel()
	h := handler(t, nil)
	for _, x := range []struct {
		method, path string
		want         int
		allow        string
	}{
		{"GET", "/nothing", 404, ""},
		{"GET", base + "/nothing", 404, ""},
		{"GET", base + "/collections/other", 404, ""},
		{"DELETE", base + "/collections", 405, "GET, HEAD, POST"},
		{"POST", "/", 405, "GET, HEAD"},
		{"GET", base + "/collections/flags.akin/search?q=Chad&nonsense=1", 422, ""},
		{"GET", base + "/collections/flags.akin/pictures?limit=0", 422, ""},
	} {
		w := get(t, h, x.method, x.path, nil, nil)
		if w.Code != x.want || w.Header().Get("Allow") != x.allow || w.Header().Get("Content-Type") != "application/problem+json" || !strings.Contains(w.Body.String(), `"status":`) {
			t.Errorf("%s %s: %d, %v, %s", x.method, x.path, w.Code, w.Header(), w.Body)
		}
	}
}

func TestThePageIsServedAndKept(t *testing.T) {
	t.Parallel()
	page := fstest.MapFS{"index.html": {Data: []byte("<!doctype html><p>page")}, "assets/a-1.js": {Data: []byte(strings.Repeat("let a = 1;\n", 500))}, "app.webmanifest": {Data: []byte("{}")}}
	h := handler(t, func(o *Options) { o.Page = page })
	if w := get(t, h, "GET", "/app.webmanifest", nil, nil); w.Header().Get("Content-Type") != "application/manifest+json" || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("the manifest: %v", w.Header())
	}
	w := get(t, h, "GET", "/", nil, nil)
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("%d, %v", w.Code, w.Header())
	}
	if again := get(t, h, "GET", "/", map[string]string{"If-None-Match": w.Header().Get("ETag")}, nil); again.Code != http.StatusNotModified {
		t.Errorf("again: %d", again.Code)
	}
	w = get(t, h, "GET", "/assets/a-1.js", map[string]string{"Accept-Encoding": "gzip"}, nil)
	if w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() > 500 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%d bytes, %v", w.Body.Len(), w.Header())
	}
	picture := get(t, h, "GET", base+"/collections/flags.akin/file?name=Mexico", map[string]string{"Accept-Encoding": "gzip"}, nil)
	if picture.Header().Get("Content-Encoding") != "" {
		t.Error("a picture is compressed again")
	}
	if w := get(t, handler(t, nil), "GET", "/", nil, nil); w.Code != 200 || !strings.Contains(w.Body.String(), "make build") {
		t.Errorf("without a page: %d, %s", w.Code, w.Body)
	}
	h = handler(t, nil)
	w = get(t, h, "GET", base+"/collections", nil, nil)
	if again := get(t, h, "GET", base+"/collections", map[string]string{"If-None-Match": w.Header().Get("ETag")}, nil); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("an answer that is known: %d", again.Code)
	}
}

// The docs page loads nothing from elsewhere, runs nothing, and tells every operation.
func TestTheDocsTellEveryOperation(t *testing.T) {
	t.Parallel()
	h := handler(t, nil)
	w := get(t, h, "GET", "/docs", nil, nil)
	page := w.Body.String()
	for _, never := range []string{"<script", "src=", "style=", "https://", "//cdn"} {
		if strings.Contains(page, never) {
			t.Errorf("the docs have %q", never)
		}
	}
	var described struct {
		OpenAPI string                               `json:"openapi"`
		Paths   map[string]map[string]map[string]any `json:"paths"`
	}
	decode(t, get(t, h, "GET", "/openapi.json", nil, nil), &described)
	if !strings.HasPrefix(described.OpenAPI, "3.1") || len(described.Paths) < 20 {
		t.Errorf("%s with %d paths", described.OpenAPI, len(described.Paths))
	}
	var ids []string
	for path, operations := range described.Paths {
		for method, o := range operations {
			id, _ := o["operationId"].(string)
			if o["summary"] == "" || !strings.Contains(page, `id="`+id+`"`) {
				t.Errorf("%s %s is not told", method, path)
			}
			if slices.Contains(ids, id) {
				t.Errorf("two operations are %s", id)
			}
			ids = append(ids, id)
		}
	}
}

var update = flag.Bool("update", false, "write web/openapi.json anew")

// The page's types are made of web/openapi.json, a copy of the server's description.
func TestThePageHasTheDescriptionOfTheAPI(t *testing.T) {
	t.Parallel()
	file := filepath.Join("..", "..", "web", "openapi.json")
	h := handler(t, func(o *Options) { o.Version = "" }) // so that a release leaves the copy as it is
	var served any
	decode(t, get(t, h, "GET", "/openapi.json", nil, nil), &served)
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(served); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, want.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("web/openapi.json is of another API (%v): go test ./internal/server -run Description -update writes it anew", err)
	}
}
