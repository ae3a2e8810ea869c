package picture

import (
	"fmt"
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
	expected := expectedPixels(t, "cases", 300)
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
					if _, ok := expected[name]; !ok {
						t.Fatal("no expected pixels")
					}
					decodesAs(t, readGolden(t, file), expected, name, kindTolerance(name))
				})
			}
		})
	}
}

// The pages about the files tell how many there are, and how many are not as Pillow has them: those of the table.
func TestThePagesCountTheKindsOfFiles(t *testing.T) {
	t.Parallel()
	encodings := 0
	for name := range expectedPixels(t, "cases", 300) {
		if !strings.Contains(name, ":") {
			encodings++
		}
	}
	own := string(readGolden(t, filepath.Join("testdata", "cases", "README.md")))
	others := strings.Count(own, "\n| `")
	if title := fmt.Sprintf("# One picture in %d encodings\n", encodings); !strings.HasPrefix(own, title) {
		t.Errorf("testdata/cases/README.md does not begin with %q", title)
	}
	page := strings.Join(strings.Fields(string(readGolden(t, filepath.Join("..", "..", "docs", "reference", "formats.md")))), " ")
	if says := fmt.Sprintf("one picture in %d encodings with the pixels of Pillow 13.0.0; %d of them are equal to the bit", encodings, encodings-others); !strings.Contains(page, says) {
		t.Errorf("docs/reference/formats.md does not say %q", says)
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
