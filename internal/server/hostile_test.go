package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
	"github.com/akin-search/akin/internal/golden"
)

// Files that are no pictures, or broken ones, are refused each with its problem.
func TestBrokenUploadsAreRefused(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(golden.Dir(t), "broken", "*"))
	if err != nil || len(files) < 10 {
		t.Skipf("%d broken files, %v", len(files), err)
	}
	_, o := shared(t)
	address, _ := serve(t, o)
	refused := map[int]bool{http.StatusUnsupportedMediaType: true, http.StatusUnprocessableEntity: true, http.StatusRequestEntityTooLarge: true, http.StatusBadRequest: true}
	check := func(how string, answer *http.Response, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", how, err)
			return
		}
		defer answer.Body.Close()
		var p api.Problem
		data, _ := io.ReadAll(answer.Body)
		if !refused[answer.StatusCode] || json.Unmarshal(data, &p) != nil || p.Detail == "" || answer.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %s, %s", how, answer.Status, data)
		}
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.Post(address+base+"/uploads", "application/octet-stream", bytes.NewReader(data))
		check("upload "+filepath.Base(file), answer, err)
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part, _ := form.CreateFormFile("picture", filepath.Base(file))
		_, _ = part.Write(data)
		form.Close()
		answer, err = http.Post(address+base+"/collections/flags.akin/search", form.FormDataContentType(), &body)
		check("search with "+filepath.Base(file), answer, err)
	}
	// The server lives.
	if _, err := to(t, address, client.Options{}).Search(t.Context(), collection, api.SearchRequest{Query: []api.SearchTerm{{Picture: "Chad"}}}); err != nil {
		t.Error(err)
	}
}

func TestOversizedUploadsAreRefused(t *testing.T) {
	t.Parallel()
	h := handler(t, func(o *Options) { o.Limits.UploadBytes = 10_000 })
	big := bytes.Repeat([]byte("x"), 20_000)
	if w := get(t, h, "POST", base+"/uploads", map[string]string{"Content-Type": "image/png"}, bytes.NewReader(big)); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d, %s", w.Code, w.Body)
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, _ := form.CreateFormFile("picture", "a.png")
	_, _ = part.Write(big)
	form.Close()
	if w := get(t, h, "POST", base+"/collections/flags.akin/search", map[string]string{"Content-Type": form.FormDataContentType()}, &body); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d, %s", w.Code, w.Body)
	}
	if w := get(t, h, "POST", base+"/collections/flags.akin/search", map[string]string{"Content-Type": "application/json"},
		strings.NewReader(`{"model":"`+strings.Repeat("x", 2<<20)+`"}`)); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d", w.Code)
	}
	for why, kind := range map[string]string{"no boundary": "multipart/form-data", "an empty form": "multipart/form-data; boundary=x", "no JSON": "application/json", "XML": "application/xml"} {
		w := get(t, h, "POST", base+"/collections/flags.akin/search", map[string]string{"Content-Type": kind}, strings.NewReader("<a/>"))
		if w.Code < 400 || w.Code >= 500 || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d, %s", why, w.Code, w.Body)
		}
	}
}

// A client that sends a byte now and then is let go of, and holds nobody else up.
func TestSlowClientsAreLetGo(t *testing.T) {
	t.Parallel()
	_, o := shared(t)
	o.Limits.Sending = 500 * time.Millisecond
	address, _ := serve(t, o)
	var wait sync.WaitGroup
	for i := range 50 {
		wait.Go(func() {
			conn, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			started := time.Now()
			head := "POST /api/v1/uploads HTTP/1.1\r\nHost: localhost\r\n"
			if i%2 == 0 { // half of them send a body slowly
				head += "Content-Type: image/png\r\nContent-Length: 100000\r\n\r\n"
			}
			_, _ = io.WriteString(conn, head)
			_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
			go func() {
				for range 100 {
					if _, err := io.WriteString(conn, "x"); err != nil {
						return
					}
					time.Sleep(100 * time.Millisecond)
				}
			}()
			_, _ = io.Copy(io.Discard, conn)
			if took := time.Since(started); took > 10*time.Second {
				t.Errorf("a slow client stays for %v", took)
			}
		})
	}
	if _, err := to(t, address, client.Options{}).Search(t.Context(), collection, api.SearchRequest{Query: []api.SearchTerm{{Picture: "Chad"}}}); err != nil {
		t.Errorf("another client: %v", err)
	}
	wait.Wait()
}

