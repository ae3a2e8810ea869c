package vector

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/akin-search/akin/internal/bounded"
	"github.com/akin-search/akin/internal/golden"
)

func flat(m Matrix) []float32 { return slices.Concat(m.Parts...) }

// The files were written by NumPy 2.4, but for those that had to be damaged.
func TestNPYFilesByNumPy(t *testing.T) {
	t.Parallel()
	want := []float32{1, -2, 0.5, 0x1p-24, -65504, 0.333251953125} // 2⁻²⁴ is the least float16
	files, err := filepath.Glob("testdata/npy/*.npy")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := ReadNPY(iotest.HalfReader(bytes.NewReader(data)), 0)
		if strings.HasPrefix(filepath.Base(file), "fail_") {
			if !errors.Is(err, ErrFile) {
				t.Errorf("%s: got %v, %v", file, m, err)
			} else {
				t.Logf("%s: %v", filepath.Base(file), err)
			}
			continue
		}
		if err != nil || m.Dim != 3 || !slices.Equal(flat(m), want) {
			t.Errorf("%s: got %v, %v", file, m, err)
		}
	}
}

func TestNPYHeaderThatLiesCostsLittleMemory(t *testing.T) {
	// Not parallel: it counts allocations.
	for _, shape := range [][]int{{1 << 40, 768}, {1 << 40, 1}, {1, 1 << 20}, {2, 1 << 20}} {
		for _, order := range []string{"False", "True"} {
			var b bytes.Buffer
			if err := WriteNPYHeader(&b, "<f8", shape...); err != nil {
				t.Fatal(err)
			}
			data := bytes.Replace(b.Bytes(), []byte("False"), []byte(order), 1)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := ReadNPY(bytes.NewReader(append(data, 1, 2, 3)), 0)
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; err == nil || took > 20<<20 {
				t.Errorf("%v: took %d bytes, %v", shape, took, err)
			}
		}
	}
}

func TestNPYLimitHoldsBeforeTheValuesAreRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, descr string
		limit      int64
		ok         bool
	}{
		{"just fits", "<f4", 10 * 3 * 4, true},
		{"a byte too much", "<f4", 10*3*4 - 1, false},
		{"float16 takes the double in memory", "<f2", 10*3*4 - 1, false},
		{"float64 takes the double in the file", "<f8", 10*3*8 - 1, false},
		{"no limit", "<f8", 0, true},
	} {
		var b bytes.Buffer
		if err := WriteNPYHeader(&b, c.descr, 10, 3); err != nil {
			t.Fatal(err)
		}
		b.Write(make([]byte, 10*3*8))
		m, err := ReadNPY(&b, c.limit)
		if (err == nil) != c.ok || c.ok && (m.Rows() != 10 || m.Dim != 3) {
			t.Errorf("%s: %v", c.why, err)
		}
	}
}

func TestNPYErrorsOfTheDiskAreKept(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteNPY(&b, Matrix{Dim: 2, Parts: [][]float32{{1, 2}}}); err != nil {
		t.Fatal(err)
	}
	for n := range b.Len() {
		_, err := ReadNPY(io.MultiReader(bytes.NewReader(b.Bytes()[:n]), iotest.ErrReader(os.ErrDeadlineExceeded)), 0)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("after %d bytes: %v", n, err)
		}
	}
}

func TestNPYReadsTheReferenceEmbeddings(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob(filepath.Join(golden.Dir(t), "models", "*", "embeddings.npy"))
	if len(files) == 0 {
		t.Skip("no reference embeddings")
	}
	for _, file := range files {
		want := golden.NPY(t, file)
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := ReadNPY(f, 1<<30)
		f.Close()
		if err != nil || m.Rows() != want.Shape[0] || m.Dim != want.Shape[1] || !slices.Equal(flat(m), want.Float32()) {
			t.Errorf("%s: (%d, %d), %v", file, m.Rows(), m.Dim, err)
		}
		numpys, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var ours bytes.Buffer
		if err := WriteNPY(&ours, m); err != nil || !bytes.Equal(ours.Bytes(), numpys) {
			t.Errorf("%s: written again it begins %.128q, %v; NumPy's %.128q", file, ours.Bytes(), err, numpys)
		}
	}
}

func TestNPYRoundTrip(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for _, shape := range [][2]int{{0, 4}, {1, 1}, {1, 7}, {3, 1}, {100, 33}, {70_000, 65}} {
		v := make([]float32, shape[0]*shape[1])
		for i := range v {
			v[i] = float32(r.NormFloat64())
		}
		at := shape[0] / 3 * shape[1]
		var b bytes.Buffer
		if err := WriteNPY(&b, Matrix{Dim: shape[1], Parts: [][]float32{v[:at], v[at:]}}); err != nil {
			t.Fatal(err)
		}
		m, err := ReadNPY(&b, int64(4*len(v)))
		if err != nil || m.Dim != shape[1] || m.Rows() != shape[0] || !slices.Equal(flat(m), v) || b.Len() > 0 {
			t.Errorf("%v: got (%d, %d), %v", shape, m.Rows(), m.Dim, err)
		}
	}
}

