package report

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
)

// mapOf makes a collection of embeddings of three kinds, and adds more.
func mapOf(t *testing.T, models ...string) (c *space.Collection, add func(model string, from, to int)) {
	t.Helper()
	c = newCollection(t)
	add = func(model string, from, to int) {
		var rows []row
		for i := from; i < to; i++ {
			v := [4]float64{3: 0.2 * math.Sin(float64(7*i))}
			v[i%3] = 1
			v[(i+1)%3] += 0.2 * math.Sin(float64(i))
			v[(i+2)%3] += 0.2 * math.Cos(float64(3*i))
			rows = append(rows, row{fmt.Sprintf("p%03d", i), []float32{float32(v[0]), float32(v[1]), float32(v[2]), float32(v[3])}})
		}
		addRows(t, c, model, rows)
	}
	for _, m := range models {
		add(m, 0, 90)
	}
	return c, add
}

// checkKinds fails unless pictures of one kind, and no others, are in one cluster.
func checkKinds(t *testing.T, m api.Map) {
	t.Helper()
	if len(m.Clusters) != 3 {
		t.Fatalf("%d clusters, want 3", len(m.Clusters))
	}
	of := map[int]int{}
	for _, p := range m.Pictures {
		var i int
		fmt.Sscanf(p.Name, "p%03d", &i)
		if p.Cluster == 0 {
			continue
		}
		if kind, ok := of[p.Cluster]; ok && kind != i%3 {
			t.Fatalf("%s is in cluster %d, which is of kind %d", p.Name, p.Cluster, kind)
		}
		of[p.Cluster] = i % 3
	}
	if len(of) != 3 {
		t.Errorf("clusters of pictures: %v", of)
	}
}

func placesOf(m api.Map) map[string][2]float64 {
	out := map[string][2]float64{}
	for _, p := range m.Pictures {
		out[p.Name] = [2]float64{p.X, p.Y}
	}
	return out
}

func TestNewPicturesDoNotMoveOldOnes(t *testing.T) {
	t.Parallel()
	c, add := mapOf(t, "m")
	first, err := Map(t.Context(), c, api.MapOptions{})
	must(t, err)
	if !first.Fresh || !first.Kept || first.Placed != 0 || len(first.Pictures) != 90 {
		t.Fatalf("fresh %v, kept %v, %d placed, %d pictures", first.Fresh, first.Kept, first.Placed, len(first.Pictures))
	}
	checkKinds(t, first)
	again, err := Map(t.Context(), c, api.MapOptions{})
	must(t, err)
	if again.Fresh || !reflect.DeepEqual(placesOf(first), placesOf(again)) {
		t.Error("the same pictures moved")
	}

	add("m", 90, 120)
	later, err := Map(t.Context(), c, api.MapOptions{})
	must(t, err)
	if later.Placed != 30 || later.Fresh || len(later.Pictures) != 120 {
		t.Errorf("%d placed, fresh %v, %d pictures", later.Placed, later.Fresh, len(later.Pictures))
	}
	now := placesOf(later)
	for name, at := range placesOf(first) {
		if now[name] != at {
			t.Errorf("%s moved from %v to %v", name, at, now[name])
		}
	}
	checkKinds(t, later)
	again, err = Map(t.Context(), c, api.MapOptions{})
	must(t, err)
	if again.Placed != 0 || !reflect.DeepEqual(placesOf(later), placesOf(again)) {
		t.Error("placed pictures moved")
	}

	fresh, err := Map(t.Context(), c, api.MapOptions{Fresh: true})
	must(t, err)
	if !fresh.Fresh || reflect.DeepEqual(placesOf(fresh), now) {
		t.Error("a fresh map has the old places")
	}
	// Far more new than old: a map of the few would be no map of the many.
	add("m", 120, 400)
	many, err := Map(t.Context(), c, api.MapOptions{})
	must(t, err)
	if !many.Fresh || many.Placed != 0 {
		t.Errorf("fresh %v, %d placed", many.Fresh, many.Placed)
	}
}

