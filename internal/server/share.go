package server

import (
	"bytes"
	"crypto/rand"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/akin-search/akin/api"
)

// What other apps share with the installed page is taken by its worker, and never comes here (web/public/sw.js). A browser
// that has lost the worker posts the form to the server, which keeps it for the page that it then opens. The page asks for
// it once, and goes on as with what its worker kept: it uploads the pictures itself, and says what is wrong with one.

const (
	shareFields = 64 << 10 // bytes of a form beside its pictures
	shareTime   = 10 * time.Minute
	sharesKept  = 4 // of the largest size
)

// Why a form was not kept, as the page is told in the place of a key.
const (
	shareUnsigned = "signin"
	shareLarge    = "large"
	shareBusy     = "busy"
	shareUnread   = "unread"
)

// newShares returns where forms are kept.
func newShares(l Limits) *uploads {
	return newUploads(sharesKept*(l.UploadBytes+shareFields), shareTime)
}

// takeShare keeps the form of a share, and sends the browser to the page. A form may be as large as one upload. One that is
// not kept is read all the same: browsers show a broken connection, not the answer, to a form that they could not send.
func (s *Server) takeShare(w http.ResponseWriter, r *http.Request) {
	says := shareUnsigned
	if s.signedIn(r) {
		pieces, err := readPieces(r.Body, s.options.Limits.UploadBytes+shareFields)
		switch {
		case err == nil:
			says = s.keepShare(r.Header.Get("Content-Type"), bytes.Join(pieces, nil))
		case problemOf(err).Status == http.StatusRequestEntityTooLarge:
			says = shareLarge
		case problemOf(err).Status == http.StatusTooManyRequests:
			says = shareBusy
		default:
			says = shareUnread
		}
	}
	_, _ = io.Copy(io.Discard, r.Body) // as far as the budget of all bodies goes
	// It is relative, unlike http.Redirect's, because a proxy may add a prefix.
	w.Header().Set("Location", "./?shared="+says)
	w.WriteHeader(http.StatusSeeOther)
}

// keepShare returns the key of what it keeps.
func (s *Server) keepShare(contentType string, form []byte) (key string) {
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" || parameters["boundary"] == "" {
		return shareUnread
	}
	key = rand.Text()
	kind = mime.FormatMediaType(kind, map[string]string{"boundary": parameters["boundary"]})
	s.shares.add(&upload{Upload: api.Upload{ID: key, Format: kind, Bytes: len(form)}, data: form})
	return key
}

// giveShare answers with a form as it came, once.
func (s *Server) giveShare(w http.ResponseWriter, r *http.Request) {
	if !s.signedIn(r) {
		writeProblem(w, problem(http.StatusUnauthorized, "unauthorized: sign in on the page"))
		return
	}
	form, err := s.shares.take(r.PathValue("key"))
	if err != nil {
		writeProblem(w, problem(http.StatusNotFound, "nothing that was shared has this key: it is given once, and kept for ten minutes"))
		return
	}
	w.Header().Set("Content-Type", form.Format)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(form.data)
}

// signedIn reports whether a browser may use the API.
func (s *Server) signedIn(r *http.Request) bool {
	return s.options.Token == "" || s.sessions.of(r)
}
