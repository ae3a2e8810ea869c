package server

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// compressed are the media types worth compressing.
var compressed = []string{
	"application/json", "application/problem+json", "application/openapi+json", "application/manifest+json", "text/html", "text/css", "text/plain", "text/javascript", "application/javascript",
}

// asIs are the path suffixes of answers that are pictures or streams.
var asIs = []string{"/thumbnail", "/file", "/events", "/export"}

// compress compresses answers for clients that accept it.
func compress(next http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.ContentTypes(compressed), gzhttp.MinSize(1024), gzhttp.CompressionLevel(2))
	if err != nil {
		return nil, err
	}
	small := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, end := range asIs {
			if strings.HasSuffix(r.URL.Path, end) {
				next.ServeHTTP(w, r)
				return
			}
		}
		small.ServeHTTP(w, r)
	}), nil
}
