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

// Address says where a collection is, and how it is stored.
type Address struct {
	Nodes       []Node
	Class       string
	TLS         bool
	Consistency string // ONE, QUORUM or ALL
	Replicas    int    // of a new class; 0 means 3, or one a node where there are fewer
	Shards      int    // of a new class; 0 means one a node
	Index       string // of a new space: flat or hnsw
}

// Node is one machine of a cluster: the host and port of its REST API, and of its gRPC API.
type Node struct{ REST, GRPC string }

var className = regexp.MustCompile(`^[A-Z][_0-9A-Za-z]{0,200}$`)

// ParseAddress parses weaviate://HOST[:PORT[:GRPC]][,HOST…]/Name[?option=value&…].
// docs/how-to/cluster.md lists the options.
func ParseAddress(s string) (a Address, err error) {
	fail := func(format string, args ...any) (Address, error) {
		return Address{}, fmt.Errorf("collection %s: %s; want weaviate://HOST:PORT:GRPC/Name", s, fmt.Sprintf(format, args...))
	}
	a = Address{Consistency: "QUORUM", Index: "flat"}
	rest, plain := strings.CutPrefix(s, scheme)
	if !plain {
		if rest, a.TLS = strings.CutPrefix(s, tlsScheme); !a.TLS {
			return fail("it is not the address of a cluster")
		}
	}
	rest, options, _ := strings.Cut(rest, "?")
	hosts, class, _ := strings.Cut(rest, "/")
	if strings.Contains(hosts, "@") {
		return fail("an API key is not part of it")
	}
	if a.Class = class; !className.MatchString(class) {
		return fail("%q is not a name: a capital letter, then letters, digits and _", class)
	}
	for _, own := range []string{spacesSuffix, reviewSuffix} {
		if strings.HasSuffix(a.Class, own) {
			return fail("names that end in %s are reserved", own)
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
		return fail("invalid options: %v", err)
	}
	for name, given := range values {
		value := given[len(given)-1]
		var ok bool
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
			return fail("unknown option %q: use consistency, replicas, shards or index", name)
		}
		if !ok {
			return fail("%s cannot be %q", name, value)
		}
	}
	return a, nil
}

// parseNode parses HOST[:PORT[:GRPC]]; an IPv6 address stands in brackets.
func parseNode(s string, tls bool) (Node, error) {
	var host, ports string
	if end := strings.LastIndexByte(s, ']'); end >= 0 {
		if !strings.HasPrefix(s, "[") {
			return Node{}, fmt.Errorf("%q is not a host", s)
		}
		host, ports = s[1:end], strings.TrimPrefix(s[end+1:], ":")
	} else {
		host, ports, _ = strings.Cut(s, ":")
	}
	if host == "" || strings.ContainsAny(host, " []%") {
		return Node{}, fmt.Errorf("%q is not a host", s)
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
			return Node{}, fmt.Errorf("%q is not a port", p)
		}
	}
	return Node{REST: net.JoinHostPort(host, port), GRPC: net.JoinHostPort(host, grpc)}, nil
}

// String returns the address without the options of what is yet to be made.
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