func FuzzReadNPY(f *testing.F) {
	files, _ := filepath.Glob("testdata/npy/*.npy")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("\x93NUMPY\x01\x00\x42\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1048576, 256)}\nabcd")) // a gigabyte that is not there
	f.Fuzz(func(t *testing.T, data []byte) {
		var m Matrix
		var err error
		bounded.Run(t, 20<<20+16*uint64(len(data)), 5*time.Second, func() { m, err = ReadNPY(bytes.NewReader(data), 1<<30) })
		if err != nil {
			return
		}
		if 2*m.Rows()*m.Dim > len(data) || m.check() != nil {
			t.Fatalf("(%d, %d) out of %d bytes", m.Rows(), m.Dim, len(data))
		}
		var b bytes.Buffer
		if err := WriteNPY(&b, m); err != nil {
			t.Fatal(err)
		}
		again, err := ReadNPY(&b, 0)
		same := slices.EqualFunc(flat(again), flat(m), func(a, b float32) bool { return a == b || a != a && b != b })
		if err != nil || again.Dim != m.Dim || !same {
			t.Fatalf("read again: %v", err)
		}
	})
}

func TestCSVForms(t *testing.T) {
	t.Parallel()
	two := []string{"Chad", "Romania"}
	paths := []string{"a/c.png", "a/r.png"}
	for _, c := range []struct {
		why, text string
		sources   []string
	}{
		{"pandas prints an array over several lines", "Country,Flag Image,features\nChad,a/c.png,\"[[ 1.  -2.5e-01\n   3. ]]\"\nRomania,a/r.png,\"[[ 4.   5.\n -6.00000000e+00]]\"\n", paths},
		{"one pair of brackets", "name,features\nChad,[1. -.25 3.]\nRomania,[4 5 -6]\n", nil},
		{"brackets apart from the numbers", "name,features\nChad,\"[ [ 1 -0.25\t3 ] ]\"\nRomania,\" [[4 5 -6 ]] \"\n", nil},
		{"a Python list", "name,embedding\nChad,\"[1, -0.25, 3]\"\nRomania,\"[4,5,-6]\"\n", nil},
		{"no brackets", "name,features\nChad,1 -0.25 3\nRomania,4 5 -6\n", nil},
		{"the array in the middle", "name,features,path\nChad,[1 -0.25 3],a/c.png\nRomania,[4 5 -6],a/r.png\n", paths},
		{"a column of another name", "name,dino\nChad,[1 -0.25 3]\nRomania,[4 5 -6]\n", nil},
		{"an array without a header", "Chad,[1 -0.25 3]\nRomania,[4 5 -6]\n", nil},
		{"with pandas' index", ",Country,Flag Image,features\n0,Chad,a/c.png,[1 -0.25 3]\n1,Romania,a/r.png,[4 5 -6]\n", paths},
		{"byte order mark, carriage returns", "\ufeffname,features\r\nChad,\"[1\r\n -0.25 3]\"\r\nRomania,[4 5 -6]\r\n", nil},
		{"byte order mark before a quote", "\ufeff\"name\",\"features\"\n\"Chad\",\"[1 -0.25 3]\"\n\"Romania\",\"[4 5 -6]\"\n", nil},
		{"a number a column", "name,e0,e1,e2\nChad,1,-0.25,3\nRomania,4,5,-6e0\n", nil},
		{"quoted numbers with spaces", "name,e0,e1,e2\n\"Chad\",\"1\",\" -0.25\",\"3 \"\nRomania,4,5,-6\n", nil},
		{"columns that pandas counted", "Country,0,1,2\nChad,1,-0.25,3\nRomania,4,5,-6\n", nil},
		{"names as pandas' index", ",0,1,2\nChad,1,-0.25,3\nRomania,4,5,-6\n", nil},
		{"counted columns beside others", "name,path,width,e0,e1,e2,height\nChad,a/c.png,8,1,-0.25,3,9\nRomania,a/r.png,8,4,5,-6,9\n", paths},
		{"columns with names of their own", "name,x,y,z\nChad,1,-0.25,3\nRomania,4,5,-6\n", nil},
		{"numbers without a header", "Chad,1,-0.25,3\nRomania,4,5,-6\n", nil},
		{"paths and numbers without a header", "Chad,a/c.png,1,-0.25,3\nRomania,a/r.png,4,5,-6\n", paths},
		{"no line break at the end, blank lines", "name,e0,e1,e2\n\nChad,1,-0.25,3\n\nRomania,4,5,-6", nil},
	} {
		csv, err := ReadCSV(strings.NewReader(c.text), nil)
		names, sources, m := csv.Names, csv.Sources, csv.Rows
		if err != nil || !slices.Equal(names, two) || !slices.Equal(sources, c.sources) || m.Dim != 3 ||
			!slices.Equal(flat(m), []float32{1, -0.25, 3, 4, 5, -6}) {
			t.Errorf("%s: got %v, %v, %v, %v", c.why, names, sources, m, err)
		}
	}
}

