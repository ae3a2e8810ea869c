package weaviate

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Schemes of addresses: the second is through TLS.
const (
	scheme    = "weaviate://"
	tlsScheme = "weaviates://"
)

// Address tells where a collection lies, and how it is to be kept.
type Address struct {
	Nodes       []Node
	Class       string
	TLS         bool
	Consistency string // ONE, QUORUM or ALL
	Replicas    int    // of a new class; 0 means 3, or one a node where there are fewer
	Shards      int    // of a new class; 0 means one a node
	Index       string // of a new space: flat or hnsw
}

// Node is where one machine of a cluster answers: host and port for REST and for gRPC.
type Node struct{ REST, GRPC string }

var className = regexp.MustCompile(`^[A-Z][_0-9A-Za-z]{0,200}$`)

// ParseAddress reads weaviate://HOST[:PORT[:GRPC]][,HOST…]/Name[?option=value&…].
// docs/how-to/cluster.md has the options.
func ParseAddress(s string) (a Address, err error) {
	fail := func(format string, args ...any) (Address, error) {
		return Address{}, fmt.Errorf("collection %s: %s; want weaviate://HOST:PORT:GRPC/Name", s, fmt.Sprintf(format, args...))
	}
	a = Address{Consistency: "QUORUM", Index: "flat"}
	rest, plain := strings.CutPrefix(s, scheme)
	if !plain {
		if rest, a.TLS = strings.CutPrefix(s, tlsScheme); !a.TLS {
			return fail("it is no address of a cluster")
		}
	}
	rest, options, _ := strings.Cut(rest, "?")
	hosts, class, _ := strings.Cut(rest, "/")
	if strings.Contains(hosts, "@") {
		return fail("a key is no part of it: it is read from $%s", keyVariable)
	}
	if a.Class = class; !className.MatchString(class) {
		return fail("%q is no name: it begins with a capital letter, and has letters, digits and _", class)
	}
	for _, own := range []string{spacesSuffix, reviewSuffix} {
		if strings.HasSuffix(a.Class, own) {
			return fail("no name ends in %s: that is what lies beside a collection", own)
		}
	}
	for host := range strings.SplitSeq(hosts, ",") {
		n, err := parseNode(host, a.TLS)
		if err != nil {
			return fail("%v", err)
		}
		a.Nodes = append(a.Nodes, n)
	}
	values, err := url.ParseQuery(options)
	if err != nil {
		return fail("its options: %v", err)
	}
	for name, given := range values {
		value := given[len(given)-1]
		ok := true
		switch name {
		case "consistency":
			a.Consistency = strings.ToUpper(value)
			ok = a.Consistency == "ONE" || a.Consistency == "QUORUM" || a.Consistency == "ALL"
		case "replicas":
			a.Replicas, err = strconv.Atoi(value)
			ok = err == nil && a.Replicas >= 1 && a.Replicas <= 100
		case "shards":
			a.Shards, err = strconv.Atoi(value)
			ok = err == nil && a.Shards >= 1 && a.Shards <= 10_000
		case "index":
			a.Index = value
			ok = value == "flat" || value == "hnsw"
		default:
			return fail("there is no option %q, only consistency, replicas, shards and index", name)
		}
		if !ok {
			return fail("%s cannot be %q", name, value)
		}
	}
	return a, nil
}

// parseNode reads HOST[:PORT[:GRPC]]; an IPv6 address stands in brackets.
func parseNode(s string, tls bool) (Node, error) {
	host, ports := s, ""
	if end := strings.LastIndexByte(s, ']'); end >= 0 {
		if !strings.HasPrefix(s, "[") {
			return Node{}, fmt.Errorf("%q is no host", s)
		}
		host, ports = s[1:end], strings.TrimPrefix(s[end+1:], ":")
	} else {
		host, ports, _ = strings.Cut(s, ":")
	}
	if host == "" || strings.ContainsAny(host, " []%") {
		return Node{}, fmt.Errorf("%q is no host", s)
	}
	port, grpc := "8080", "50051"
	if tls {
		port, grpc = "443", "443"
	}
	if ports != "" {
		one, two, both := strings.Cut(ports, ":")
		port = one
		if both {
			grpc = two
		}
	}
	for _, p := range []string{port, grpc} {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return Node{}, fmt.Errorf("%q is no port", p)
		}
	}
	return Node{REST: net.JoinHostPort(host, port), GRPC: net.JoinHostPort(host, grpc)}, nil
}

// String is the address without what only matters when something is made.
func (a Address) String() string {
	s := scheme
	if a.TLS {
		s = tlsScheme
	}
	for i, n := range a.Nodes {
		if i > 0 {
			s += ","
		}
		_, grpc, _ := net.SplitHostPort(n.GRPC)
		s += n.REST + ":" + grpc
	}
	s += "/" + a.Class
	if a.Consistency != "QUORUM" {
		s += "?consistency=" + a.Consistency
	}
	return s
}
