package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

// pageFile is a file that does not change.
type pageFile struct {
	data  string
	small func() string // the same with gzip, compressed once; "" where that is not smaller
	etag  string
}

func newPageFile(data []byte) pageFile {
	sum := sha256.Sum256(data)
	return pageFile{
		data:  string(data),
		small: sync.OnceValue(func() string { return gzipped(data) }),
		etag:  `W/"` + hex.EncodeToString(sum[:12]) + `"`, // weak: it is the same however it is sent
	}
}

// gzipped compresses as far as it goes: once for all who will ask.
func gzipped(data []byte) string {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return ""
	}
	_, err = w.Write(data)
	if err = errors.Join(err, w.Close()); err != nil || out.Len() > len(data)*9/10 {
		return ""
	}
	return out.String()
}

func (f pageFile) serve(w http.ResponseWriter, r *http.Request, cache string) {
	h := w.Header()
	h.Set("ETag", f.etag)
	h.Set("Cache-Control", cache)
	h.Add("Vary", "Accept-Encoding")
	name := path.Base(r.URL.Path)
	if name == "/" {
		name = "index.html"
	}
	data := f.data
	if small := f.small(); small != "" && takesGzip(r) {
		data = small
		h.Set("Content-Encoding", "gzip")
	}
	http.ServeContent(w, r, name, time.Time{}, strings.NewReader(data))
}

// takesGzip says whether a client takes an answer compressed.
func takesGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if name == "gzip" && !refused.MatchString(quality) {
			return true
		}
	}
	return false
}

// refused is the quality of a coding that a client does not take.
var refused = regexp.MustCompile(`^\s*q=0(\.0*)?\s*$`)

// page is the page's files, by their paths.
type page map[string]pageFile

func (s *Server) page() (page, error) {
	p := page{}
	if s.options.Page == nil {
		return p, nil
	}
	err := fs.WalkDir(s.options.Page, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(s.options.Page, name)
		p["/"+name] = newPageFile(data)
		return err
	})
	if index, ok := p["/index.html"]; ok {
		p["/"] = index
	}
	return p, err
}

// paths are those of all files but the first page.
func (p page) paths() []string {
	paths := slices.Sorted(maps.Keys(p))
	return slices.DeleteFunc(paths, func(path string) bool { return path == "/" || strings.ContainsAny(path, " {}") })
}

func (p page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := p[r.URL.Path]
	if !ok {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("This akin was built without its page: run `make web` in its checkout, then `make build`.\nThe API is here, and told at docs.\n"))
		return
	}
	cache := "no-cache"
	if strings.HasPrefix(r.URL.Path, "/assets/") { // their names change with what they hold
		cache = "public, max-age=31536000, immutable"
	}
	f.serve(w, r, cache)
}
