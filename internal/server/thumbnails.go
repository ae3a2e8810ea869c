package server

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// thumbnail answers with a small picture, which browsers may keep. The tag tells those of before from flattened ones.
func thumbnail(t api.Thumbnail, size string) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		asPicture(w.Header(), t.Type, fmt.Sprintf("%s-%s-flat", t.Hash, size))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(t.Data))
	}}
}

// pixels is the size that a client asked for, which the operation has checked.
func pixels(size string) int {
	n, _ := strconv.Atoi(size)
	return n
}
