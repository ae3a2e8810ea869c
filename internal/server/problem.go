package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/client"
)

// invalid marks what is wrong with a request, whatever the collections hold.
type invalid struct{ error }

func (e invalid) Unwrap() error { return e.error }

// statuses are those of the errors that a client may act on; the first that fits counts.
var statuses = []struct {
	err    error
	status int
}{
	{syscall.EMFILE, http.StatusServiceUnavailable}, // before what it may have been taken for
	{syscall.ENFILE, http.StatusServiceUnavailable},
	{errBusy, http.StatusTooManyRequests},
	{errShuttingDown, http.StatusServiceUnavailable},
	{errNoUpload, http.StatusNotFound},
	{errNoJob, http.StatusNotFound},
	{akin.ErrNoCollection, http.StatusNotFound},
	{akin.ErrNotIndexed, http.StatusNotFound},
	{akin.ErrNoFile, http.StatusNotFound},
	{akin.ErrAmbiguous, http.StatusConflict},
	{akin.ErrChanged, http.StatusConflict},
	{akin.ErrLocked, http.StatusConflict},
	{akin.ErrNeedsReindex, http.StatusConflict},
	{akin.ErrVersion, http.StatusConflict},
	{akin.ErrPrivate, http.StatusForbidden},
	{akin.ErrTooLong, http.StatusRequestEntityTooLarge},
	{akin.ErrTooLarge, http.StatusRequestEntityTooLarge},
	{akin.ErrNotAPicture, http.StatusUnsupportedMediaType},
	{akin.ErrNoDecoder, http.StatusUnsupportedMediaType},
	{akin.ErrDamaged, http.StatusInternalServerError},
	{akin.ErrCorrupt, http.StatusUnprocessableEntity},
	{akin.ErrFetch, http.StatusBadGateway},
	{akin.ErrInvalid, http.StatusUnprocessableEntity},
	{akin.ErrCursor, http.StatusUnprocessableEntity},
	{akin.ErrEmptyFilter, http.StatusUnprocessableEntity},
	{akin.ErrNeedsBothKinds, http.StatusUnprocessableEntity},
	{akin.ErrNoSpace, http.StatusUnprocessableEntity},
	{akin.ErrNoModel, http.StatusUnprocessableEntity},
	{akin.ErrPrecision, http.StatusUnprocessableEntity},
	{akin.ErrNoRuntime, http.StatusServiceUnavailable},
	{context.DeadlineExceeded, http.StatusServiceUnavailable},
	{context.Canceled, 499}, // the client went away
	{os.ErrPermission, http.StatusForbidden},
	{os.ErrNotExist, http.StatusUnprocessableEntity}, // what a client named on this machine
}

// problemOf is an error as RFC 9457 tells it; its detail is the error's own sentence.
func problemOf(err error) *huma.ErrorModel {
	var known *huma.ErrorModel
	if errors.As(err, &known) {
		return known
	}
	status := http.StatusInternalServerError
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &invalid{}):
		status = http.StatusUnprocessableEntity
	case errors.As(err, &large):
		status = http.StatusRequestEntityTooLarge
	default:
		for _, s := range statuses {
			if errors.Is(err, s.err) {
				status = s.status
				break
			}
		}
	}
	title := http.StatusText(status)
	if status == 499 {
		title = "Client Closed Request"
	}
	return &huma.ErrorModel{Type: "about:blank", Title: title, Status: status, Detail: err.Error()}
}

// huma takes every body that it cannot read for its own failure. It is the client's, that
// sends too slowly or goes away, or the server is busy.
func init() {
	huma.NewErrorWithContext = func(ctx huma.Context, status int, detail string, errs ...error) huma.StatusError {
		p := problem(status, detail)
		for _, err := range errs {
			if errors.Is(err, errBusy) {
				ctx.SetHeader("Retry-After", "1")
				return problem(http.StatusTooManyRequests, err.Error())
			}
			if err != nil {
				p.Add(short(err))
			}
		}
		p.Detail += listed(p.Errors)
		if status == http.StatusInternalServerError && detail == "cannot read request body" {
			p.Status, p.Title = http.StatusBadRequest, http.StatusText(http.StatusBadRequest)
		}
		return p
	}
}

// listed says what was wrong with what.
func listed(errs []*huma.ErrorDetail) (text string) {
	for i, e := range errs {
		text += []string{": ", "; "}[min(i, 1)] + strings.TrimPrefix(e.Location+": ", ": ") + e.Message
	}
	return text
}

// short leaves a value out of an error that is long: it may be the whole body.
func short(err error) error {
	detail, ok := err.(*huma.ErrorDetail)
	if !ok {
		return err
	}
	out := *detail
	if text, ok := out.Value.(string); ok && len(text) > 200 {
		out.Value = text[:200] + "…"
	} else if !ok && len(fmt.Sprint(out.Value)) > 200 {
		out.Value = nil
	}
	return &out
}

// writeProblem answers with a problem where no operation does.
func writeProblem(w http.ResponseWriter, p *huma.ErrorModel) {
	if p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable {
		if w.Header().Get("Retry-After") == "" {
			w.Header().Set("Retry-After", "1")
		}
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

func problem(status int, detail string) *huma.ErrorModel {
	return &huma.ErrorModel{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// told is a problem as a job tells it.
func told(p *huma.ErrorModel) *client.Problem {
	out := &client.Problem{Type: p.Type, Title: p.Title, Status: p.Status, Detail: p.Detail}
	for _, e := range p.Errors {
		out.Errors = append(out.Errors, client.ProblemDetail{Message: e.Message, Location: e.Location, Value: e.Value})
	}
	return out
}
