package akin_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/akin-search/akin/weaviate"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/store/weaviate/weaviatetest"
)

func init() { weaviate.Register("") }

// A search in a cluster gives what the same search gives in a folder, names and scores,
// whatever is filtered; and so do reports, tags, listing, copies in both directions.
func TestACollectionInAClusterAnswersAsOneInAFolder(t *testing.T) {
	nodes := weaviatetest.Start(t, 3, false)
	here := at(t.TempDir())
	folder, address := filepath.Join(t.TempDir(), "folder.akin"), nodes.Address("Same")+"?consistency=ALL"
	const rows = 1500
	local := imported(t, folder, rows, 24)
	r, err := akin.Copy(t.Context(), folder, address, api.CopyOptions{Home: string(here.Home)})
	must(t, err)
	if r.Copied != rows || r.Tagged == 0 {
		t.Fatalf("%+v", r)
	}
	far := open(t, address, here)
	least := 0.3
	for _, o := range []api.SearchOptions{
		{}, {Top: 1}, {Top: 300}, {All: true}, {IncludeSelf: true}, {MinScore: &least}, {Fold: true}, {Recall: 1},
		{Filter: api.Filter{Tags: []string{"ROUND"}}},
		{Filter: api.Filter{NotTags: []string{"round"}}, Top: 50},
		{Filter: api.Filter{Names: []string{"PICTURE 1?"}}},
		{Filter: api.Filter{Names: []string{"*[02468]"}}, Top: 30},
		{Filter: api.Filter{Names: []string{"nothing/*", "picture 3*"}}, Top: 30},
		{Filter: api.Filter{Only: []string{"picture 4", "picture 9", "absent"}}},
		{Filter: api.Filter{Only: []string{}}},
		{Filter: api.Filter{Under: "/nowhere"}},
		{Filter: api.Filter{After: "2024"}},
	} {
		for _, picture := range []string{"picture 0", "PICTURE_77", "picture 1499"} {
			sameAnswers(t, local, far, picture, o)
		}
	}
	if _, err := far.Search(t.Context(), akin.Like("absent"), api.SearchOptions{}); !errors.Is(err, akin.ErrNotIndexed) {
		t.Errorf("an unknown name: %v", err)
	}
	q := akin.Like("picture 3").Plus(akin.Like("picture 4").Times(2)).Minus(akin.Like("picture 5"))
	right, err := local.Search(t.Context(), q, api.SearchOptions{})
	must(t, err)
	have, err := far.Search(t.Context(), q, api.SearchOptions{})
	must(t, err)
	for i := range right.Hits {
		if right.Hits[i].Name != have.Hits[i].Name || right.Hits[i].Score != have.Hits[i].Score {
			t.Errorf("a mixed query's hit %d: %+v, want %+v", i, have.Hits[i], right.Hits[i])
		}
	}
	// Reports read what they need into the cache.
	pairs := []api.Pair{{A: "picture 1", B: "picture 2"}, {A: "picture 10", B: "picture 20"}}
	one, err := local.Evaluate(t.Context(), pairs, api.EvaluateOptions{})
	must(t, err)
	two, err := far.Evaluate(t.Context(), pairs, api.EvaluateOptions{})
	must(t, err)
	for i := range one.Pairs {
		if a, b := fmt.Sprint(one.Pairs[i].Ranks), fmt.Sprint(two.Pairs[i].Ranks); a != b {
			t.Errorf("pair %d has ranks %s, want %s", i, b, a)
		}
	}
	none := here
	none.ClusterCache = -1
	if _, err := open(t, address, none).Export(t.Context(), "m"); !errors.Is(err, akin.ErrCacheLimit) {
		t.Errorf("reading more than the cache may hold: %v", err)
	}
	// Tags are of the cluster, and so is what lists say.
	tagged, err := far.AddTag(t.Context(), "new", "picture 5", "picture 6")
	must(t, err)
	if tagged.Changed != 2 {
		t.Errorf("%+v", tagged)
	}
	list, err := far.Pictures(t.Context(), api.ListOptions{Tag: "new"})
	must(t, err)
	if list.Total != 2 {
		t.Errorf("%+v", list)
	}
	info, err := far.PictureInfo(t.Context(), "picture 5")
	must(t, err)
	if !slices.Equal(info.Tags, []string{"new"}) || !slices.Equal(info.CoveredBy, []string{"m"}) {
		t.Errorf("%+v", info)
	}
	back := filepath.Join(t.TempDir(), "back.akin")
	b, err := akin.Copy(t.Context(), address, back, api.CopyOptions{Home: string(here.Home)})
	must(t, err)
	if b.Checksum != r.Checksum || b.Pictures != rows {
		t.Errorf("there and back: %+v, %+v", r, b)
	}
	if repaired, err := akin.Repair(t.Context(), address); err != nil || len(repaired.Done)+len(repaired.Problems) > 0 {
		t.Errorf("%+v, %v", repaired, err)
	}
}

