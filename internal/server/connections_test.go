package server

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// open is a connection to a server that has asked for something, if it is to.
func open(t *testing.T, address, from string, ask bool) net.Conn {
	t.Helper()
	d := net.Dialer{Timeout: 5 * time.Second}
	if from != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
	}
	conn, err := d.Dial("tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if ask {
		if err := askOn(conn); err != nil {
			t.Fatal(err)
		}
	}
	return conn
}

// askOn asks whether the server lives, and leaves the connection open.
func askOn(conn net.Conn) error {
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		return err
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

// Connections on which nothing happens keep nobody out: the longest idle gives way.
func TestIdleConnectionsGiveWay(t *testing.T) {
	t.Parallel()
	_, o := shared(t)
	o.Limits.Connections = 8
	address, _ := serve(t, o)
	var idle []net.Conn
	for range 40 {
		idle = append(idle, open(t, address, "", false))
	}
	for range 3 {
		open(t, address, "", true)
	}
	_ = idle[0].SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := idle[0].Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("the first connection is still open: %v", err)
	}
	if err := askOn(idle[len(idle)-1]); err != nil {
		t.Errorf("one of the last is closed: %v", err)
	}
}

// One address takes half of the connections at most, though all of them are busy.
func TestOneAddressDoesNotTakeAllConnections(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("127.0.0.2 is an address of this machine on Linux alone")
	}
	l := listen(t)
	c := newConnections(l, 8, 4)
	busy := make(chan struct{})
	h := &http.Server{ConnState: c.state, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/busy" {
			w.(http.Flusher).Flush()
			<-busy
		}
	})}
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(c) }()
	t.Cleanup(func() {
		close(busy)
		_ = h.Close()
		<-ended
	})
	address := "http://" + l.Addr().String()
	closed := 0
	for range 12 {
		conn := open(t, address, "127.0.0.2", false)
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = io.WriteString(conn, "GET /busy HTTP/1.1\r\nHost: localhost\r\n\r\n")
		if _, err := bufio.NewReader(conn).ReadString('\n'); err != nil {
			closed++
		}
	}
	if closed != 8 {
		t.Errorf("%d of 12 connections of one address were closed", closed)
	}
	open(t, address, "127.0.0.1", true)
}
