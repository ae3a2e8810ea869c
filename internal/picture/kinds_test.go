package picture

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/golden"
)

// kindTolerance is how far a file of testdata/cases may be from what Pillow gives.
func kindTolerance(name string) tolerance {
	switch {
	case strings.HasPrefix(name, "lab"), // Little CMS rounds its tables in another way
		name == "ycbcr_11.tif": // Pillow converts this one itself, with 6 bits after the point
		return tolerance{1, 1}
	}
	return exact
}

// The files are made by testdata/cases.py; testdata/cases/README.md tells where the right value is not Pillow's.
func TestEveryKindOfFileDecodesAsPillow(t *testing.T) {
	expected := golden.NPZ(t, filepath.Join("testdata", "cases", "expected.npz"))
	files, err := filepath.Glob(filepath.Join("testdata", "cases", "*.*"))
	if err != nil || len(files) < 300 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, system := range []bool{true, false} {
		t.Run(map[bool]string{true: "libjpeg", false: "go"}[system], func(t *testing.T) {
			withSystemJPEG(t, system)
			for _, file := range files {
				name := filepath.Base(file)
				ext := filepath.Ext(name)
				if ext == ".npz" || ext == ".md" || ext != ".jpg" && !system {
					continue
				}
				t.Run(name, func(t *testing.T) {
					want, ok := expected[name]
					if !ok {
						t.Fatal("no expected pixels")
					}
					data := readGolden(t, file)
					p, info, err := Decode(t.Context(), data, Limits{})
					if err != nil {
						t.Fatal(err)
					}
					compare(t, p, want, kindTolerance(name))
					if alpha, ok := expected[name+":alpha"]; ok != (p.Alpha != nil) {
						t.Errorf("alpha: %v, want %v", p.Alpha != nil, ok)
					} else if ok && !bytes.Equal(alpha.Uint8(), p.Alpha) {
						t.Errorf("alpha differs: %v, want %v", p.Alpha, alpha.Uint8())
					}
					if inspected, err := Inspect(data, Limits{}); err != nil || inspected != info {
						t.Errorf("Inspect gives %+v, %v; Decode %+v", inspected, err, info)
					}
				})
			}
		})
	}
}

// Files like those of public reports, each with what Pillow gives for it.
func TestReportedFilesDecodeAsPillow(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "reported", "*.npy"))
	if err != nil || len(files) != 22 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, system := range []bool{true, false} {
		withSystemJPEG(t, system)
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".expected.npy")
			t.Run(name, func(t *testing.T) {
				p, _, err := Decode(t.Context(), readGolden(t, filepath.Join("testdata", "reported", name)), Limits{})
				if err != nil {
					t.Fatal(err)
				}
				tol := exact
				if strings.HasSuffix(name, "lab.tif") {
					tol = tolerance{1, 1} // see kindTolerance
				}
				compare(t, p, golden.NPY(t, file), tol)
			})
		}
	}
}
