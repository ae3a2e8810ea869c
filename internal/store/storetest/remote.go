package storetest

import (
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/local"
)

// RunRemote runs the contract of a remote store: that of every store, and what it finds itself. open is as for Run.
func RunRemote(t *testing.T, open func(t *testing.T) (store.Remote, store.Writer)) {
	Run(t, func(t *testing.T) (store.Store, store.Writer) { return open(t) })
	for _, rule := range remoteContract {
		t.Run(rule.name, func(t *testing.T) {
			r, w := open(t)
			rule.test(&remote{Remote: r, subject: &subject{T: t, Store: r, Writer: w}})
		})
	}
}

// remote is the remote store under test, with its writer. subject has what both are tested with.
type remote struct {
	store.Remote
	subject *subject
}

// fill stores four pictures of a space: at 0, 45 and 90 degrees to the first axis, and one without an embedding. The
// last file cannot be read.
func (k *remote) fill() (record.Space, map[string]int64) {
	k.subject.Helper()
	s := k.subject.space("m", "f")
	east, middle, north, plain := Put("/p/East_1.png", "E"), Put("/p/2024/middle.jpg", "M"), Put("/q/north.png", "N"), Put("/q/plain.png", "P")
	middle.Taken = "2023-01-01T00:00:00"
	north.Taken, north.Mtime = "", 0
	k.subject.commit(record.Batch{
		Puts: []record.Put{east, middle, north, plain, {Source: "/p/broken.png", Root: "/p", Size: 3, Mtime: 9, Error: "cut off"}},
		Embeddings: []record.Embedding{
			Embedding(s, "E", 1, 0, 0, 0), Embedding(s, "M", 1, 1, 0, 0), Embedding(s, "N", 0, 1, 0, 0),
		},
	})
	ids := map[string]int64{}
	for _, p := range []record.Put{east, middle, north, plain} {
		ids[p.Source] = k.subject.id(p.Source)
	}
	_, err := k.subject.Tag(k.subject.Context(), []record.Tagging{{Picture: ids["/p/East_1.png"], Tag: "Red"}, {Picture: ids["/q/north.png"], Tag: "blue"}})
	k.subject.must(err)
	k.subject.must(k.subject.Calibrate(k.subject.Context()))
	return s, ids
}

// sources returns where the pictures of a snapshot are, sorted, and how many of them have embeddings.
func sources(s *local.Snapshot) (all []string, embedded int) {
	for _, p := range s.Pictures.All() {
		all = append(all, p.Source)
		if p.Row >= 0 {
			embedded++
		}
	}
	slices.Sort(all)
	return all, embedded
}

