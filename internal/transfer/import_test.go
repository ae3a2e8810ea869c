package transfer

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/store/local"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dir string) *space.Collection {
	t.Helper()
	c, err := space.Open(t.Context(), dir, models.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	return c
}

// indexedAs returns a collection with the pictures of files, which need not exist, in a folder.
func indexedAs(t *testing.T, names ...string) (c *space.Collection, folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "pictures")
	dir := filepath.Join(t.TempDir(), "c.akin")
	store, err := local.Open(dir, local.Options{})
	must(t, err)
	w, err := store.Writer()
	must(t, err)
	s, err := w.Space(t.Context(), "own", "f", 2)
	must(t, err)
	var b record.Batch
	for i, name := range names {
		hash := sha256.Sum256([]byte(name))
		b.Puts = append(b.Puts, record.Put{Source: filepath.Join(folder, filepath.FromSlash(name)), Root: folder, Hash: hash, Format: "png"})
		b.Embeddings = append(b.Embeddings, record.Embedding{Space: s.ID, Hash: hash, Vector: []float32{1, float32(i)}})
	}
	must(t, w.Commit(t.Context(), b))
	must(t, errors.Join(w.Close(), store.Close()))
	return open(t, dir), folder
}

func csvOf(names ...string) string {
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
		must(t, os.WriteFile(file, []byte(csvOf(c2.rows...)), 0o666))
		r, err := Import(t.Context(), c, api.ImportOptions{Model: fmt.Sprintf("m%d", i), File: file})
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
		must(t, os.WriteFile(file, []byte(csvOf(c2.rows...)), 0o666))
		_, err := Import(t.Context(), c, api.ImportOptions{Model: "m", File: file})
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

func TestNamesAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for _, c2 := range []struct {
		why, file, text, described string
		columns                    api.Columns
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
		c := open(t, filepath.Join(dir, "c"))
		base := filepath.Join(dir, "base.csv")
		must(t, os.WriteFile(base, []byte(csvOf("Chad", "Mali", "France")), 0o666))
		_, err := Import(t.Context(), c, api.ImportOptions{Model: "base", File: base})
		must(t, err)
		names := filepath.Join(dir, c2.file)
		must(t, os.WriteFile(names, []byte(c2.text), 0o666))
		vectors := filepath.Join("testdata", "names", "v.npy")
		r, err := Import(t.Context(), c, api.ImportOptions{Model: "m", File: vectors, Names: names, Columns: c2.columns})
		if err != nil || r.Matched != 3 || r.New != 0 {
			t.Errorf("%s: %+v, %v", c2.why, r, err)
			continue
		}
		described := ""
		if len(r.Tables) > 0 {
			described = r.Tables[0].String()
		}
		if described != c2.described {
			t.Errorf("%s: described as %q", c2.why, described)
		}
		if data, err := json.Marshal(r); err != nil || !strings.Contains(string(data), `"matched":3,"matched_by":{"path":0,"file":0,"name":3},"new":0`) {
			t.Errorf("%s", data)
		}
	}
	for _, c2 := range []struct{ why, file, text, want string }{
		{"two columns that nobody named", "names.csv", "7,Chad\n8,Mali\n9,France\n", "which column has the names? It has 7 and Chad"},
		{"another encoding", "names.txt", "Chad\nCura\xe7ao\nFrance\n", `line 2, "Cura\xe7ao", is not UTF-8: save the file as UTF-8`},
		{"an empty line", "names.txt", "Chad\n\nFrance\n", "line 2 is empty"},
		{"too few", "names.txt", "Chad\nMali\n", "it has 3 rows, and"},
	} {
		dir := t.TempDir()
		c := open(t, filepath.Join(dir, "c"))
		names := filepath.Join(dir, c2.file)
		must(t, os.WriteFile(names, []byte(c2.text), 0o666))
		_, err := Import(t.Context(), c, api.ImportOptions{Model: "m", File: filepath.Join("testdata", "names", "v.npy"), Names: names})
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

// What the caller must add to an import is an error with fields.
func TestWhatAnImportLacksIsAnError(t *testing.T) {
	t.Parallel()
	c := open(t, filepath.Join(t.TempDir(), "c"))
	vectors := filepath.Join("testdata", "names", "v.npy")
	var noNames *NoRowNamesError
	if _, err := Import(t.Context(), c, api.ImportOptions{Model: "m", File: vectors}); !errors.As(err, &noNames) || noNames.File != vectors {
		t.Errorf("without names: %v", err)
	}
	names := filepath.Join(t.TempDir(), "names.csv")
	must(t, os.WriteFile(names, []byte("7,Chad\n8,Mali\n9,France\n"), 0o666))
	var column *NameColumnError
	if _, err := Import(t.Context(), c, api.ImportOptions{Model: "m", File: vectors, Names: names}); !errors.As(err, &column) || !slices.Equal(column.Columns, []string{"7", "Chad"}) {
		t.Errorf("two columns: %v", err)
	}
}

// Embeddings that are exported and imported again are the same, to the last digit, after normalisation.
func TestEmbeddingsComeBackFromAFile(t *testing.T) {
	t.Parallel()
	c := open(t, filepath.Join(t.TempDir(), "c"))
	first := filepath.Join(t.TempDir(), "first.csv")
	must(t, os.WriteFile(first, []byte("name,x,y,z\na,3,4,0\nb,0,-2,0\nc,1,1,1\n"), 0o666))
	_, err := Import(t.Context(), c, api.ImportOptions{Model: "m", File: first})
	must(t, err)
	e, err := Export(t.Context(), c, "m")
	must(t, err)
	if !slices.Equal(e.Names, []string{"a", "b", "c"}) || !slices.Equal(e.Vector(0), []float32{0.6, 0.8, 0}) || !slices.Equal(e.Vector(1), []float32{0, -1, 0}) {
		t.Errorf("%v: %v, %v", e.Names, e.Vector(0), e.Vector(1))
	}
	names := filepath.Join(t.TempDir(), "names.txt")
	must(t, os.WriteFile(names, []byte("a\nb\nc\n"), 0o666))
	for _, format := range []string{"csv", "parquet", "arrow", "npz", "safetensors", "npy", "faiss"} {
		path := filepath.Join(t.TempDir(), "out."+format)
		f, err := os.Create(path)
		must(t, err)
		must(t, errors.Join(e.Write(f, format), f.Close()))
		other := open(t, filepath.Join(t.TempDir(), "c"))
		o := api.ImportOptions{Model: "m", File: path}
		if format == "npy" || format == "faiss" {
			o.Names = names
		}
		_, err = Import(t.Context(), other, o)
		must(t, err)
		back, err := Export(t.Context(), other, "m")
		must(t, err)
		for i := range e.Names {
			if back.Names[i] != e.Names[i] || !slices.Equal(back.Vector(i), e.Vector(i)) {
				t.Errorf("%s: %s %v, want %s %v", format, back.Names[i], back.Vector(i), e.Names[i], e.Vector(i))
			}
		}
	}
	if err := e.Write(nil, "tar"); !errors.Is(err, api.ErrInvalid) {
		t.Errorf("an unknown format: %v", err)
	}
}
