package akin_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// indexedAs makes a collection of tiny pictures, each of its own colour.
func indexedAs(t *testing.T, names ...string) (c *akin.Collection, folder string) {
	t.Helper()
	golden.Deps(t)
	folder = filepath.Join(t.TempDir(), "pictures")
	for i, name := range names {
		img := image.NewRGBA(image.Rect(0, 0, 8, 8))
		for p := range 64 {
			img.SetRGBA(p%8, p/8, color.RGBA{byte(40 * i), byte(255 - 31*i), 90, 255})
		}
		var b bytes.Buffer
		must(t, png.Encode(&b, img))
		path := filepath.Join(folder, filepath.FromSlash(name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o777))
		must(t, os.WriteFile(path, b.Bytes(), 0o666))
	}
	c = open(t, filepath.Join(t.TempDir(), "c.akin"), akin.Options{})
	r, err := c.Index(t.Context(), []string{folder}, api.IndexOptions{})
	must(t, err)
	if r.Added != len(names) {
		t.Fatalf("%+v", r)
	}
	return c, folder
}

func table(names ...string) string {
	var b strings.Builder
	b.WriteString("name,e0,e1\n")
	for i, n := range names {
		fmt.Fprintf(&b, "\"%s\",%d,1\n", n, i)
	}
	return b.String()
}

// What other programs call a picture: its path, here or elsewhere, its file name, or its name.
func TestImportedRowsFindTheirPictures(t *testing.T) {
	t.Parallel()
	c, folder := indexedAs(t, "cat/1.png", "dog/1.png", "cat/2.png", "São_Tomé.png")
	pictures := 4
	for i, c2 := range []struct {
		why  string
		rows []string
		by   api.Matches
		new  []string
	}{
		{"absolute paths", []string{filepath.Join(folder, "dog/1.png"), filepath.Join(folder, "cat/1.png")}, api.Matches{Path: 2}, nil},
		{"a path that is written otherwise", []string{folder + "/dog/../cat/2.png"}, api.Matches{Path: 1}, nil},
		{"file names", []string{"2.png", "São_Tomé.png"}, api.Matches{File: 2}, nil},
		{"a file name in decomposed letters", []string{"Sa\u0303o_Tome\u0301.png"}, api.Matches{File: 1}, nil},
		{"names", []string{"2", "São Tomé"}, api.Matches{Name: 2}, nil},
		{"paths on another machine", []string{"/data/set/cat/1.png", "/data/set/dog/1.png", "/data/set/cat/2.png"}, api.Matches{File: 3}, nil},
		{"paths on Windows", []string{`C:\set\cat\1.png`, `C:\set\dog\1.png`}, api.Matches{File: 2}, nil},
		{"relative paths", []string{"cat/1.png", "dog/1.png"}, api.Matches{File: 2}, nil},
		{"another folder's file of the same name is another", []string{"/data/cat/2.png", "/data/bird/2.png"}, api.Matches{File: 1}, []string{"/data/bird/2.png"}},
		{"and again: it is there now", []string{"/data/cat/2.png", "/data/bird/2.png"}, api.Matches{Path: 1, File: 1}, nil},
	} {
		file := filepath.Join(t.TempDir(), "v.csv")
		must(t, os.WriteFile(file, []byte(table(c2.rows...)), 0o666))
		r, err := c.Import(t.Context(), api.ImportOptions{Model: fmt.Sprintf("m%d", i), File: file})
		must(t, err)
		if r.MatchedBy != c2.by || r.Matched != len(c2.rows)-len(c2.new) || r.New != len(c2.new) || !slices.Equal(r.Unmatched, c2.new) || r.Files != 4 {
			t.Errorf("%s: %+v", c2.why, r)
		}
		pictures += len(c2.new)
		info, err := c.Info(t.Context())
		must(t, err)
		if info.Pictures != pictures {
			t.Errorf("%s: %d pictures, not %d", c2.why, info.Pictures, pictures)
		}
	}
}

func TestImportRefusesWhatCanBeSeveral(t *testing.T) {
	t.Parallel()
	c, folder := indexedAs(t, "cat/1.png", "dog/1.png", "cat/2.png")
	for _, c2 := range []struct {
		why  string
		rows []string
		want []string
	}{
		{"a file name of two", []string{"2.png", "1.png"}, []string{`row 2, "1.png": it can be of several pictures`, "cat/1.png", "dog/1.png", "write its path"}},
		{"two rows of one picture", []string{"2.png", filepath.Join(folder, "cat/2.png")}, []string{"rows 1 and 2", "are both of the picture 2"}},
	} {
		file := filepath.Join(t.TempDir(), "v.csv")
		must(t, os.WriteFile(file, []byte(table(c2.rows...)), 0o666))
		_, err := c.Import(t.Context(), api.ImportOptions{Model: "m", File: file})
		for _, want := range c2.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", c2.why, err)
			}
		}
	}
	if info, err := c.Info(t.Context()); err != nil || info.Pictures != 3 || len(info.Spaces) != 1 {
		t.Errorf("what was refused left something: %+v, %v", info, err)
	}
}

