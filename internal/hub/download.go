package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
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

// ask makes a request of the hub, again after a while where that may help; from is
// the byte to begin at. HEAD stays at the hub, whose headers tell of the file; GET
// follows to where its bytes are.
func (h *Hub) ask(ctx context.Context, method, path string, from int64) (*http.Response, error) {
	delay := time.Second
	for try := 1; ; try++ {
		response, after, err := h.once(ctx, method, path, from)
		var dial *net.OpError
		unreachable := errors.As(err, &dial) && dial.Op == "dial"
		if unreachable {
			err = fmt.Errorf("%w; check the network, its proxy, and HF_ENDPOINT", err)
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
func (h *Hub) once(ctx context.Context, method, path string, from int64) (*http.Response, time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, method, h.Endpoint+path, nil)
	if err != nil {
		return nil, -1, err
	}
	request.Header.Set("User-Agent", userAgent)
	request.Header.Set("Accept-Encoding", "identity")
	if h.Token != "" {
		request.Header.Set("Authorization", "Bearer "+h.Token) // not sent on to other hosts
	}
	if from > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	client := *h.HTTP
	client.CheckRedirect = func(to *http.Request, via []*http.Request) error {
		if len(via) > 10 || to.URL.Scheme != "http" && to.URL.Scheme != "https" {
			return fmt.Errorf("it redirects to %s after %d redirects", to.URL, len(via))
		}
		if method == http.MethodHead && to.URL.Host != via[0].URL.Host {
			return http.ErrUseLastResponse
		}
		return nil
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, 0, err
	}
	status := response.StatusCode
	if status == http.StatusOK || status == http.StatusPartialContent || method == http.MethodHead && status/100 == 3 {
		return response, 0, nil
	}
	response.Body.Close()
	after, err := refusal(response, h.Token != "")
	return nil, after, err
}

// refusal says what a status means, and how long to wait, negative for ever.
func refusal(r *http.Response, token bool) (time.Duration, error) {
	code := r.Header.Get("X-Error-Code")
	switch {
	case code == "GatedRepo":
		return -1, fmt.Errorf("%w: its licence must be accepted on the hub's page first, and HF_TOKEN be set", ErrDenied)
	case r.StatusCode == http.StatusNotFound, code == "RepoNotFound", code == "EntryNotFound", code == "RevisionNotFound":
		return -1, fmt.Errorf("%w (%s)", ErrNotFound, r.Status)
	case r.StatusCode == http.StatusUnauthorized && !token:
		return -1, fmt.Errorf("%w (%s): it does not exist, or needs a token in HF_TOKEN", ErrDenied, r.Status)
	case r.StatusCode == http.StatusUnauthorized, r.StatusCode == http.StatusForbidden:
		return -1, fmt.Errorf("%w (%s): the token in HF_TOKEN is not allowed to", ErrDenied, r.Status)
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
	for cuts := 0; at < f.size; {
		n, err := h.stretch(ctx, path, f, at, out, p)
		at += n
		if n > 0 {
			cuts = 0
		}
		switch cuts++; {
		case at == f.size:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && !errors.Is(err, errCut), cuts >= tries:
			return err
		}
		if err := h.wait(ctx, time.Second); err != nil {
			return err
		}
	}
	return nil
}

var errCut = errors.New("the connection was cut")

// stretch fetches from byte at on, and gives how many bytes came.
func (h *Hub) stretch(ctx context.Context, path string, f file, at int64, out *os.File, p *progress) (int64, error) {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	stall := time.AfterFunc(stallTime, cancel)
	defer stall.Stop()
	response, err := h.ask(inner, http.MethodGet, path, at)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if at > 0 && response.StatusCode != http.StatusPartialContent {
		// It begins at the beginning all the same: read over what is there.
		if _, err := io.CopyN(io.Discard, response.Body, at); err != nil {
			return 0, fmt.Errorf("%w after %d of %d bytes: %w", errCut, at, f.size, err)
		}
	}
	to := io.MultiWriter(io.NewOffsetWriter(out, at), p, alive{stall})
	n, err := io.Copy(to, io.LimitReader(response.Body, f.size-at))
	if at+n < f.size {
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		if !errors.As(err, new(*os.PathError)) {
			err = fmt.Errorf("%w after %d of %d bytes: %w", errCut, at+n, f.size, err)
		}
	}
	return n, err
}

// alive puts off the end of a connection whenever bytes come.
type alive struct{ stall *time.Timer }

func (a alive) Write(b []byte) (int, error) {
	a.stall.Reset(stallTime)
	return len(b), nil
}

// check holds a file to the hash that the hub told.
func check(f *os.File, want file) error {
	h := hash.Hash(sha256.New())
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
