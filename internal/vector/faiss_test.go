package vector

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/bounded"
)

func faissFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "faiss", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The files were written by FAISS (testdata/faiss/make.py).
func TestFAISSIndexesAreRead(t *testing.T) {
	t.Parallel()
	want, err := ReadNPY(bytes.NewReader(faissFile(t, "vectors.npy")), 0)
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for i := range want.Rows() {
		ids = append(ids, int64(3*(want.Rows()-1-i)))
	}
	for name, wantIDs := range map[string][]int64{
		"flat_ip": nil, "flat_l2": nil, "idmap": ids, "idmap2": ids, "hnsw": nil, "idmap_hnsw": ids,
		"ivf": nil, "ivf_ip": nil, "ivf_sparse": nil, "ivf_array": nil, "ivf_hash": nil, "ivf_hnsw": nil,
	} {
		m, got, err := ReadFAISS(bytes.NewReader(faissFile(t, name+".faiss")), 0)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if m.Dim != want.Dim || m.Rows() != want.Rows() || !slices.Equal(m.Parts[0], want.Parts[0]) || !slices.Equal(got, wantIDs) {
			t.Errorf("%s: %d rows of %d, ids %v", name, m.Rows(), m.Dim, got)
		}
	}
	if m, _, err := ReadFAISS(bytes.NewReader(faissFile(t, "empty.faiss")), 0); err != nil || m.Dim != 5 || m.Rows() != 0 {
		t.Errorf("empty: %d rows of %d, %v", m.Rows(), m.Dim, err)
	}
	for name, says := range map[string]string{
		"l1": "metric", "pretransform": "IndexPreTransform", "pq": "IndexPQ", "ivf_pq": "IndexIVFPQ", "lsh": "IndexLSH",
		"sq4": "4 bits", "ivf_sq4": "4 bits",
	} {
		if _, _, err := ReadFAISS(bytes.NewReader(faissFile(t, name+".faiss")), 0); !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Ids that are not the rows' numbers stay with their rows, in the order of the ids.
func TestFAISSIVFKeepsIds(t *testing.T) {
	t.Parallel()
	want, err := ReadNPY(bytes.NewReader(faissFile(t, "vectors.npy")), 0)
	if err != nil {
		t.Fatal(err)
	}
	m, ids, err := ReadFAISS(bytes.NewReader(faissFile(t, "ivf_ids.faiss")), 0)
	if err != nil {
		t.Fatal(err)
	}
	n := want.Rows()
	for i := range n {
		if ids[i] != int64(3*i) || !slices.Equal(m.Row(i), want.Row(n-1-i)) {
			t.Errorf("row %d: id %d, %v", i, ids[i], m.Row(i))
		}
	}
}

// Rows of codes are what FAISS's reconstruct_n gives, but for the rounding of its fused sums.
func TestRoundedFAISSIndexesAreReconstructed(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"sq8", "sq8_uniform", "fp16", "bf16", "ivf_sq8", "ivf_sq8_ip", "ivf_sq8_absolute", "ivf_fp16"} {
		want, err := ReadNPY(bytes.NewReader(faissFile(t, name+".npy")), 0)
		if err != nil {
			t.Fatal(err)
		}
		m, ids, err := ReadFAISS(bytes.NewReader(faissFile(t, name+".faiss")), 0)
		if err != nil || ids != nil || m.Dim != want.Dim || m.Rows() != want.Rows() {
			t.Errorf("%s: %d rows of %d, ids %v, %v", name, m.Rows(), m.Dim, ids, err)
			continue
		}
		for i, v := range flat(want) {
			if got := flat(m)[i]; math.Abs(float64(got-v)) > 2.5e-7 {
				t.Errorf("%s: value %d is %v, not %v", name, i, got, v)
			}
		}
	}
}

// What akin writes is, byte for byte, what FAISS writes of the same vectors.
func TestFAISSIndexIsWrittenAsFAISSDoes(t *testing.T) {
	t.Parallel()
	m, err := ReadNPY(bytes.NewReader(faissFile(t, "vectors.npy")), 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]Matrix{"flat_ip": m, "empty": {Dim: m.Dim}} {
		var b bytes.Buffer
		if err := WriteFAISS(&b, m); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), faissFile(t, name+".faiss")) {
			t.Errorf("%s: other bytes than FAISS's", name)
		}
	}
}

func TestDamagedFAISSIndexesAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"flat_ip", "idmap2", "hnsw", "ivf", "ivf_sparse", "ivf_hash", "sq8", "ivf_sq8", "fp16"} {
		file := faissFile(t, name+".faiss")
		for n := range file {
			if _, _, err := ReadFAISS(bytes.NewReader(file[:n]), 0); !errors.Is(err, ErrFile) {
				t.Fatalf("%s cut at %d: %v", name, n, err)
			}
		}
		if _, _, err := ReadFAISS(bytes.NewReader(append(bytes.Clone(file), 0)), 0); !errors.Is(err, ErrFile) {
			t.Errorf("%s with a byte more: %v", name, err)
		}
	}
	file := faissFile(t, "flat_ip.faiss")
	if _, _, err := ReadFAISS(bytes.NewReader(file), 100); !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), "limit") {
		t.Errorf("beyond the limit: %v", err)
	}
	// A header that promises a million million rows costs no memory.
	lie := bytes.Clone(file)
	copy(lie[8:], "\x00\x00\x00\x00\xe8\x00\x00\x00")
	copy(lie[37:], "\x00\x00\x00\x00\x88\x04\x00\x00")
	if _, _, err := ReadFAISS(bytes.NewReader(lie), 0); !errors.Is(err, ErrFile) {
		t.Errorf("a lie: %v", err)
	}
}

func FuzzReadFAISS(f *testing.F) {
	files, _ := filepath.Glob("testdata/faiss/*.faiss")
	for _, name := range files {
		f.Add(faissFile(f, filepath.Base(name)))
	}
	// A gigabyte that is not there: 1048576 rows of 256.
	f.Add([]byte("IxFI\x00\x01\x00\x00\x00\x00\x10\x00\x00\x00\x00\x00" + strings.Repeat("\x00\x00\x10\x00\x00\x00\x00\x00", 2) + "\x01\x00\x00\x00\x00\x00\x00\x00\x10\x00\x00\x00\x00abcd"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var m Matrix
		var ids []int64
		var err error
		bounded.Run(t, 20<<20+16*uint64(len(data)), 5*time.Second, func() { m, ids, err = ReadFAISS(bytes.NewReader(data), 1<<30) })
		if err == nil && (m.check() != nil || ids != nil && len(ids) != m.Rows()) {
			t.Errorf("%d rows of %d, %d ids", m.Rows(), m.Dim, len(ids))
		}
	})
}