// What files and sidecars say is stored in a cluster too, and pictures are chosen by it.
func TestPicturesInAClusterAreChosenByWhatTheirFilesSay(t *testing.T) {
	nodes := weaviatetest.Start(t, 3, false)
	here := at(t.TempDir())
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS("internal/picture/testdata/metadata")))
	must(t, os.Remove(filepath.Join(dir, "xmp.xmp")))
	far := open(t, nodes.Address("Said")+"?consistency=ALL", here)
	index := func(embedded, unchanged int) {
		t.Helper()
		r, err := far.Index(t.Context(), []string{dir}, api.IndexOptions{Include: []string{"*.jpg", "*.png"}})
		if err != nil || r.Embedded != embedded || r.Unchanged != unchanged {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	check := func(why string, f api.Filter, want ...string) {
		t.Helper()
		r, err := far.Search(t.Context(), akin.Like("plain"), api.SearchOptions{Filter: f, Metadata: true, IncludeSelf: true})
		var got []string
		for _, h := range r.Hits {
			got = append(got, h.Name)
			if h.Metadata == nil {
				t.Errorf("%s: %s tells nothing", why, h.Name)
			}
		}
		slices.Sort(got)
		if errors.Is(err, akin.ErrEmptyFilter) {
			err = nil
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v, want %v", why, got, err, want)
		}
	}
	index(6, 0)
	check("cameras", api.Filter{Cameras: []string{"nikon*", "*r5"}}, "all", "exif")
	check("words", api.Filter{Captions: []string{"tour aube"}}, "all")
	check("a place", api.Filter{Near: []float64{-33.8568, 151.2153, 1}}, "exif")
	check("a label that a sidecar will give", api.Filter{Rating: 3, Captions: []string{"sidecar"}})
	sidecar, err := os.ReadFile("internal/picture/testdata/metadata/xmp.xmp")
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "xmp.xmp"), sidecar, 0o666))
	index(0, 6)
	far = open(t, nodes.Address("Said")+"?consistency=ALL", here) // a copy of the pictures is compared again after a while, or by a new process
	check("a sidecar", api.Filter{Rating: 3, Captions: []string{"sidecar"}}, "xmp")
	facets, err := far.Facets(t.Context(), api.FacetOptions{})
	if err != nil || facets.Located != 2 || facets.Captioned != 5 || len(facets.Cameras) != 3 {
		t.Errorf("%+v, %v", facets, err)
	}
}

// A collection of the approximate index says what share of the right answers it finds, and
// gives all of them to who asks for all.
func TestAnApproximateClusterTellsItsRecall(t *testing.T) {
	nodes := weaviatetest.Start(t, 1, false)
	here := at(t.TempDir())
	here.ReadOnly = true
	folder, address := filepath.Join(t.TempDir(), "folder.akin"), nodes.Address("Graph")+"?index=hnsw"
	const rows = 4000
	local := imported(t, folder, rows, 48)
	_, err := akin.Copy(t.Context(), folder, address, api.CopyOptions{Home: string(here.Home)})
	must(t, err)
	far := open(t, address, here)
	right, total, stated := 0, 0, 0.
	for i := range 50 {
		picture := fmt.Sprintf("picture %d", i*rows/50)
		want, err := local.Search(t.Context(), akin.Like(picture), api.SearchOptions{})
		must(t, err)
		have, err := far.Search(t.Context(), akin.Like(picture), api.SearchOptions{})
		must(t, err)
		found := map[string]bool{}
		for _, h := range have.Hits {
			found[h.Name] = true
		}
		for _, h := range want.Hits {
			if total++; found[h.Name] {
				right++
			}
		}
		stated = have.Recall
	}
	recall := float64(right) / float64(total)
	if stated <= 0.5 || stated >= 1 || recall < stated-0.1 {
		t.Errorf("it finds %.4f and says %.4f", recall, stated)
	}
	t.Logf("faults: hnsw finds %.4f of the right answers and says %.4f", recall, stated)
	sameAnswers(t, local, far, "picture 77", api.SearchOptions{Recall: 1})
}

// load asks a collection for what is known to be right, without an end, and keeps how
// long each answer took, by what was going on.
type load struct {
	phase   atomic.Value // string
	mu      sync.Mutex
	took    map[string][]time.Duration
	wrong   map[string]int
	right   map[string]int
	failed  []error
	stop    chan struct{}
	stopped sync.WaitGroup
}

