package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const socketPrefix = "unix:"

// isSocket reports whether an address is that of a Unix socket.
func isSocket(address string) bool { return strings.HasPrefix(address, socketPrefix) }

// listen listens at ADDRESS:PORT, or at unix:PATH.
func listen(address string) (net.Listener, error) {
	path, ok := strings.CutPrefix(address, socketPrefix)
	if !ok {
		l, err := net.Listen("tcp", address)
		if errors.Is(err, syscall.EADDRINUSE) {
			return nil, &portError{Address: address, Err: err}
		}
		return l, err
	}
	if err := removeStale(path); err != nil {
		return nil, err
	}
	return listenPrivately(path)
}

// portError reports that another program listens at an address.
type portError struct {
	Address string
	Err     error
}

func (e *portError) Error() string { return fmt.Sprintf("listen on %s: the port is in use", e.Address) }
func (e *portError) Unwrap() error { return e.Err }

// next is the same address with the next port, or with any that is free.
func (e *portError) next() string {
	host, port, _ := net.SplitHostPort(e.Address)
	n, err := strconv.Atoi(port)
	if err != nil || n >= 65535 {
		n = -1
	}
	return net.JoinHostPort(host, strconv.Itoa(n+1))
}

// open is where the other program answers.
func (e *portError) open() string { return "http://" + here(e.Address) + "/" }

// openAt returns the address at which this machine reaches a listener.
func openAt(l net.Listener) string {
	if _, ok := l.Addr().(*net.TCPAddr); !ok {
		return l.Addr().String()
	}
	return here(l.Addr().String())
}

// here is ADDRESS:PORT as this machine reaches it: what listens on all its networks is reached by loopback too.
func here(address string) string {
	host, port, _ := net.SplitHostPort(address)
	if host == "" || net.ParseIP(host).IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// removeStale removes the socket that a killed server left. What is no socket, or is still answered, stays.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&os.ModeSocket == 0 {
		return nil // listening says what is wrong with it
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		return errors.Join(fmt.Errorf("listen on %s: another server is running there", path), conn.Close())
	}
	return os.Remove(path)
}