var remoteContract = []struct {
	name string
	test func(k *remote)
}{
	{"the nearest pictures are found, as many as are asked for", func(k *remote) {
		s, _ := k.fill()
		want := []string{"/p/East_1.png", "/p/2024/middle.jpg", "/q/north.png"}
		for n := 1; n <= 4; n++ {
			near, recall, err := k.Near(k.subject.Context(), s, []float32{1, 0, 0, 0}, n, store.Filter{})
			k.subject.must(err)
			expected := slices.Sorted(slices.Values(want[:min(n, 3)]))
			if got, embedded := sources(near); !slices.Equal(got, expected) || embedded != len(got) || recall <= 0 || recall > 1 {
				k.subject.Errorf("the nearest %d: %v, %d with embeddings, recall %v; want %v", n, got, embedded, recall, expected)
			}
			if near.Space.ID != s.ID || near.Matrix.Dim != Dim {
				k.subject.Errorf("space %+v", near.Space)
			}
			k.subject.must(near.Close())
		}
	}},
	{"a filter applies inside the search", func(k *remote) {
		s, ids := k.fill()
		east, middle, north := "/p/East_1.png", "/p/2024/middle.jpg", "/q/north.png"
		for _, x := range []struct {
			why    string
			filter store.Filter
			want   []string
		}{
			{"no filter", store.Filter{}, []string{middle, east, north}},
			{"a folder", store.Filter{Under: "/p"}, []string{middle, east}},
			{"not a folder that begins alike", store.Filter{Under: "/p/20"}, nil},
			{"a name in lower case", store.Filter{Names: [][]store.Glob{{{Property: "stem", Pattern: "east?1"}}}}, []string{east}},
			{"a file", store.Filter{Names: [][]store.Glob{{{Property: "file", Pattern: "*.png"}}}}, []string{east, north}},
			{"one of two globs", store.Filter{Names: [][]store.Glob{{{Property: "file", Pattern: "*.jpg"}, {Property: "stem", Pattern: "n*"}}}}, []string{middle, north}},
			{"two lists of globs", store.Filter{Names: [][]store.Glob{{{Property: "file", Pattern: "*.png"}}, {{Property: "stem", Pattern: "n*"}}}}, []string{north}},
			{"a tag", store.Filter{Tags: []string{record.TagKey("RED")}}, []string{east}},
			{"two tags that no picture has both of", store.Filter{Tags: []string{"red", "blue"}}, nil},
			{"without tags", store.Filter{NotTags: []string{"red", "blue"}}, []string{middle}},
			{"taken since 2024, by the camera", store.Filter{Spans: []store.Span{{Seconds: 1_704_067_200}}}, []string{east}},
			{"taken before it: no date is not early", store.Filter{Spans: []store.Span{{Before: true, Seconds: 1_704_067_200}}}, []string{middle}},
			{"at an instant or later", store.Filter{Spans: []store.Span{{Instant: true, Seconds: 1_722_420_000}}}, []string{east}}, // 10:00 in Greenwich
			{"and not a second later", store.Filter{Spans: []store.Span{{Instant: true, Seconds: 1_722_420_001}}}, nil},
			{"listed ones", store.Filter{Only: []int64{ids[north], ids[east]}}, []string{east, north}},
			{"an empty list", store.Filter{Only: []int64{}}, nil},
			{"all at once", store.Filter{Under: "/q", Names: [][]store.Glob{{{Property: "stem", Pattern: "*"}}}, Tags: []string{"blue"}, NotTags: []string{"red"}, Only: []int64{ids[north], ids[east]}}, []string{north}},
		} {
			near, _, err := k.Near(k.subject.Context(), s, []float32{1, 0, 0, 0}, 10, x.filter)
			if err != nil {
				k.subject.Errorf("%s: %v", x.why, err)
				continue
			}
			got, _ := sources(near)
			if !slices.Equal(got, x.want) {
				k.subject.Errorf("%s: %v, want %v", x.why, got, x.want)
			}
			k.subject.must(near.Close())
			// The picture without an embedding counts, and is not near.
			if n, err := k.Count(k.subject.Context(), x.filter); err != nil || n < len(x.want) {
				k.subject.Errorf("%s: counts %d, %v", x.why, n, err)
			}
		}
		if n, err := k.Count(k.subject.Context(), store.Filter{Under: "/q"}); err != nil || n != 2 {
			k.subject.Errorf("counts %d in /q, %v", n, err)
		}
	}},
	{"a lookup finds by name, by source and by content", func(k *remote) {
		s, _ := k.fill()
		for _, x := range []struct {
			why      string
			space    record.Space
			lookup   store.Lookup
			want     []string
			embedded int
		}{
			{"a name", s, store.Lookup{Names: []string{"middle"}}, []string{"/p/2024/middle.jpg"}, 1},
			{"a name that people would call the same", s, store.Lookup{Names: []string{"EAST 1"}}, []string{"/p/East_1.png"}, 1},
			{"a source", s, store.Lookup{Sources: []string{"/q/plain.png"}}, []string{"/q/plain.png"}, 0},
			{"a content", s, store.Lookup{Hashes: []record.Hash{Hash("N")}}, []string{"/q/north.png"}, 1},
			{"one by two ways", s, store.Lookup{Names: []string{"north"}, Hashes: []record.Hash{Hash("N")}}, []string{"/q/north.png"}, 1},
			{"no space", record.Space{}, store.Lookup{Names: []string{"north", "middle"}}, []string{"/p/2024/middle.jpg", "/q/north.png"}, 0},
			{"a file that cannot be read", s, store.Lookup{Sources: []string{"/p/broken.png"}}, nil, 0},
			{"nothing", s, store.Lookup{}, nil, 0},
		} {
			found, err := k.Lookup(k.subject.Context(), x.space, x.lookup)
			k.subject.must(err)
			if got, embedded := sources(found); !slices.Equal(got, x.want) || embedded != x.embedded {
				k.subject.Errorf("%s: %v, %d with embeddings; want %v, %d", x.why, got, embedded, x.want, x.embedded)
			}
			k.subject.must(found.Close())
		}
	}},
	{"a list returns the ids of its pictures, and the entries that no picture has", func(k *remote) {
		_, ids := k.fill()
		names := []string{"north", "absent", "/p/East_1.png", "north"}
		places := []string{"/x/north", "/x/absent", "/p/East_1.png", "/q/north.png"}
		got, missing, err := k.List(k.subject.Context(), names, places)
		want := []int64{ids["/q/north.png"], ids["/p/East_1.png"]}
		slices.Sort(want)
		if err != nil || !slices.Equal(got, want) || !slices.Equal(missing, []int{1}) {
			k.subject.Errorf("%v, want %v; missing %v; %v", got, want, missing, err)
		}
	}},
}
