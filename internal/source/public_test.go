package source

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
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
