package layout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/vector"
)

// reference is what umap-learn and scikit-learn make of 60 points: testdata/make.py.
type reference struct {
	Rows            [][]float64
	Neighbors       [][][2]float64
	Edges           [][3]float64
	Points          [][2]float32
	Trustworthiness map[string]float64
	Curves          [][4]float64 // min_dist, spread, a, b
	Clusters        map[string][]int
}

func read(t *testing.T) (r reference) {
	t.Helper()
	data, err := os.ReadFile("testdata/umap.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r reference) near() [][]Neighbor {
	out := make([][]Neighbor, len(r.Neighbors))
	for i, near := range r.Neighbors {
		for _, n := range near {
			out[i] = append(out[i], Neighbor{int(n[0]), float32(n[1])})
		}
	}
	return out
}

func TestGraphIsUMAPs(t *testing.T) {
	t.Parallel()
	r := read(t)
	g := NewGraph(r.near())
	at := 0
	for i := range g.Items() {
		g.Edges(i, func(to int, weight float32) {
			if at == len(r.Edges) {
				t.Fatalf("edge %d %d is too many", i, to)
			}
			want := r.Edges[at]
			if i != int(want[0]) || to != int(want[1]) || math.Abs(float64(weight)-want[2]) > 2e-4 {
				t.Fatalf("edge %d %d: %v, want %v", i, to, weight, want)
			}
			at++
		})
	}
	if at != len(r.Edges) {
		t.Errorf("%d edges, want %d", at, len(r.Edges))
	}
}

func TestCurveIsUMAPs(t *testing.T) {
	t.Parallel()
	for _, c := range read(t).Curves {
		if a, b := Curve(c[0], c[1]); math.Abs(a-c[2]) > 1e-4 || math.Abs(b-c[3]) > 1e-4 {
			t.Errorf("Curve(%v, %v) = %v, %v, want %v, %v", c[0], c[1], a, b, c[2], c[3])
		}
	}
}

func TestForceIsThatOfTheCurve(t *testing.T) {
	t.Parallel()
	f := newForce(Options{}.filled(1))
	a, b := Curve(0.1, 1)
	for _, d := range []float64{1e-3, 0.03, 0.5, 1, 2.7, 40, 900} {
		d2 := d * d
		pull := -2 * a * b * math.Pow(d2, b-1) / (1 + a*math.Pow(d2, b))
		push := 2 * b / ((0.001 + d2) * (1 + a*math.Pow(d2, b)))
		if got := at(f.pulls, float32(d2)); math.Abs(float64(got)/pull-1) > 1e-3 {
			t.Errorf("pull at %v: %v, want %v", d, got, pull)
		}
		if got := at(f.pushes, float32(d2)); math.Abs(float64(got)/push-1) > 1e-3 {
			t.Errorf("push at %v: %v, want %v", d, got, push)
		}
	}
}

func TestTrustworthinessIsScikitLearns(t *testing.T) {
	t.Parallel()
	r := read(t)
	// Items 4 and 5 are one, and scikit-learn leaves the order of equals open.
	r.Rows, r.Points = slices.Delete(r.Rows, 5, 6), slices.Delete(r.Points, 5, 6)
	points := make([]Point, len(r.Points))
	for i, p := range r.Points {
		points[i] = p
	}
	score := func(i int, out []float32) {
		for j := range out {
			d := 0.0
			for c := range r.Rows[i] {
				e := r.Rows[i][c] - r.Rows[j][c]
				d += e * e
			}
			out[j] = float32(-d)
		}
	}
	for k, want := range r.Trustworthiness {
		n, _ := strconv.Atoi(k)
		got, err := trustworthiness(points, n, 2, score)
		if err != nil || math.Abs(got-want) > 1e-9 {
			t.Errorf("k %s: %v, %v, want %v", k, got, err, want)
		}
	}
	if _, err := trustworthiness(points, 30, 1, score); err == nil {
		t.Error("30 neighbours of 59 have no trustworthiness, yet there was no error")
	}
}

func TestClustersAreScikitLearns(t *testing.T) {
	t.Parallel()
	r := read(t)
	points := make([]Point, len(r.Points))
	for i, p := range r.Points {
		points[i] = p
	}
	for least, want := range r.Clusters {
		n, _ := strconv.Atoi(least)
		got, err := clusters(t.Context(), points, n, len(points), 2)
		if err != nil {
			t.Fatal(err)
		}
		// The same groups, whatever their numbers.
		to := map[int]int{-1: -1}
		back := map[int]int{-1: -1}
		for i := range got {
			g, seen := to[got[i]]
			w, known := back[want[i]]
			if seen && g != want[i] || known && w != got[i] {
				t.Fatalf("least %s: %v, want %v", least, got, want)
			}
			to[got[i]], back[want[i]] = want[i], got[i]
		}
	}
}

// blobs are points on the circle in three groups.
func blobs(n int) vector.Matrix {
	m := vector.Matrix{Dim: 8, Parts: [][]float32{nil}}
	random := stream(3)
	for i := range n {
		row := make([]float32, 8)
		row[i%3] = 1
		for d := range row {
			row[d] += 0.3 * (random.unit() - 0.5)
		}
		vector.Normalize(row)
		m.Parts[0] = append(m.Parts[0], row...)
	}
	return m
}

func lay(t *testing.T, m vector.Matrix, k int, o Options) []Point {
	t.Helper()
	near := neighborsOf(t, m, k)
	g := NewGraph(near)
	points, err := Start(t.Context(), g, m.Dim, m.Row, o)
	if err != nil {
		t.Fatal(err)
	}
	points, err = Lay(t.Context(), g, points, o)
	if err != nil {
		t.Fatal(err)
	}
	return points
}

func neighborsOf(t *testing.T, m vector.Matrix, k int) [][]Neighbor {
	t.Helper()
	near := make([][]Neighbor, m.Rows())
	err := vector.Neighbors(t.Context(), m, vector.Options{K: k}, func(row int, hits []vector.Hit) {
		for _, h := range hits {
			near[row] = append(near[row], Neighbor{h.Row, max(0, 1-h.Score)})
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return near
}

func TestLayoutDependsOnTheSeedAlone(t *testing.T) {
	t.Parallel()
	// Enough that a block is shared among threads.
	m := blobs(blocks * (minParallel + 10))
	one := lay(t, m, 6, Options{Seed: 1, Epochs: 3, Threads: 1})
	if many := lay(t, m, 6, Options{Seed: 1, Epochs: 3, Threads: 7}); !reflect.DeepEqual(one, many) {
		t.Error("seven threads make another layout than one")
	}
	if other := lay(t, m, 6, Options{Seed: 2, Epochs: 3}); reflect.DeepEqual(one, other) {
		t.Error("another seed makes the same layout")
	}
}

func TestPartsOfAGraphStayApartAndNear(t *testing.T) {
	t.Parallel()
	m := blobs(90) // with 5 neighbours, three parts
	points := lay(t, m, 5, Options{})
	labels, err := Clusters(t.Context(), points, 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range labels {
		if l != labels[i%3] || l < 0 {
			t.Fatalf("item %d of group %d is in cluster %d: %v", i, i%3, l, labels)
		}
	}
	for _, p := range points {
		if math.Abs(float64(p[0])) > 60 || math.Abs(float64(p[1])) > 60 {
			t.Fatalf("%v flew away", p)
		}
	}
}

func TestFewAndEqualItems(t *testing.T) {
	t.Parallel()
	for n := range 5 {
		for _, equal := range []bool{false, true} {
			t.Run(fmt.Sprint(n, equal), func(t *testing.T) {
				m := blobs(n)
				if equal {
					for i := range m.Parts[0] {
						m.Parts[0][i] = m.Parts[0][i%8]
					}
				}
				points := lay(t, m, 14, Options{Threads: 2})
				if len(points) != n {
					t.Fatalf("%d points of %d", len(points), n)
				}
				for _, p := range points {
					if math.IsNaN(float64(p[0]+p[1])) || math.IsInf(float64(p[0]+p[1]), 0) {
						t.Error(points)
					}
				}
				labels, err := Clusters(t.Context(), points, 5, 2)
				if err != nil || len(labels) != n {
					t.Error(labels, err)
				}
			})
		}
	}
}

func TestClustersOfOnePlace(t *testing.T) {
	t.Parallel()
	labels, err := Clusters(t.Context(), make([]Point, 40), 5, 2)
	if err != nil || len(labels) != 40 {
		t.Error(labels, err)
	}
	// More than are compared each with each, in far groups that a link must join.
	var points []Point
	random := stream(1)
	for i := range 3000 {
		points = append(points, Point{100*float32(i%3) + random.unit(), random.unit()})
	}
	labels, err = Clusters(t.Context(), points, 20, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range labels {
		if l >= 0 && l != labels[i%3] && labels[i%3] >= 0 {
			t.Fatalf("point %d of group %d is in cluster %d, not %d", i, i%3, l, labels[i%3])
		}
	}
}

func TestPlacedItemsLandAmongTheirOwn(t *testing.T) {
	t.Parallel()
	m := blobs(120)
	old := vector.Matrix{Dim: 8, Parts: [][]float32{m.Parts[0][:90*8]}}
	points := lay(t, old, 8, Options{})
	before := append([]Point(nil), points...)
	near := make([][]Neighbor, 30)
	for i := range near {
		hits, err := vector.Search(t.Context(), old, m.Row(90+i), vector.Options{K: 8})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range hits {
			near[i] = append(near[i], Neighbor{h.Row, max(0, 1-h.Score)})
		}
	}
	near = append(near, nil) // one that is like nothing
	placed, err := Place(t.Context(), points, [][][]Neighbor{near}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(points, before) {
		t.Error("old items moved")
	}
	if placed[30] != middle(points) {
		t.Errorf("what is like nothing lies at %v, not in the middle, %v", placed[30], middle(points))
	}
	for i, p := range placed[:30] {
		best := 0
		for j := range points {
			if apart(p, points[j]) < apart(p, points[best]) {
				best = j
			}
		}
		if best%3 != i%3 {
			t.Errorf("item %d of group %d lies by one of group %d", i, i%3, best%3)
		}
	}
}

func TestMeanOfGraphs(t *testing.T) {
	t.Parallel()
	// a knows 0-1 and 1-2; b has not seen item 2.
	a := &Graph{start: []int{0, 1, 3, 4}, to: []int32{1, 0, 2, 1}, weight: []float32{0.5, 0.5, 0.8, 0.8}}
	b := &Graph{start: []int{0, 1, 2, 2}, to: []int32{1, 0}, weight: []float32{1, 1}}
	m := Mean([]*Graph{a, b})
	want := &Graph{start: []int{0, 1, 3, 4}, to: []int32{1, 0, 2, 1}, weight: []float32{0.75, 0.75, 0.8, 0.8}}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("%+v, want %+v", m, want)
	}
}

func TestStoppedLayout(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	g := NewGraph(read(t).near())
	o := Options{Progress: func(done, _ int) {
		if done == 2 {
			stop()
		}
	}}
	if _, err := Lay(ctx, g, make([]Point, 60), o); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// What umap-learn 0.5.12 reaches on these embeddings (median of three seeds, cosine
// distances of unit vectors, 15 neighbours): see scripts/bench-map.
func TestFlagsAreLaidOutAsUMAPDoes(t *testing.T) {
	t.Parallel()
	dir := golden.Flags(t)
	for file, want := range map[string]float64{"DINO-v2": 0.8993, "clip": 0.8651, "efficientnet": 0.8227, "vgg16": 0.8287, "vit": 0.8416, "blip": 0.8649} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			f, err := os.Open(filepath.Join(dir, "embeddings", "national_flag_embeddings_"+file+".csv"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			csv, err := vector.ReadCSV(f, nil)
			if err != nil {
				t.Fatal(err)
			}
			m := csv.Rows
			for i := range m.Rows() {
				vector.Normalize(m.Row(i))
			}
			points := lay(t, m, 14, Options{})
			got, err := trustworthiness(points, 15, 2, func(i int, out []float32) {
				for j := range out {
					out[j] = vector.Dot(m.Row(i), m.Row(j))
				}
			})
			if err != nil || got < want-0.02 {
				t.Errorf("trustworthiness %.4f, umap-learn has %.4f (%v)", got, want, err)
			}
		})
	}
}

func BenchmarkLay100k(b *testing.B) {
	near := make([][]Neighbor, 100_000)
	random := stream(1)
	for i := range near {
		for j := range 14 {
			near[i] = append(near[i], Neighbor{(i + 1 + int(random.next()%50)*51 + j) % len(near), 0.1 + 0.01*float32(j)})
		}
	}
	g := NewGraph(near)
	for b.Loop() {
		if _, err := Lay(b.Context(), g, make([]Point, len(near)), Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