func TestCSVErrorsNameTheRow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ why, text, want string }{
		{"shortened", "name,features\nChad,\"[[ 1.\n 2.]]\"\nMali,[[1. 2. ... 3. 4.]]\n", `row 2 ("Mali", line 4): its array was printed shortened`},
		{"shortened by pandas", "name,features\nMali,[[1. 2. 3.…\n", `row 1 ("Mali", line 2): its array was printed shortened`},
		{"not a number", "name,e0,e1\nChad,1,2\nMali,1,nan\n", `row 2 ("Mali", line 3): column 3: "nan" is not a finite number`},
		{"infinite", "name,features\nMali,[1 -inf]\n", `row 1 ("Mali", line 2): "-inf" is not a finite`},
		{"beyond float32", "name,features\nMali,[1 1e39]\n", `"1e39" is not a finite`},
		{"text among numbers", "name,e0,e1\nMali,1,x\n", `row 1 ("Mali", line 2): column 3: "x" is not a number`},
		{"an empty value", "name,e0,e1\nChad,1,2\nMali,,2\n", `row 2 ("Mali", line 3): column 2: "" is not a number`},
		{"text between untitled numbers", "Chad,1,x,2\nMali,1,2,3\n", `"x" is not a number`},
		{"too few columns", "name,e0,e1\nChad,1,2\nMali,1\n", `row 2 ("", line 3): it has 2 columns, the first line has 3`},
		{"too few columns at once", "name,e0,e1\nMali,1\n", `row 1 ("", line 2): it has 2 columns`},
		{"too few values", "name,features\nChad,[1 2 3]\nMali,[1 2]\n", `row 2 ("Mali", line 3): it has 2 values, the rows above have 3`},
		{"no values", "name,features\nMali,[[]]\n", `row 1 ("Mali", line 2): it has no values`},
		{"empty array", "name,features\nMali,\n", `row 1 ("Mali", line 2): it has no values`},
		{"two rows in an array", "name,features\nMali,[[1 2] [3 4]]\n", "several rows"},
		{"an open bracket", "name,features\nMali,[[1 2]\n", "brackets"},
		{"a type after the array", "name,features\nMali,\"[1 2], dtype=float32\"\n", "something follows"},
		{"no name", "name,features\n ,[1 2]\n", `row 1 (" ", line 2): it has no name`},
		{"an open quote", "name,features\nChad,[1]\nMali,\"[1\n", `row 2 ("", line 3)`},
		{"no numbers", "name,path\nMali,a.png\n", "no column has numbers"},
		{"only a header", "name,features\n", "no row below"},
		{"nothing", "", "empty"},
		{"only a byte order mark", "\ufeff", "empty"},
	} {
		csv, err := ReadCSV(strings.NewReader(c.text), nil)
		names, m := csv.Names, csv.Rows
		if !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v %v, error %v; want %s", c.why, names, m, err, c.want)
		}
	}
}

// The article's files, as pandas wrote them.
func TestCSVReadsTheFlagEmbeddings(t *testing.T) {
	t.Parallel()
	for model, dim := range map[string]int{"vit": 1024, "efficientnet": 640, "DINO-v2": 768, "clip": 512, "blip": 768, "vgg16": 1000} {
		names, sources, m := flags(t, model)
		if len(names) != 195 || len(sources) != 195 || m.Rows() != 195 || m.Dim != dim {
			t.Errorf("%s: %d names, %d sources, (%d, %d)", model, len(names), len(sources), m.Rows(), m.Dim)
		}
		if names[194] != "Zimbabwe" || !strings.HasPrefix(sources[194], "https://upload.wikimedia.org/") {
			t.Errorf("%s ends in %s, %s", model, names[194], sources[194])
		}
		var b bytes.Buffer
		if err := WriteCSV(&b, names, m); err != nil {
			t.Fatal(err)
		}
		read, err := ReadCSV(&b, nil)
		again, rows := read.Names, read.Rows
		if err != nil || !slices.Equal(again, names) || !slices.Equal(flat(rows), flat(m)) {
			t.Errorf("%s changed when written and read again: %v", model, err)
		}
	}
}

