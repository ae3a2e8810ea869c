package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/akin-search/akin/internal/disk"
)

const (
	tries     = 6 // in a row without a byte
	lockPause = 200 * time.Millisecond
	stallTime = time.Minute // without a byte, a connection is given up
	userAgent = "akin/1.0 (+https://github.com/akin-search/akin)"
)

func resolve(repository, commit, name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return "/" + repository + "/resolve/" + commit + "/" + strings.Join(parts, "/")
}

// span is a stretch of a file, from byte first to before byte end, where 0 is the
// file's end.
type span struct{ first, end int64 }

// header is how a request asks for it, "" for the whole file.
func (s span) header() string {
	switch {
	case s.end > 0:
		return fmt.Sprintf("bytes=%d-%d", s.first, s.end-1)
	case s.first > 0:
		return fmt.Sprintf("bytes=%d-", s.first)
	}
	return ""
}

// ask makes a request of the hub, again after a while where that may help. HEAD stays
// at the hub, whose headers tell of the file; GET follows to where its bytes are.
func (h *Hub) ask(ctx context.Context, method, path string, of span) (*http.Response, error) {
	delay := time.Second
	for try := 1; ; try++ {
		response, after, err := h.once(ctx, method, path, of)
		var dial *net.OpError
		unreachable := errors.As(err, &dial) && dial.Op == "dial"
		if unreachable {
			err = &UnreachableError{Endpoint: h.Endpoint, Err: err}
		}
		if err == nil || after < 0 || try == tries || unreachable && try == 2 || ctx.Err() != nil {
			return response, err
		}
		if err := h.wait(ctx, max(delay, after)); err != nil {
			return nil, err
		}
		delay = min(2*delay, 30*time.Second)
	}
}

// once makes one request. after is how long the hub wants to be left alone, or
// negative when asking again is of no use.
func (h *Hub) once(ctx context.Context, method, path string, of span) (*http.Response, time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, method, h.Endpoint+path, nil)
	if err != nil {
		return nil, -1, err
	}
	request.Header.Set("User-Agent", userAgent)
	request.Header.Set("Accept-Encoding", "identity")
	if h.Token != "" {
		request.Header.Set("Authorization", "Bearer "+h.Token) // guardRedirect keeps it here
	}
	if want := of.header(); want != "" {
		request.Header.Set("Range", want)
	}
	client := *h.HTTP
	linked := ""
	client.CheckRedirect = func(to *http.Request, via []*http.Request) error {
		if tag := to.Response.Header.Get("X-Linked-Etag"); tag != "" {
			linked = tag
		}
		if len(via) > 10 || to.URL.Scheme != "http" && to.URL.Scheme != "https" {
			return fmt.Errorf("it redirects to %s after %d redirects", to.URL, len(via))
		}
		if err := guardRedirect(to, via); err != nil {
			return err
		}
		if method == http.MethodHead && to.URL.Host != via[0].URL.Host {
			return http.ErrUseLastResponse
		}
		return nil
	}
	response, err := client.Do(request)
	if errors.Is(err, errDowngrade) {
		return nil, -1, err
	}
	if err != nil {
		return nil, 0, err
	}
	if linked != "" { // told where the hub redirects: the store has an ETag of its own
		response.Header.Set("X-Linked-Etag", linked)
	}
	status := response.StatusCode
	if status == http.StatusOK || status == http.StatusPartialContent || method == http.MethodHead && status/100 == 3 {
		return response, 0, nil
	}
	response.Body.Close()
	if host := response.Request.URL.Host; status == http.StatusForbidden && host != request.URL.Host {
		return nil, 0, fmt.Errorf("the link to its bytes on %s is not accepted (%s), as if it had expired; check the clock and the proxy", host, response.Status)
	}
	after, err := refusal(response, h.Token != "")
	return nil, after, err
}

var errDowngrade = errors.New("it redirects from https to http")

// guardRedirect keeps the token at the origin that it was meant for. net/http would send it on
// to other ports and to subdomains of the host, and in the clear from https to http.
func guardRedirect(to *http.Request, via []*http.Request) error {
	if last := via[len(via)-1].URL; last.Scheme == "https" && to.URL.Scheme != "https" {
		return fmt.Errorf("%w, to %s: others could read and change what is downloaded", errDowngrade, to.URL.Host)
	}
	if !sameOrigin(to.URL, via[0].URL) {
		to.Header.Del("Authorization")
	}
	return nil
}

