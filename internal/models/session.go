package models

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/runtime"
)

// session runs a network, which is loaded for its first run. A latency session loads fast and computes
// from the weights as they are on disk; a throughput session takes longer to load and less for each
// batch. A session may begin as the first and be replaced by the second.
type session struct {
	once sync.Once
	err  error

	mu      sync.RWMutex // held for reading while a batch runs
	current *runtime.Session
	closed  bool

	latency bool // what it was first loaded as
	runs    atomic.Int64
	replace sync.Once
}

// loader loads a network as a latency or a throughput session.
type loader func(latency bool) (*runtime.Session, error)

// latencyRuns is after how many runs loading a throughput session pays.
const latencyRuns = embed.Few + 1

// run runs a batch. With latency, the first session is one that loads fast; if more runs follow than
// expected, a throughput session is loaded in the background. It is safe for concurrent use.
func (s *session) run(load loader, latency bool, batch func(*runtime.Session) error) error {
	if err := s.open(load, latency); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.latency && (!latency || s.runs.Add(1) >= latencyRuns) {
		s.replace.Do(func() { go s.upgrade(load) })
	}
	return batch(s.current)
}

// open loads the network, unless that was done.
func (s *session) open(load loader, latency bool) error {
	s.once.Do(func() {
		current, err := load(latency)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.current, s.err, s.latency = current, err, latency
	})
	return s.err
}

// isOpen reports whether the network is loaded.
func (s *session) isOpen() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.current != nil
}

// upgrade replaces a latency session by a throughput session. If that cannot be loaded, for lack of
// memory, the first one stays. Loading cannot be interrupted, and close does not wait for it: what is
// loaded after close is closed at once.
func (s *session) upgrade(load loader) {
	throughput, err := load(false)
	if err != nil {
		return
	}
	s.mu.Lock()
	unused := s.current
	if s.closed {
		unused = throughput
	} else {
		s.current = throughput
	}
	s.mu.Unlock()
	_ = unused.Close()
}

// close ends the session, after the batches that are running.
func (s *session) close() error {
	s.once.Do(func() { s.err = errors.New("the model is closed") })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.current == nil {
		return nil
	}
	return s.current.Close()
}
