// Package server answers HTTP with what package akin finds: the API of docs/how-to/serve.md,
// and the page in front of it. It parses, calls package akin, and renders.
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
// user's data folder to whoever reaches it.
type Options struct {
	Collection string       // the folder of the one collection to serve; "" is all in the user's data folder
	Open       akin.Options // how collections are opened

	Token   string   // what a client must know, as CheckToken has it; "" is nothing
	Hosts   []string // names by which clients reach the server, beside localhost and addresses
	Origins []string // other sites whose pages may call the API, as https://example.org
	Prefix  string   // the path that everything lies under, as /akin; "" is none

	IndexUnder []string // folders that clients may have indexed; nil is any, empty is none but those that were

	Limits  Limits
	Page    fs.FS        // the page's files; nil is none
	Version string       // of the program
	Log     *slog.Logger // nil is none
}

// Limits bound what clients may take. A zero value is the default.
type Limits struct {
	UploadBytes int64         // of one picture; 32 MiB
	BodyBytes   int64         // of all requests' bodies at one time; 256 MiB
	KeptBytes   int64         // of uploads that are kept for further searches; 256 MiB
	KeptTime    time.Duration // after an upload's last use; an hour
	Running     int           // requests at one time that decode pictures or run models; half of the cores
	Waiting     int           // that wait for those; 32
	Searching   int           // requests at one time of those that do not; 4 a core
	Request     time.Duration // that one may take; two minutes
	Sending     time.Duration // that a client may take to send one; a minute
	Connections int           // at one time; 2048, and half of them from one address
}

// Server answers requests.
type Server struct {
	options     Options
	log         *slog.Logger
	collections *collections
	uploads     *uploads
	running     *gate // decodes and networks
	searching   *gate // everything else
	reading     *gate // files that are looked at before they are sent
	bodies      *budget
	exporting   *gate
	jobs        *jobs
	watching    atomic.Int64 // clients that follow jobs
	sessions    *sessions
	guesses     *guesses // wrong tokens
	metrics     *metrics
	closing     chan struct{} // closed when the server begins to end
	handler     http.Handler
}

// New makes a server. Close ends it.
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

// Handler is the server as a handler: API, page and all.
func (s *Server) Handler() http.Handler { return s.handler }

// Close ends running jobs, whose work so far is stored, and closes the collections.
func (s *Server) Close() error {
	s.jobs.close()
	return s.collections.close()
}

// Serve answers on a listener until ctx ends; then it lets requests that are running
// come to their end.
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
		close(s.closing) // those who follow jobs would never end
		err := h.Shutdown(grace)
		if errors.Is(err, context.DeadlineExceeded) {
			err = h.Close() // whoever is still here reads too slowly
		}
		ended <- err
	}()
	if err := h.Serve(open); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	}
	return <-ended
}
