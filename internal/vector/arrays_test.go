package vector

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/bounded"
)

const arrayLimit = 1 << 30

// readArrays reads a file of NumPy or safetensors.
func readArrays(path string, data []byte, said api.Columns, named bool) (CSV, error) {
	read := ReadNPZ
	if strings.HasSuffix(path, ".safetensors") {
		read = ReadSafetensors
	}
	all, err := read(bytes.NewReader(data), int64(len(data)), arrayLimit)
	if err != nil {
		return CSV{}, err
	}
	return OfArrays(all, said, named)
}

// The files were written by NumPy and safetensors (testdata/arrays/make.py).
func TestArraysByNumPyAndSafetensors(t *testing.T) {
	t.Parallel()
	want := []float32{1, -2, 0.5, 0x1p-24, -65504, 0.333251953125} // 2⁻²⁴ is the least float16
	brain := []float32{1, -2, 0.5, 0x1p-24, -65536, 0.333984375}   // with the 8 bits of bfloat16
	both := []string{"a", "Zoë 𝄞"}
	for _, c := range []struct {
		file  string
		said  api.Columns
		names []string
		paths []string
		says  string // in place of values
	}{
		{"f2.npz", nil, both, nil, ""},
		{"f4.npz", nil, both, nil, ""},
		{"f8.npz", nil, both, nil, ""},
		{"f4_big_endian.npz", nil, both, nil, ""},
		{"compressed.npz", nil, both, nil, ""}, // labels are no names
		{"compressed.npz", api.Columns{api.NameColumn: "labels"}, []string{"cat", "cat"}, nil, ""},
		{"fortran.npz", nil, both, []string{"p/a.png", "b.png"}, ""},
		{"two.npz", api.Columns{api.ValuesColumn: "clip"}, both, nil, ""},
		{"two.npz", nil, nil, nil, "the columns clip and dino can both be the values"},
		{"two.npz", api.Columns{api.ValuesColumn: "blip"}, nil, nil, "it has no column blip, only clip, dino, title and y"},
		{"two.npz", api.Columns{api.ValuesColumn: "y"}, nil, nil, "y <i8 (2) is no matrix of floating point values"},
		{"two.npz", api.Columns{api.ValuesColumn: "clip", api.NameColumn: "y"}, nil, nil, "y <i8 (2) holds no texts"},
		{"two_texts.npz", api.Columns{api.NameColumn: "other", api.PathColumn: "one"}, []string{"c", "d"}, []string{"a", "b"}, ""},
		{"two_texts.npz", nil, nil, nil, "it has x <f4 (2, 3), one <U1 (2) and other <U1 (2)"},
		{"unnamed.npz", nil, nil, nil, "it has arr_0 <f4 (2, 3) and arr_1 <i8 (2)"},
		{"pickled.npz", nil, nil, nil, "it has x <f4 (2, 3) and names |O (2)"},
		{"flat.npz", nil, nil, nil, "none of its arrays is a matrix of floating point values, (pictures, values): it has x <f4 (6) and deep <f4 (1, 2, 3)"},
		{"encrypted.npz", nil, nil, nil, "array embeddings: it is encrypted"},
		{"encrypted_aes.npz", nil, nil, nil, "array embeddings: it is encrypted"},
		{"F16.safetensors", nil, nil, nil, "none of its arrays has the names"},
		{"whole.safetensors", nil, nil, nil, "it has x int32 (2, 3)"},
	} {
		data, err := os.ReadFile(filepath.Join("testdata", "arrays", c.file))
		if err != nil {
			t.Fatal(err)
		}
		got, err := readArrays(c.file, data, c.said, true)
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s %v: %v", c.file, c.said, err)
			}
			continue
		}
		if err != nil || !slices.Equal(got.Names, c.names) || !slices.Equal(got.Sources, c.paths) || got.Rows.Dim != 3 || !slices.Equal(flat(got.Rows), want) {
			t.Errorf("%s %v: %+v, %v", c.file, c.said, got, err)
		}
	}
	for file, want := range map[string][]float32{"F16": want, "F32": want, "F64": want, "BF16": brain} {
		data, err := os.ReadFile(filepath.Join("testdata", "arrays", file+".safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := readArrays(".safetensors", data, nil, false)
		if err != nil || got.Rows.Dim != 3 || !slices.Equal(flat(got.Rows), want) {
			t.Errorf("%s: %+v, %v", file, got, err)
		}
	}
}

func TestSafetensorsAreWrittenWithNames(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	m := Matrix{Dim: 2, Parts: [][]float32{{1, 2}, {3, 4, 5, 6}}}
	names := []string{"a", `"b" & <c>`, "Zoë 𝄞"}
	if err := WriteSafetensors(&b, names, m); err != nil {
		t.Fatal(err)
	}
	if n := binary.LittleEndian.Uint64(b.Bytes()); n%8 != 0 {
		t.Errorf("the values begin at byte %d", 8+n)
	}
	got, err := readArrays(".safetensors", b.Bytes(), nil, true)
	if err != nil || !slices.Equal(got.Names, names) || !slices.Equal(flat(got.Rows), flat(m)) || got.Columns.Name != "names" || got.Columns.Values != "embeddings" {
		t.Errorf("%+v, %v", got, err)
	}
}

// npz makes an archive of one member.
func npz(t testing.TB, method uint16, name string, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
	if err == nil {
		_, err = w.Write(data)
	}
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func npyOf(t testing.TB, descr string, data string, shape ...int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteNPYHeader(&b, descr, shape...); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), data...)
}

