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

// guesses bounds how many wrong tokens an address may try. Beyond that its tokens are not
// looked at, right or wrong: an answer would tell which they are. Sessions are looked at all
// the same, for they cannot be guessed.
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

// prefixOf is whom a connection is counted for: its address, or of IPv6 the network that one
// client has all of.
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

// try looks at someone's token, unless they have to wait: for how long, it says then. The token
// is looked at under the lock, so that many requests at once are no way around it.
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

// forget makes room: those who have waited long enough go, or else the one who has waited
// longest.
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

// tryToken looks at a token that a client sent, counts and logs a wrong one, and answers a
// client that tried too many. It says whether the token is right, and whether the request
// was answered.
func (s *Server) tryToken(w http.ResponseWriter, r *http.Request, given string) (right, answered bool) {
	right, after := s.guesses.try(prefixOf(r.RemoteAddr), func() bool { return s.isToken(given) })
	switch {
	case right:
		return true, false
	case after > 0:
		s.metrics.guesses.WithLabelValues("refused").Inc()
		w.Header().Set("Retry-After", strconv.Itoa(int(after/time.Second)+1))
		writeProblem(w, problem(http.StatusTooManyRequests, "too many wrong tokens came from this address: wait a moment"))
		return false, true
	}
	s.metrics.guesses.WithLabelValues("wrong").Inc()
	s.log.Warn("wrong token", "from", r.RemoteAddr, "path", r.URL.Path)
	return false, false
}
