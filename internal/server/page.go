package server

import (
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// pageFile is an immutable file.
type pageFile struct {
	data string
	etag string
}

func newPageFile(data []byte) pageFile {
	return pageFile{string(data), etagOf(data)}
}

func (f pageFile) serve(w http.ResponseWriter, r *http.Request, cache string) {
	w.Header().Set("ETag", f.etag)
	w.Header().Set("Cache-Control", cache)
	name := path.Base(r.URL.Path)
	if name == "/" {
		name = "index.html"
	}
	if path.Ext(name) == ".webmanifest" { // few systems know it
		w.Header().Set("Content-Type", "application/manifest+json")
	}
	http.ServeContent(w, r, name, time.Time{}, strings.NewReader(f.data))
}

// page maps paths to the page's files.
type page map[string]pageFile

func (s *Server) page() (page, error) {
	p := page{}
	if s.options.Page == nil {
		return p, nil
	}
	err := fs.WalkDir(s.options.Page, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == helpTemplate {
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

// paths returns the paths of all files but "/".
func (p page) paths() []string {
	paths := slices.Sorted(maps.Keys(p))
	return slices.DeleteFunc(paths, func(path string) bool { return path == "/" || strings.ContainsAny(path, " {}") })
}

func (p page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := p[r.URL.Path]
	if !ok {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("This akin was built without its page: akin's packages have it, and so has what `make build` makes in a checkout.\nThe API is here, and told at docs.\n"))
		return
	}
	cache := "no-cache"
	if strings.HasPrefix(r.URL.Path, "/assets/") { // their names contain a hash
		cache = "public, max-age=31536000, immutable"
	}
	f.serve(w, r, cache)
}
