package server

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

// shareForm is what a browser posts for an app that shares a picture.
func shareForm(t *testing.T, picture []byte) (contentType string, body []byte) {
	t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("picture", "from my phone.png")
	if err == nil {
		_, err = part.Write(picture)
	}
	if err == nil {
		err = w.WriteField("text", "Look at this")
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), form.Bytes()
}

func TestAShareIsKeptForThePageThatItOpens(t *testing.T) {
	t.Parallel()
	h := handler(t, nil)
	kind, form := shareForm(t, []byte("a picture"))
	w := get(t, h, "POST", "/share", map[string]string{"Content-Type": kind, "Sec-Fetch-Site": "none"}, bytes.NewReader(form))
	key, kept := strings.CutPrefix(w.Header().Get("Location"), "./?shared=")
	if w.Code != http.StatusSeeOther || !kept || len(key) < 26 {
		t.Fatalf("%d, %v", w.Code, w.Header())
	}
	w = get(t, h, "GET", "/share/"+key, nil, nil)
	if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d, %v", w.Code, w.Header())
	}
	_, parameters, err := mime.ParseMediaType(w.Header().Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	part, err := multipart.NewReader(w.Body, parameters["boundary"]).NextPart()
	if err != nil || part.FileName() != "from my phone.png" {
		t.Fatalf("%v, %v", part, err)
	}
	if data, err := io.ReadAll(part); err != nil || string(data) != "a picture" {
		t.Errorf("%q, %v", data, err)
	}
	if w := get(t, h, "GET", "/share/"+key, nil, nil); w.Code != http.StatusNotFound {
		t.Errorf("asked for again: %d", w.Code)
	}
}

func TestAShareThatIsNotKeptSaysWhy(t *testing.T) {
	t.Parallel()
	small := func(o *Options) { o.Limits.UploadBytes = 1000 }
	kind, form := shareForm(t, []byte("a picture"))
	_, large := shareForm(t, make([]byte, 200_000))
	for _, x := range []struct {
		why    string
		change func(*Options)
		header map[string]string
		body   []byte
		code   int
		says   string
	}{
		{"nobody is signed in", func(o *Options) { o.Token = "an-open-s3cret-42" }, nil, form, 303, "signin"},
		{"more than an upload", small, nil, large, 303, "large"},
		{"more than all bodies may be", func(o *Options) { o.Limits.BodyBytes = 100 }, nil, form, 303, "busy"},
		{"no form", nil, map[string]string{"Content-Type": "text/html"}, []byte("<script>alert(1)</script>"), 303, "unread"},
		{"no boundary", nil, map[string]string{"Content-Type": "multipart/form-data"}, form, 303, "unread"},
		{"a boundary that ends the header", nil, map[string]string{"Content-Type": "multipart/form-data; boundary=\"a\r\nX: y\""}, form, 303, "unread"},
		{"a page of another site", nil, map[string]string{"Sec-Fetch-Site": "cross-site"}, form, 403, ""},
	} {
		header := map[string]string{"Content-Type": kind}
		for name, value := range x.header {
			header[name] = value
		}
		w := get(t, handler(t, x.change), "POST", "/share", header, bytes.NewReader(x.body))
		if says := strings.TrimPrefix(w.Header().Get("Location"), "./?shared="); w.Code != x.code || says != x.says {
			t.Errorf("%s: %d, %q", x.why, w.Code, says)
		}
	}
}

func TestSharesAreOfWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	_, o := shared(t)
	o.Token = "an-open-s3cret-42"
	s, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	session := s.sessions.cookie + "=" + s.sessions.begin()
	kind, form := shareForm(t, []byte("a picture"))
	w := get(t, s.Handler(), "POST", "/share", map[string]string{"Content-Type": kind, "Cookie": session}, bytes.NewReader(form))
	key, _ := strings.CutPrefix(w.Header().Get("Location"), "./?shared=")
	if w := get(t, s.Handler(), "GET", "/share/"+key, nil, nil); w.Code != http.StatusUnauthorized {
		t.Errorf("without a session: %d", w.Code)
	}
	if w := get(t, s.Handler(), "GET", "/share/"+key, map[string]string{"Cookie": session}, nil); w.Code != http.StatusOK {
		t.Errorf("with it: %d", w.Code)
	}
}

func TestSharesAreBounded(t *testing.T) {
	t.Parallel()
	_, o := shared(t)
	o.Limits.UploadBytes = 1000
	s, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	kind, form := shareForm(t, make([]byte, 50_000))
	most := int64(sharesKept * (1000 + shareFields))
	for range 20 {
		w := get(t, s.Handler(), "POST", "/share", map[string]string{"Content-Type": kind}, bytes.NewReader(form))
		if w.Code != http.StatusSeeOther || s.shares.size() > most {
			t.Fatalf("%d, %d bytes of %d", w.Code, s.shares.size(), most)
		}
	}
	if s.shares.size() < most/2 {
		t.Errorf("%d bytes of %d are kept", s.shares.size(), most)
	}
}