// Whatever is damaged is found by a verification, mended by a repair, and does not keep a map from being made.
func TestADamagedMapIsMadeAnew(t *testing.T) {
	t.Parallel()
	c, _ := mapOf(t, "m")
	first, err := Map(t.Context(), c, api.MapOptions{})
	must(t, err)
	for pattern, of := range map[string]string{"*.map": "positions", "*.clusters": "clusters"} {
		files, err := filepath.Glob(filepath.Join(c.Path(), "maps", pattern))
		must(t, err)
		if len(files) != 1 {
			t.Fatal(of, files)
		}
		data, err := os.ReadFile(files[0])
		must(t, err)
		flipped := slices.Clone(data)
		flipped[60] ^= 1
		for what, damaged := range map[string][]byte{"a bit": flipped, "half": data[:len(data)/2], "all": nil} {
			must(t, os.WriteFile(files[0], damaged, 0o666))
			if _, found, err := StoredMap(t.Context(), c, api.MapOptions{}); found || err != nil {
				t.Errorf("%s of the %s damaged: a map is found, %v", what, of, err)
			}
			if problems, err := c.Folder.Verify(t.Context()); err != nil || len(problems) != 1 || !strings.Contains(problems[0], files[0]) {
				t.Errorf("%s of the %s damaged: %q, %v", what, of, problems, err)
			}
			m, err := Map(t.Context(), c, api.MapOptions{})
			must(t, err)
			if m.Fresh != (of == "positions") || !reflect.DeepEqual(m.Pictures, first.Pictures) || !reflect.DeepEqual(m.Clusters, first.Clusters) {
				t.Errorf("%s of the %s damaged: fresh %v", what, of, m.Fresh)
			}
			must(t, os.WriteFile(files[0], damaged, 0o666))
			w, err := c.Folder.Writer()
			must(t, err)
			r, err := w.Repair(t.Context())
			must(t, errors.Join(err, w.Close()))
			if _, err := os.Stat(files[0]); len(r.Problems) > 0 || !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s of the %s damaged, repaired: %q, %v", what, of, r.Problems, err)
			}
			must(t, os.WriteFile(files[0], data, 0o666))
		}
	}
}

func TestMapOfSeveralModels(t *testing.T) {
	t.Parallel()
	c, add := mapOf(t, "one", "two")
	add("two", 90, 93) // which the first model has not seen
	m, err := Map(t.Context(), c, api.MapOptions{})
	must(t, err)
	if !reflect.DeepEqual(m.Models, []string{"one", "two"}) || len(m.Pictures) != 93 || len(m.Missing) != 0 {
		t.Errorf("%v, %d pictures, missing %v", m.Models, len(m.Pictures), m.Missing)
	}
	checkKinds(t, m)
	m, err = Map(t.Context(), c, api.MapOptions{Models: []string{"one"}})
	must(t, err)
	if want := []string{"p090", "p091", "p092"}; !reflect.DeepEqual(m.Missing, want) || len(m.Pictures) != 90 {
		t.Errorf("missing %v, want %v; %d pictures", m.Missing, want, len(m.Pictures))
	}
}

func TestMapOfFewAndEqualPictures(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 3, 8} {
		for _, equal := range []bool{false, true} {
			var rows []row
			for i := range n {
				x := float32(i)
				if equal {
					x = 0
				}
				rows = append(rows, row{fmt.Sprintf("p%d", i), []float32{x, 1, 0.5}})
			}
			c := newCollection(t)
			addRows(t, c, "m", rows)
			m, err := Map(t.Context(), c, api.MapOptions{})
			must(t, err)
			places := map[[2]float64]bool{}
			for _, p := range m.Pictures {
				if math.IsNaN(p.X+p.Y) || math.IsInf(p.X+p.Y, 0) {
					t.Errorf("%d pictures, equal %v: %+v", n, equal, p)
				}
				places[[2]float64{p.X, p.Y}] = true
			}
			want := n
			if equal {
				want = 1
			}
			if len(m.Pictures) != n || len(places) != want {
				t.Errorf("%d pictures, equal %v: %d on the map, at %d places", n, equal, len(m.Pictures), len(places))
			}
		}
	}
}

