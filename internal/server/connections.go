package server

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// connections bounds how many are open: in all, and from one address. One too many costs the
// connection that has been idle longest, which a client opens again when it needs it; where
// none is idle, others wait, and one of an address with too many is closed.
type connections struct {
	net.Listener
	most, mostOfOne int

	mu     sync.Mutex
	freed  *sync.Cond // something was closed, or fell idle, or the listener is closed
	open   map[net.Conn]*connection
	of     map[netip.Prefix]int
	closed bool
}

type connection struct {
	who  netip.Prefix
	idle time.Time // since when it asks nothing; zero while it does
}

func newConnections(l net.Listener, most, mostOfOne int) *connections {
	c := &connections{Listener: l, most: most, mostOfOne: mostOfOne, open: map[net.Conn]*connection{}, of: map[netip.Prefix]int{}}
	c.freed = sync.NewCond(&c.mu)
	return c
}

// Accept gives a connection that there is room for.
func (c *connections) Accept() (net.Conn, error) {
	for {
		if err := c.room(); err != nil {
			return nil, err
		}
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if conn = c.admit(conn); conn != nil {
			return conn, nil
		}
	}
}

// room waits until one more connection may be open.
func (c *connections) room() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.open) >= c.most && !c.closed {
		if !c.closeIdle(func(*connection) bool { return true }) {
			c.freed.Wait()
		}
	}
	if c.closed {
		return net.ErrClosed
	}
	return nil
}

// admit counts a connection, or closes it and gives nil where its address has too many.
func (c *connections) admit(conn net.Conn) net.Conn {
	who := prefixOf(conn.RemoteAddr().String())
	counted := &counted{Conn: conn, by: c}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of[who] >= c.mostOfOne && !c.closeIdle(func(x *connection) bool { return x.who == who }) {
		_ = conn.Close()
		return nil
	}
	c.open[counted] = &connection{who: who, idle: time.Now()}
	c.of[who]++
	return counted
}

// closeIdle closes the connection that has been idle longest of those that may be taken; the
// caller holds the mutex.
func (c *connections) closeIdle(may func(*connection) bool) bool {
	var longest net.Conn
	for conn, x := range c.open {
		if !x.idle.IsZero() && may(x) && (longest == nil || x.idle.Before(c.open[longest].idle)) {
			longest = conn
		}
	}
	if longest == nil {
		return false
	}
	c.forget(longest)
	_ = longest.(*counted).Conn.Close()
	return true
}

// forget takes a connection out of the count, once; the caller holds the mutex.
func (c *connections) forget(conn net.Conn) {
	x, ok := c.open[conn]
	if !ok {
		return
	}
	delete(c.open, conn)
	if c.of[x.who]--; c.of[x.who] == 0 {
		delete(c.of, x.who)
	}
	c.freed.Signal()
}

// state hears from http.Server what a connection does. One that has sent no whole request yet
// is as idle as one that waits for the next.
func (c *connections) state(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	x, ok := c.open[conn]
	if !ok {
		return
	}
	switch state {
	case http.StateActive:
		x.idle = time.Time{}
	case http.StateIdle:
		x.idle = time.Now()
		c.freed.Signal()
	}
}

// Close ends the listening; what is open stays.
func (c *connections) Close() error {
	c.mu.Lock()
	c.closed = true
	c.freed.Broadcast()
	c.mu.Unlock()
	return c.Listener.Close()
}

// counted is a connection that is counted until it is closed.
type counted struct {
	net.Conn
	by *connections
}

func (c *counted) Close() error {
	c.by.mu.Lock()
	c.by.forget(c)
	c.by.mu.Unlock()
	return c.Conn.Close()
}