func (l *load) run(t *testing.T, c *akin.Collection, want map[string][]string) {
	var pictures []string
	for p := range want {
		pictures = append(pictures, p)
	}
	slices.Sort(pictures)
	for worker := range 2 {
		l.stopped.Go(func() {
			for i := worker; ; i++ {
				select {
				case <-l.stop:
					return
				default:
				}
				picture := pictures[i%len(pictures)]
				phase := l.phase.Load().(string)
				began := time.Now()
				r, err := c.Search(t.Context(), akin.Like(picture), api.SearchOptions{})
				took := time.Since(began)
				l.mu.Lock()
				l.took[phase] = append(l.took[phase], took)
				if err != nil {
					l.failed = append(l.failed, err)
				}
				found := map[string]bool{}
				for _, h := range r.Hits {
					found[h.Name] = true
				}
				for _, name := range want[picture] {
					if found[name] {
						l.right[phase]++
					} else {
						l.wrong[phase]++
					}
				}
				l.mu.Unlock()
			}
		})
	}
}

func quantile(d []time.Duration, q float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	d = slices.Clone(d)
	slices.Sort(d)
	return d[min(len(d)-1, int(q*float64(len(d))))].Round(100 * time.Microsecond)
}

// Every node of a cluster is killed with SIGKILL in the middle of a copy into it, of
// indexing, and of searches, and started again. Nothing is lost, nothing is doubled, and
// searches go on.
func TestKillingNodesLosesNothing(t *testing.T) {
	deps := golden.Deps(t)
	flags := golden.Flags(t)
	_ = deps
	nodes := weaviatetest.Start(t, 3, false)
	here := at(t.TempDir())
	asking := here
	asking.ReadOnly = true
	const rows, asked = 2000, 40
	folder := filepath.Join(t.TempDir(), "folder.akin")
	local := imported(t, folder, rows, 64)
	_, err := akin.Copy(t.Context(), folder, nodes.Address("Searched"), api.CopyOptions{Home: string(here.Home)})
	must(t, err)
	want := map[string][]string{}
	for i := range asked {
		picture := fmt.Sprintf("picture %d", i*rows/asked)
		r, err := local.Search(t.Context(), akin.Like(picture), api.SearchOptions{})
		must(t, err)
		for _, h := range r.Hits {
			want[picture] = append(want[picture], h.Name)
		}
	}
	searched := open(t, nodes.Address("Searched"), asking)
	l := &load{took: map[string][]time.Duration{}, wrong: map[string]int{}, right: map[string]int{}, stop: make(chan struct{})}
	l.phase.Store("three nodes")
	l.run(t, searched, want)
	time.Sleep(4 * time.Second)

	// A big copy and an index write meanwhile, until each node was killed.
	source := filepath.Join(t.TempDir(), "big.akin")
	imported(t, source, 5_000, 64)
	pictures := filepath.Join(t.TempDir(), "pictures")
	files, err := filepath.Glob(filepath.Join(flags, "images", "*.png"))
	must(t, err)
	for _, f := range files[:120] {
		copyFile(t, f, filepath.Join(pictures, filepath.Base(f)))
	}
	reference := open(t, filepath.Join(t.TempDir(), "reference.akin"), here)
	_, err = reference.Index(t.Context(), []string{pictures}, api.IndexOptions{})
	must(t, err)
	l.phase.Store("three nodes, being written to")
	var work sync.WaitGroup
	var copied api.CopyReport
	var copyErr, indexErr error
	indexed := open(t, nodes.Address("Indexed"), here)
	work.Go(func() {
		copied, copyErr = akin.Copy(t.Context(), source, nodes.Address("Copied"), api.CopyOptions{Home: string(here.Home)})
	})
	var shards [2]api.IndexReport
	work.Go(func() { // two machines' shares
		for i := range shards {
			var err error
			shards[i], err = indexed.Index(t.Context(), []string{pictures}, api.IndexOptions{Shard: api.Shard{Number: i + 1, Of: 2}})
			indexErr = errors.Join(indexErr, err)
		}
	})
	kills := 0
	for i := range 3 {
		time.Sleep(2 * time.Second)
		l.phase.Store("one node down")
		nodes.Node(i).Kill()
		kills++
		time.Sleep(5 * time.Second)
		l.phase.Store("a node coming back")
		nodes.Node(i).Start(t)
		nodes.Node(i).Wait(t, 2*time.Minute)
		time.Sleep(2 * time.Second)
		l.phase.Store("three nodes, being written to")
	}
	work.Wait()
	l.phase.Store("three nodes again")
	time.Sleep(4 * time.Second)
	close(l.stop)
	l.stopped.Wait()

	must(t, copyErr) // it has compared everything, bit by bit
	must(t, indexErr)
	for phase, took := range l.took {
		recall := float64(l.right[phase]) / float64(l.right[phase]+l.wrong[phase])
		t.Logf("faults: searches with %s: %d, recall@10 %.4f, median %s, 99%% within %s, longest %s", phase, len(took), recall, quantile(took, 0.5), quantile(took, 0.99), quantile(took, 1))
	}
	if len(l.failed) > 0 {
		t.Errorf("%d searches failed, the first: %v", len(l.failed), l.failed[0])
	}
	lost, doubled := 0, 0
	wantVectors, got := embeddings(t, reference), embeddings(t, indexed)
	for name, v := range wantVectors {
		if !slices.Equal(v, got[name]) {
			lost++
		}
	}
	lacking := 0
	for _, class := range []string{"Searched", "Copied", "Indexed"} {
		c := open(t, nodes.Address(class), asking)
		problems, err := c.Verify(t.Context())
		must(t, err)
		for _, p := range problems {
			// What was written when a node was killed, that one may have and not find.
			if class != "Searched" && strings.Contains(p, "its index lacks") {
				t.Logf("faults: %s: %s", class, p)
				lacking++
				continue
			}
			t.Errorf("%s: %s", class, p)
			doubled++
		}
		if lacking > 0 {
			if r, err := akin.Repair(t.Context(), nodes.Address(class)); err != nil || len(r.Problems) > 0 {
				t.Errorf("repair %s: %+v, %v", class, r, err)
			}
		}
	}
	// Each node answers from what it has itself: all, as soon as the others have sent what it missed.
	for i := range 3 {
		for class, n := range map[string]int{"Searched": rows, "Copied": 5_000} {
			alone := open(t, nodes.Node(i).Address(class), asking)
			found := 0
			for began := time.Now(); found < n && time.Since(began) < time.Minute; time.Sleep(time.Second) {
				r, err := alone.Search(t.Context(), akin.Like("picture 0"), api.SearchOptions{Top: n, IncludeSelf: true})
				must(t, err)
				found = len(r.Hits)
			}
			if found < n {
				t.Errorf("node %d alone finds %d of the %d of %s", i+1, found, n, class)
			}
		}
	}
	if lost > 0 || copied.Pictures != 5_000 || len(got) != len(wantVectors) {
		t.Errorf("%d embeddings lost, %d of %d pictures, %+v", lost, len(got), len(wantVectors), copied)
	}
	if n := shards[0].Added + shards[1].Added; n != 120 {
		t.Errorf("the shards added %d pictures", n)
	}
	t.Logf("faults: %d nodes killed under load; %d pictures copied in %.1f s and %d indexed meanwhile; %d lost, %d doubled", kills, copied.Pictures, copied.Seconds, len(got), lost, doubled)
}

