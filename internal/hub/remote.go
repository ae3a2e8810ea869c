package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// headBytes is more than most headers of checkpoints have.
const headBytes = 256 << 10

// remote is a file of a repository that is read in stretches, each held to what the
// hub told of the file. Its SHA-256 cannot be: that is the whole file's.
type remote struct {
	ctx  context.Context // of the pull that it is read in
	hub  *Hub
	path string
	file
	tags   map[string]string // the ETag that another host of the bytes gave first
	head   []byte            // the file's beginning, once it was read
	ranged bool              // its host gives ranges: another answer is a slip
}

// Open returns a file to be read where it is, and its size. Its beginning is fetched
// now. Errors: those of Look, and ErrNoRanges.
func (s *Snapshot) Open(ctx context.Context, name string) (io.ReaderAt, int64, error) {
	r, err := s.remote(ctx, name)
	if err == nil {
		head := make([]byte, min(headBytes, r.size))
		if _, err = r.ReadAt(head, 0); err == nil {
			r.head = head
		}
	}
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", name, err)
	}
	return r, r.size, nil
}

func (s *Snapshot) remote(ctx context.Context, name string) (*remote, error) {
	f, err := s.file(ctx, name)
	return &remote{ctx: ctx, hub: s.hub, path: resolve(s.Repository, s.Commit, name), file: f, tags: map[string]string{}}, err
}

// ReadAt reads what the beginning does not hold from the hub.
func (r *remote) ReadAt(b []byte, at int64) (int, error) {
	if at < 0 || at > r.size-int64(len(b)) {
		return 0, io.EOF
	}
	have := 0
	if at < int64(len(r.head)) {
		have = copy(b, r.head[at:])
	}
	err := r.hub.persist(r.ctx, int64(have), int64(len(b)), func(from int64) (int64, error) {
		body, err := r.open(r.ctx, span{at + from, at + int64(len(b))})
		if err != nil {
			return 0, err
		}
		defer body.Close()
		n, err := io.ReadFull(body, b[from:])
		if have = int(from) + n; err != nil {
			err = cut(err, int64(have), int64(len(b)))
		}
		return int64(n), err
	})
	return have, err
}

// open asks for a stretch. Another answer than the one that was asked for is asked
// for again, for a while, as if the connection had been cut.
func (r *remote) open(ctx context.Context, of span) (io.ReadCloser, error) {
	response, err := r.hub.open(ctx, r.path, of)
	if err != nil {
		return nil, err
	}
	err = r.check(response, of)
	if err == nil {
		r.ranged = true
		return response.Body, nil
	}
	response.Body.Close()
	if errors.Is(err, ErrNoRanges) && !r.ranged {
		return nil, err
	}
	return nil, again{err}
}

// check holds an answer to what was asked and to what the hub told of the file. The
// request carries no If-Range: the hub passes it on to a store that knows the file by
// another ETag, and would send all of it.
func (r *remote) check(response *http.Response, of span) error {
	if response.StatusCode != http.StatusPartialContent {
		return ErrNoRanges
	}
	want := fmt.Sprintf("bytes %d-%d/%d", of.first, of.end-1, r.size)
	if got := response.Header.Get("Content-Range"); got != want {
		return fmt.Errorf("%w: its Content-Range is %q, not %q", ErrCorrupt, got, want)
	}
	hub, err := url.Parse(r.hub.Endpoint)
	if err != nil {
		return err
	}
	host := response.Request.URL.Host
	told := host == hub.Host || response.Header.Get("X-Linked-Etag") != ""
	if tag := etag(response.Header); told && tag != r.etag {
		return fmt.Errorf("%w: its ETag is %.12q, not %.12q; pull again", ErrCorrupt, tag, r.etag)
	}
	if tag := response.Header.Get("ETag"); host != hub.Host && tag != "" {
		if first, ok := r.tags[host]; ok && tag != first {
			return fmt.Errorf("%w: %w: on %s its ETag was %s, and is %s", errReplaced, ErrCorrupt, host, first, tag)
		}
		r.tags[host] = tag
	}
	return nil
}
