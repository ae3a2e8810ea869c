package models

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/akin-search/akin/internal/runtime"
)

// session runs a network, which is loaded when it first runs.
type session struct {
	once sync.Once
	err  error

	mu      sync.RWMutex // held for reading while a batch runs
	session *runtime.Session
	closed  bool

	few  bool // what it was first loaded for
	runs atomic.Int64
	anew sync.Once
}

// loader loads a network, for few runs or for many.
type loader func(few bool) (*runtime.Session, error)

// fewRuns is after how many runs loading a network anew, for many, begins to pay.
const fewRuns = 8

// lend lends the session to a batch. With few, it is one that is there at once; when more
// runs are to come, or came after all, another that runs faster takes its place, which is
// loaded meanwhile. It is safe for concurrent use.
func (s *session) lend(load loader, few bool, batch func(*runtime.Session) error) error {
	s.once.Do(func() {
		s.few = few
		s.session, s.err = load(few)
	})
	if s.err != nil {
		return s.err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.few && (!few || s.runs.Add(1) >= fewRuns) {
		s.anew.Do(func() { go s.settle(load) })
	}
	return batch(s.session)
}

// settle exchanges the session for one for many runs. Where that cannot be loaded, for want
// of memory, the old one goes on. Loading cannot be broken off, and closing does not wait for
// it: what comes too late is closed at once.
func (s *session) settle(load loader) {
	many, err := load(false)
	if err != nil {
		return
	}
	s.mu.Lock()
	useless := s.session
	if s.closed {
		useless = many
	} else {
		s.session = many
	}
	s.mu.Unlock()
	_ = useless.Close()
}

// close ends the session, after the batches that are running.
func (s *session) close() error {
	s.once.Do(func() { s.err = errors.New("the model is closed") })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.session == nil {
		return nil
	}
	return s.session.Close()
}
