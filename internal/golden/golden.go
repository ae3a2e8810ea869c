// Package golden reads for tests the reference results that other programs produced:
// arrays saved by NumPy, real pictures, and the files that set-up fetches.
//
// The reference folders lie beside the repository (../shared/golden,
// ../shared/golden-2026 and ../shared/flags). Where one is absent, the test that asks for it is skipped
// with a line that says so.
package golden

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Dir is the absolute path of the golden folder, or skips the test.
func Dir(t testing.TB) string { return beside(t, "golden") }

// Find is the absolute path of the golden folder, if it is there: for tests that have cases of
// their own as well.
func Find() (dir string, found bool) {
	dir = filepath.Join(filepath.Dir(root()), "shared", "golden")
	_, err := os.Stat(dir)
	return dir, err == nil
}

// Layouts is the absolute path of the golden folder of checkpoints as their publishers lay them out, or skips the
// test.
func Layouts(t testing.TB) string { return beside(t, "golden-2026") }

// Flags is the absolute path of the folder of real flags, or skips the test.
func Flags(t testing.TB) string { return beside(t, "flags") }

// Deps is the absolute path of .deps, where set-up puts ONNX Runtime and the
// default weights, or skips the test.
func Deps(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(root(), ".deps")
	if _, err := os.Stat(dir); err != nil {
		absent(t, "deps", dir+" is absent: run `make setup` first")
	}
	return dir
}

// absent skips a test whose data is not there, or fails it where $AKIN_REQUIRE lists that kind of data, as in CI: "deps",
// "golden" or both.
func absent(t testing.TB, kind, message string) {
	t.Helper()
	if slices.Contains(strings.Fields(os.Getenv("AKIN_REQUIRE")), kind) {
		t.Fatal(message)
	}
	t.Skip(message)
}

func beside(t testing.TB, name string) string {
	t.Helper()
	dir := filepath.Join(filepath.Dir(root()), "shared", name)
	if _, err := os.Stat(dir); err != nil {
		absent(t, "golden", "reference data is absent: "+dir)
	}
	return dir
}

func root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}

// Array is one NumPy array as it lies in the file, in C order.
type Array struct {
	Shape []int
	Type  string // NumPy's name without byte order: "u1", "f4", "f8", "i8" …
	Raw   []byte // little-endian
}

// Uint8 returns the values of a uint8 array.
func (a Array) Uint8() []byte {
	if a.Type != "u1" {
		panic("golden: array of " + a.Type + " read as uint8")
	}
	return a.Raw
}

// Float32 returns the values of a float32 array.
func (a Array) Float32() []float32 {
	if a.Type != "f4" {
		panic("golden: array of " + a.Type + " read as float32")
	}
	out := make([]float32, len(a.Raw)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(a.Raw[4*i:]))
	}
	return out
}

// Int64 returns the values of an int64 array.
func (a Array) Int64() []int64 {
	if a.Type != "i8" {
		panic("golden: array of " + a.Type + " read as int64")
	}
	out := make([]int64, len(a.Raw)/8)
	for i := range out {
		out[i] = int64(binary.LittleEndian.Uint64(a.Raw[8*i:]))
	}
	return out
}

// NPY reads one .npy file.
func NPY(t testing.TB, path string) Array {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a, err := parse(data)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return a
}

// NPZ reads every array of an .npz file by its key.
func NPZ(t testing.TB, path string) map[string]Array {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	arrays := make(map[string]Array, len(z.File))
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		a, err := parse(data)
		if err != nil {
			t.Fatalf("%s: %s: %v", path, f.Name, err)
		}
		arrays[strings.TrimSuffix(f.Name, ".npy")] = a
	}
	return arrays
}

var (
	descr = regexp.MustCompile(`'descr': '([<|])(\w\d+)'`)
	shape = regexp.MustCompile(`'shape': \(([^)]*)\)`)
)

func parse(data []byte) (Array, error) {
	if !bytes.HasPrefix(data, []byte("\x93NUMPY")) || len(data) < 12 {
		return Array{}, fmt.Errorf("not a .npy file")
	}
	start, size := 10, int(binary.LittleEndian.Uint16(data[8:]))
	if data[6] > 1 {
		start, size = 12, int(binary.LittleEndian.Uint32(data[8:]))
	}
	header := string(data[start : start+size])
	d, s := descr.FindStringSubmatch(header), shape.FindStringSubmatch(header)
	if d == nil || s == nil || strings.Contains(header, "'fortran_order': True") {
		return Array{}, fmt.Errorf("header %q", header)
	}
	a := Array{Type: d[2], Raw: data[start+size:]}
	for _, n := range strings.FieldsFunc(s[1], func(r rune) bool { return r == ',' || r == ' ' }) {
		v, err := strconv.Atoi(n)
		if err != nil {
			return Array{}, err
		}
		a.Shape = append(a.Shape, v)
	}
	return a, nil
}
