package storetest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/akin-search/akin/internal/record"
)

var contract = []struct {
	name string
	test func(s *subject)
}{
	{"a commit is normalised and idempotent", func(k *subject) {
		s := k.space("m", "f1")
		b := record.Batch{
			Puts:       []record.Put{Put("/p/a.png", "A"), Put("/p/b.png", "B")},
			Embeddings: []record.Embedding{Embedding(s, "A", 2, 0, 0, 0), Embedding(s, "B", 0, 3, 4, 0)},
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
		if !hashes[Hash("A")] || len(hashes) != 2 || !contents[known["/p/b.png"].Content] || known["/p/b.png"].Failed {
			k.Errorf("%v, %v, %+v", hashes, contents, known)
		}
		of, err := k.ContentHashes(k.Context())
		k.must(err)
		if of[known["/p/a.png"].ID] != Hash("A") {
			k.Errorf("%v", of)
		}
		about, err := k.About(k.Context(), []int64{known["/p/a.png"].ID, 5})
		k.must(err)
		if a := about[known["/p/a.png"].ID]; len(about) != 1 || a.Width != 30 || a.Taken != "2024-07-31T12:00:00+02:00" || a.Hash != Hash("A") || !slices.Equal(a.Spaces, []int64{s.ID}) {
			k.Errorf("%+v", about)
		}
		roots, err := k.Roots(k.Context())
		k.must(err)
		if len(roots) != 1 || roots[0].Path != "/p" || roots[0].Pictures != 2 {
			k.Errorf("%+v", roots)
		}
	}},
	{"names are short, unique and stable", func(k *subject) {
		s := k.space("m", "f")
		var b record.Batch
		for _, source := range []string{"/p/cat.png", "/p/2024/cat.png", "/q/2024/cat.png", "/q/2024/cat.jpg", "http://x.org/i/dog.png"} {
			b.Puts = append(b.Puts, Put(source, source))
			b.Embeddings = append(b.Embeddings, Embedding(s, source, 1, 0, 0, 0))
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
	{"two files of the same bytes share an embedding", func(k *subject) {
		s := k.space("m", "f")
		k.commit(record.Batch{Puts: []record.Put{Put("/p/a.png", "A")}, Embeddings: []record.Embedding{Embedding(s, "A", 0, 1, 0, 0)}})
		k.commit(record.Batch{Puts: []record.Put{Put("/p/copy.png", "A")}})
		places, err := k.Places(k.Context(), Hash("A"))
		k.must(err)
		if len(places) != 2 {
			k.Errorf("%+v", places)
		}
		k.expect("space m f 4",
			`/p/a.png = a 1 1700000000123456789 png 30x20 "" [] m:[0 1 0 0]`,
			`/p/copy.png = copy 1 1700000000123456789 png 30x20 "" [] m:[0 1 0 0]`)
	}},
	{"a changed file keeps its name and tags and has the new embedding only", func(k *subject) {
		s := k.space("m", "f")
		k.commit(record.Batch{Puts: []record.Put{Put("/p/a.png", "A")}, Embeddings: []record.Embedding{Embedding(s, "A", 0, 1, 0, 0)}})
		_, err := k.Tag(k.Context(), []record.Tagging{{Picture: k.id("/p/a.png"), Tag: "Red"}})
		k.must(err)
		k.commit(record.Batch{Puts: []record.Put{Put("/p/a.png", "AA")}, Embeddings: []record.Embedding{Embedding(s, "AA", 0, 0, 1, 0)}})
		k.expect("space m f 4", `/p/a.png = a 2 1700000000123456789 png 30x20 "" ["Red"] m:[0 0 1 0]`)
	}},
	{"a file that cannot be read is stored with its error until it can", func(k *subject) {
		s := k.space("m", "f")
		k.commit(record.Batch{Puts: []record.Put{{Source: "/p/a.png", Root: "/p", Size: 3, Mtime: 9, Error: "cut off"}}})
		k.expect("space m f 4", `/p/a.png = a 3 9  0x0 "cut off" [] m:[]`)
		info, err := k.Info(k.Context())
		k.must(err)
		if info.Pictures != 0 || len(info.Failures) != 1 || info.Failures[0].Error != "cut off" {
			k.Errorf("%+v", info)
		}
		k.commit(record.Batch{Puts: []record.Put{Put("/p/a.png", "A")}, Embeddings: []record.Embedding{Embedding(s, "A", 0, 1, 0, 0)}})
		k.expect("space m f 4", `/p/a.png = a 1 1700000000123456789 png 30x20 "" [] m:[0 1 0 0]`)
	}},
	{"a picture has an embedding of each model", func(k *subject) {
		one, two := k.space("one", "f"), k.space("two", "f")
		k.commit(record.Batch{Puts: []record.Put{Put("/p/a.png", "A")}, Embeddings: []record.Embedding{Embedding(one, "A", 0, 1, 0, 0)}})
		k.commit(record.Batch{Puts: []record.Put{Put("/p/a.png", "A")}, Embeddings: []record.Embedding{Embedding(two, "A", 0, 0, 1, 0)}})
		k.expect("space one f 4", "space two f 4", `/p/a.png = a 1 1700000000123456789 png 30x20 "" [] one:[0 1 0 0] two:[0 0 1 0]`)
	}},
	{"an embedding of a stored content needs no picture in the batch", func(k *subject) {
		one, two := k.space("one", "f"), k.space("two", "f")
		k.commit(record.Batch{Puts: []record.Put{Put("/p/a.png", "A")}, Embeddings: []record.Embedding{Embedding(one, "A", 0, 1, 0, 0)}})
		k.commit(record.Batch{Embeddings: []record.Embedding{Embedding(two, "A", 0, 0, 1, 0)}})
		k.expect("space one f 4", "space two f 4", `/p/a.png = a 1 1700000000123456789 png 30x20 "" [] one:[0 1 0 0] two:[0 0 1 0]`)
	}},
	{"a picture keeps what its file says until that is read again", func(k *subject) {
		s := k.space("m", "f")
		full := record.Metadata{
			Camera: "NIKON D850", Lens: "50mm f/1.8", Label: "Red", Rating: -1, Keywords: []string{"sea", "\u00e9t\u00e9"}, Title: "La \"mer\"", Caption: "Deux\nlignes",
			Position: &record.Position{Latitude: -48.858222, Longitude: 2.2945}, Sidecar: 1700000000123456789,
		}
		described := func(p record.Put, m record.Metadata) record.Put {
			p.Metadata = &m
			return p
		}
		check := func(why string, want map[string]*record.Metadata) {
			got, sidecars := map[string]*record.Metadata{}, map[int64]int64{}
			k.must(k.Each(k.Context(), nil, func(some []record.Stored) error {
				for _, p := range some {
					got[p.Source] = p.Metadata
					if p.Metadata != nil {
						sidecars[p.ID] = p.Metadata.Sidecar
					}
				}
				return nil
			}))
			if !reflect.DeepEqual(got, want) {
				k.Errorf("%s: %+v, want %+v", why, got, want)
			}
			if written, err := k.Sidecars(k.Context()); err != nil || !maps.Equal(written, sidecars) {
				k.Errorf("%s: sidecars %v, %v, want %v", why, written, err, sidecars)
			}
			var ids []int64
			for id := range sidecars {
				ids = append(ids, id)
			}
			about, err := k.About(k.Context(), ids)
			k.must(err)
			for _, id := range ids {
				if m := about[id].Metadata; m == nil || m.Sidecar != sidecars[id] {
					k.Errorf("%s: about %d: %+v", why, id, m)
				}
			}
		}
		k.commit(record.Batch{
			Puts:       []record.Put{described(Put("/p/a.png", "A"), full), described(Put("/p/b.png", "B"), record.Metadata{}), Put("/p/c.png", "C")},
			Embeddings: []record.Embedding{Embedding(s, "A", 0, 1, 0, 0), Embedding(s, "B", 0, 0, 1, 0), Embedding(s, "C", 0, 0, 0, 1)},
		})
		all := map[string]*record.Metadata{"/p/a.png": &full, "/p/b.png": {}, "/p/c.png": nil}
		check("as it came", all)
		_, err := k.Tag(k.Context(), []record.Tagging{{Picture: k.id("/p/a.png"), Tag: "red"}})
		k.must(err)
		k.commit(record.Batch{Puts: []record.Put{Put("/p/a.png", "A")}})
		check("tagged, and put by somebody who did not read it", all)
		k.commit(record.Batch{Move: map[int64]record.Put{k.id("/p/a.png"): described(Put("/q/a.png", "A"), full)}})
		delete(all, "/p/a.png")
		all["/q/a.png"] = &full
		check("moved", all)
		k.commit(record.Batch{Puts: []record.Put{described(Put("/q/a.png", "A"), record.Metadata{Rating: 3}), {Source: "/p/b.png", Root: "/p", Size: 3, Mtime: 9, Error: "cut off"}}})
		all["/q/a.png"], all["/p/b.png"] = &record.Metadata{Rating: 3}, nil
		check("read again, and not readable any more", all)
	}},
	{"a moved file keeps its embeddings and tags", func(k *subject) {
		s := k.space("m", "f")
		k.commit(record.Batch{
			Puts:       []record.Put{Put("/p/a.png", "A"), Put("/p/b.png", "B"), Put("/p/c.png", "C")},
			Embeddings: []record.Embedding{Embedding(s, "A", 0, 1, 0, 0), Embedding(s, "B", 0, 0, 1, 0), Embedding(s, "C", 0, 0, 0, 1)},
		})
		_, err := k.Tag(k.Context(), []record.Tagging{{Picture: k.id("/p/a.png"), Tag: "red"}})
		k.must(err)
		k.commit(record.Batch{Move: map[int64]record.Put{k.id("/p/a.png"): Put("/q/new.png", "A")}, Remove: []int64{k.id("/p/b.png")}})
		k.expect("space m f 4",
			`/q/new.png = new 1 1700000000123456789 png 30x20 "" ["red"] m:[0 1 0 0]`,
			`/p/c.png = c 1 1700000000123456789 png 30x20 "" [] m:[0 0 0 1]`)
	}},
	{"a file takes over the imported picture of its name", func(k *subject) {
		s := k.space("clip", "imported/4")
		p := record.Put{Name: "Antigua and Barbuda", Source: record.ImportedSource("Antigua and Barbuda"), Hash: Hash("import:Antigua and Barbuda")}
		k.commit(record.Batch{Puts: []record.Put{p}, Embeddings: []record.Embedding{{Space: s.ID, Hash: p.Hash, Vector: []float32{0, 1, 0, 0}}}})
		k.commit(record.Batch{Puts: []record.Put{Put("/f/Antigua_and_Barbuda.png", "pixels")}})
		k.expect("space clip imported/4 4", `/f/Antigua_and_Barbuda.png = Antigua and Barbuda 6 1700000000123456789 png 30x20 "" [] clip:[0 1 0 0]`)
	}},
	{"a zero vector, a wrong dimension and an unknown space are refused, and nothing is stored", func(k *subject) {
		s := k.space("m", "f")
		for _, v := range [][]float32{{0, 0, 0, 0}, {1, 2}} {
			if err := k.Commit(k.Context(), record.Batch{Puts: []record.Put{Put("/p/z.png", "Z")}, Embeddings: []record.Embedding{Embedding(s, "Z", v...)}}); err == nil {
				k.Errorf("%v was stored", v)
			}
		}
		if err := k.Commit(k.Context(), record.Batch{Embeddings: []record.Embedding{{Space: 77, Vector: []float32{1, 0, 0, 0}}}}); err == nil {
			k.Error("an embedding of no space was stored")
		}
		k.expect("space m f 4")
	}},
	{"spaces of two fingerprints are separate, and the one that covers more is active", func(k *subject) {
		old, young := k.space("m", "f1"), k.space("m", "f2")
		if old.ID == young.ID {
			k.Fatal("two fingerprints have one space")
		}
		if _, err := k.Space(k.Context(), "m", "f1", 5); err == nil {
			k.Error("a space has two dimensions")
		}
		k.commit(record.Batch{
			Puts:       []record.Put{Put("/p/a.png", "A"), Put("/p/b.png", "B")},
			Embeddings: []record.Embedding{Embedding(old, "A", 1, 0, 0, 0), Embedding(old, "B", 0, 1, 0, 0), Embedding(young, "A", 0, 0, 0, 1)},
		})
		active := func() int64 {
			spaces, err := k.Spaces(k.Context())
			k.must(err)
			return record.Active(spaces)[0].ID
		}
		if active() != old.ID {
			k.Error("half covered, the new one answers")
		}
		k.commit(record.Batch{Embeddings: []record.Embedding{Embedding(young, "B", 0, 0, 1, 0)}})
		if active() != young.ID {
			k.Error("covered like the old one, it does not answer")
		}
		k.must(k.Drop(k.Context(), young))
		if active() != old.ID {
			k.Error("a dropped space answers")
		}
	}},
	{"tags ignore case", func(k *subject) {
		s := k.space("m", "f")
		k.commit(record.Batch{Puts: []record.Put{Put("/p/a.png", "A"), Put("/p/b.png", "B")}, Embeddings: []record.Embedding{Embedding(s, "A", 1, 0, 0, 0)}})
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
	{"a tag is renamed, and becomes one with another of that name", func(k *subject) {
		s := k.space("m", "f")
		k.commit(record.Batch{Puts: []record.Put{Put("/p/a.png", "A"), Put("/p/b.png", "B"), Put("/p/c.png", "C")},
			Embeddings: []record.Embedding{Embedding(s, "A", 1, 0, 0, 0)}})
		a, b, c := k.id("/p/a.png"), k.id("/p/b.png"), k.id("/p/c.png")
		_, err := k.Tag(k.Context(), []record.Tagging{{Picture: a, Tag: "see"}, {Picture: b, Tag: "see"}, {Picture: b, Tag: "Sea"}, {Picture: c, Tag: "sky"}})
		k.must(err)
		for _, x := range []struct {
			tag, name string
			changed   int
			want      map[int64][]string // in lower case
			why       string
		}{
			{"SEE", "lake", 2, map[int64][]string{a: {"lake"}, b: {"lake", "sea"}, c: {"sky"}}, "another name"},
			{"lake", "sea", 2, map[int64][]string{a: {"sea"}, b: {"sea"}, c: {"sky"}}, "one with a tag that b has already"},
			{"sky", "SKY", 1, map[int64][]string{a: {"sea"}, b: {"sea"}, c: {"sky"}}, "other letters alone"},
			{"none", "sea", 0, map[int64][]string{a: {"sea"}, b: {"sea"}, c: {"sky"}}, "no picture has it"},
		} {
			if n, err := k.RenameTag(k.Context(), x.tag, x.name); err != nil || n != x.changed {
				k.Errorf("%s: %d pictures, %v; want %d", x.why, n, err, x.changed)
			}
			of, err := k.TagsOf(k.Context())
			k.must(err)
			for _, tags := range of {
				for i, t := range tags {
					if x.name == "SKY" && record.TagKey(t) == "sky" && t != "SKY" {
						k.Errorf("%s: it is %s still", x.why, t)
					}
					tags[i] = record.TagKey(t)
				}
			}
			if !reflect.DeepEqual(of, x.want) {
				k.Errorf("%s: %v, want %v", x.why, of, x.want)
			}
		}
		if tags, err := k.Tags(k.Context()); err != nil || len(tags) != 2 {
			k.Errorf("%+v, %v: a tag that no picture has is none", tags, err)
		}
		if _, err := k.RenameTag(k.Context(), "sea", "a;b"); err == nil {
			k.Error("a tag with a semicolon")
		}
	}},
	{"reviews belong to contents and outlive pictures", func(k *subject) {
		k.space("m", "f")
		reviews := func(why string, want ...record.Review) {
			k.Helper()
			if got, err := k.Reviews(k.Context()); err != nil || !reflect.DeepEqual(got, want) {
				k.Errorf("%s: there are %v, %v; want %v", why, got, err, want)
			}
		}
		reviews("before the first")
		if n, err := k.Unreview(k.Context(), []record.Hash{Hash("A")}); err != nil || n != 0 {
			k.Errorf("forgot %d of none, %v", n, err)
		}
		a, b, d := Hash("A"), Hash("B"), Hash("D")
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
		k.commit(record.Batch{Puts: []record.Put{Put("/p/a.png", "A")}})
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
	{"files are returned as indexed, in the order in which they were added", func(k *subject) {
		s := k.space("m", "f")
		for _, name := range []string{"/p/z.png", "/p/a.png", "/p/m.png"} {
			k.commit(record.Batch{Puts: []record.Put{Put(name, "A")}, Embeddings: []record.Embedding{Embedding(s, "A", 0, 1, 0, 0)}})
			time.Sleep(5 * time.Millisecond)
		}
		k.commit(record.Batch{Puts: []record.Put{Put("/p/z.png", "A")}}) // again, which makes it no younger
		k.commit(record.Batch{Puts: []record.Put{{Source: "/p/broken.png", Root: "/p", Size: 3, Mtime: 9, Error: "cut off"}}})
		files, err := k.Files(k.Context())
		k.must(err)
		z, a, m := files[k.id("/p/z.png")], files[k.id("/p/a.png")], files[k.id("/p/m.png")]
		if len(files) != 3 || !(z.Added < a.Added && a.Added < m.Added) {
			k.Errorf("%+v", files)
		}
		z.Added = 0
		if want := (record.File{Hash: Hash("A"), Size: 1, Mtime: 1_700_000_000_123_456_789, Format: "png", Width: 30, Height: 20}); z != want {
			k.Errorf("%+v", z)
		}
	}},
	{"a copied unit vector stays the same, bit for bit", func(k *subject) {
		s := k.space("m", "f")
		v := []float32{0.26726124, 0.5345225, 0.80178374, 1e-20}
		k.commit(record.Batch{Puts: []record.Put{Put("/p/a.png", "A")}, Embeddings: []record.Embedding{{Space: s.ID, Hash: Hash("A"), Vector: v, Unit: true}}})
		k.must(k.Each(k.Context(), []record.Space{s}, func(some []record.Stored) error {
			if !slices.Equal(some[0].Vectors[s.ID], v) {
				k.Errorf("%v", some[0].Vectors)
			}
			return nil
		}))
		if err := k.Commit(k.Context(), record.Batch{Embeddings: []record.Embedding{{Space: s.ID, Hash: Hash("A"), Vector: []float32{2, 0, 0, 0}, Unit: true}}}); err == nil {
			k.Error("a vector of length 2 passes for one of length 1")
		}
	}},
	{"2500 pictures in one commit are each stored once", func(k *subject) {
		s := k.space("m", "f")
		var b record.Batch
		for i := range 2500 {
			name := fmt.Sprintf("/p/%d/%d.png", i%7, i)
			b.Puts = append(b.Puts, Put(name, name))
			b.Embeddings = append(b.Embeddings, Embedding(s, name, float32(i+1), 1, 0, 0))
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
