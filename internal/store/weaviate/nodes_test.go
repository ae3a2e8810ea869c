package weaviate

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/weaviate/weaviate-go-client/v5/weaviate/fault"

	pb "github.com/weaviate/weaviate/grpc/generated/protocol/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A server whose certificate nobody vouches for gets neither the key nor a query.
func TestCertificatesAreChecked(t *testing.T) {
	t.Parallel()
	asked := false
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "https://")
	address := "weaviates://" + host + host[strings.LastIndexByte(host, ':'):] + "/Photos"
	if _, err := Open(t.Context(), address, "a key", false); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("REST: %v", err)
	}
	a, err := ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	n, err := newNode(a.Nodes[0], true, "a key")
	if err != nil {
		t.Fatal(err)
	}
	defer n.conn.Close()
	if _, err := n.wire.Search(t.Context(), &pb.SearchRequest{}); err == nil || !strings.Contains(err.Error(), "certificate") || passing(err) {
		t.Errorf("gRPC: %v", err)
	}
	if asked {
		t.Error("it was asked something")
	}
}

// What may be none the next time is tried at the next node; what is wrong is told at once.
func TestWhatPassesIsTriedAgain(t *testing.T) {
	t.Parallel()
	refused := &fault.WeaviateClientError{IsUnexpectedStatusCode: true, StatusCode: http.StatusUnprocessableEntity, Msg: "no"}
	for _, x := range []struct {
		why   string
		err   error
		tries int
	}{
		{"a node that is not there", status.Error(codes.Unavailable, "connection refused"), 3},
		{"one that is busy", &fault.WeaviateClientError{IsUnexpectedStatusCode: true, StatusCode: 503}, 3},
		{"one whose leader was killed", &fault.WeaviateClientError{IsUnexpectedStatusCode: true, StatusCode: http.StatusUnprocessableEntity,
			Msg: "msg:failed to execute query: rpc error: code = Canceled desc = grpc: the client connection is closing code:400 err:invalid object"}, 3},
		{"a batch of which a part was refused", retry{errors.New("1 of 2 objects were refused: context deadline exceeded")}, 3},
		{"too few replicas", status.Error(codes.Unknown, "cannot achieve consistency level QUORUM"), 3},
		{"a wrong request", refused, 1},
		{"no key", status.Error(codes.Unauthenticated, "no"), 1},
		{"a vector of another length", status.Error(codes.Unknown, "vector lengths don't match"), 1},
		{"what will never be taken", final{errors.New("invalid blob")}, 1},
	} {
		c := &Collection{address: Address{Class: "P"}, nodes: []*node{{at: Node{REST: "a"}}, {at: Node{REST: "b"}}}}
		tries, last := 0, ""
		began := time.Now()
		err := c.ask(t.Context(), "try", func(_ context.Context, n *node) error {
			tries++
			if n.at.REST == last {
				t.Errorf("%s: %s was asked twice in turn", x.why, last)
			}
			if last = n.at.REST; tries == 3 {
				return nil
			}
			return x.err
		})
		if tries != x.tries || (err == nil) != (tries == 3) {
			t.Errorf("%s: %d tries, then %v", x.why, tries, err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: it took %v", x.why, took)
		}
	}
}
