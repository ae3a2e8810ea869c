package source_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/source"
)

// gallery has the structure of Wikipedia's gallery of sovereign state flags.
const gallery = `<html><body><ul class="gallery mw-gallery-traditional">
<li class="gallerybox" style="width: 155px"><div class="thumb"><span><a href="/wiki/File:Flag_of_Chad.svg" class="mw-file-description"><img src="%[1]s/wikipedia/commons/thumb/4/4b/Flag_of_Chad.svg/120px-Flag_of_Chad.svg.png" width="120" height="80" class="mw-file-element" data-file-width="900"/></a></span></div>
<div class="gallerytext"><a href="/wiki/Flag_of_Chad" title="Flag of Chad">Flag of Chad</a></div></li>
<li class="gallerybox"><div class="thumb"><img src="%[1]s/wikipedia/commons/thumb/9/9c/Flag_of_Denmark.svg/120px-Flag_of_Denmark.svg.png"/></div>
<div class="gallerytext"><p><a href="/wiki/Flag_of_Denmark">Denmark</a><sup class="reference"><a href="#cite">[i]</a></sup></p></div></li>
<li class="gallerybox"><div class="thumb"><img src="%[1]s/wikipedia/commons/thumb/9/9c/Flag_of_Denmark.svg/120px-Flag_of_Denmark.svg.png"/></div>
<div class="gallerytext">Flag of Denmark[12] – the second time</div></li>
<li class="gallerybox"><div class="thumb"><img src="%[1]s/wikipedia/commons/4/4f/Flag_of_S%%C3%%A3o_Tom%%C3%%A9.svg"/></div>
<div class="gallerytext">Flag of Sa&#771;o&nbsp;Tom&eacute; and&shy; Pr&iacute;ncipe</div></li>
<li class="gallerybox"><div class="thumb"><img src="%[1]s/wikipedia/en/thumb/1/11/Small.png/120px-Small.png" data-file-width="150"/></div>
<div class="gallerytext"><a>Nauru/Old: "x"</a></div></li>
<li class="gallerybox"><div class="thumb"><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="/></div><div class="gallerytext">Nowhere</div></li>
<li class="gallerybox"><div class="gallerytext">No picture</div></li>
</ul></body></html>`

// tablePage has the structure of the older list with one state a row.
const tablePage = `<table class="wikitable sortable"><tbody>
<tr><th>Flag</th><th>Country</th></tr>
<tr><td><span><img src="//%[1]s/wikipedia/commons/thumb/7/73/Flag_of_Romania.svg/100px-Flag_of_Romania.svg.png" width="100"/></span></td><th><a href="/wiki/Romania">Romania</a><sup>[a]</sup></th></tr>
<tr><td><img src="/wikipedia/commons/thumb/5/5b/Flag_of_Mali.svg/100px-Flag_of_Mali.svg.png" width="100"/></td><td><sup><a>[3]</a></sup><a href="/wiki/Mali">Mali</a></td></tr>
<tr><td>no picture</td><td><a>Utopia</a></td></tr>
</tbody></table><table><tr><td><img src="/logo.png"/></td><td><a>Not a flag</a></td></tr></table>`

func TestFlagsAreReadFromBothKindsOfPage(t *testing.T) {
	t.Parallel()
	const host = "upload.example.org"
	for _, c := range []struct {
		why, page string
		want      []source.Flag
	}{
		{"the gallery", fmt.Sprintf(gallery, "//"+host), []source.Flag{
			{Country: "Chad", Address: "https://" + host + "/wikipedia/commons/thumb/4/4b/Flag_of_Chad.svg/220px-Flag_of_Chad.svg.png"},
			{Country: "Denmark", Address: "https://" + host + "/wikipedia/commons/thumb/9/9c/Flag_of_Denmark.svg/220px-Flag_of_Denmark.svg.png"},
			{Country: "São Tomé and Príncipe", Address: "https://" + host + "/wikipedia/commons/thumb/4/4f/Flag_of_S%C3%A3o_Tom%C3%A9.svg/220px-Flag_of_S%C3%A3o_Tom%C3%A9.svg.png"},
			{Country: `Nauru/Old: "x"`, Address: "https://" + host + "/wikipedia/en/1/11/Small.png"},
		}},
		{"the table", fmt.Sprintf(tablePage, host), []source.Flag{
			{Country: "Romania", Address: "https://" + host + "/wikipedia/commons/thumb/7/73/Flag_of_Romania.svg/220px-Flag_of_Romania.svg.png"},
			{Country: "Mali", Address: "https://list.example.org/wikipedia/commons/thumb/5/5b/Flag_of_Mali.svg/220px-Flag_of_Mali.svg.png"},
		}},
	} {
		got, err := source.ParseFlags([]byte(c.page), "https://list.example.org/wiki/Flags", 220)
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
		}
		for i := range max(len(got), len(c.want)) {
			if i >= len(got) || i >= len(c.want) || got[i] != c.want[i] {
				t.Errorf("%s:\n got %q\nwant %q", c.why, got, c.want)
				break
			}
		}
	}
	if _, err := source.ParseFlags([]byte("<p>Not found</p>"), "https://x/", 220); err == nil {
		t.Error("a page without flags is read")
	}
}

