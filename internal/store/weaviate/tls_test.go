package weaviate_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/storetest"
	"github.com/akin-search/akin/internal/store/weaviate"
	"github.com/akin-search/akin/internal/store/weaviate/weaviatetest"
)

// authority writes a certificate authority's own certificate to a file, and gives one of its for
// this machine.
func authority(t *testing.T) (file string, server tls.Certificate) {
	t.Helper()
	make := func(template, parent *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if parent == nil {
			parent, signer = template, key
		}
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
		if err != nil {
			t.Fatal(err)
		}
		made, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return made, key
	}
	root, rootKey := make(&x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a test's authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil, nil)
	leaf, key := make(&x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "127.0.0.1"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, root, rootKey)
	file = filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}), 0o666); err != nil {
		t.Fatal(err)
	}
	return file, tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key}
}

// Through TLS, at one port for both as an ingress has it, and with a key: what is written is
// found, where the system vouches for the certificate. The process that asks is another one,
// for Go reads $SSL_CERT_FILE once.
func TestTLSAndAKeyOpenACluster(t *testing.T) {
	if address := os.Getenv("AKIN_TEST_TLS"); address != "" {
		if err := throughTLS(t, address); err != nil {
			t.Fatal(err)
		}
		return
	}
	nodes := weaviatetest.Start(t, 1, true)
	plain, err := weaviate.ParseAddress(nodes.Address("Secret"))
	if err != nil {
		t.Fatal(err)
	}
	to := func(host string) *httputil.ReverseProxy {
		return httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: host})
	}
	rest, wire := to(plain.Nodes[0].REST), to(plain.Nodes[0].GRPC)
	unencrypted := &http.Transport{Protocols: new(http.Protocols)}
	unencrypted.Protocols.SetUnencryptedHTTP2(true)
	wire.Transport = unencrypted
	var asked [2]atomic.Int64
	proxy := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
			asked[1].Add(1)
			wire.ServeHTTP(w, r)
			return
		}
		asked[0].Add(1)
		rest.ServeHTTP(w, r)
	}))
	file, certificate := authority(t)
	proxy.EnableHTTP2 = true
	proxy.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	proxy.StartTLS()
	defer proxy.Close()
	port := proxy.Listener.Addr().(*net.TCPAddr).Port
	for _, x := range []struct {
		why, vouched, key, says string
	}{
		{"a certificate that nobody vouches for", "", weaviatetest.Key, "certificate"},
		{"a wrong key", file, "another", "API key"},
		{"all is right", file, weaviatetest.Key, "PASS"},
	} {
		asked[0].Store(0)
		asked[1].Store(0)
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestTLSAndAKeyOpenACluster$")
		cmd.Env = append(os.Environ(), fmt.Sprintf("AKIN_TEST_TLS=weaviates://127.0.0.1:%d:%d/Secret", port, port), "AKIN_TEST_KEY="+x.key, "SSL_CERT_FILE="+x.vouched)
		out, err := cmd.CombinedOutput()
		if (err == nil) != (x.says == "PASS") || !strings.Contains(string(out), x.says) {
			t.Errorf("%s: %v\n%s", x.why, err, out)
		}
		if n, m := asked[0].Load(), asked[1].Load(); (n > 0) != (x.vouched != "") || (m > 0) != (x.says == "PASS") {
			t.Errorf("%s: it was asked %d times, and %d through gRPC", x.why, n, m)
		}
	}
}

func throughTLS(t *testing.T, address string) error {
	c, err := weaviate.Open(t.Context(), address, os.Getenv("AKIN_TEST_KEY"), false)
	if err != nil {
		return err
	}
	defer c.Close()
	w, err := c.Writer()
	if err != nil {
		return err
	}
	s, err := w.Space(t.Context(), "m", "f", storetest.Dim)
	if err != nil {
		return err
	}
	b := record.Batch{Puts: []record.Put{storetest.Put("/p/a.png", "A")}, Embeddings: []record.Embedding{storetest.Embedding(s, "A", 1, 0, 0, 0)}}
	if err := w.Commit(t.Context(), b); err != nil {
		return err
	}
	near, recall, err := c.Near(t.Context(), s, []float32{1, 0, 0, 0}, 3, store.Filter{})
	if err == nil && (recall != 1 || near.Pictures.Len() != 1) {
		err = fmt.Errorf("found %d pictures", near.Pictures.Len())
	}
	return err
}
