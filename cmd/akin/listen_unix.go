//go:build unix

package main

import (
	"net"
	"syscall"
)

// listenPrivately makes a socket that only this user can connect to, from its first moment.
func listenPrivately(path string) (net.Listener, error) {
	defer syscall.Umask(syscall.Umask(0o177))
	return net.Listen("unix", path)
}
