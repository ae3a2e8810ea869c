package weaviate

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/weaviate/weaviate-go-client/v5/weaviate"
	"github.com/weaviate/weaviate-go-client/v5/weaviate/fault"

	"github.com/akin-search/akin/internal/record"
	pb "github.com/weaviate/weaviate/grpc/generated/protocol/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const (
	messageBytes = 100 << 20        // of one answer or batch, as the server has it
	callTime     = 30 * time.Second // of one try
	schemaTime   = 20 * time.Second // in which every node learns of a new class or property
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
)

// patience is for all tries of one call: a node's restart. Tests have less.
var patience = 2 * time.Minute

// greeting is for all tries of the first call: where no node has ever answered, the address is
// wrong more often than that all of them restart.
const greeting = 10 * time.Second

// node is one machine of the cluster.
type node struct {
	at   Node
	tls  bool
	key  string
	conn *grpc.ClientConn
	wire pb.WeaviateClient

	once sync.Mutex
	rest *weaviate.Client // made when it is first needed: making it asks the machine
}

func newNode(at Node, secure bool, key string) (*node, error) {
	transport := insecure.NewCredentials()
	if secure {
		transport = credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	}
	conn, err := grpc.NewClient(at.GRPC, grpc.WithTransportCredentials(transport),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(messageBytes), grpc.MaxCallSendMsgSize(messageBytes)))
	if err != nil {
		return nil, err
	}
	return &node{at: at, tls: secure, key: key, conn: conn, wire: pb.NewWeaviateClient(conn)}, nil
}

// client is the official client for this node.
func (n *node) client() (*weaviate.Client, error) {
	n.once.Lock()
	defer n.once.Unlock()
	if n.rest != nil {
		return n.rest, nil
	}
	config := weaviate.Config{Host: n.at.REST, Scheme: "http", ConnectionClient: &http.Client{
		Timeout: callTime,
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 3 * time.Second}).DialContext,
			TLSHandshakeTimeout: 5 * time.Second, MaxIdleConnsPerHost: 16,
		},
	}}
	if n.tls {
		config.Scheme = "https"
	}
	if n.key != "" {
		config.Headers = map[string]string{"Authorization": "Bearer " + n.key}
	}
	client, err := weaviate.NewClient(config)
	if err != nil {
		return nil, err
	}
	n.rest = client
	return client, nil
}

// retry marks an error after which the same is worth trying again.
type retry struct{ error }

func (r retry) Unwrap() error { return r.error }

// final marks one that no repetition mends.
type final struct{ error }

func (f final) Unwrap() error { return f.error }

// ask calls f with one node after the other until one answers, with pauses that grow,
// for as long as a node may take to come back. What no repetition mends is given at once.
// f must be such that doing it twice is doing it once.
func (c *Collection) ask(ctx context.Context, what string, f func(ctx context.Context, n *node) error) error {
	c.mu.Lock()
	first, most := c.first, patience
	if !c.met {
		most = min(patience, greeting)
	}
	c.mu.Unlock()
	began, pause := time.Now(), firstPause
	for try := 0; ; try++ {
		at := (first + try) % len(c.nodes)
		n := c.nodes[at]
		err := n.try(ctx, f)
		if err == nil {
			c.mu.Lock()
			c.met = true
			if try > 0 {
				c.first = at
			}
			c.mu.Unlock()
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !passing(err) && !(behind(err) && time.Since(began) < schemaTime) {
			return fmt.Errorf("collection %s: %s: %w", c.address, what, explain(err))
		}
		if time.Since(began) > most && try >= len(c.nodes)-1 {
			return fmt.Errorf("collection %s: %s: %w: %d tries in %s; %s says: %w",
				c.address, what, record.ErrCluster, try+1, time.Since(began).Round(time.Second), n.at.REST, cause(err))
		}
		if try%len(c.nodes) != len(c.nodes)-1 {
			continue // the next node at once
		}
		if err := pauseFor(ctx, pause/2+rand.N(pause/2)); err != nil {
			return err
		}
		pause = min(2*pause, longestPause)
	}
}

func pauseFor(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// try calls f with this node, once.
func (n *node) try(ctx context.Context, f func(ctx context.Context, n *node) error) error {
	call, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if n.key != "" {
		call = metadata.AppendToOutgoingContext(call, "authorization", "Bearer "+n.key)
	}
	return f(call, n)
}

// passing reports whether an error may be none the next time, or at another node.
func passing(err error) bool {
	var again retry
	var never final
	if errors.As(err, &again) || errors.As(err, &never) {
		return never.error == nil
	}
	if strings.Contains(err.Error(), "failed to verify certificate") {
		return false
	}
	switch code := statusOf(err); {
	case leaderless.MatchString(err.Error()):
		return true
	case code == http.StatusTooManyRequests || code >= 500:
		return true
	case code > 0:
		return false
	}
	if s, ok := status.FromError(err); ok {
		switch s.Code() {
		case codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.PermissionDenied,
			codes.Unauthenticated, codes.Unimplemented, codes.OutOfRange, codes.FailedPrecondition:
			return false
		case codes.Unknown: // most of what the server says has no code
			return !isFinal(s.Message())
		}
	}
	return true // connections that end
}

// leaderless is what a node says, as 422, while the nodes have no leader, or it lost the one that
// it was asking.
var leaderless = regexp.MustCompile(`leader not found|rpc error: code = (Canceled|Unavailable|DeadlineExceeded|ResourceExhausted)`)

// behind reports whether a node may not know yet what another was told.
func behind(err error) bool {
	message := err.Error()
	return strings.Contains(message, "no such prop") || strings.Contains(message, "could not find class") ||
		strings.Contains(message, "not configured with target vector") || strings.Contains(message, "does not have named vector")
}

// isFinal reports whether the server's words are of a request that is wrong.
func isFinal(message string) bool {
	for _, sign := range []string{
		"vector lengths don't match", "no such prop", "could not find class", "invalid", "unauthorized", "forbidden",
		"not configured with target vector", "parse params",
	} {
		if strings.Contains(message, sign) {
			return true
		}
	}
	return false
}

// statusOf is the HTTP status of an error of the official client; 0 for others.
func statusOf(err error) int {
	var e *fault.WeaviateClientError
	if errors.As(err, &e) && e.IsUnexpectedStatusCode {
		return e.StatusCode
	}
	return 0
}

// alreadyThere reports whether something was made by another process meanwhile.
func alreadyThere(err error) bool {
	return err != nil && statusOf(err) == http.StatusUnprocessableEntity && strings.Contains(err.Error(), "already")
}

// explain adds the remedy.
func explain(err error) error {
	if code := statusOf(err); code == http.StatusUnauthorized || code == http.StatusForbidden ||
		status.Code(err) == codes.Unauthenticated || status.Code(err) == codes.PermissionDenied {
		return fmt.Errorf("%w: %w", &record.APIKeyError{Engine: "weaviate"}, err)
	}
	return cause(err)
}

// cause is what made a call fail, without the client's words for that it did.
func cause(err error) error {
	var e *fault.WeaviateClientError
	if errors.As(err, &e) && !e.IsUnexpectedStatusCode && e.DerivedFromError != nil {
		return cause(e.DerivedFromError)
	}
	return err
}