// sameOrigin says that two addresses have the same scheme, host and port.
func sameOrigin(a, b *url.URL) bool {
	port := func(u *url.URL) string {
		if p := u.Port(); p != "" {
			return p
		}
		return map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

// refusal says what a status means, and how long to wait, negative for ever.
func refusal(r *http.Response, token bool) (time.Duration, error) {
	code := r.Header.Get("X-Error-Code")
	switch {
	case code == "GatedRepo":
		return -1, &AccessError{Status: r.Status, Gated: true, Token: token}
	case r.StatusCode == http.StatusNotFound, code == "RepoNotFound", code == "EntryNotFound", code == "RevisionNotFound":
		return -1, fmt.Errorf("%w (%s)", ErrNotFound, r.Status)
	case r.StatusCode == http.StatusUnauthorized, r.StatusCode == http.StatusForbidden:
		return -1, &AccessError{Status: r.Status, Token: token}
	case r.StatusCode == http.StatusTooManyRequests || r.StatusCode >= 500:
		after := time.Duration(0)
		if n, err := strconv.Atoi(r.Header.Get("Retry-After")); err == nil && n > 0 {
			after = min(time.Duration(n)*time.Second, time.Minute)
		}
		return after, fmt.Errorf("the hub answers %s; try again later", r.Status)
	}
	return -1, fmt.Errorf("the hub answers %s", r.Status)
}

func (h *Hub) wait(ctx context.Context, d time.Duration) error {
	if h.Wait != nil {
		return h.Wait(ctx, d)
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// obtain downloads a file to a path. Until it is whole, and accepted, it lies in partial, which an earlier call may have
// begun. accept may be nil.
func (h *Hub) obtain(ctx context.Context, from string, f file, partial, to string, accept func(*os.File, file) error, p *progress) error {
	out, err := os.OpenFile(partial, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := h.download(ctx, from, f, out, p); err != nil {
		return err
	}
	if accept != nil {
		if err := accept(out, f); err != nil {
			out.Close()
			return errors.Join(err, os.Remove(partial)) // begun again the next time
		}
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return err
	}
	if err := os.Rename(partial, to); err != nil {
		return err
	}
	return disk.OS.SyncDir(filepath.Dir(to))
}

// download fills a file from where it ends. A connection that is cut is taken up
// again, for as long as each brings something.
func (h *Hub) download(ctx context.Context, path string, f file, out *os.File, p *progress) error {
	at, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if at > f.size { // the beginning of something else
		if err := out.Truncate(0); err != nil {
			return err
		}
		at = 0
	}
	p.skip(at)
	return h.persist(ctx, at, f.size, func(at int64) (int64, error) { return h.stretch(ctx, path, f, at, out, p) })
}

// persist calls fetch, which begins at a byte and returns how many came, until size are
// there. A connection that is cut is taken up again, for as long as each brings
// something.
func (h *Hub) persist(ctx context.Context, at, size int64, fetch func(at int64) (int64, error)) error {
	for cuts := 0; at < size; {
		n, err := fetch(at)
		at += n
		if n > 0 {
			cuts = 0
		}
		if err == nil {
			continue
		}
		switch cuts++; {
		case ctx.Err() != nil:
			return ctx.Err()
		case !errors.As(err, new(again)), cuts >= tries:
			return err
		}
		if err := h.wait(ctx, time.Second); err != nil {
			return err
		}
	}
	return nil
}

// again is an error that may not come when the rest is asked for again.
type again struct{ error }

func (a again) Unwrap() error { return a.error }

// cut says that a connection ended after so many bytes, unless it was the disk that
// failed.
func cut(err error, at, size int64) error {
	if errors.As(err, new(*os.PathError)) {
		return err
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return again{fmt.Errorf("the connection was cut after %d of %d bytes: %w", at, size, err)}
}

// stretch fetches from byte at on, and returns how many bytes came.
func (h *Hub) stretch(ctx context.Context, path string, f file, at int64, out *os.File, p *progress) (int64, error) {
	response, err := h.open(ctx, path, span{first: at})
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if at > 0 && response.StatusCode != http.StatusPartialContent {
		// It begins at the beginning all the same: read over what is there.
		if _, err := io.CopyN(io.Discard, response.Body, at); err != nil {
			return 0, cut(err, at, f.size)
		}
	}
	n, err := io.CopyN(io.MultiWriter(io.NewOffsetWriter(out, at), p), response.Body, f.size-at)
	if err != nil {
		err = cut(err, at+n, f.size)
	}
	return n, err
}

// open asks for a stretch of a file. The connection is given up when it brings nothing
// for a while.
func (h *Hub) open(ctx context.Context, path string, of span) (*http.Response, error) {
	inner, cancel := context.WithCancel(ctx)
	stall := time.AfterFunc(stallTime, cancel)
	response, err := h.ask(inner, http.MethodGet, path, of)
	if err != nil {
		stall.Stop()
		cancel()
		if ctx.Err() == nil && errors.Is(err, context.Canceled) {
			err = again{fmt.Errorf("nothing came for %v", stallTime)}
		}
		return nil, err
	}
	response.Body = alive{response.Body, stall, cancel}
	return response, nil
}

// alive puts off the end of a connection whenever bytes come.
type alive struct {
	io.ReadCloser
	stall  *time.Timer
	cancel context.CancelFunc
}

func (a alive) Read(b []byte) (int, error) {
	n, err := a.ReadCloser.Read(b)
	if n > 0 {
		a.stall.Reset(stallTime)
	}
	return n, err
}

func (a alive) Close() error {
	a.stall.Stop()
	a.cancel()
	return a.ReadCloser.Close()
}

// check holds a file to the hash that the hub told.
func check(f *os.File, want file) error {
	h := sha256.New()
	if len(want.etag) == 40 {
		h = sha1.New()
		fmt.Fprintf(h, "blob %d\x00", want.size)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want.etag {
		return fmt.Errorf("%w: its hash is %.12s…, not %.12s…; it was removed: pull again", ErrCorrupt, got, want.etag)
	}
	return nil
}

// progress counts bytes.
type progress struct {
	done, total int64
	report      func(done, total int64)
}

func (p *progress) Write(b []byte) (int, error) {
	p.skip(int64(len(b)))
	return len(b), nil
}

func (p *progress) skip(n int64) {
	p.done += n
	if p.report != nil {
		p.report(p.done, p.total)
	}
}
