package source

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// ErrPrivate says that an address is not one of the public internet.
var ErrPrivate = errors.New("it is not on the public internet")

// PublicOnly is a client that connects to hosts of the public internet alone. Each
// connection is checked when it is made, after the name was resolved and whatever
// redirected to it: a name that resolves to another address the second time gains nothing.
// No proxy is used, which would resolve names itself. The machine's own networks are not
// public, whatever their addresses.
func PublicOnly() *http.Client { return publicOnly(net.InterfaceAddrs) }

func publicOnly(own func() ([]net.Addr, error)) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if !Public(to.Addr()) || isOwn(to.Addr(), own) {
			return fmt.Errorf("%w; allow private addresses to fetch from it", ErrPrivate)
		}
		return nil
	}}
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second,
		ResponseHeaderTimeout: 15 * time.Second, MaxResponseHeaderBytes: 64 << 10, MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second,
	}}
}

// isOwn says that an address is of a network that this machine is in. They are asked for each
// time: a laptop moves.
func isOwn(a netip.Addr, own func() ([]net.Addr, error)) bool {
	networks, err := own()
	if err != nil {
		return true
	}
	ip := net.IP(a.Unmap().WithZone("").AsSlice())
	for _, n := range networks {
		if n, ok := n.(*net.IPNet); ok && (n.IP.Equal(ip) || n.Contains(ip)) {
			return true
		}
	}
	return false
}

// brief is what went wrong with a fetch, for others than this machine's user: without the
// addresses that a name has, those of this machine, and which resolver it asks.
func brief(err error) error {
	var name *net.DNSError
	var dial *net.OpError
	switch {
	case errors.Is(err, ErrPrivate):
		return fmt.Errorf("%w; allow private addresses to fetch from it", ErrPrivate)
	case errors.As(err, &name):
		return errors.New("its name leads nowhere")
	case errors.As(err, &dial) && dial.Timeout():
		return errors.New("its server does not answer in time")
	case errors.As(err, &dial):
		var system syscall.Errno
		if errors.As(dial.Err, &system) {
			return fmt.Errorf("the connection failed: %w", system)
		}
		return errors.New("the connection failed")
	}
	return err
}

// special are the blocks of addresses that are not public, beside those that netip knows:
// IANA's special-purpose registries.
var special = func() []netip.Prefix {
	var blocks []netip.Prefix
	for _, block := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		// These embed an IPv4 address, which a gateway may lead to.
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16",
		"100::/64", "2001:db8::/32", "3fff::/20", "5f00::/16", "fec0::/10",
	} {
		blocks = append(blocks, netip.MustParsePrefix(block))
	}
	return blocks
}()

// Public says that an address is one of the public internet.
func Public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsLoopback() {
		return false
	}
	for _, block := range special {
		if block.Contains(a) {
			return false
		}
	}
	return true
}