// A picture that came under its path, or its file name, without a file is given the file when that is
// indexed.
func TestAFileTakesOverWhatWasImportedUnderItsPath(t *testing.T) {
	t.Parallel()
	c, folder := indexedAs(t, "a.png")
	later := filepath.Join(folder, "later.png")
	file := filepath.Join(t.TempDir(), "v.csv")
	must(t, os.WriteFile(file, []byte(table(later, "other.png")), 0o666))
	r, err := c.Import(t.Context(), api.ImportOptions{Model: "m", File: file})
	must(t, err)
	if r.New != 2 {
		t.Fatalf("%+v", r)
	}
	for i, name := range []string{"later.png", "other.png"} {
		img := image.NewGray(image.Rect(0, 0, 9+i, 9))
		var b bytes.Buffer
		must(t, png.Encode(&b, img))
		must(t, os.WriteFile(filepath.Join(folder, name), b.Bytes(), 0o666))
	}
	_, err = c.Index(t.Context(), []string{folder}, api.IndexOptions{})
	must(t, err)
	info, err := c.Info(t.Context())
	must(t, err)
	if info.Pictures != 3 {
		t.Errorf("%d pictures, not 3", info.Pictures)
	}
	for _, s := range info.Spaces {
		if s.Model == "m" && s.Covered != 2 {
			t.Errorf("%+v", s)
		}
	}
}

// The case of names.txt begins with a byte order mark; the others are of its kind.
func TestNamesAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for _, c2 := range []struct {
		why, file, text, told string
		columns               api.Columns
	}{
		{"a byte order mark", "names.txt", "\ufeffChad\nMali\nFrance\n", "", nil},
		{"UTF-16 with returns", "names.txt", utf16LE("\ufeffChad\r\nMali\r\nFrance\r\n"), "UTF-16LE", nil},
		{"UTF-16 without a mark", "names.txt", utf16LE("Chad\nMali\nFrance"), "UTF-16LE", nil},
		{"old line ends", "names.txt", "Chad\rMali\rFrance\r", "", nil},
		{"empty lines at the end", "names.txt", "Chad\nMali\nFrance\n\n\n", "", nil},
		{"a title", "names.txt", "name\nChad\nMali\nFrance\n", "names from column name", nil},
		{"a table", "names.csv", "id,name\n1,Chad\n2,Mali\n3,France\n", "names from column name", nil},
		{"a table with tabs called .txt", "names.txt", "label\ttitle\n1\tChad\n1\tMali\n1\tFrance\n", "names from column title, tabs between columns", nil},
		{"a column of paths", "names.csv", "file_name,label\nx/Chad.png,1\nx/Mali.png,1\nx/France.png,2\n", "names from column file_name", nil},
		{"quotes in .csv", "names.csv", "\"Chad\"\n\"Mali\"\n\"France\"\n", "", nil},
		{"said", "names.csv", "7;Chad\n8;Mali\n9;France\n", "names from column 2, semicolons between columns", api.Columns{api.NameColumn: "2"}},
	} {
		dir := t.TempDir()
		c := open(t, filepath.Join(dir, "c"), akin.Options{})
		base := filepath.Join(dir, "base.csv")
		must(t, os.WriteFile(base, []byte(table("Chad", "Mali", "France")), 0o666))
		_, err := c.Import(t.Context(), api.ImportOptions{Model: "base", File: base})
		must(t, err)
		names := filepath.Join(dir, c2.file)
		must(t, os.WriteFile(names, []byte(c2.text), 0o666))
		vectors := filepath.Join("testdata", "names", "v.npy")
		r, err := c.Import(t.Context(), api.ImportOptions{Model: "m", File: vectors, Names: names, Columns: c2.columns})
		if err != nil || r.Matched != 3 || r.New != 0 {
			t.Errorf("%s: %+v, %v", c2.why, r, err)
			continue
		}
		told := ""
		if len(r.Tables) > 0 {
			told = r.Tables[0].String()
		}
		if told != c2.told {
			t.Errorf("%s: told %q", c2.why, told)
		}
		if data, err := json.Marshal(r); err != nil || !strings.Contains(string(data), `"matched":3,"matched_by":{"path":0,"file":0,"name":3},"new":0`) {
			t.Errorf("%s", data)
		}
	}
	for _, c2 := range []struct{ why, file, text, want string }{
		{"two columns that nobody named", "names.csv", "7,Chad\n8,Mali\n9,France\n", "which column has the names? It has 7 and Chad; --column name=COLUMN"},
		{"another encoding", "names.txt", "Chad\nCura\xe7ao\nFrance\n", `line 2, "Cura\xe7ao", is not UTF-8: save the file as UTF-8`},
		{"an empty line", "names.txt", "Chad\n\nFrance\n", "line 2 is empty"},
		{"too few", "names.txt", "Chad\nMali\n", "it has 3 rows, and"},
	} {
		dir := t.TempDir()
		c := open(t, filepath.Join(dir, "c"), akin.Options{})
		names := filepath.Join(dir, c2.file)
		must(t, os.WriteFile(names, []byte(c2.text), 0o666))
		_, err := c.Import(t.Context(), api.ImportOptions{Model: "m", File: filepath.Join("testdata", "names", "v.npy"), Names: names})
		if err == nil || !strings.Contains(err.Error(), c2.want) {
			t.Errorf("%s: %v", c2.why, err)
		}
	}
}

func utf16LE(text string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}
