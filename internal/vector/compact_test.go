package vector

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/akin-search/akin/internal/crc32c"
)

// clustered makes unit rows of low intrinsic dimension, 250 a cluster.
func clustered(r *rand.Rand, n, dim int) []float32 {
	const inner = 24
	mix := isotropic(r, inner, dim)
	centres := make([][inner]float32, max(1, n/250))
	for i := range centres {
		for j := range centres[i] {
			centres[i][j] = float32(r.NormFloat64())
		}
	}
	out := make([]float32, n*dim)
	for i := range n {
		row := out[i*dim : (i+1)*dim]
		for j, c := range centres[r.IntN(len(centres))] {
			x := c + 0.3*float32(r.NormFloat64())
			for k, m := range mix[j*dim : (j+1)*dim] {
				row[k] += x * m
			}
		}
		for k := range row {
			row[k] += 0.3 * float32(r.NormFloat64()/math.Sqrt(float64(dim)))
		}
		Normalize(row)
	}
	return out
}

// isotropic makes unit rows in all directions.
func isotropic(r *rand.Rand, n, dim int) []float32 {
	out := make([]float32, n*dim)
	for i := range out {
		out[i] = float32(r.NormFloat64())
	}
	for i := range n {
		Normalize(out[i*dim : (i+1)*dim])
	}
	return out
}

// ugly makes rows that bounds may stumble over.
func ugly(r *rand.Rand, n, dim int) []float32 {
	out := isotropic(r, n, dim)
	for i := range n {
		row := out[i*dim : (i+1)*dim]
		switch r.IntN(12) {
		case 0: // a duplicate
			copy(row, out[r.IntN(i+1)*dim:][:dim])
		case 1, 2: // a near tie of the last bits
			copy(row, out[r.IntN(i+1)*dim:][:dim])
			j := r.IntN(dim)
			row[j] = math.Nextafter32(row[j], 2)
		case 3:
			clear(row)
		case 4:
			clear(row)
			row[r.IntN(dim)] = 1
		case 5:
			for j := range row {
				row[j] = math.SmallestNonzeroFloat32 * float32(r.IntN(9))
			}
		case 6:
			for j := range row {
				row[j] *= 1e3
			}
		case 7:
			row[r.IntN(dim)] = []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), math.MaxFloat32}[r.IntN(4)]
		case 8:
			for j := range row {
				row[j] = -row[j]
			}
		}
	}
	return out
}

// same compares hits with those of the plain scan.
func same(t *testing.T, m Matrix, q []float32, o Options) {
	t.Helper()
	plain := m
	plain.Compact = nil
	want, err := Search(t.Context(), plain, q, o)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Search(t.Context(), m, q, o)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%d rows of %d, %+v:\n%v\nthe plain scan gives\n%v", m.Rows(), m.Dim, o, got, want)
	}
	other := slices.Clone(q) // a batch is of more than one
	slices.Reverse(other)
	if all, err := SearchBatch(t.Context(), m, Matrix{Dim: m.Dim, Parts: [][]float32{other, q}}, o); err != nil || !slices.Equal(all[1], want) {
		t.Fatalf("%d rows of %d, %+v: a batch gives\n%v\nthe plain scan\n%v (%v)", m.Rows(), m.Dim, o, all, want, err)
	}
}

func TestSearchWithCompactCopiesIsThePlainScan(t *testing.T) {
	t.Parallel()
	cases := 10_000
	if testing.Short() {
		cases = 1000
	}
	for kind, rows := range map[string]func(*rand.Rand, int, int) []float32{"clustered": clustered, "isotropic": isotropic, "ugly": ugly} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(13, 14))
			for done := 0; done < cases/3; {
				dim := []int{1, 3, 16, 63, 64, 65, 100, 200}[r.IntN(8)]
				m := Matrix{Dim: dim}
				for range 1 + r.IntN(3) {
					n := []int{0, 1, 15, 16, 17, 500, 1500}[r.IntN(7)]
					part := rows(r, n, dim)
					var c *Compact
					if r.IntN(5) > 0 {
						var err error
						covered := n - min(n, r.IntN(40)) // the last rows came later
						if c, err = Build(t.Context(), part[:covered*dim], dim, BuildOptions{Like: first(m.Compact)}); err != nil {
							t.Fatal(err)
						}
					}
					m.Parts, m.Compact = append(m.Parts, part), append(m.Compact, c)
				}
				n := m.Rows()
				for range 40 {
					o := Options{K: []int{0, 1, 2, 10, 100, 5000}[r.IntN(6)], Threads: 1 + r.IntN(3)}
					if r.IntN(3) == 0 {
						o.MinScore, o.HasMin = float32(r.Float64()*1.2-0.1), true
					}
					if r.IntN(3) == 0 {
						share := r.Float64() + 0.1 // of less, few are left
						o.Keep = make([]uint64, (n+63)/64)
						for i := range n {
							if r.Float64() < share*share {
								o.Keep[i/64] |= 1 << (i % 64)
							}
						}
					}
					if r.IntN(2) == 0 {
						o.Tie = make([]int32, n)
						for i := range o.Tie {
							o.Tie[i] = int32(r.IntN(3))
						}
					}
					q := rows(r, 1, dim)
					if n > 0 && r.IntN(2) == 0 {
						q = m.Row(r.IntN(n))
					}
					same(t, m, q, o)
					done++
				}
			}
		})
	}
}

