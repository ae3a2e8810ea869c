package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

const socketPrefix = "unix:"

// isSocket reports whether an address is that of a Unix socket.
func isSocket(address string) bool { return strings.HasPrefix(address, socketPrefix) }

// listen listens at ADDRESS:PORT, or at unix:PATH.
func listen(address string) (net.Listener, error) {
	path, ok := strings.CutPrefix(address, socketPrefix)
	if !ok {
		return net.Listen("tcp", address)
	}
	if err := removeStale(path); err != nil {
		return nil, err
	}
	return listenPrivately(path)
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
