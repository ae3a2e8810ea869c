package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/akin-search/akin/internal/container"
	"github.com/akin-search/akin/internal/picture"
)

const (
	fileLimit    = 1 << 30
	headBytes    = 4096 // that tell what a file is
	addressLimit = 64 << 20
	maxRedirects = 5
	maxTries     = 5
	userAgent    = "akin/1.0 (+https://github.com/akin-search/akin)"
)

// ErrTooLong marks a file or answer of more bytes than are read.
var ErrTooLong = container.ErrTooLong

// ErrOther marks a guessed item whose file begins like no picture at all.
var ErrOther = errors.New("it is no picture")

// ErrFetch marks an address that gave nothing.
var ErrFetch = errors.New("the address cannot be fetched")

// fetchError reports which address that was.
type fetchError struct {
	address string
	err     error
}

func (e *fetchError) Error() string        { return "fetch " + e.address + ": " + e.err.Error() }
func (e *fetchError) Unwrap() error        { return e.err }
func (e *fetchError) Is(target error) bool { return target == ErrFetch }

// Read returns the bytes of an item: at most limit, or, when that is 0, 1 GiB of a
// file and 64 MiB of an address.
func Read(ctx context.Context, it Item, c *Client, limit int64) ([]byte, error) {
	if it.Address {
		if limit == 0 {
			limit = addressLimit
		}
		data, _, err := c.Get(ctx, it.Source, limit)
		return data, err
	}
	if limit == 0 {
		limit = fileLimit
	}
	info, err := os.Stat(it.Source)
	if err != nil {
		if file, name, ok := member(it.Source); ok {
			return readMember(ctx, it, file, name, limit)
		}
		return nil, fmt.Errorf("read %s: %w", it.Source, errors.Unwrap(err))
	}
	if info.IsDir() {
		return nil, fmt.Errorf("read %s: it is a folder, not a picture", it.Source)
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for ever
		return nil, fmt.Errorf("read %s: it is no file", it.Source)
	}
	f, err := it.fence.open(it.Source)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", it.Source, errors.Unwrap(err))
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	if it.Guessed {
		head := make([]byte, min(info.Size(), headBytes))
		if _, err := io.ReadFull(f, head); err != nil {
			return nil, fmt.Errorf("read %s: %w", it.Source, err)
		}
		if !picture.Resembles(head) {
			return nil, fmt.Errorf("read %s: %w", it.Source, ErrOther)
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("read %s: %w: %d bytes, and at most %d are read", it.Source, ErrTooLong, info.Size(), limit)
	}
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, fmt.Errorf("read %s: %w", it.Source, err)
	}
	return data, nil
}

// Client fetches addresses politely: with akin's name, not faster than Pause
// allows each host, and again after a while where a server asks for it. The zero
// value is ready.
type Client struct {
	HTTP  *http.Client
	Pause time.Duration // least time between two requests to one host
	Tries int           // of one address; 0 means 5
	Brief bool          // errors tell nothing of this machine's network: others may read them
	// Wait sleeps; tests replace it.
	Wait func(ctx context.Context, d time.Duration) error

	mu   sync.Mutex
	next map[string]time.Time
}

var errNoHost = errors.New("no such host")

// Get fetches an address, and returns the body and its content type.
func (c *Client) Get(ctx context.Context, address string, limit int64) (body []byte, contentType string, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, "", &fetchError{address, errors.New("it is no http or https address")}
	}
	delay := time.Second
	tries := c.Tries
	if tries <= 0 {
		tries = maxTries
	}
	for try := 1; ; try++ {
		if err := c.turn(ctx, u.Host); err != nil {
			return nil, "", err
		}
		body, contentType, after, err := c.once(ctx, address, limit)
		if err == nil || ctx.Err() != nil || after < 0 || try == tries {
			if err != nil && ctx.Err() == nil {
				var asked *url.Error // says the address again
				if errors.As(err, &asked) {
					err = asked.Err
				}
				if name, ok := errors.AsType[*net.DNSError](err); ok && name.IsNotFound {
					err = errNoHost // which resolver said so helps nobody
				} else if c.Brief {
					err = brief(err)
				}
				err = &fetchError{address, err}
			}
			return body, contentType, err
		}
		if err := c.wait(ctx, max(delay, after)); err != nil {
			return nil, "", err
		}
		delay *= 2
	}
}

// once makes one request. after is how long the server wants to be left alone, or
// negative when asking again is of no use.
func (c *Client) once(ctx context.Context, address string, limit int64) (body []byte, contentType string, after time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, "", -1, err
	}
	request.Header.Set("User-Agent", userAgent)
	client := http.Client{}
	if c.HTTP != nil {
		client = *c.HTTP
	}
	client.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects || r.URL.Scheme != "http" && r.URL.Scheme != "https" {
			return fmt.Errorf("it redirects to %s after %d redirects", r.URL, len(via))
		}
		return nil
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, "", 0, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		after = -1
		if response.StatusCode == http.StatusTooManyRequests || response.StatusCode >= 500 {
			after = retryAfter(response.Header.Get("Retry-After"))
		}
		return nil, "", after, fmt.Errorf("the server answers %s", response.Status)
	}
	if response.ContentLength > limit {
		return nil, "", -1, fmt.Errorf("%w: %d bytes, and at most %d are read", ErrTooLong, response.ContentLength, limit)
	}
	body, err = io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return nil, "", 0, fmt.Errorf("cut off after %d bytes: %w", len(body), err)
	}
	if int64(len(body)) > limit {
		return nil, "", -1, fmt.Errorf("%w: more than %d bytes", ErrTooLong, limit)
	}
	return body, response.Header.Get("Content-Type"), 0, nil
}

// retryAfter reads the header's seconds or date, up to a minute.
func retryAfter(value string) time.Duration {
	if n, err := strconv.Atoi(value); err == nil && n >= 0 {
		return min(time.Duration(n)*time.Second, time.Minute)
	}
	if t, err := http.ParseTime(value); err == nil {
		return max(0, min(time.Until(t), time.Minute))
	}
	return 0
}

// turn waits until the host may be asked again.
func (c *Client) turn(ctx context.Context, host string) error {
	if c.Pause <= 0 {
		return ctx.Err()
	}
	c.mu.Lock()
	if c.next == nil {
		c.next = map[string]time.Time{}
	}
	now := time.Now()
	at := c.next[host]
	if at.Before(now) {
		at = now
	}
	c.next[host] = at.Add(c.Pause)
	c.mu.Unlock()
	return c.wait(ctx, at.Sub(now))
}

func (c *Client) wait(ctx context.Context, d time.Duration) error {
	if c.Wait != nil {
		return c.Wait(ctx, d)
	}
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
