package vector

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"
)

// The array of names is, byte for byte, what NumPy 2.4 writes with np.save(…, np.array(["a", "Zoë", "𝄞"])).
func TestTextsAreWrittenAsNumPyDoes(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	m := Matrix{Dim: 2, Parts: [][]float32{{1, 2, 3, 4, 5, 6}}}
	if err := WriteNPZ(&b, []string{"a", "Zoë", "𝄞"}, m); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		data, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	header := "\x93NUMPY\x01\x00v\x00{'descr': '<U3', 'fortran_order': False, 'shape': (3,), }"
	want := append([]byte(header), bytes.Repeat([]byte(" "), 127-len(header))...)
	want = append(want, '\n')
	for _, s := range [][3]rune{{'a'}, {'Z', 'o', 'ë'}, {'𝄞'}} {
		for _, r := range s {
			want = append(want, byte(r), byte(r>>8), byte(r>>16), 0)
		}
	}
	if got := read("names.npy"); !bytes.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
	back, err := ReadNPY(bytes.NewReader(read("embeddings.npy")), 0)
	if err != nil || back.Dim != 2 || back.Rows() != 3 || back.Row(2)[1] != 6 {
		t.Errorf("%v, %v", back, err)
	}
}

func TestProjectorsVectorsHaveTabs(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteTSV(&b, Matrix{Dim: 2, Parts: [][]float32{{1, -0.5}, {0.1, 1e-10}}}); err != nil {
		t.Fatal(err)
	}
	if want := "1\t-0.5\n0.1\t1e-10\n"; b.String() != want {
		t.Errorf("%q, not %q", b.String(), want)
	}
}
