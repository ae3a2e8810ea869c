// Package server serves collections over HTTP: the API of docs/how-to/serve.md, and the page. It parses
// requests, calls package akin and renders the answers.
//
// Each feature has a file with its routes and its kind of job, named like its folder in
// web/src/features: search.go, compare.go, duplicates.go, map.go and so on.
package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/akin-search/akin"
)

// Options say what is served, and to whom. The zero value serves the collections of the
// user's data folder to every client.
type Options struct {
	Collection string       // the folder of the one collection to serve; "" is all in the user's data folder
	Open       akin.Options // how collections are opened

	Token   string   // that clients must send, checked by CheckToken; "" means none
	Hosts   []string // names that the server answers to, besides localhost and IP addresses
	Origins []string // of other sites whose pages may call the API, e.g. https://example.org
	Prefix  string   // the path of the server, e.g. /akin; "" means the root

	AllowTrash bool     // clients may move duplicates to the trash
	IndexUnder []string // folders that clients may index; nil means any, empty means only those indexed before

	Limits  Limits
	Page    fs.FS        // the page's files; nil means none
	Docs    fs.FS        // the documentation, which the page shows under help/; nil means none
	Version string       // of the program
	Log     *slog.Logger // nil discards
}

// Limits bound what clients may use. Zero values mean the defaults.
type Limits struct {
	UploadBytes int64         // of one picture; 32 MB
	BodyBytes   int64         // of all request bodies in memory; 256 MiB
	KeptBytes   int64         // of uploads in memory; 256 MiB
	KeptTime    time.Duration // of an upload after its last use; an hour
	Running     int           // concurrent requests that decode pictures or run models; half of the cores
	Waiting     int           // requests waiting for those; 32
	Searching   int           // concurrent other requests; 4 per core
	Request     time.Duration // the time to answer one; two minutes
	Sending     time.Duration // the time to receive one; a minute
	Connections int           // concurrent; 2048, at most half of them from one address
}

// Server answers requests.
type Server struct {
	options     Options
	log         *slog.Logger
	collections *collections
	uploads     *uploads
	shares      *uploads // forms of pictures that other apps shared
	running     *gate    // requests that decode pictures or run models
	searching   *gate    // other requests
	reading     *gate    // requests that verify a file before sending it, or look through folders
	bodies      *budget
	exporting   *gate
	jobs        *jobs
	watching    atomic.Int64 // clients following jobs
	sessions    *sessions
	guesses     *guesses // wrong tokens
	metrics     *metrics
	closing     chan struct{} // closed when shutdown begins
	handler     http.Handler
}

// New returns a server. The caller closes it.
func New(ctx context.Context, o Options) (*Server, error) {
	o.Limits = o.Limits.filled()
	if o.Token != "" {
		if err := CheckToken(o.Token); err != nil {
			return nil, err
		}
	}
	s := &Server{options: o, log: slog.New(slog.DiscardHandler)}
	if o.Log != nil {
		s.log = slog.New(discreet{o.Log.Handler()})
	}
	var err error
	if s.collections, err = newCollections(ctx, o); err != nil {
		return nil, err
	}
	s.uploads = newUploads(o.Limits.KeptBytes, o.Limits.KeptTime)
	s.shares = newShares(o.Limits)
	s.running = newGate(o.Limits.Running, o.Limits.Waiting)
	s.searching = newGate(o.Limits.Searching, 8*o.Limits.Searching)
	s.reading = newGate(o.Limits.Searching, 8*o.Limits.Searching)
	s.bodies = &budget{limit: o.Limits.BodyBytes}
	s.exporting = newGate(2, 8)
	s.sessions, s.guesses = newSessions(o.Token), newGuesses()
	s.jobs = newJobs()
	s.metrics = s.newMetrics()
	s.closing = make(chan struct{})
	s.handler, err = s.routes()
	return s, err
}

// Handler returns the handler of the API and the page.
func (s *Server) Handler() http.Handler { return s.handler }

// Close cancels running jobs, which store their work so far, and closes the collections.
func (s *Server) Close() error {
	s.jobs.close()
	return s.collections.close()
}

// Serve serves a listener until ctx is done. Then it waits for running requests.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	open := newConnections(l, s.options.Limits.Connections, (s.options.Limits.Connections+1)/2)
	h := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: min(10*time.Second, s.options.Limits.Sending),
		ReadTimeout:       s.options.Limits.Sending,
		WriteTimeout:      s.options.Limits.Request + time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ConnState:         open.state,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		close(s.closing) // or followers of jobs would never end
		err := h.Shutdown(grace)
		if errors.Is(err, context.DeadlineExceeded) {
			err = h.Close() // the remaining clients read too slowly
		}
		ended <- err
	}()
	if err := h.Serve(open); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	}
	return <-ended
}
