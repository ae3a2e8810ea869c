package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// formPictures is the most pictures in a form.
const formPictures = 16

// takesForm lets an operation that takes a SearchRequest accept a form too. The form's pictures become
// uploads, and terms of the query.
func takesForm(s *Server, op huma.Operation) huma.Operation {
	op.MaxBodyBytes = 1 << 20
	op.Middlewares = append(op.Middlewares, func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || kind != "multipart/form-data" {
			next(ctx)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, formPictures*s.options.Limits.UploadBytes)
		request, err := s.readForm(r, parameters["boundary"])
		if err != nil {
			writeProblem(w, problemOf(err))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(request))
		r.Header.Set("Content-Type", "application/json")
		next(ctx)
	})
	return op
}

// readForm returns a form as the JSON of a SearchRequest.
func (s *Server) readForm(r *http.Request, boundary string) ([]byte, error) {
	request := map[string]any{}
	var terms []any
	form := multipart.NewReader(r.Body, boundary)
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, formError(err)
		}
		switch name := part.FormName(); name {
		case "query":
			data, err := readPart(part, 1<<20)
			if err != nil {
				return nil, err
			}
			if err := json.Unmarshal(data, &request); err != nil || request == nil {
				return nil, invalid{fmt.Errorf("the form's part \"query\" is not a JSON object: %v", err)}
			}
		case "picture":
			if len(terms) == formPictures {
				return nil, invalid{fmt.Errorf("the form has more than %d pictures", formPictures)}
			}
			data, err := readPart(part, s.options.Limits.UploadBytes)
			if err != nil {
				return nil, err
			}
			up, err := s.receive(r.Context(), func() (string, []byte, error) { return fileName(part), data, nil })
			if err != nil {
				return nil, err
			}
			terms = append(terms, map[string]any{"upload": up.ID})
		default:
			return nil, invalid{fmt.Errorf("unknown part %.40q of the form: expected \"picture\" or \"query\"", name)}
		}
	}
	if given, ok := request["query"].([]any); ok {
		terms = append(terms, given...)
	}
	request["query"] = terms
	return json.Marshal(request)
}

// picturePart returns the picture of a body: the body itself, or a form's part.
func picturePart(contentType string, body []byte) (name string, data []byte, err error) {
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" {
		return "", body, nil
	}
	form := multipart.NewReader(bytes.NewReader(body), parameters["boundary"])
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return "", nil, invalid{errors.New("the form has no part \"picture\"")}
		}
		if err != nil {
			return "", nil, formError(err)
		}
		if part.FormName() == "picture" {
			data, err := readPart(part, int64(len(body)))
			return fileName(part), data, err
		}
	}
}

func readPart(part *multipart.Part, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(part, limit+1))
	switch {
	case err != nil:
		return nil, formError(err)
	case int64(len(data)) > limit:
		return nil, problem(http.StatusRequestEntityTooLarge, fmt.Sprintf("the form's part %.40q is too large: %s at most", part.FormName(), atMost(limit)))
	}
	return data, nil
}

// formError marks an error as the form's, unless it is the server's limit.
func formError(err error) error {
	var large *http.MaxBytesError
	if errors.Is(err, errBusy) || errors.As(err, &large) {
		return err
	}
	return problem(http.StatusBadRequest, "cannot read the form: "+err.Error())
}

// fileName returns the base name of a part's file.
func fileName(part *multipart.Part) string {
	name := filepath.Base(strings.ReplaceAll(part.FileName(), `\`, "/"))
	if name == "." || name == "/" {
		return ""
	}
	return name
}