// BenchmarkCluster measures what docs/explanation/scale.md reckons with: three nodes on this machine,
// 20 000 pictures with 512 numbers each, three copies of each. It writes lines, not times
// an operation:
//
//	AKIN_WEAVIATE=.deps/weaviate/weaviate-server go test -run '^$' -bench Cluster -benchtime 1x .
func BenchmarkCluster(b *testing.B) {
	const rows, dim = 20_000, 512
	folder := filepath.Join(b.TempDir(), "folder.akin")
	local := imported(b, folder, rows, dim)
	for _, index := range []string{"flat", "hnsw"} {
		b.Run(index, func(b *testing.B) {
			nodes := weaviatetest.Start(b, 3, false)
			here := at(b.TempDir())
			here.ReadOnly = true
			address := nodes.Address("Scale") + "?index=" + index
			r, err := akin.Copy(b.Context(), folder, address, api.CopyOptions{Home: string(here.Home)})
			must(b, err)
			far := open(b, address, here)
			var took []time.Duration
			recall, right, total := 0., 0, 0
			for i := range 200 {
				o := api.SearchOptions{}
				picture := akin.Like(fmt.Sprintf("picture %d", i*rows/200))
				began := time.Now()
				have, err := far.Search(b.Context(), picture, o)
				must(b, err)
				took = append(took, time.Since(began))
				want, err := local.Search(b.Context(), picture, o)
				must(b, err)
				found := map[string]bool{}
				for _, h := range have.Hits {
					found[h.Name] = true
				}
				for _, h := range want.Hits {
					if total++; found[h.Name] {
						right++
					}
				}
				recall = have.Recall
			}
			bytes, memory := nodes.Size(b)
			b.Logf("measured: %s: %d pictures of %d numbers copied and compared in %.0f s; search median %s, 99%% within %s; recall@10 %.4f, stated %g; a node: %.0f bytes a picture on disk, %.0f MB of memory",
				index, rows, dim, r.Seconds, quantile(took, 0.5), quantile(took, 0.99), float64(right)/float64(total), recall, float64(bytes)/3/rows, float64(memory)/3/1e6)
		})
	}
}