func first(all []*Compact) *Compact {
	for _, c := range all {
		if c != nil {
			return c
		}
	}
	return nil
}

// Rows in all directions, more of them than coordinates are tried on: queries go over
// them together.
func TestBatchesAreAsManySearches(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(25, 26))
	for kind, make := range map[string]func(*rand.Rand, int, int) []float32{"clustered": clustered, "isotropic": isotropic, "ugly": ugly} {
		const n, dim = 7000, 150
		m := Matrix{Dim: dim, Parts: [][]float32{make(r, n, dim), make(r, 300, dim), make(r, n, dim)}}
		for i, p := range m.Parts {
			if i != 1 {
				c, err := Build(t.Context(), p[:len(p)-dim], dim, BuildOptions{})
				if err != nil {
					t.Fatal(err)
				}
				m.Compact = append(m.Compact, c)
			} else {
				m.Compact = append(m.Compact, nil)
			}
		}
		for _, count := range []int{0, 1, 3, 4, 30} {
			for _, o := range []Options{{K: 10}, {K: 100, Threads: 1}, {K: 5, MinScore: 0.2, HasMin: true}, {K: 5000}, {}} {
				qs := make(r, count, dim)
				got, err := SearchBatch(t.Context(), m, Matrix{Dim: dim, Parts: [][]float32{qs}}, o)
				if err != nil || len(got) != count {
					t.Fatal(kind, len(got), err)
				}
				for i := range count {
					plain := Matrix{Dim: dim, Parts: m.Parts}
					want, err := Search(t.Context(), plain, qs[i*dim:(i+1)*dim], o)
					if err != nil || !slices.Equal(got[i], want) {
						t.Fatalf("%s, query %d of %d: %v, want %v (%v)", kind, i, count, got[i], want, err)
					}
					same(t, m, qs[i*dim:(i+1)*dim], o)
				}
			}
		}
	}
}

// Rows that lie in a line toward the query, the best last: no order of lists helps.
func TestManyRowsWithinRoundingOfEachOther(t *testing.T) {
	t.Parallel()
	const n, dim = 3000, 96
	r := rand.New(rand.NewPCG(15, 16))
	q := isotropic(r, 1, dim)
	rows := make([]float32, n*dim)
	for i := range n {
		copy(rows[i*dim:], q)
		rows[i*dim+i%dim] += float32(i) * 1e-9
	}
	c, err := Build(t.Context(), rows, dim, BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []int{1, 7, 1000} {
		same(t, Matrix{Dim: dim, Parts: [][]float32{rows}, Compact: []*Compact{c}}, q, Options{K: k})
	}
}

// kin makes families of eight, which lie as clustered rows do, but for a direction of all that
// is a family's own: as in pictures of one thing.
func kin(r *rand.Rand, n, dim int) []float32 {
	families := (n + 7) / 8
	rows := clustered(r, n, dim)
	add := func(row []float32, length float64) {
		for j := range row {
			row[j] += float32(length * r.NormFloat64() / math.Sqrt(float64(dim)))
		}
		Normalize(row)
	}
	for i := range n {
		row := rows[i*dim : (i+1)*dim]
		if i < families {
			add(row, 0.7)
			continue
		}
		copy(row, rows[i%families*dim:][:dim])
		add(row, 0.4)
	}
	return rows
}

// written gives a copy's file, aligned as a mapped one.
func written(t testing.TB, c *Compact) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := c.Write(&b); err != nil {
		t.Fatal(err)
	}
	return aligned(b.Bytes())
}

func aligned(b []byte) []byte {
	room := make([]byte, len(b)+alignment)
	at := -int(uintptr(unsafe.Pointer(&room[0]))) & (alignment - 1)
	copy(room[at:], b)
	return room[at : at+len(b) : at+len(b)]
}