func flags(t *testing.T, model string) ([]string, []string, Matrix) {
	t.Helper()
	f, err := os.Open(filepath.Join(golden.Flags(t), "embeddings", "national_flag_embeddings_"+model+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	csv, err := ReadCSV(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	return csv.Names, csv.Sources, csv.Rows
}

func TestCSVRoundTrip(t *testing.T) {
	t.Parallel()
	names := []string{"Chad", `Ivory "Coast", the`, "two\nlines", "Curaçao"}
	v := []float32{1, -0.1, math.MaxFloat32, math.SmallestNonzeroFloat32, 0x1.fffffep-3, 1.0 / 3, 0, 16777217, -1e-30, 4, 5, 6}
	var b bytes.Buffer
	if err := WriteCSV(&b, names, Matrix{Dim: 3, Parts: [][]float32{v[:3], v[3:]}}); err != nil {
		t.Fatal(err)
	}
	csv, err := ReadCSV(&b, nil)
	again, sources, m := csv.Names, csv.Sources, csv.Rows
	if err != nil || !slices.Equal(again, names) || sources != nil || m.Dim != 3 || !slices.Equal(flat(m), v) {
		t.Errorf("got %v, %v, %v, %v", again, sources, m, err)
	}
}

func TestWriteCSVRefusesWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	m := Matrix{Dim: 1, Parts: [][]float32{{1, float32(math.Inf(-1))}}}
	for why, err := range map[string]error{
		"too few names":      WriteCSV(io.Discard, []string{"a"}, m),
		"not finite":         WriteCSV(io.Discard, []string{"a", "b"}, m),
		"half a row":         WriteCSV(io.Discard, []string{"a"}, Matrix{Dim: 2, Parts: [][]float32{{1, 2, 3}}}),
		"a full disk":        WriteCSV(fullDisk{}, []string{"a"}, Matrix{Dim: 1, Parts: [][]float32{{1}}}),
		"a full disk, NumPy": WriteNPY(fullDisk{}, Matrix{Dim: 1, Parts: [][]float32{{1}}}),
	} {
		if err == nil {
			t.Errorf("%s passed", why)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func FuzzReadCSV(f *testing.F) {
	f.Add("Country,Flag Image,features\nChad,a/c.png,\"[[ 1.  -2.5e-01\n   3. ]]\"\n")
	f.Add(",Country,features\n0,Chad,[1 2 ... 3]\n")
	f.Add("\ufeffname,e0,e1\nChad,1,2\nMali,nan,inf\n")
	f.Add(",0,1\nChad,1,2\n")
	f.Fuzz(func(t *testing.T, text string) {
		var csv CSV
		var err error
		bounded.Run(t, 16<<20+200*uint64(len(text)), 5*time.Second, func() { csv, err = ReadCSV(strings.NewReader(text), nil) })
		names, sources, m := csv.Names, csv.Sources, csv.Rows
		if err != nil {
			return
		}
		if len(names) != m.Rows() || sources != nil && len(sources) != len(names) || m.check() != nil || m.Dim < 1 {
			t.Fatalf("%d names, %d sources, (%d, %d)", len(names), len(sources), m.Rows(), m.Dim)
		}
		var b bytes.Buffer
		if err := WriteCSV(&b, names, m); err != nil {
			t.Fatal(err)
		}
		read, err := ReadCSV(&b, nil)
		again, rows := read.Names, read.Rows
		if err != nil || len(again) != len(names) || !slices.Equal(flat(rows), flat(m)) {
			t.Fatalf("written and read again: %v, %v", rows, err)
		}
	})
}

// testdata/faiss_flags.json has the ten nearest flags that FAISS 1.15.1's
// IndexFlatIP found for twenty flags among the article's embeddings by CLIP,
// normalised. FAISS sums in float32, so hits whose scores lie within 1e-6 may
// change places: over all 195 places of all flags in six models, 36 of 228150 do,
// two of them among the first ten (DINOv2, Senegal's). CLIP's first eleven are
// 9e-6 apart at least.
func TestSearchFindsWhatFAISSFinds(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/faiss_flags.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][]string
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	names, _, m := flags(t, "clip")
	for i := range m.Rows() {
		if !Normalize(m.Row(i)) {
			t.Fatalf("%s has no direction", names[i])
		}
	}
	for query, hits := range want {
		found, err := Search(context.Background(), m, m.Row(slices.Index(names, query)), Options{K: len(hits)})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range found {
			got = append(got, names[h.Row])
		}
		if !slices.Equal(got, hits) {
			t.Errorf("%s: got\n%q, FAISS\n%q", query, got, hits)
		}
	}
}