func tensors(header string, data string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header+data...)
}

// What a header says costs nothing before the bytes are there.
func TestHostileArraysAreRefused(t *testing.T) {
	bomb := npyOf(t, "<f4", strings.Repeat("\x00", 64<<20), 4<<20, 4)
	for _, c := range []struct {
		why, file string
		data      []byte
		says      string
	}{
		{"no zip", "x.npz", []byte("PK nothing"), "not a valid zip file"},
		{"no array", "x.npz", npz(t, zip.Store, "readme.txt", nil), "it holds no array"},
		{"a member that is no .npy", "x.npz", npz(t, zip.Store, "x.npy", []byte("hello")), "does not begin like a .npy file"},
		{"fewer values than it says", "x.npz", npz(t, zip.Store, "x.npy", npyOf(t, "<f4", "abcd", 2, 3)), "the file ends early"},
		{"2^62 rows", "x.npz", npz(t, zip.Store, "x.npy", npyOf(t, "<f4", "", math.MaxInt, 3)), "larger than memory"},
		{"rows beyond the limit", "x.npz", npz(t, zip.Store, "x.npy", npyOf(t, "<f4", "", 1<<40, 3)), "more than the limit"},
		{"rows of nothing", "x.npz", npz(t, zip.Store, "x.npy", npyOf(t, "<f4", "", 5, 0)), "rows of 0 values"},
		{"zeros packed to a thousandth", "x.npz", npz(t, zip.Deflate, "x.npy", bomb), "more than the limit"},
		{"a truncated header", "x.safetensors", []byte("\x80\x00\x00\x00"), "it has 4 bytes"},
		{"a header of 2^63 bytes", "x.safetensors", append([]byte("\x00\x00\x00\x00\x00\x00\x00\x80"), "{}"...), "a header of 9223372036854775808 bytes"},
		{"2^63 rows", "x.safetensors", tensors(`{"x":{"dtype":"F32","shape":[9223372036854775807,3],"data_offsets":[0,4]}}`, "abcd"), "has the shape"},
		{"cut values", "x.safetensors", tensors(`{"x":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}`, "abcd"), "its tensors have 16 bytes, and 4 are there"},
		{"two in one place", "x.safetensors", tensors(`{"x":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}`, "abcd"), "begins at byte 0"},
		{"metadata of numbers", "x.safetensors", tensors(`{"__metadata__":{"a":1},"x":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}`, "abcd"), "its metadata"},
		{"nothing", "x.safetensors", tensors(`{}`, ""), "it holds no tensor"},
	} {
		bounded.Run(t, 20<<20, 5*time.Second, func() {
			_, err := readArrays(c.file, c.data, nil, false)
			if err == nil || !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v", c.why, err)
			}
		})
	}
	for _, c := range []struct {
		why, descr, data string
		shape            int
		says             string
	}{
		{"2^62 texts", "<U1", "", math.MaxInt, "more than the limit"},
		{"texts of 2^31 characters", "<U2147483647", "", 1, "are no names"},
		{"texts of no bytes", "<U0", "", 1 << 20, "texts of 0 characters are no names"},
		{"no characters", "<U1", "\xff\xff\xff\xff", 1, "row 1: 0xffffffff is no character"},
		{"bytes that are no UTF-8", "|S2", "\xff\xff", 1, "row 1: its bytes are not UTF-8"},
		{"cut texts", "<U2", "abcd", 3, "ends early"},
	} {
		width, order, ok := textOf(c.descr)
		if !ok {
			t.Fatal(c.descr)
		}
		bounded.Run(t, 20<<20, 5*time.Second, func() {
			if _, err := readTexts(strings.NewReader(c.data), width, order, int64(c.shape), arrayLimit); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v", c.why, err)
			}
		})
	}
}

func FuzzArrays(f *testing.F) {
	files, _ := filepath.Glob("testdata/arrays/*.*")
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, name := range []string{"x.npz", "x.safetensors"} {
			bounded.Run(t, 64<<20+1000*uint64(len(data)), 5*time.Second, func() {
				got, err := readArrays(name, data, nil, false)
				if err != nil && !errors.Is(err, ErrFile) {
					t.Errorf("%s: %v", name, err)
				}
				if err == nil && got.Names != nil && len(got.Names) != got.Rows.Rows() {
					t.Errorf("%s: %d names and %d rows", name, len(got.Names), got.Rows.Rows())
				}
				if err == nil {
					_ = WriteSafetensors(io.Discard, got.Names, got.Rows)
				}
			})
		}
	})
}
