package source

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/bounded"
)

// Whatever a list holds, its rows are items with a source, problems, or an error.
func FuzzLists(f *testing.F) {
	f.Add("name,path-or-url,tags\nChad,chad.png,a;b\nMali,https://x.org/mali.png,\n", uint8(0))
	f.Add("chad.png\n# no\nhttp://x.org/a.png\n", uint8(1))
	f.Add("a\tb\n\"", uint8(2))
	f.Fuzz(func(t *testing.T, text string, kind uint8) {
		ext := []string{".csv", ".txt", ".tsv"}[kind%3]
		path := filepath.Join(t.TempDir(), "list"+ext)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		bounded.Run(t, 16<<20+1000*uint64(len(text)), 5*time.Second, func() {
			_ = walkList(t.Context(), path, ext, Options{Problem: func(string, error) {}}, func(it Item) error {
				if it.Source == "" || it.Root != path || it.Address != strings.HasPrefix(it.Source, "http") {
					t.Errorf("%+v", it)
				}
				return nil
			})
		})
	})
}

// Whatever a page holds, its flags have a country and an address, or there is an error.
func FuzzParseFlags(f *testing.F) {
	const address = "https://en.wikipedia.org/wiki/Gallery_of_sovereign_state_flags"
	f.Add([]byte(`<ul><li class="gallerybox"><div class="thumb"><a href="/wiki/File:Flag_of_Chad.svg"><img src="//upload.wikimedia.org/thumb/4/4b/Flag_of_Chad.svg/120px-Flag_of_Chad.svg.png" width="120"></a></div><div class="gallerytext"><a href="/wiki/Chad" title="Chad">Chad</a></div></li></ul>`), 320)
	f.Add([]byte(`<table class="wikitable"><tr><td><img src="x.png"></td><td><a href="/wiki/Mali">Mali</a></td></tr></table>`), 0)
	f.Fuzz(func(t *testing.T, page []byte, width int) {
		flags, err := ParseFlags(page, address, width)
		if err != nil {
			return
		}
		for _, flag := range flags {
			u, err := url.Parse(flag.Address)
			if flag.Country == "" || err != nil || u.Host == "" {
				t.Errorf("%+v, %v", flag, err)
			}
		}
	})
}