func TestCompactFilesComeBack(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(17, 18))
	for kind, make := range map[string]func(*rand.Rand, int, int) []float32{"clustered": clustered, "ugly": ugly} {
		const n, dim = 2000, 100
		rows := make(r, n, dim)
		c, err := Build(t.Context(), rows, dim, BuildOptions{})
		if err != nil {
			t.Fatal(err)
		}
		file := written(t, c)
		if again := written(t, c); !bytes.Equal(file, again) {
			t.Fatalf("%s: two files of one copy differ", kind)
		}
		opened, err := OpenCompact(file, n, dim)
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckCompact(file); err != nil {
			t.Error(err)
		}
		if opened.recalls != c.recalls || opened.Outdated() {
			t.Errorf("%s: recalls %v, want %v", kind, opened.recalls, c.recalls)
		}
		for range 50 {
			same(t, Matrix{Dim: dim, Parts: [][]float32{rows}, Compact: []*Compact{opened}}, make(r, 1, dim), Options{K: 20})
		}
	}
}

// old makes a file of the format before this one.
func old(t testing.TB, file []byte) []byte {
	t.Helper()
	b := aligned(append(bytes.Clone(file[:oldCompactHeader]), file[compactHeader:]...))
	copy(b, oldCompactMagic)
	for i := range 16 { // recalls, as if nothing was ever missed
		binary.LittleEndian.PutUint32(b[56+4*i:], math.Float32bits(1))
	}
	copy(b[120:], file[compactHeader-8:compactHeader-4])
	sum, end := crc32c.Sum(b[:124]), oldCompactHeader
	c, err := OpenCompact(file, math.MaxInt, int(binary.LittleEndian.Uint32(file[12:])))
	if err != nil {
		t.Fatal(err)
	}
	c.sections(len(c.lists), len(c.row), len(c.outliers), func(s section) {
		if s.head {
			sum = crc32c.Update(sum, b[end:end+s.bytes])
		}
		end += (s.bytes + alignment - 1) / alignment * alignment
	})
	binary.LittleEndian.PutUint32(b[124:], sum)
	return b
}

func TestCompactFilesOfTheFormatBeforeAnswerExactly(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(31, 32))
	const n, dim = 2000, 100
	rows := clustered(r, n, dim)
	c, err := Build(t.Context(), rows, dim, BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	file := old(t, written(t, c))
	if err := CheckCompact(file); err != nil {
		t.Error(err)
	}
	opened, err := OpenCompact(file, n, dim)
	if err != nil {
		t.Fatal(err)
	}
	if !opened.Outdated() {
		t.Error("it passes for a new one")
	}
	m := Matrix{Dim: dim, Parts: [][]float32{rows}, Compact: []*Compact{opened}}
	if scale := m.scaleFor(0.5, 10, false); scale != exactBounds {
		t.Errorf("its recalls are read: %v", scale)
	}
	for range 50 {
		same(t, m, clustered(r, 1, dim), Options{K: 20})
	}
	file[len(file)-1] ^= 1
	if CheckCompact(file) == nil {
		t.Error("damage is not seen")
	}
}

