package source

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for address, public := range map[string]bool{
		"93.184.216.34": true, "1.1.1.1": true, "2606:4700:4700::1111": true, "::ffff:1.1.1.1": true,
		"127.0.0.1": false, "127.255.255.254": false, "::1": false, "::ffff:127.0.0.1": false, "0.0.0.0": false, "::": false,
		"10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false, "::ffff:192.168.1.1": false,
		"169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false, "fd00:ec2::254": false, "fc00::1": false, // clouds' metadata among them
		"100.64.0.1": false, "192.0.0.192": false, "198.18.0.1": false, "203.0.113.5": false, "240.0.0.1": false, "255.255.255.255": false, "224.0.0.1": false, "ff02::1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "2002:7f00:1::": false, "2001::1": false, "::127.0.0.1": false, "2001:db8::1": false, "fec0::1": false,
	} {
		if got := Public(netip.MustParseAddr(address)); got != public {
			t.Errorf("%s: public is %t", address, got)
		}
	}
}

func TestPrivateAddressesAreNotFetched(t *testing.T) {
	t.Parallel()
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked++ }))
	defer s.Close()
	c := &Client{HTTP: PublicOnly(), Tries: 1}
	port := s.URL[len("http://127.0.0.1"):]
	for _, address := range []string{
		s.URL, "http://localhost" + port, "http://[::ffff:127.0.0.1]" + port, "http://2130706433" + port, "http://0x7f.1" + port, "http://0" + port, "http://127.1" + port,
		"http://169.254.169.254/latest/meta-data/", "http://[fe80::1%25lo]" + port,
	} {
		_, _, err := c.Get(t.Context(), address, 100)
		if err == nil || !errors.Is(err, ErrFetch) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, _, err := c.Get(t.Context(), s.URL, 100); !errors.Is(err, ErrPrivate) {
		t.Errorf("%v", err)
	}
	if asked > 0 {
		t.Errorf("%d requests came through", asked)
	}
}

// A public address that leads to a private one: the connection is refused, not the name.
func TestRedirectsToPrivateAddressesAreNotFollowed(t *testing.T) {
	t.Parallel()
	asked := 0
	private := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer private.Close()
	transport := PublicOnly().Transport
	c := &Client{Tries: 1, HTTP: &http.Client{Transport: outside{private.URL, transport}}}
	_, _, err := c.Get(t.Context(), "http://public.example/picture.png", 100)
	if !errors.Is(err, ErrPrivate) || asked > 0 {
		t.Errorf("%v, %d requests came through", err, asked)
	}
}

// outside stands for the public internet: it redirects, and leaves the rest to the real transport.
type outside struct {
	to   string
	rest http.RoundTripper
}

func (f outside) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "public.example" {
		return f.rest.RoundTrip(r)
	}
	w := httptest.NewRecorder()
	http.Redirect(w, r, f.to, http.StatusFound)
	return w.Result(), nil
}

// The machine's own address is its own also where it is a public one, and so are its neighbours'.
func TestTheMachinesOwnNetworksAreNotPublic(t *testing.T) {
	t.Parallel()
	own := func() ([]net.Addr, error) {
		return []net.Addr{
			&net.IPNet{IP: net.ParseIP("93.184.216.34"), Mask: net.CIDRMask(29, 32)},
			&net.IPNet{IP: net.ParseIP("2606:4700:4700::1111"), Mask: net.CIDRMask(64, 128)},
		}, nil
	}
	for address, want := range map[string]bool{
		"93.184.216.34": true, "93.184.216.39": true, "::ffff:93.184.216.34": true, "93.184.216.40": false,
		"2606:4700:4700::1111": true, "2606:4700:4700::2": true, "2606:4700:4701::1111": false,
	} {
		if got := isOwn(netip.MustParseAddr(address), own); got != want {
			t.Errorf("%s: own is %t", address, got)
		}
	}
	if !isOwn(netip.MustParseAddr("1.1.1.1"), func() ([]net.Addr, error) { return nil, errors.New("no list") }) {
		t.Error("where they cannot be told, anything may be one")
	}
	c := &Client{HTTP: publicOnly(own), Tries: 1, Brief: true}
	if _, _, err := c.Get(t.Context(), "http://93.184.216.34:1/a.png", 100); !errors.Is(err, ErrPrivate) || strings.Contains(err.Error(), "dial") {
		t.Errorf("%v", err)
	}
}

// What others are told of a fetch that failed has no address of this machine's network in it.
func TestBriefErrorsTellNothingOfTheNetwork(t *testing.T) {
	t.Parallel()
	local, far := &net.TCPAddr{IP: net.ParseIP("10.1.2.3"), Port: 5555}, &net.TCPAddr{IP: net.ParseIP("10.9.9.9"), Port: 80}
	lookup := &net.DNSError{Err: "no such host", Name: "db.corp.example", Server: "10.0.0.53:53", IsNotFound: true}
	for why, err := range map[string]error{
		"a name":       &net.OpError{Op: "dial", Net: "tcp", Err: lookup},
		"a slow name":  &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "i/o timeout", Name: "x", Server: "10.0.0.53:53", IsTimeout: true}},
		"refused":      &net.OpError{Op: "dial", Net: "tcp", Addr: far, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)},
		"reset":        &net.OpError{Op: "read", Net: "tcp", Source: local, Addr: far, Err: os.NewSyscallError("read", syscall.ECONNRESET)},
		"no route":     &net.OpError{Op: "dial", Net: "tcp", Source: local, Addr: far, Err: errors.New("no route from 10.1.2.3")},
		"private":      &net.OpError{Op: "dial", Net: "tcp", Addr: far, Err: fmt.Errorf("10.9.9.9: %w", ErrPrivate)},
		"a cut answer": fmt.Errorf("cut off after 7 bytes: %w", &net.OpError{Op: "read", Net: "tcp", Source: local, Addr: far, Err: syscall.ECONNRESET}),
	} {
		c := &Client{Tries: 1, Brief: true, HTTP: &http.Client{Transport: failing{err}}}
		_, _, got := c.Get(t.Context(), "http://pictures.example/a.png", 100)
		if got == nil || strings.Contains(got.Error(), "10.") || !errors.Is(got, ErrFetch) || (why == "private") != errors.Is(got, ErrPrivate) {
			t.Errorf("%s: %v", why, got)
		}
		if why == "a name" && !strings.HasSuffix(got.Error(), ": no such host") {
			t.Errorf("%v", got)
		}
		c.Brief = false
		if _, _, got := c.Get(t.Context(), "http://pictures.example/a.png", 100); !strings.Contains(got.Error(), "10.") && why != "refused" && why != "a name" {
			t.Errorf("%s: the machine's own user is told %v", why, got)
		}
	}
}

// failing is a network that fails.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }
