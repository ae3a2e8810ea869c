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
	"github.com/akin-search/akin/api"
)

// invalid marks an error of a request, whatever the collections hold.
type invalid struct{ error }

func (e invalid) Unwrap() error { return e.error }

// statuses are the statuses of the errors that a client may act on; the first match counts.
var statuses = []struct {
	err    error
	status int
}{
	{syscall.EMFILE, http.StatusServiceUnavailable}, // before the errors that wrap it
	{syscall.ENFILE, http.StatusServiceUnavailable},
	{errBusy, http.StatusTooManyRequests},
	{errShuttingDown, http.StatusServiceUnavailable},
	{errNoUpload, http.StatusNotFound},
	{akin.ErrNoSelection, http.StatusNotFound},
	{errNoJob, http.StatusNotFound},
	{akin.ErrNoCollection, http.StatusNotFound},
	{akin.ErrNotIndexed, http.StatusNotFound},
	{akin.ErrNoFile, http.StatusNotFound},
	{akin.ErrAmbiguous, http.StatusConflict},
	{akin.ErrChanged, http.StatusConflict},
	{akin.ErrLocked, http.StatusConflict},
	{akin.ErrCollectionExists, http.StatusConflict},
	{akin.ErrNeedsReindex, http.StatusConflict},
	{akin.ErrNoMetadata, http.StatusConflict},
	{akin.ErrNoParts, http.StatusConflict},
	{akin.ErrNoRegions, http.StatusConflict},
	{akin.ErrVersion, http.StatusConflict},
	{akin.ErrPrivate, http.StatusForbidden},
	{errNoTrash, http.StatusForbidden},
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

// problemOf returns the problem of RFC 9457 for an error.
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
	return &huma.ErrorModel{Type: "about:blank", Title: title, Status: status, Detail: withRemedy(err)}
}

// huma answers 500 where it cannot read a body. The cause is a client that sends too slowly or goes
// away, or a busy server.
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

// listed returns errors as one text, each with its location.
func listed(errs []*huma.ErrorDetail) (text string) {
	for i, e := range errs {
		text += []string{": ", "; "}[min(i, 1)] + strings.TrimPrefix(e.Location+": ", ": ") + e.Message
	}
	return text
}

// short truncates the value of an error: it may be the whole body.
func short(err error) error {
	detail, ok := err.(*huma.ErrorDetail)
	if !ok {
		return err
	}
	out := *detail
	if _, err := json.Marshal(out.Value); err != nil { // not a number, or infinite
		out.Value = fmt.Sprint(out.Value)
	}
	if text, ok := out.Value.(string); ok && len(text) > 200 {
		out.Value = text[:200] + "…"
	} else if !ok && len(fmt.Sprint(out.Value)) > 200 {
		out.Value = nil
	}
	return &out
}

// writeProblem answers with a problem outside of an operation.
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

// jobProblem is a problem as part of a job.
func jobProblem(p *huma.ErrorModel) *api.Problem {
	out := &api.Problem{Type: p.Type, Title: p.Title, Status: p.Status, Detail: p.Detail}
	for _, e := range p.Errors {
		out.Errors = append(out.Errors, api.ProblemDetail{Message: e.Message, Location: e.Location, Value: e.Value})
	}
	return out
}
