package server

import (
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

const (
	guessesAtOnce  = 20          // wrong tokens of one address, before it waits
	guessEvery     = time.Second // and then one in so long
	guessAddresses = 4096        // that are remembered
)

// guesses bounds how many wrong tokens an address may try. Beyond that its tokens are not checked, right
// or wrong. Sessions still are, since they cannot be guessed.
type guesses struct {
	now func() time.Time // tests replace it

	mu sync.Mutex
	of map[netip.Prefix]*guesser
}

type guesser struct {
	left float64 // guesses
	at   time.Time
}

func newGuesses() *guesses {
	return &guesses{now: time.Now, of: map[netip.Prefix]*guesser{}}
}

// prefixOf returns what a connection is counted for: its IPv4 address, or the /64 network of its IPv6
// address, which is commonly one client's.
func prefixOf(remote string) netip.Prefix {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{}
	}
	bits := 64
	if a = a.Unmap().WithZone(""); a.Is4() {
		bits = 32
	}
	p, _ := a.Prefix(bits)
	return p
}

// try checks a token, or returns how long the client must wait. It holds the lock while it checks, so
// that concurrent requests cannot exceed the bound.
func (g *guesses) try(who netip.Prefix, look func() bool) (right bool, wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	x, ok := g.of[who]
	if ok {
		g.refill(x)
		if x.left < 1 {
			return false, time.Duration((1 - x.left) * float64(guessEvery))
		}
	}
	if look() {
		return true, 0
	}
	if !ok {
		if len(g.of) >= guessAddresses {
			g.forget()
		}
		x = &guesser{left: guessesAtOnce, at: g.now()}
		g.of[who] = x
	}
	x.left--
	return false, 0
}

func (g *guesses) refill(x *guesser) {
	now := g.now()
	x.left = min(guessesAtOnce, x.left+float64(now.Sub(x.at))/float64(guessEvery))
	x.at = now
}

// forget removes the addresses that have waited long enough, or else the one that has waited longest.
func (g *guesses) forget() {
	var oldest netip.Prefix
	for who, x := range g.of {
		if g.now().Sub(x.at) > guessesAtOnce*guessEvery {
			delete(g.of, who)
		} else if o, ok := g.of[oldest]; !ok || x.at.Before(o.at) {
			oldest = who
		}
	}
	if len(g.of) >= guessAddresses {
		delete(g.of, oldest)
	}
}

// tryToken checks a client's token, counts and logs a wrong one, and answers a client that tried too
// many. It reports whether the token is right, and whether the request was answered.
func (s *Server) tryToken(w http.ResponseWriter, r *http.Request, given string) (right, answered bool) {
	right, after := s.guesses.try(prefixOf(r.RemoteAddr), func() bool { return s.isToken(given) })
	switch {
	case right:
		return true, false
	case after > 0:
		s.metrics.guesses.WithLabelValues("refused").Inc()
		w.Header().Set("Retry-After", strconv.Itoa(int(after/time.Second)+1))
		writeProblem(w, problem(http.StatusTooManyRequests, "too many wrong tokens from this address: try again later"))
		return false, true
	}
	s.metrics.guesses.WithLabelValues("wrong").Inc()
	s.log.Warn("wrong token", "from", r.RemoteAddr, "path", r.URL.Path)
	return false, false
}