func TestAStoredMapOpensAsItWasLaidOut(t *testing.T) {
	t.Parallel()
	c, add := mapOf(t, "m")
	if _, found, err := StoredMap(t.Context(), c, api.MapOptions{}); found || err != nil {
		t.Fatalf("before any was made: %v, %v", found, err)
	}
	made, err := Map(t.Context(), c, api.MapOptions{})
	must(t, err)
	stored, found, err := StoredMap(t.Context(), c, api.MapOptions{})
	must(t, err)
	if !found || !stored.Current || stored.Unplaced != 0 {
		t.Fatalf("found %v, current %v, %d unplaced", found, stored.Current, stored.Unplaced)
	}
	if !reflect.DeepEqual(stored.Pictures, made.Pictures) || !reflect.DeepEqual(stored.Clusters, made.Clusters) {
		t.Errorf("stored %+v, made %+v", stored.Clusters, made.Clusters)
	}
	again, err := Map(t.Context(), c, api.MapOptions{})
	must(t, err)
	if !reflect.DeepEqual(again.Pictures, made.Pictures) || !reflect.DeepEqual(again.Clusters, made.Clusters) {
		t.Error("the map of stored clusters is another one")
	}
	// Other clusters of the same positions have a file of their own.
	few, err := Map(t.Context(), c, api.MapOptions{MinCluster: 80})
	must(t, err)
	if len(few.Clusters) != 0 {
		t.Errorf("%d clusters of 80 and more", len(few.Clusters))
	}

	add("m", 90, 120)
	stored, found, err = StoredMap(t.Context(), c, api.MapOptions{})
	must(t, err)
	if !found || stored.Current || stored.Unplaced != 30 || !reflect.DeepEqual(stored.Pictures, made.Pictures) || !reflect.DeepEqual(stored.Clusters, made.Clusters) {
		t.Errorf("with 30 more: found %v, current %v, %d unplaced, %d pictures", found, stored.Current, stored.Unplaced, len(stored.Pictures))
	}
	add("m", 120, 400)
	if _, found, err := StoredMap(t.Context(), c, api.MapOptions{}); found || err != nil {
		t.Errorf("where most are new: %v, %v", found, err)
	}
}

func TestClustersAreThoseOfThePicturesThatAreLeft(t *testing.T) {
	t.Parallel()
	c, _ := mapOf(t, "m")
	made, err := Map(t.Context(), c, api.MapOptions{})
	must(t, err)
	// Without the central picture of the largest cluster, and all of the second.
	gone := map[string]bool{made.Clusters[0].Center.Name: true}
	for _, p := range made.Pictures {
		if p.Cluster == 2 {
			gone[p.Name] = true
		}
	}
	w, err := c.Folder.Writer()
	must(t, err)
	snapshot, err := c.Catalog(t.Context())
	must(t, err)
	var ids []int64
	for _, p := range snapshot.Pictures.All() {
		if gone[p.Name] {
			ids = append(ids, p.ID)
		}
	}
	must(t, snapshot.Close())
	must(t, errors.Join(w.Commit(t.Context(), record.Batch{Remove: ids}), w.Close()))
	stored, found, err := StoredMap(t.Context(), c, api.MapOptions{})
	must(t, err)
	if !found || stored.Current || len(stored.Clusters) != 2 || len(stored.Pictures) != 90-len(gone) {
		t.Fatalf("found %v, current %v, %d clusters, %d pictures", found, stored.Current, len(stored.Clusters), len(stored.Pictures))
	}
	if first := stored.Clusters[0]; first.Size != made.Clusters[0].Size-1 || gone[first.Center.Name] {
		t.Errorf("%+v of %+v", first, made.Clusters[0])
	}
	if second := stored.Clusters[1]; second.Cluster != 2 || second.Center != made.Clusters[2].Center || second.Size != made.Clusters[2].Size {
		t.Errorf("%+v, want what was the third: %+v", second, made.Clusters[2])
	}
}