func TestDamagedCompactFilesAreRefused(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(19, 20))
	const n, dim = 600, 70
	rows := clustered(r, n, dim)
	c, err := Build(t.Context(), rows, dim, BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	file := written(t, c)
	for name, damage := range map[string]func(b []byte) []byte{
		"empty":         func(b []byte) []byte { return b[:0] },
		"cut":           func(b []byte) []byte { return b[:len(b)-1] },
		"longer":        func(b []byte) []byte { return append(b, 0) },
		"only a header": func(b []byte) []byte { return b[:compactHeader] },
		"another magic": func(b []byte) []byte { b[0]++; return b },
		"more rows":     func(b []byte) []byte { b[8]++; return b },
		"huge":          func(b []byte) []byte { copy(b[8:], bytes.Repeat([]byte{0xff}, 24)); return b },
		"a middle":      func(b []byte) []byte { b[compactHeader+5] ^= 1; return b },
	} {
		if _, err := OpenCompact(aligned(damage(bytes.Clone(file))), n, dim); !errors.Is(err, ErrCompact) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := OpenCompact(file, n-1, dim); !errors.Is(err, ErrCompact) {
		t.Errorf("of more rows than there are: %v", err)
	}
	if _, err := OpenCompact(file, n, dim+1); !errors.Is(err, ErrCompact) {
		t.Errorf("of another length: %v", err)
	}
	// What only Check sees may lose hits, and nothing more.
	for range 300 {
		b := aligned(file)
		for range 1 + r.IntN(200) {
			b[len(b)-1-r.IntN(len(b)/2)] ^= byte(1 + r.IntN(255))
		}
		if CheckCompact(b) == nil {
			t.Fatal("damage is not seen")
		}
		if c, err := OpenCompact(b, n, dim); err == nil {
			m := Matrix{Dim: dim, Parts: [][]float32{rows}, Compact: []*Compact{c}}
			if _, err := Search(t.Context(), m, rows[:dim], Options{K: 10}); err != nil {
				t.Error(err)
			}
		}
	}
}

func FuzzOpenCompact(f *testing.F) {
	r := rand.New(rand.NewPCG(21, 22))
	const n, dim = 40, 3
	rows := clustered(r, n, dim)
	c, err := Build(f.Context(), rows, dim, BuildOptions{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(written(f, c))
	f.Add(old(f, written(f, c)))
	f.Add(written(f, linked(f, rows, dim, nil)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 {
			return
		}
		c, err := OpenCompact(aligned(data), n, dim)
		if err != nil {
			return
		}
		m := Matrix{Dim: dim, Parts: [][]float32{rows}, Compact: []*Compact{c}}
		for _, o := range []Options{{K: 10}, {K: 10, Recall: 0.5}, {K: 10, extra: 20}} {
			if _, err := Search(t.Context(), m, rows[:dim], o); err != nil {
				t.Error(err)
			}
		}
	})
}

func BenchmarkBuild(b *testing.B) {
	const n, dim = 50_000, 768
	rows := clustered(rand.New(rand.NewPCG(1, 2)), n, dim)
	for b.Loop() {
		if _, err := Build(b.Context(), rows, dim, BuildOptions{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// A query at a time, one thread, 100 000 rows of 768.
func BenchmarkCompact(b *testing.B) {
	const n, dim, queries = 100_000, 768, 64
	for name, make := range map[string]func(*rand.Rand, int, int) []float32{"clustered": clustered, "isotropic": isotropic, "kin": kin} {
		rows := make(rand.New(rand.NewPCG(1, 2)), n+queries, dim)
		c, err := Build(b.Context(), rows[:n*dim], dim, BuildOptions{})
		if err != nil {
			b.Fatal(err)
		}
		m := Matrix{Dim: dim, Parts: [][]float32{rows[:n*dim]}, Compact: []*Compact{c}}
		for _, recall := range []float64{1, 0.99} {
			b.Run(fmt.Sprintf("%s/%v", name, recall), func(b *testing.B) {
				i := 0
				for b.Loop() {
					q := rows[(n+i)*dim : (n+i+1)*dim]
					if _, err := Search(b.Context(), m, q, Options{K: 10, Threads: 1, Recall: recall}); err != nil {
						b.Fatal(err)
					}
					i = (i + 1) % queries
				}
			})
		}
	}
}

// Many queries at once, 100 000 rows of 768.
func BenchmarkCompactBatch(b *testing.B) {
	const n, dim, queries = 100_000, 768, 1000
	for name, make := range map[string]func(*rand.Rand, int, int) []float32{"clustered": clustered, "isotropic": isotropic} {
		rows := make(rand.New(rand.NewPCG(1, 2)), n+queries, dim)
		c, err := Build(b.Context(), rows[:n*dim], dim, BuildOptions{})
		if err != nil {
			b.Fatal(err)
		}
		m := Matrix{Dim: dim, Parts: [][]float32{rows[:n*dim]}, Compact: []*Compact{c}}
		qs := Matrix{Dim: dim, Parts: [][]float32{rows[n*dim:]}}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := SearchBatch(b.Context(), m, qs, Options{K: 10}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(b.N)/queries, "µs/query")
		})
	}
}

func TestNeighborsAreEachRowsOwnSearch(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(29, 30))
	const dim, k = 40, 5
	m := Matrix{Dim: dim, Parts: [][]float32{clustered(r, 9000, dim), clustered(r, 200, dim)}}
	copy(m.Parts[1][:dim], m.Parts[0][:dim]) // a duplicate is a neighbour
	c, err := Build(t.Context(), m.Parts[0], dim, BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	plain := m
	m.Compact = []*Compact{c}
	o := Options{K: k, Keep: make([]uint64, 9200/64+1)}
	for i := range 9200 {
		if i%3 != 1 {
			o.Keep[i/64] |= 1 << (i % 64)
		}
	}
	next := 0
	err = Neighbors(t.Context(), m, o, func(row int, hits []Hit) {
		if row != next {
			t.Fatalf("row %d, not %d", row, next)
		}
		if next++; next%3 == 1 {
			next++
		}
		if row%10 != 0 {
			return
		}
		with := o
		with.K++
		want, err := Search(t.Context(), plain, m.Row(row), with)
		if err != nil {
			t.Fatal(err)
		}
		want = slices.DeleteFunc(want, func(h Hit) bool { return h.Row == row })
		if !slices.Equal(hits, want[:k]) {
			t.Fatalf("row %d: %v, want %v", row, hits, want)
		}
	})
	if err != nil || next != 9200 {
		t.Errorf("%d rows, %v", next, err)
	}
}
