package features

import (
	"crypto/sha256"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/insight/keypoint"
	"github.com/akin-search/akin/internal/record"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// made are features of no picture, from a seed.
func made(seed uint64, n int) *Features {
	r := rand.New(rand.NewPCG(seed, 7))
	f := &Features{}
	f.Width, f.Height = 800, 600
	for range n {
		f.Codes = append(f.Codes, keypoint.Code{r.Uint64(), r.Uint64()})
		f.Points = append(f.Points, keypoint.Point{
			X: 800 * r.Float32(), Y: 600 * r.Float32(), Scale: float32(math.Exp2(r.Float64()*6 - 1)), Angle: float32((r.Float64() - 0.5) * 6.28),
		})
	}
	return f
}

// seen are the features of a crop of what f is of: each turned by a right angle, scaled by size, and with some bits of its code changed.
func seen(f *Features, seed uint64, size float64, changed int) *Features {
	r := rand.New(rand.NewPCG(seed, 8))
	out := &Features{}
	out.Width, out.Height = int(600*size), int(800*size)
	for i, p := range f.Points {
		code := f.Codes[i]
		for range changed {
			b := r.IntN(128)
			code[b/64] ^= 1 << (b % 64)
		}
		angle := float64(p.Angle) + math.Pi/2
		if angle > math.Pi {
			angle -= 2 * math.Pi
		}
		out.Codes = append(out.Codes, code)
		out.Points = append(out.Points, keypoint.Point{
			X: float32(size * float64(600-p.Y)), Y: float32(size * float64(p.X)), Scale: float32(size) * p.Scale, Angle: float32(angle),
		})
	}
	return out
}

func hash(i int) record.Hash { return sha256.Sum256([]byte{byte(i), byte(i >> 8)}) }

func all(record.Hash) bool { return true }

// write adds made features under the numbers from first on.
func write(t *testing.T, dir string, first, n int) {
	t.Helper()
	w, err := OpenWriter(dir, all)
	must(t, err)
	for i := first; i < first+n; i++ {
		if !w.Has(hash(i)) {
			must(t, w.Put(hash(i), made(uint64(i), Most)))
		}
	}
	must(t, w.Close())
}

func hashes(n int) (out []record.Hash) {
	for i := range n {
		out = append(out, hash(i))
	}
	return out
}

func TestPlacesKeepTheirAccuracy(t *testing.T) {
	t.Parallel()
	f := made(1, 300)
	for _, p := range f.Points {
		q := f.place(f.appendPlace(nil, p))
		turned := math.Abs(math.Remainder(float64(p.Angle-q.Angle), 2*math.Pi))
		if math.Abs(float64(p.X-q.X)) > 0.01 || math.Abs(float64(p.Y-q.Y)) > 0.01 || math.Abs(math.Log2(float64(p.Scale/q.Scale))) > 0.026 || turned > 0.0124 {
			t.Fatalf("%+v became %+v", p, q)
		}
	}
}

// The picture that a turned and smaller one is of is found among others, however few of its codes are in view.
func TestSearchFindsWhatAPartIsOf(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, 0, 200)
	x := Open(dir)
	defer x.Close()
	for _, i := range []int{0, 77, 199} {
		q := seen(made(uint64(i), Most), 9, 0.4, 12)
		q.Codes, q.Points = q.Codes[100:130], q.Points[100:130]
		got, err := x.Search(q, hashes(200))
		must(t, err)
		if len(got) != 1 || got[0].Content != i || got[0].Log10 > -20 {
			t.Errorf("a part of %d: %v", i, got)
		}
		// Of those that are asked about alone.
		if got, err := x.Search(q, hashes(i)); err != nil || len(got) > 0 {
			t.Errorf("without %d: %v, %v", i, got, err)
		}
		if got, err := x.Like(hash(i), []record.Hash{hash(1), hash(i), hash(500)}); err != nil || len(got) != 1 || got[0].Content != 1 {
			t.Errorf("like %d: %v, %v", i, got, err)
		}
	}
	if got, err := x.Search(made(1000, Most), hashes(200)); err != nil || len(got) > 0 {
		t.Errorf("a part of none: %v, %v", got, err)
	}
	if got, err := x.Search(&Features{}, hashes(200)); err != nil || len(got) > 0 {
		t.Errorf("a picture without keypoints: %v, %v", got, err)
	}
	if got, err := x.Like(hash(999), hashes(200)); err != nil || len(got) > 0 {
		t.Errorf("like one that is not there: %v, %v", got, err)
	}
}

// The nearest code of each is the one that comparing all of them gives.
func TestPairsAreTheNearest(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 7, 8, 9, 319, Most} {
		f := made(3, n)
		q := seen(f, 5, 1, 25)
		data := appendRecord(fileHead(), hash(1), f)
		entries, whole := entries(data)
		if len(entries) != 1 || !whole {
			t.Fatalf("%d codes: %v", n, entries)
		}
		v := newVoter(q)
		got := map[int][2]int{}
		v.pairs(entries[0], data, func(i, j, distance int) { got[i] = [2]int{j, distance} })
		for i, c := range q.Codes {
			best, at := 129, 0
			for j, o := range f.Codes {
				if d := c.Distance(o); d < best {
					best, at = d, j
				}
			}
			want, ok := got[i]
			if ok != (best <= nearBits) || ok && want != [2]int{at, best} {
				t.Fatalf("of %d codes, code %d: %v, want %d at %d", n, i, want, best, at)
			}
		}
	}
}

