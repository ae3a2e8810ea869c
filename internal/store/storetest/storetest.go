// Package storetest is the contract of a store: what a collection in a folder and one in a cluster both hold.
package storetest

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store"
)

// Run runs the contract, one subtest a rule. open returns an empty store and its writer, and closes both with t; it may
// call t.Parallel.
func Run(t *testing.T, open func(t *testing.T) (store.Store, store.Writer)) {
	for _, rule := range contract {
		t.Run(rule.name, func(t *testing.T) {
			s, w := open(t)
			rule.test(&subject{T: t, Store: s, Writer: w})
		})
	}
}

// subject is the store under test, with its writer.
type subject struct {
	*testing.T
	store.Store
	store.Writer
}

// Dim is the dimension of the contract's embeddings.
const Dim = 4

// Hash is the hash of a content.
func Hash(content string) record.Hash { return sha256.Sum256([]byte(content)) }

// Put is a picture of a content, in the folder /p.
func Put(source, content string) record.Put {
	return record.Put{Source: source, Root: "/p", Size: int64(len(content)), Mtime: 1_700_000_000_123_456_789, Hash: Hash(content),
		Format: "png", Width: 30, Height: 20, Taken: "2024-07-31T12:00:00+02:00"}
}

func (k *subject) space(model, fingerprint string) record.Space {
	k.Helper()
	s, err := k.Space(k.Context(), model, fingerprint, Dim)
	k.must(err)
	return s
}

func (k *subject) must(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

func (k *subject) commit(b record.Batch) {
	k.Helper()
	k.must(k.Commit(k.Context(), b))
}

// Embedding is an embedding of a content.
func Embedding(s record.Space, content string, v ...float32) record.Embedding {
	return record.Embedding{Space: s.ID, Hash: Hash(content), Vector: v}
}

// state describes everything in the store, a line each, sorted. Ids and the order of pictures are left out: stores
// may choose them.
func (k *subject) state() []string {
	k.Helper()
	spaces, err := k.Spaces(k.Context())
	k.must(err)
	var out []string
	for _, s := range spaces {
		out = append(out, fmt.Sprintf("space %s %s %d", s.Model, s.Fingerprint, s.Dim))
	}
	err = k.Each(k.Context(), spaces, func(some []record.Stored) error {
		for _, p := range some {
			line := fmt.Sprintf("%s = %s %d %d %s %dx%d %q %q", p.Source, p.Name, p.Size, p.Mtime, p.Format, p.Width, p.Height, p.Error, p.Tags)
			for _, s := range spaces {
				line += fmt.Sprintf(" %s:%v", s.Model, p.Vectors[s.ID])
			}
			out = append(out, line)
		}
		return nil
	})
	k.must(err)
	problems, err := k.Verify(k.Context())
	k.must(err)
	out = append(out, problems...)
	slices.Sort(out)
	return out
}

func (k *subject) expect(want ...string) {
	k.Helper()
	slices.Sort(want)
	if got := k.state(); !slices.Equal(got, want) {
		k.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// id is the id of the picture at a source.
func (k *subject) id(source string) int64 {
	k.Helper()
	known, err := k.Known(k.Context())
	k.must(err)
	p, ok := known[source]
	if !ok {
		k.Fatalf("%s is not known", source)
	}
	return p.ID
}
