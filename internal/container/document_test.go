package container

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/picture"
)

func openPDF(t *testing.T, name string) (Container, error) {
	t.Helper()
	needs(t, "pdfinfo", "pdftoppm")
	return openFile(t, filepath.Join("testdata", "pdf", name))
}

// Pages are those that pdftoppm writes, of a size that depends on their shape. The files are ReportLab's
// (testdata/pdf/make.py).
func TestPagesAreThoseOfTheDocument(t *testing.T) {
	t.Parallel()
	c, err := openPDF(t, "pages.pdf")
	if err != nil {
		t.Fatal(err)
	}
	pages := c.(Sampled).Sample(10)
	if len(pages) != 4 || c.Flaws() != nil {
		t.Fatalf("%+v, %v", pages, c.Flaws())
	}
	for i, want := range []struct{ width, height int }{
		{1036, 1467}, // 1036 * 842 / 595 = 1466.1, up
		{1796, 1036}, // 1036 * 260 / 150 = 1795.7, up
		{2072, 1036}, // ten metres
		{2, 4096},    // 10 points of 10 metres, at 4096 pixels
	} {
		data, err := c.Read(t.Context(), pages[i], 64<<20)
		if err != nil {
			t.Fatal(err)
		}
		got := pixels(t, data)
		if d := max(got.Width-want.width, want.width-got.Width, got.Height-want.height, want.height-got.Height); d > 1 {
			t.Errorf("page %d: %d x %d, not %d x %d", i+1, got.Width, got.Height, want.width, want.height)
		}
		out := filepath.Join(t.TempDir(), "page")
		number := fmt.Sprint(i + 1)
		if said, err := exec.Command("pdftoppm", "-f", number, "-l", number, "-singlefile", "-scale-to", fmt.Sprint(max(got.Width, got.Height)),
			filepath.Join("testdata", "pdf", "pages.pdf"), out).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		ppm, err := os.ReadFile(out + ".ppm")
		if err != nil {
			t.Fatal(err)
		}
		if !same(got, pixels(t, ppm)) {
			t.Errorf("page %d is another picture than pdftoppm's", i+1)
		}
	}
}

func TestPagesHaveNamesThatSort(t *testing.T) {
	t.Parallel()
	c := &document{pages: 120, title: "Report"}
	if some := c.Sample(2); len(some) != 2 || some[1].Name != "page 002" || some[1].Title != "Report page 2" {
		t.Errorf("%+v", some)
	}
	for name, number := range map[string]int64{"page 7": 7, "page 007": 7, "page 120": 120, "page 121": 0, "page 0": 0, "page -1": 0, "page": 0, "7": 0, "page 7a": 0, "page 99999999999": 0} {
		m, ok := c.Find(name)
		if ok != (number > 0) || m.At != number {
			t.Errorf("%q: %+v, %v", name, m, ok)
		}
	}
}

func TestEncryptedDocuments(t *testing.T) {
	t.Parallel()
	if _, err := openPDF(t, "encrypted.pdf"); !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), "it is encrypted") {
		t.Errorf("%v", err)
	}
	c, err := openPDF(t, "owner_only.pdf") // to be read by everybody, and printed by nobody
	if err != nil {
		t.Fatal(err)
	}
	data, err := c.Read(t.Context(), c.(Sampled).Sample(1)[0], 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	pixels(t, data)
}

// made is a PDF file of empty pages, of which its tree says that there are so many. A box is "0 0 612 792".
func made(t *testing.T, pages int, says, box string) string {
	t.Helper()
	needs(t, "pdfinfo", "pdftoppm")
	var b strings.Builder
	var at []int
	object := func(text string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), text)
	}
	b.WriteString("%PDF-1.4\n")
	object("<</Type/Catalog/Pages 2 0 R>>")
	var kids strings.Builder
	for i := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", i+3)
	}
	object(fmt.Sprintf("<</Type/Pages/Count %s/MediaBox[%s]/Kids[%s]>>", says, box, kids.String()))
	for range pages {
		object("<</Type/Page/Parent 2 0 R/Resources<<>>>>")
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	path := filepath.Join(t.TempDir(), "made.pdf")
	if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestADocumentOfManyPages(t *testing.T) {
	t.Parallel()
	c, err := openFile(t, made(t, 100_000, "100000", "0 0 612 792"))
	if err != nil {
		t.Fatal(err)
	}
	if some := c.(Sampled).Sample(3); len(some) != 3 || some[2].Name != "page 000003" {
		t.Errorf("%+v", some)
	}
	last, ok := c.Find("page 100000")
	if !ok {
		t.Fatal("it has no last page")
	}
	data, err := c.Read(t.Context(), last, 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	if p := pixels(t, data); p.Width < 1035 || p.Width > 1037 {
		t.Errorf("%d x %d", p.Width, p.Height)
	}
}

// What is no document, or says what cannot be, is an error and no wait.
func TestHostileDocumentsAreRefused(t *testing.T) {
	t.Parallel()
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "x.pdf")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole, err := os.ReadFile(filepath.Join("testdata", "pdf", "pages.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	for why, path := range map[string]string{
		"nothing":                    write(""),
		"a text":                     write("hello"),
		"a head alone":               write("%PDF-1.7\n"),
		"its first half":             write(string(whole[:len(whole)/2])),
		"two thousand million pages": made(t, 1, "2147483647", "0 0 612 792"),
		"a tree that is its own":     write("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 9/Kids[2 0 R 2 0 R]>>endobj trailer<</Root 1 0 R>>"),
		"a page of no size":          made(t, 1, "1", "0 0 0 0"),
		"a page of a light year":     made(t, 1, "1", "0 0 1e300 1e-300"),
		"negative pages":             made(t, 1, "-5", "0 0 612 792"),
	} {
		c, err := openFile(t, path)
		if err != nil {
			if !errors.Is(err, ErrFile) || strings.Contains(err.Error(), "/dev/fd") {
				t.Errorf("%s: %v", why, err)
			}
			continue
		}
		for _, m := range c.(Sampled).Sample(2) { // poppler mends much: then it is a picture, or an error
			data, err := c.Read(t.Context(), m, 64<<20)
			if err != nil {
				if !errors.Is(err, ErrFile) {
					t.Errorf("%s: %v", why, err)
				}
				continue
			}
			if p, info, err := picture.Decode(t.Context(), data, picture.Limits{}); err != nil {
				t.Errorf("%s: %+v, %v", why, info, err)
			} else if p.Width > pageLong || p.Height > pageLong {
				t.Errorf("%s: %d x %d", why, p.Width, p.Height)
			}
		}
	}
}