func TestReadersSeeWhatIsAdded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	x := Open(dir)
	defer x.Close()
	count := func(want int) {
		t.Helper()
		n, err := x.Len()
		must(t, err)
		missing, err := x.Missing(hashes(100))
		must(t, err)
		if n != want || len(missing) != 100-want {
			t.Errorf("%d pictures and %d missing, want %d", n, len(missing), want)
		}
	}
	count(0)
	if problems, err := x.Verify(); err != nil || len(problems) > 0 {
		t.Errorf("none yet: %v, %v", problems, err)
	}
	must(t, x.Close())
	write(t, dir, 0, 40)
	count(40)
	write(t, dir, 30, 30)
	count(60)
	must(t, x.Close())
	count(60)
}

func TestOneProcessWrites(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w, err := OpenWriter(dir, all)
	must(t, err)
	if _, err := OpenWriter(dir, all); !errors.Is(err, record.ErrLocked) {
		t.Errorf("a second writer: %v", err)
	}
	must(t, w.Close())
	write(t, dir, 0, 1)
}

// What a killed process leaves, or a bad disk, costs the records that it hit and no other.
func TestDamageCostsWhatItHits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, 0, 5)
	path := filepath.Join(dir, FileName)
	sound, err := os.ReadFile(path)
	must(t, err)
	size := (len(sound) - headBytes) / 5
	if size != headBytes+7040 {
		t.Fatalf("a record has %d bytes", size)
	}
	check := func(why string, want int) {
		t.Helper()
		w, err := OpenWriter(dir, all)
		must(t, err)
		has := 0
		for _, h := range hashes(5) {
			if w.Has(h) {
				has++
			}
		}
		must(t, w.Close())
		write(t, dir, 0, 5)
		x := Open(dir)
		defer x.Close()
		problems, err := x.Verify()
		missing, _ := x.Missing(hashes(5))
		if has != want || err != nil || len(problems)+len(missing) > 0 {
			t.Errorf("%s: %d records are left, want %d; then %v, %v, %v", why, has, want, problems, missing, err)
		}
	}
	for cut := 0; cut < size; cut += 64 {
		must(t, os.WriteFile(path, sound[:len(sound)-cut], 0o666))
		check("cut", map[bool]int{true: 5, false: 4}[cut == 0])
	}
	must(t, os.WriteFile(path, sound[:30], 0o666))
	check("a head that is cut", 0)
	must(t, os.WriteFile(path, append([]byte("akinfeat\x02"), sound[9:]...), 0o666))
	check("another format", 0)
	for _, at := range []int{headBytes, headBytes + 5, headBytes + 50, 2*headBytes + 9, headBytes + size - 1, headBytes + 2*size + 3, len(sound) - 1} {
		damaged := slices.Clone(sound)
		damaged[at] ^= 0x10
		must(t, os.WriteFile(path, damaged, 0o666))
		x := Open(dir)
		if problems, err := x.Verify(); err != nil || len(problems) != 1 {
			t.Errorf("byte %d: %v, %v", at, problems, err)
		}
		// A search passes over the damaged record.
		found := 0
		for i := range 5 {
			got, err := x.Search(seen(made(uint64(i), Most), 1, 1, 5), hashes(5))
			must(t, err)
			found += len(got)
		}
		must(t, x.Close())
		if at == len(sound)-1 {
			mended, err := Mend(dir)
			again, _ := Mend(dir)
			if !mended || again || err != nil {
				t.Errorf("mended: %v, then %v, %v", mended, again, err)
			}
		}
		if found != 4 {
			t.Errorf("byte %d: %d of the other four are found", at, found)
		}
		check("a byte", 4)
	}
}

// Records of contents that are gone are left, until they are many.
func TestRecordsOfWhatIsGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, 0, 200)
	size := func(keep int) int64 {
		t.Helper()
		of := map[record.Hash]bool{}
		for _, h := range hashes(keep) {
			of[h] = true
		}
		w, err := OpenWriter(dir, func(h record.Hash) bool { return of[h] })
		must(t, err)
		if w.Has(hash(keep)) || !w.Has(hash(keep-1)) {
			t.Errorf("of %d: the wrong ones", keep)
		}
		must(t, w.Close())
		info, err := os.Stat(filepath.Join(dir, FileName))
		must(t, err)
		return info.Size()
	}
	if a, b := size(110), size(90); a != 64+200*7104 || b != 64+90*7104 {
		t.Errorf("%d bytes, then %d", a, b)
	}
}

func FuzzEntries(f *testing.F) {
	data := appendRecord(fileHead(), hash(1), made(1, 9))
	f.Add(data)
	f.Add(data[:len(data)-1])
	f.Add(fileHead())
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, FileName), data, 0o666))
		x := Open(dir)
		defer x.Close()
		_, err := x.Search(made(1, 20), hashes(3))
		must(t, err)
		_, err = x.Verify()
		must(t, err)
		write(t, dir, 0, 2)
		if missing, err := x.Missing(hashes(2)); err != nil || len(missing) > 0 {
			t.Errorf("%v, %v", missing, err)
		}
	})
}
