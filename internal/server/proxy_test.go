package server

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
)

// Behind nginx everything works under a path that it takes away, and under one that it
// keeps: searches, uploads, jobs that are followed, the page and its cookie.
func TestBehindAReverseProxy(t *testing.T) {
	t.Parallel()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("nginx is not installed (Debian: apt-get install nginx-light)")
	}
	dir, o := shared(t)
	o.Page = fstest.MapFS{"index.html": {Data: []byte("<p>page")}}
	o.Token = "an-open-s3cret-42"
	stripped, _ := serve(t, o)
	o.Prefix = "/kept"
	kept, _ := serve(t, o)
	port := listen(t)
	address := port.Addr().String()
	port.Close()
	work := t.TempDir()
	config := fmt.Sprintf(`
daemon off; pid %[1]s/pid; error_log stderr; worker_processes 1;
events {}
http {
	access_log off; client_max_body_size 32m;
	client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
	server {
		listen %[2]s;
		proxy_set_header Host $http_host;
		proxy_set_header X-Forwarded-Proto $scheme;
		location /pictures/akin/ { proxy_pass %[3]s/; }
		location /kept/ { proxy_pass %[4]s; }
	}
}`, work, address, stripped, strings.TrimSuffix(kept, "/kept"))
	file := filepath.Join(work, "nginx.conf")
	if err := os.WriteFile(file, []byte(config), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(nginx, "-p", work, "-c", file)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}()
	picture, err := os.ReadFile(filepath.Join(dir, "flags", "Mexico.png"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/pictures/akin", "/kept"} {
		c := to(t, "http://"+address+path, client.Options{Token: "an-open-s3cret-42"})
		for until := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			if _, err = c.Version(t.Context()); err == nil || time.Now().After(until) {
				break
			}
		}
		if err != nil {
			t.Fatalf("%s: %v\n%s", path, err, said.String())
		}
		up, err := c.Upload(t.Context(), bytes.NewReader(picture))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		r, err := c.Search(t.Context(), collection, api.SearchRequest{Query: []api.SearchTerm{{Upload: up.ID}}, Top: 1})
		if err != nil || len(r.Hits) != 1 || r.Hits[0].Name != "Mexico" {
			t.Errorf("%s: %+v, %v", path, r.Hits, err)
		}
		events := 0
		if err := c.Run(t.Context(), collection, "map", nil, &struct{}{}, func(api.Job) { events++ }); err != nil || events == 0 {
			t.Errorf("%s: %d events, %v", path, events, err)
		}

		// A browser that opens the address with the token is let in from then on, under that path.
		browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		answer, err := browser.Get("http://" + address + path + "/?token=an-open-s3cret-42")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if where, err := answer.Location(); err != nil || where.Path != path+"/" {
			t.Errorf("%s leads to %v, %v", path, where, err)
		}
		request, _ := http.NewRequest("GET", "http://"+address+path+base+"/collections", nil)
		for _, cookie := range answer.Cookies() {
			if cookie.Path != "" {
				t.Errorf("%s: the cookie is for %s", path, cookie.Path)
			}
			request.AddCookie(cookie)
		}
		if answer, err = browser.Do(request); err != nil || answer.StatusCode != 200 {
			t.Errorf("%s: %v, %v", path, answer, err)
		} else {
			answer.Body.Close()
		}
		if answer, err = browser.Get("http://" + address + path + "/"); err == nil {
			page, _ := io.ReadAll(answer.Body)
			answer.Body.Close()
			if string(page) != "<p>page" {
				t.Errorf("%s: the page is %q", path, page)
			}
		}
	}
}
