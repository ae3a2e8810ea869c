package server

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// connections bounds how many connections are open, in all and from one address. At the bound the one
// that has been idle longest is closed; its client can reconnect. If none is idle, new connections
// wait, except those of an address that is at its own bound, which are closed.
type connections struct {
	net.Listener
	most, mostOfOne int

	mu     sync.Mutex
	freed  *sync.Cond // a connection closed or became idle, or the listener closed
	open   map[net.Conn]*connection
	of     map[netip.Prefix]int
	closed bool
}

type connection struct {
	who  netip.Prefix
	idle time.Time // since when; zero during a request
}

func newConnections(l net.Listener, most, mostOfOne int) *connections {
	c := &connections{Listener: l, most: most, mostOfOne: mostOfOne, open: map[net.Conn]*connection{}, of: map[netip.Prefix]int{}}
	c.freed = sync.NewCond(&c.mu)
	return c
}

// Accept returns the next connection within the bounds.
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

// admit counts a connection. If its address has too many, it closes it and returns nil.
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

// closeIdle closes the one that has been idle longest among the connections that may selects; the
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

// forget uncounts a connection, once; the caller holds the mutex.
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

// state is http.Server's ConnState hook. A connection that has not sent a whole request counts as idle.
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

// Close stops listening. Open connections stay open.
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
