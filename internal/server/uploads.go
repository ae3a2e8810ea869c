package server

import (
	"bytes"
	"container/list"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// errNoUpload reports that there is no such upload, or that it has expired.
var errNoUpload = errors.New("upload not found or expired")

// upload is a picture that a client sent for use in queries.
type upload struct {
	api.Upload
	name string // as the client calls it
	data []byte
	used time.Time
}

// uploads keeps the most recently used pictures in memory.
type uploads struct {
	limit int64
	keep  time.Duration

	mu    sync.Mutex
	of    map[string]*list.Element
	order *list.List // of *upload, most recently used first
	bytes int64
}

func newUploads(limit int64, keep time.Duration) *uploads {
	return &uploads{limit: limit, keep: keep, of: map[string]*list.Element{}, order: list.New()}
}

// add adds an upload, and evicts the least recently used.
func (u *uploads) add(up *upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if at, ok := u.of[up.ID]; ok {
		u.forget(at)
	}
	up.used = time.Now()
	u.of[up.ID] = u.order.PushFront(up)
	u.bytes += int64(len(up.data))
	u.evict()
}

// get returns an upload by its id.
func (u *uploads) get(id string) (*upload, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.evict()
	at, ok := u.of[id]
	if !ok {
		return nil, fmt.Errorf("%.64q: %w", id, errNoUpload)
	}
	u.order.MoveToFront(at)
	up := at.Value.(*upload)
	up.used = time.Now()
	return up, nil
}

// take returns an upload by its id, and forgets it.
func (u *uploads) take(id string) (*upload, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.evict()
	at, ok := u.of[id]
	if !ok {
		return nil, fmt.Errorf("%.64q: %w", id, errNoUpload)
	}
	u.forget(at)
	return at.Value.(*upload), nil
}

// size returns the bytes of all uploads.
func (u *uploads) size() int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.evict()
	return u.bytes
}

// evict removes uploads that have expired or exceed the limit; the caller holds the mutex.
func (u *uploads) evict() {
	for last := u.order.Back(); last != nil; last = u.order.Back() {
		if up := last.Value.(*upload); u.bytes <= u.limit && time.Since(up.used) < u.keep {
			return
		}
		u.forget(last)
	}
}

func (u *uploads) forget(at *list.Element) {
	up := u.order.Remove(at).(*upload)
	delete(u.of, up.ID)
	u.bytes -= int64(len(up.data))
}

// UploadBody is the body of an upload. The operation reads it.
type UploadBody struct {
	kind string
	body io.Reader
}

// Resolve implements huma.Resolver.
func (u *UploadBody) Resolve(ctx huma.Context) []error {
	u.kind, u.body = ctx.Header("Content-Type"), ctx.BodyReader()
	return nil
}

// atMost returns a limit for people.
func atMost(bytes int64) string {
	if bytes < 1e6 {
		return fmt.Sprintf("%d bytes", bytes)
	}
	return strconv.FormatFloat(float64(bytes)/1e6, 'f', -1, 64) + " MB"
}

// pieceBytes is how much of an upload is read at a time.
const pieceBytes = 64 << 10

// readPieces reads a body in pieces, so that concurrent uploads take no more memory than they have sent.
func readPieces(body io.Reader, limit int64) (pieces [][]byte, err error) {
	size := int64(0)
	for {
		piece := make([]byte, pieceBytes)
		n, err := io.ReadFull(body, piece)
		if n > 0 {
			pieces = append(pieces, piece[:n])
		}
		var slow net.Error
		switch size += int64(n); {
		case size > limit:
			return nil, problem(http.StatusRequestEntityTooLarge, fmt.Sprintf("the picture is too large: %s at most", atMost(limit)))
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) && n < len(piece) && size > 0:
			return pieces, nil
		case errors.Is(err, errBusy):
			return nil, err
		case errors.As(err, &slow) && slow.Timeout():
			return nil, problem(http.StatusRequestTimeout, "timeout while receiving the picture")
		case err != nil:
			return nil, problem(http.StatusBadRequest, "cannot read the picture: "+err.Error())
		}
	}
}

// receive checks that data returns a picture, and adds it to the uploads. It calls data once there is
// capacity to decode.
func (s *Server) receive(ctx context.Context, data func() (name string, picture []byte, err error)) (*upload, error) {
	leave, err := s.running.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	name, picture, err := data()
	if err != nil {
		return nil, err
	}
	if name == "" {
		name = "the upload"
	}
	in, err := akin.InspectBytes(ctx, name, picture, s.options.Open)
	if err != nil {
		return nil, err
	}
	up := &upload{
		Upload: api.Upload{ID: in.Hash[:32], Width: in.Width, Height: in.Height, Format: in.Format, Bytes: len(picture)},
		name:   name,
		data:   picture,
	}
	s.uploads.add(up)
	return up, nil
}

func (s *Server) uploadRoutes(routes huma.API) {
	add(s, routes, huma.Operation{
		OperationID: "upload", Method: http.MethodPost, Path: "/uploads", Tags: []string{"Uploads"}, DefaultStatus: http.StatusCreated,
		Summary:     "Upload a picture for use in queries",
		Description: "The body is the picture's file, or a form with a part `picture`. The server keeps it in memory for a limited time; it is not added to a collection.",
	}, func(ctx context.Context, in *UploadBody) (*struct{ Body api.Upload }, error) {
		pieces, err := readPieces(in.body, s.options.Limits.UploadBytes)
		if err != nil {
			return nil, err
		}
		up, err := s.receive(ctx, func() (string, []byte, error) { return picturePart(in.kind, bytes.Join(pieces, nil)) })
		if err != nil {
			return nil, err
		}
		return &struct{ Body api.Upload }{up.Upload}, nil
	})
	takesPicture(routes, "/uploads")
	add(s, routes, returns(huma.Operation{
		OperationID: "get-upload", Method: http.MethodGet, Path: "/uploads/{upload}", Tags: []string{"Uploads"},
		Summary: "Get an upload's thumbnail",
	}, "image/png", "image/jpeg"), func(ctx context.Context, in *struct {
		Upload string `path:"upload" doc:"The upload's id"`
		Size   string `query:"size" enum:"64,128,256,512" default:"512" doc:"The longer side in pixels"`
	}) (*huma.StreamResponse, error) {
		up, err := s.uploads.get(in.Upload)
		if err != nil {
			return nil, err
		}
		leave, err := s.running.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
		t, err := akin.MakeThumbnail(ctx, up.data, pixels(in.Size), s.options.Open)
		return sentThumbnail(t, in.Size), err
	})
}

// takesPicture declares that the body of a POST is a picture. It is called after the operation was added, or huma would
// read the body itself.
func takesPicture(routes huma.API, path string) {
	routes.OpenAPI().Paths[path].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/octet-stream": {Schema: &huma.Schema{Type: "string", Format: "binary"}},
		"multipart/form-data": {Schema: &huma.Schema{Type: "object", Required: []string{"picture"},
			Properties: map[string]*huma.Schema{"picture": {Type: "string", Format: "binary"}}}},
	}}
}
