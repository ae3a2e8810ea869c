package weaviate_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/local"
	"github.com/akin-search/akin/internal/store/weaviate"
	"github.com/akin-search/akin/internal/store/weaviate/weaviatetest"
)

// kept is a store with its writer, and what a test says of it.
type kept struct {
	*testing.T
	store.Store
	store.Writer
}

const dim = 4

func hash(content string) record.Hash { return sha256.Sum256([]byte(content)) }

func put(source, content string) record.Put {
	return record.Put{Source: source, Root: "/p", Size: int64(len(content)), Mtime: 1_700_000_000_123_456_789, Hash: hash(content),
		Format: "png", Width: 30, Height: 20, Taken: "2024-07-31T12:00:00+02:00"}
}

func (k *kept) space(model, fingerprint string) record.Space {
	k.Helper()
	s, err := k.Space(k.Context(), model, fingerprint, dim)
	k.must(err)
	return s
}

func (k *kept) must(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

func (k *kept) commit(b record.Batch) {
	k.Helper()
	k.must(k.Commit(k.Context(), b))
}

func embedding(s record.Space, content string, v ...float32) record.Embedding {
	return record.Embedding{Space: s.ID, Hash: hash(content), Vector: v}
}

// state tells all that a store has, in words, but for what the contract leaves open: ids,
// and the order of pictures.
func (k *kept) state() []string {
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

func (k *kept) expect(want ...string) {
	k.Helper()
	slices.Sort(want)
	if got := k.state(); !slices.Equal(got, want) {
		k.Errorf("it has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// id is the id of the picture at a source.
func (k *kept) id(source string) int64 {
	k.Helper()
	known, err := k.Known(k.Context())
	k.must(err)
	p, ok := known[source]
	if !ok {
		k.Fatalf("%s is not known", source)
	}
	return p.ID
}

// The contract of a collection: each is run with an empty one in a folder and with one in
// a cluster of three nodes.
var contract = []struct {
	says string
	test func(k *kept)
}{
	{"what is committed is there, normalised, once, however often it is committed", func(k *kept) {
		s := k.space("m", "f1")
		b := record.Batch{
			Puts:       []record.Put{put("/p/a.png", "A"), put("/p/b.png", "B")},
			Embeddings: []record.Embedding{embedding(s, "A", 2, 0, 0, 0), embedding(s, "B", 0, 3, 4, 0)},
		}
		for range 2 {
			k.commit(b)
			k.expect(
				"space m f1 4",
				`/p/a.png = a 1 1700000000123456789 png 30x20 "" [] m:[1 0 0 0]`,
				`/p/b.png = b 1 1700000000123456789 png 30x20 "" [] m:[0 0.6 0.8 0]`,
			)
		}
		spaces, err := k.Spaces(k.Context())
		k.must(err)
		info, err := k.Info(k.Context())
		k.must(err)
		if info.Pictures != 2 || len(info.Failures) != 0 || spaces[0].Covered != 2 {
			k.Errorf("%+v, %+v", info, spaces)
		}
		hashes, contents, err := k.Embedded(k.Context(), s.ID)
		k.must(err)
		known, err := k.Known(k.Context())
		k.must(err)
		if !hashes[hash("A")] || len(hashes) != 2 || !contents[known["/p/b.png"].Content] || known["/p/b.png"].Failed {
			k.Errorf("%v, %v, %+v", hashes, contents, known)
		}
		of, err := k.ContentHashes(k.Context())
		k.must(err)
		if of[known["/p/a.png"].ID] != hash("A") {
			k.Errorf("%v", of)
		}
		about, err := k.About(k.Context(), []int64{known["/p/a.png"].ID, 5})
		k.must(err)
		if a := about[known["/p/a.png"].ID]; len(about) != 1 || a.Width != 30 || a.Taken != "2024-07-31T12:00:00+02:00" || a.Hash != hash("A") || !slices.Equal(a.Spaces, []int64{s.ID}) {
			k.Errorf("%+v", about)
		}
		roots, err := k.Roots(k.Context())
		k.must(err)
		if len(roots) != 1 || roots[0].Path != "/p" || roots[0].Pictures != 2 {
			k.Errorf("%+v", roots)
		}
	}},
	{"names are short and unique, and stay", func(k *kept) {
		s := k.space("m", "f")
		var b record.Batch
		for _, source := range []string{"/p/cat.png", "/p/2024/cat.png", "/q/2024/cat.png", "/q/2024/cat.jpg", "http://x.org/i/dog.png"} {
			b.Puts = append(b.Puts, put(source, source))
			b.Embeddings = append(b.Embeddings, embedding(s, source, 1, 0, 0, 0))
		}
		for range 2 {
			k.commit(b)
		}
		named := map[string]string{}
		k.must(k.Each(k.Context(), nil, func(some []record.Stored) error {
			for _, p := range some {
				named[p.Source] = p.Name
			}
			return nil
		}))
		want := map[string]string{"/p/cat.png": "cat", "/p/2024/cat.png": "2024/cat", "/q/2024/cat.png": "q/2024/cat", "/q/2024/cat.jpg": "cat.jpg", "http://x.org/i/dog.png": "dog"}
		if !maps.Equal(named, want) {
			k.Errorf("%v", named)
		}
	}},
	{"two files of the same bytes are two pictures of one embedding", func(k *kept) {
		s := k.space("m", "f")
		k.commit(record.Batch{Puts: []record.Put{put("/p/a.png", "A")}, Embeddings: []record.Embedding{embedding(s, "A", 0, 1, 0, 0)}})
		k.commit(record.Batch{Puts: []record.Put{put("/p/copy.png", "A")}})
		places, err := k.Places(k.Context(), hash("A"))
		k.must(err)
		if len(places) != 2 {
			k.Errorf("%+v", places)
		}
		k.expect("space m f 4",
			`/p/a.png = a 1 1700000000123456789 png 30x20 "" [] m:[0 1 0 0]`,
			`/p/copy.png = copy 1 1700000000123456789 png 30x20 "" [] m:[0 1 0 0]`)
	}},
	{"a file whose bytes change keeps its name and tags, and has the new embedding alone", func(k *kept) {
		s := k.space("m", "f")
		k.commit(record.Batch{Puts: []record.Put{put("/p/a.png", "A")}, Embeddings: []record.Embedding{embedding(s, "A", 0, 1, 0, 0)}})
		_, err := k.Tag(k.Context(), []record.Tagging{{Picture: k.id("/p/a.png"), Tag: "Red"}})
		k.must(err)
		k.commit(record.Batch{Puts: []record.Put{put("/p/a.png", "AA")}, Embeddings: []record.Embedding{embedding(s, "AA", 0, 0, 1, 0)}})
		k.expect("space m f 4", `/p/a.png = a 2 1700000000123456789 png 30x20 "" ["Red"] m:[0 0 1 0]`)
	}},
	{"a file that cannot be read is known by its error, until it can", func(k *kept) {
		s := k.space("m", "f")
		k.commit(record.Batch{Puts: []record.Put{{Source: "/p/a.png", Root: "/p", Size: 3, Mtime: 9, Error: "cut off"}}})
		k.expect("space m f 4", `/p/a.png = a 3 9  0x0 "cut off" [] m:[]`)
		info, err := k.Info(k.Context())
		k.must(err)
		if info.Pictures != 0 || len(info.Failures) != 1 || info.Failures[0].Error != "cut off" {
			k.Errorf("%+v", info)
		}
		k.commit(record.Batch{Puts: []record.Put{put("/p/a.png", "A")}, Embeddings: []record.Embedding{embedding(s, "A", 0, 1, 0, 0)}})
		k.expect("space m f 4", `/p/a.png = a 1 1700000000123456789 png 30x20 "" [] m:[0 1 0 0]`)
	}},
	{"a second model's embeddings join the first's", func(k *kept) {
		one, two := k.space("one", "f"), k.space("two", "f")
		k.commit(record.Batch{Puts: []record.Put{put("/p/a.png", "A")}, Embeddings: []record.Embedding{embedding(one, "A", 0, 1, 0, 0)}})
		k.commit(record.Batch{Puts: []record.Put{put("/p/a.png", "A")}, Embeddings: []record.Embedding{embedding(two, "A", 0, 0, 1, 0)}})
		k.expect("space one f 4", "space two f 4", `/p/a.png = a 1 1700000000123456789 png 30x20 "" [] one:[0 1 0 0] two:[0 0 1 0]`)
	}},
	{"embeddings of contents that are there need no picture", func(k *kept) {
		one, two := k.space("one", "f"), k.space("two", "f")
		k.commit(record.Batch{Puts: []record.Put{put("/p/a.png", "A")}, Embeddings: []record.Embedding{embedding(one, "A", 0, 1, 0, 0)}})
		k.commit(record.Batch{Embeddings: []record.Embedding{embedding(two, "A", 0, 0, 1, 0)}})
		k.expect("space one f 4", "space two f 4", `/p/a.png = a 1 1700000000123456789 png 30x20 "" [] one:[0 1 0 0] two:[0 0 1 0]`)
	}},
	{"a file that moved keeps what it had", func(k *kept) {
		s := k.space("m", "f")
		k.commit(record.Batch{
			Puts:       []record.Put{put("/p/a.png", "A"), put("/p/b.png", "B"), put("/p/c.png", "C")},
			Embeddings: []record.Embedding{embedding(s, "A", 0, 1, 0, 0), embedding(s, "B", 0, 0, 1, 0), embedding(s, "C", 0, 0, 0, 1)},
		})
		_, err := k.Tag(k.Context(), []record.Tagging{{Picture: k.id("/p/a.png"), Tag: "red"}})
		k.must(err)
		k.commit(record.Batch{Move: map[int64]record.Put{k.id("/p/a.png"): put("/q/new.png", "A")}, Remove: []int64{k.id("/p/b.png")}})
		k.expect("space m f 4",
			`/q/new.png = new 1 1700000000123456789 png 30x20 "" ["red"] m:[0 1 0 0]`,
			`/p/c.png = c 1 1700000000123456789 png 30x20 "" [] m:[0 0 0 1]`)
	}},
	{"a file takes over the imported picture of its name", func(k *kept) {
		s := k.space("clip", "imported/4")
		p := record.Put{Name: "Antigua and Barbuda", Source: record.ImportedSource("Antigua and Barbuda"), Hash: hash("import:Antigua and Barbuda")}
		k.commit(record.Batch{Puts: []record.Put{p}, Embeddings: []record.Embedding{{Space: s.ID, Hash: p.Hash, Vector: []float32{0, 1, 0, 0}}}})
		k.commit(record.Batch{Puts: []record.Put{put("/f/Antigua_and_Barbuda.png", "pixels")}})
		k.expect("space clip imported/4 4", `/f/Antigua_and_Barbuda.png = Antigua and Barbuda 6 1700000000123456789 png 30x20 "" [] clip:[0 1 0 0]`)
	}},
	{"what has no direction, or another length, is refused and changes nothing", func(k *kept) {
		s := k.space("m", "f")
		for _, v := range [][]float32{{0, 0, 0, 0}, {1, 2}} {
			if err := k.Commit(k.Context(), record.Batch{Puts: []record.Put{put("/p/z.png", "Z")}, Embeddings: []record.Embedding{embedding(s, "Z", v...)}}); err == nil {
				k.Errorf("%v was stored", v)
			}
		}
		if err := k.Commit(k.Context(), record.Batch{Embeddings: []record.Embedding{{Space: 77, Vector: []float32{1, 0, 0, 0}}}}); err == nil {
			k.Error("an embedding of no space was stored")
		}
		k.expect("space m f 4")
	}},
	{"fingerprints never meet, and the space that covers more answers", func(k *kept) {
		old, young := k.space("m", "f1"), k.space("m", "f2")
		if old.ID == young.ID {
			k.Fatal("two fingerprints have one space")
		}
		if _, err := k.Space(k.Context(), "m", "f1", 5); err == nil {
			k.Error("a space has two dimensions")
		}
		k.commit(record.Batch{
			Puts:       []record.Put{put("/p/a.png", "A"), put("/p/b.png", "B")},
			Embeddings: []record.Embedding{embedding(old, "A", 1, 0, 0, 0), embedding(old, "B", 0, 1, 0, 0), embedding(young, "A", 0, 0, 0, 1)},
		})
		active := func() int64 {
			spaces, err := k.Spaces(k.Context())
			k.must(err)
			return record.Active(spaces)[0].ID
		}
		if active() != old.ID {
			k.Error("half covered, the new one answers")
		}
		k.commit(record.Batch{Embeddings: []record.Embedding{embedding(young, "B", 0, 0, 1, 0)}})
		if active() != young.ID {
			k.Error("covered like the old one, it does not answer")
		}
		k.must(k.Drop(k.Context(), young))
		if active() != old.ID {
			k.Error("a dropped space answers")
		}
	}},
	{"tags are of pictures, whatever their case", func(k *kept) {
		s := k.space("m", "f")
		k.commit(record.Batch{Puts: []record.Put{put("/p/a.png", "A"), put("/p/b.png", "B")}, Embeddings: []record.Embedding{embedding(s, "A", 1, 0, 0, 0)}})
		a, b := k.id("/p/a.png"), k.id("/p/b.png")
		n, err := k.Tag(k.Context(), []record.Tagging{{Picture: a, Tag: "Red"}, {Picture: b, Tag: "red"}, {Picture: a, Tag: "blue"}, {Picture: 12345, Tag: "red"}})
		if err != nil || n != 3 {
			k.Errorf("%d tags are new, %v", n, err)
		}
		if n, err := k.Tag(k.Context(), []record.Tagging{{Picture: a, Tag: "RED"}}); err != nil || n != 0 {
			k.Errorf("%d tags are new, %v", n, err)
		}
		tags, err := k.Tags(k.Context())
		k.must(err)
		if len(tags) != 2 || tags[0].Name != "blue" || tags[0].Pictures != 1 || tags[1].Pictures != 2 {
			k.Errorf("%+v", tags)
		}
		of, err := k.TagsOf(k.Context())
		k.must(err)
		if len(of) != 2 || len(of[a]) != 2 || of[a][0] != "blue" {
			k.Errorf("%v", of)
		}
		if n, err := k.Untag(k.Context(), []record.Tagging{{Picture: a, Tag: "reD"}, {Picture: b, Tag: "blue"}}); err != nil || n != 1 {
			k.Errorf("%d tags were there, %v", n, err)
		}
		if _, err := k.Tag(k.Context(), []record.Tagging{{Picture: a, Tag: "a;b"}}); err == nil {
			k.Error("a tag with a semicolon")
		}
	}},
	{"reviews are of contents, and outlive pictures", func(k *kept) {
		k.space("m", "f")
		reviews := func(why string, want ...record.Review) {
			k.Helper()
			if got, err := k.Reviews(k.Context()); err != nil || !reflect.DeepEqual(got, want) {
				k.Errorf("%s: there are %v, %v; want %v", why, got, err, want)
			}
		}
		reviews("before the first")
		if n, err := k.Unreview(k.Context(), []record.Hash{hash("A")}); err != nil || n != 0 {
			k.Errorf("forgot %d of none, %v", n, err)
		}
		a, b, d := hash("A"), hash("B"), hash("D")
		for _, step := range []struct {
			why   string
			add   []record.Review
			added int
		}{
			{"two files of one content, and a group", []record.Review{{a: 2}, {a: 1, b: 1}}, 2},
			{"it was said already", []record.Review{{a: 2}, {b: 1}}, 0},
			{"nothing", []record.Review{{}}, 0},
			{"a larger group holds the smaller one", []record.Review{{a: 1, b: 1, d: 1}}, 1},
			{"twice in one go", []record.Review{{d: 5}, {d: 5}}, 1},
		} {
			if n, err := k.Review(k.Context(), step.add); err != nil || n != step.added {
				k.Errorf("%s: %d, %v", step.why, n, err)
			}
		}
		reviews("after all", record.Review{a: 2}, record.Review{a: 1, b: 1, d: 1}, record.Review{d: 5})
		k.commit(record.Batch{Puts: []record.Put{put("/p/a.png", "A")}})
		k.commit(record.Batch{Remove: []int64{k.id("/p/a.png")}})
		if n, err := k.Unreview(k.Context(), []record.Hash{a}); err != nil || n != 2 {
			k.Errorf("forgot %d, %v", n, err)
		}
		reviews("forgotten", record.Review{d: 5})
		if n, err := k.Review(k.Context(), []record.Review{{a: 2}}); err != nil || n != 1 {
			k.Errorf("once more: %d, %v", n, err)
		}
		reviews("said again", record.Review{d: 5}, record.Review{a: 2})
	}},
	{"files are what was indexed, and tell which came first", func(k *kept) {
		s := k.space("m", "f")
		for _, name := range []string{"/p/z.png", "/p/a.png", "/p/m.png"} {
			k.commit(record.Batch{Puts: []record.Put{put(name, "A")}, Embeddings: []record.Embedding{embedding(s, "A", 0, 1, 0, 0)}})
			time.Sleep(5 * time.Millisecond)
		}
		k.commit(record.Batch{Puts: []record.Put{put("/p/z.png", "A")}}) // again, which makes it no younger
		k.commit(record.Batch{Puts: []record.Put{{Source: "/p/broken.png", Root: "/p", Size: 3, Mtime: 9, Error: "cut off"}}})
		files, err := k.Files(k.Context())
		k.must(err)
		z, a, m := files[k.id("/p/z.png")], files[k.id("/p/a.png")], files[k.id("/p/m.png")]
		if len(files) != 3 || !(z.Added < a.Added && a.Added < m.Added) {
			k.Errorf("%+v", files)
		}
		z.Added = 0
		if want := (record.File{Hash: hash("A"), Size: 1, Mtime: 1_700_000_000_123_456_789, Format: "png", Width: 30, Height: 20}); z != want {
			k.Errorf("%+v", z)
		}
	}},
	{"a unit vector that is copied stays as it is, bit by bit", func(k *kept) {
		s := k.space("m", "f")
		v := []float32{0.26726124, 0.5345225, 0.80178374, 1e-20}
		k.commit(record.Batch{Puts: []record.Put{put("/p/a.png", "A")}, Embeddings: []record.Embedding{{Space: s.ID, Hash: hash("A"), Vector: v, Unit: true}}})
		k.must(k.Each(k.Context(), []record.Space{s}, func(some []record.Stored) error {
			if !slices.Equal(some[0].Vectors[s.ID], v) {
				k.Errorf("%v", some[0].Vectors)
			}
			return nil
		}))
		if err := k.Commit(k.Context(), record.Batch{Embeddings: []record.Embedding{{Space: s.ID, Hash: hash("A"), Vector: []float32{2, 0, 0, 0}, Unit: true}}}); err == nil {
			k.Error("a vector of length 2 passes for one of length 1")
		}
	}},
	{"many pictures are there once each", func(k *kept) {
		s := k.space("m", "f")
		var b record.Batch
		for i := range 2500 {
			name := fmt.Sprintf("/p/%d/%d.png", i%7, i)
			b.Puts = append(b.Puts, put(name, name))
			b.Embeddings = append(b.Embeddings, embedding(s, name, float32(i+1), 1, 0, 0))
		}
		k.commit(b)
		seen := map[string]int{}
		k.must(k.Each(k.Context(), []record.Space{s}, func(some []record.Stored) error {
			for _, p := range some {
				if p.Vectors[s.ID] != nil {
					seen[p.Source]++
				}
			}
			return nil
		}))
		for source, n := range seen {
			if n != 1 {
				k.Errorf("%s comes %d times", source, n)
			}
		}
		if len(seen) != 2500 {
			k.Errorf("%d pictures", len(seen))
		}
		k.must(k.Calibrate(k.Context()))
	}},
}

func TestContractOfAFolder(t *testing.T) {
	for _, x := range contract {
		t.Run(x.says, func(t *testing.T) {
			t.Parallel()
			c, err := local.Open(filepath.Join(t.TempDir(), "c.akin"), local.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			w, err := c.Writer()
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			x.test(&kept{T: t, Store: c, Writer: w})
		})
	}
}

func TestContractOfACluster(t *testing.T) {
	nodes := weaviatetest.Start(t, 3, false)
	for i, x := range contract {
		t.Run(x.says, func(t *testing.T) {
			// A replica that a QUORUM did not wait for may be asked before it has the write.
			c, err := weaviate.Open(t.Context(), nodes.Address(fmt.Sprintf("Contract%d", i))+"?consistency=ALL", "", false)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			w, err := c.Writer()
			if err != nil {
				t.Fatal(err)
			}
			x.test(&kept{T: t, Store: c, Writer: w})
		})
	}
}

func TestAKeyOpensACluster(t *testing.T) {
	nodes := weaviatetest.Start(t, 1, true)
	if _, err := weaviate.Open(t.Context(), nodes.Address("Locked"), "", false); err == nil || !strings.Contains(err.Error(), "AKIN_WEAVIATE_API_KEY") {
		t.Errorf("without a key: %v", err)
	}
	if _, err := weaviate.Open(t.Context(), nodes.Address("Locked"), "another", false); err == nil || errors.Is(err, record.ErrCluster) {
		t.Errorf("with a wrong key: %v", err)
	}
	c, err := weaviate.Open(t.Context(), nodes.Address("Locked"), weaviatetest.Key, false)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	w, _ := c.Writer()
	s, err := w.Space(t.Context(), "m", "f", dim)
	if err == nil {
		err = w.Commit(t.Context(), record.Batch{Puts: []record.Put{put("/p/a.png", "A")}, Embeddings: []record.Embedding{embedding(s, "A", 1, 0, 0, 0)}})
	}
	if err != nil {
		t.Fatal(err)
	}
	near, recall, err := c.Near(t.Context(), s, []float32{1, 0, 0, 0}, 3, store.Filter{})
	if err != nil || recall != 1 || near.Pictures.Len() != 1 {
		t.Errorf("%v, %v, %v", near, recall, err)
	}
	if _, err := weaviate.Open(t.Context(), nodes.Address("Absent"), weaviatetest.Key, true); !errors.Is(err, record.ErrNotFound) {
		t.Errorf("an absent one: %v", err)
	}
}