// wikipedia serves the gallery, and the pictures with the faults that real servers
// have.
type wikipedia struct {
	*httptest.Server
	mu    sync.Mutex
	asked map[string]int
	agent string
}

func serve(t *testing.T) *wikipedia {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 220, 147))); err != nil {
		t.Fatal(err)
	}
	w := &wikipedia{asked: map[string]int{}}
	w.Server = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.asked[r.URL.Path]++
		n := w.asked[r.URL.Path]
		w.agent = r.UserAgent()
		w.mu.Unlock()
		switch {
		case r.URL.Path == "/list":
			fmt.Fprintf(out, gallery, w.URL)
		case strings.Contains(r.URL.Path, "Chad") && n == 1: // too fast
			out.Header().Set("Retry-After", "7")
			out.WriteHeader(http.StatusTooManyRequests)
		case strings.Contains(r.URL.Path, "Denmark") && n == 1: // cut off
			out.Header().Set("Content-Length", fmt.Sprint(b.Len()))
			_, _ = out.Write(b.Bytes()[:b.Len()/2])
		case strings.Contains(r.URL.Path, "Small"): // an error page with status 200
			_, _ = out.Write([]byte("<html>sorry</html>"))
		default:
			_, _ = out.Write(b.Bytes())
		}
	}))
	t.Cleanup(w.Close)
	return w
}

func TestFlagsAreFetchedPolitelyAndResumed(t *testing.T) {
	t.Parallel()
	w := serve(t)
	out := t.TempDir()
	var waits []time.Duration
	client := &source.Client{Pause: 500 * time.Millisecond, Wait: func(_ context.Context, d time.Duration) error {
		waits = append(waits, d)
		return nil
	}}
	o := source.FlagsOptions{Out: out, Page: w.URL + "/list", Client: client}
	r, err := source.FetchFlags(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Fetched != 3 || r.Kept != 0 || len(r.Failed) != 1 || !strings.Contains(r.Failed[0].Error, "sorry") {
		t.Errorf("%+v", r)
	}
	if !strings.HasPrefix(w.agent, "akin/") {
		t.Errorf("user agent %q", w.agent)
	}
	var longest time.Duration
	for _, d := range waits {
		longest = max(longest, d)
	}
	if longest < 7*time.Second {
		t.Errorf("Retry-After: 7 was not honoured: waits %v", waits)
	}
	for _, name := range []string{"Chad.png", "Denmark.png", "São_Tomé_and_Príncipe.png"} {
		if info, err := os.Stat(filepath.Join(out, "images", name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	list, err := os.ReadFile(filepath.Join(out, "national_flags.csv"))
	if err != nil || !strings.HasPrefix(string(list), "Country,Flag Image\nChad,"+w.URL) || strings.Count(string(list), "\n") != 4 {
		t.Errorf("%s %v", list, err)
	}

	// Again: what is there is not asked for.
	if err := os.Remove(filepath.Join(out, "images", "Denmark.png")); err != nil {
		t.Fatal(err)
	}
	before := w.asked["/wikipedia/commons/thumb/4/4b/Flag_of_Chad.svg/220px-Flag_of_Chad.svg.png"]
	r, err = source.FetchFlags(t.Context(), o)
	if err != nil || r.Fetched != 1 || r.Kept != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	if w.asked["/wikipedia/commons/thumb/4/4b/Flag_of_Chad.svg/220px-Flag_of_Chad.svg.png"] != before {
		t.Error("a flag that is there was fetched again")
	}
}

func TestACancelledFetchLeavesNoHalfFile(t *testing.T) {
	t.Parallel()
	w := serve(t)
	out := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := source.FetchFlags(ctx, source.FlagsOptions{
		Out: out, Page: w.URL + "/list", Client: &source.Client{Wait: func(context.Context, time.Duration) error { return nil }},
		Progress: func(done, _ int, _ string) {
			if done == 2 {
				cancel()
			}
		},
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	entries, err := os.ReadDir(filepath.Join(out, "images"))
	if err != nil || len(entries) != 2 {
		t.Errorf("%v, %v", entries, err)
	}
	if _, err := os.Stat(filepath.Join(out, "national_flags.csv")); err == nil {
		t.Error("a list was written before all flags were there")
	}
}
