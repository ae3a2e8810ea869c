package server

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// compressed are the kinds of answers that become smaller.
var compressed = []string{
	"application/json", "application/problem+json", "application/openapi+json", "text/html", "text/css", "text/plain", "text/javascript", "application/javascript",
}

// asIs are the ends of paths whose answers are pictures, or come bit by bit.
var asIs = []string{"/thumbnail", "/file", "/events", "/export"}

// compress writes answers compressed for those who take them so.
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