// A thousand at once are answered or told to come again; memory stays what it may be.
func TestAThousandUploadsAtOnce(t *testing.T) {
	dir, o := shared(t)
	o.Limits.Running, o.Limits.Waiting, o.Limits.BodyBytes = 1, 8, 4<<20
	address, s := serve(t, o)
	file, err := os.ReadFile(filepath.Join(dir, "flags", "Mexico.png"))
	if err != nil {
		t.Fatal(err)
	}
	padded := append(bytes.Clone(file), make([]byte, 200_000)...) // 200 MB in all
	http := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}, Timeout: time.Minute}
	var most atomic.Int64
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				if now := s.bodies.used.Load(); now > most.Load() {
					most.Store(now)
				}
			}
		}
	}()
	var answered, busy, lost atomic.Int64
	var wait sync.WaitGroup
	for range 1000 {
		wait.Go(func() {
			answer, err := http.Post(address+base+"/uploads", "image/png", bytes.NewReader(padded))
			if err != nil {
				lost.Add(1) // the server answers before it has read all, and closes
				return
			}
			defer answer.Body.Close()
			data, _ := io.ReadAll(answer.Body)
			switch {
			case answer.StatusCode == 201:
				answered.Add(1)
			case answer.StatusCode == 429 && answer.Header.Get("Retry-After") != "" && bytes.Contains(data, []byte("busy")):
				busy.Add(1)
			default:
				t.Errorf("%s: %s", answer.Status, data)
			}
		})
	}
	wait.Wait()
	close(stop)
	t.Logf("%d were answered, %d told to come again, %d connections closed; bodies took up to %d bytes", answered.Load(), busy.Load(), lost.Load(), most.Load())
	if answered.Load() == 0 || busy.Load() == 0 {
		t.Errorf("%d answered, %d busy", answered.Load(), busy.Load())
	}
	if most.Load() > 2*o.Limits.BodyBytes {
		t.Errorf("bodies took %d bytes", most.Load())
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > 256<<20 {
		t.Errorf("%d bytes of heap afterwards", m.HeapAlloc)
	}
	if _, err := to(t, address, client.Options{}).Search(t.Context(), collection, api.SearchRequest{Query: []api.SearchTerm{{Picture: "Chad"}}}); err != nil {
		t.Errorf("the server afterwards: %v", err)
	}
	if used := s.bodies.used.Load(); used != 0 {
		t.Errorf("%d bytes of bodies are not given back", used)
	}
}

