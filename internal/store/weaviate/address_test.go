package weaviate

import (
	"reflect"
	"strings"
	"testing"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		why, address string
		want         Address
		fails        string
	}{
		{"one host", "weaviate://db/Photos", Address{Nodes: []Node{{"db:8080", "db:50051"}}, Class: "Photos", Consistency: "QUORUM", Index: "flat"}, ""},
		{"three, with ports", "weaviate://a:1:2,b:3:4,c:5/P_1", Address{Nodes: []Node{{"a:1", "a:2"}, {"b:3", "b:4"}, {"c:5", "c:50051"}}, Class: "P_1", Consistency: "QUORUM", Index: "flat"}, ""},
		{"TLS", "weaviates://db.example.org/P", Address{Nodes: []Node{{"db.example.org:443", "db.example.org:443"}}, Class: "P", TLS: true, Consistency: "QUORUM", Index: "flat"}, ""},
		{"IPv6", "weaviate://[::1]:8080:50052/P", Address{Nodes: []Node{{"[::1]:8080", "[::1]:50052"}}, Class: "P", Consistency: "QUORUM", Index: "flat"}, ""},
		{"options", "weaviate://a/P?consistency=all&replicas=2&shards=6&index=hnsw", Address{Nodes: []Node{{"a:8080", "a:50051"}}, Class: "P", Consistency: "ALL", Replicas: 2, Shards: 6, Index: "hnsw"}, ""},
		{"no class", "weaviate://a", Address{}, "capital letter"},
		{"a small letter", "weaviate://a/photos", Address{}, "capital letter"},
		{"what lies beside a collection", "weaviate://a/Photos_reviews", Address{}, "are reserved"},
		{"no host", "weaviate:///P", Address{}, "is not a host"},
		{"an empty host", "weaviate://a,/P", Address{}, "is not a host"},
		{"no port", "weaviate://a:x/P", Address{}, "is not a port"},
		{"a key in it", "weaviate://key@a/P", Address{}, "API key"},
		{"an unknown option", "weaviate://a/P?x=1", Address{}, "unknown option"},
		{"no such level", "weaviate://a/P?consistency=SOME", Address{}, "cannot be"},
		{"a folder", "photos.akin", Address{}, "not the address"},
	} {
		got, err := ParseAddress(x.address)
		if x.fails != "" {
			if err == nil || !strings.Contains(err.Error(), x.fails) {
				t.Errorf("%s: %v", x.why, err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, x.want) {
			t.Errorf("%s: %+v, %v", x.why, got, err)
		}
	}
}

// Whatever stands for a collection, it is an address that means the same when it is
// written down, or an error.
func FuzzAddress(f *testing.F) {
	f.Add("weaviate://a:1:2,[::1]:3/Photos?consistency=ONE&replicas=2&shards=3&index=hnsw")
	f.Add("weaviates://x/P")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			return
		}
		b, err := ParseAddress(a.String())
		if err != nil || !reflect.DeepEqual(a.Nodes, b.Nodes) || a.Class != b.Class || a.TLS != b.TLS || a.Consistency != b.Consistency {
			t.Errorf("%q is %+v, written %q, which is %+v, %v", s, a, a.String(), b, err)
		}
	})
}