// Every parameter of every operation is given paths that lead out, and texts that mean
// something elsewhere: none answers with what was not indexed, and none makes the server fail.
func TestNoParameterLeadsOut(t *testing.T) {
	t.Parallel()
	dir, o := own(t)
	secret := filepath.Join(dir, "secret.png")
	if err := os.WriteFile(secret, []byte("top secret"), 0o666); err != nil {
		t.Fatal(err)
	}
	private := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("a private address was fetched: %s", r.URL)
	}))
	defer private.Close()
	o.IndexUnder = []string{}
	s, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	h := s.Handler()
	var described struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Parameters  []struct {
				Name, In string
				Required bool
			}
			RequestBody *struct{} `json:"requestBody"`
		} `json:"paths"`
	}
	decode(t, get(t, h, "GET", "/openapi.json", nil, nil), &described)
	attacks := []string{
		secret, "file://" + secret, "../" + filepath.Base(secret), "../../../../../../etc/passwd", "/etc/passwd", "..\\..\\secret.png", "%2e%2e%2fsecret.png",
		"..%2f..%2fetc%2fpasswd", "....//....//etc/passwd", "flags.akin/../../secret.png", "import:../secret.png", "\x00", "Chad\x00.png", "'; DROP TABLE picture; --", "%00", "\xff\xfe",
		private.URL, "http://localhost:1/", "-" + private.URL, strings.Repeat("a", 5000), "<script>alert(1)</script>", "{{7*7}}", "*", "?", "[", "**/*", "1e999", "-1", "NaN", "9223372036854775808", "text:", ":", "-",
	}
	bodies := func(a string) []string {
		quoted := text(t, a)
		return []string{
			`{"query":[{"picture":` + quoted + `}]}`, `{"query":[{"url":` + quoted + `}]}`, `{"query":[{"upload":` + quoted + `}]}`, `{"query":[{"picture":"Chad"}],"model":` + quoted + `}`,
			`{"query":[{"picture":"Chad"}],"models":[` + quoted + `]}`, `{"query":[{"picture":"Chad"}],"filter":{"under":` + quoted + `,"names":[` + quoted + `],"only":[` + quoted + `]}}`,
			`{"query":[{"picture":"Chad"}],"filter":{"tags":[` + quoted + `],"after":` + quoted + `}}`, `{"name":` + quoted + `}`, `{"tag":` + quoted + `,"pictures":[` + quoted + `]}`,
			`{"a":{"picture":` + quoted + `},"b":{"url":` + quoted + `},"model":` + quoted + `}`, `{"kind":"index","options":{"paths":[` + quoted + `]}}`, `{"kind":"index","options":{"models":[` + quoted + `]}}`,
			`{"kind":` + quoted + `}`, `{"kind":"eval","options":{"set":` + quoted + `}}`, `{"kind":"probe","options":{"names":[` + quoted + `]}}`, `{"kind":"pull","options":{"model":` + quoted + `}}`, `{"token":` + quoted + `}`, a,
		}
	}
	asked := 0
	try := func(method, target string, body string) {
		t.Helper()
		header := map[string]string{}
		var in io.Reader
		if body != "" {
			in, header["Content-Type"] = strings.NewReader(body), "application/json"
		}
		w := get(t, h, method, target, header, in)
		asked++
		if w.Code >= 500 {
			t.Errorf("%s %.300s %.200s: %d, %.300s", method, target, body, w.Code, w.Body)
		}
		if out := w.Body.String(); strings.Contains(out, "top secret") || strings.Contains(out, "root:x:") {
			t.Errorf("%s %s %s leads out: %.200s", method, target, body, out)
		}
		if w.Code >= 400 && w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %.300s: %d is no problem but %s", method, target, w.Code, w.Header().Get("Content-Type"))
		}
		if w.Code >= 400 && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %.300s: %d without a description: %.300s", method, target, w.Code, w.Body)
		}
	}
	good := map[string]string{"collection": collection, "name": "Chad", "q": "Chad", "upload": "x", "job": "x"}
	for path, operations := range described.Paths {
		for method, op := range operations {
			method := strings.ToUpper(method)
			address := func(attacked, attack string) string {
				filled, query := path, url.Values{}
				for _, p := range op.Parameters {
					value, give := good[p.Name], p.Required
					if p.Name == attacked {
						value, give = attack, true
					}
					switch {
					case p.In == "path":
						filled = strings.ReplaceAll(filled, "{"+p.Name+"}", url.PathEscape(value))
					case p.In == "query" && give:
						query.Set(p.Name, value)
					}
				}
				return base + filled + "?" + query.Encode()
			}
			for _, a := range attacks {
				for _, p := range op.Parameters {
					try(method, address(p.Name, a), "")
				}
				if op.RequestBody != nil && op.OperationID != "upload" && op.OperationID != "login" {
					for _, body := range bodies(a) {
						try(method, address("", ""), body)
					}
				}
			}
		}
	}
	for _, path := range []string{"/../../etc/passwd", "/assets/../../etc/passwd", "/..%2f..%2fetc%2fpasswd", "/%2e%2e/secret.png", "//etc/passwd", base + "/../../secret.png", "/.git/config"} {
		r := httptest.NewRequest("GET", "http://localhost/", nil)
		r.URL.Path, r.URL.RawPath, r.RequestURI = path, path, path
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code == 200 || w.Code >= 500 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	t.Logf("%d requests", asked)
	w := get(t, h, "POST", base+"/collections/flags.akin/jobs", map[string]string{"Content-Type": "application/json"},
		strings.NewReader(fmt.Sprintf(`{"kind":"index","options":{"paths":[%q]}}`, filepath.Dir(secret))))
	if w.Code != http.StatusForbidden {
		t.Errorf("a folder that may not be indexed: %d, %s", w.Code, w.Body)
	}
}
