package source_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/source"
)

func utf16LE(text string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

func TestListsTellTheirColumns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, file, text string
		columns         api.Columns
		want            []string
		told            string
	}{
		{"Hugging Face's imagefolder", "metadata.csv", "file_name,text\na.png,a red one\nb/c.png,a blue one\n", nil,
			[]string{"a.png = a red one", "b/c.png = a blue one"}, "paths from column file_name, names from column text"},
		{"a label that repeats is no name", "l.csv", "image_path,label\na.png,cat\nb/c.png,cat\n", nil, []string{"a.png", "b/c.png"}, "paths from column image_path"},
		{"an id and a path", "l.csv", "id,filepath\n17,a.png\n18,b/c.png\n", nil, []string{"a.png = 17", "b/c.png = 18"}, "paths from column filepath, names from column id"},
		{"the name before the id", "l.csv", "id,name,img\n17,Chad,a.png\n18,Mali,b/c.png\n", nil, []string{"a.png = Chad", "b/c.png = Mali"}, "paths from column img, names from column name"},
		{"semicolons and a decimal comma", "l.csv", "Name;Score;File\nChad;0,5;a.png\n", nil, []string{"a.png = Chad"}, "paths from column File, names from column Name, semicolons between columns"},
		{"bars in a file called .tsv", "l.tsv", "name|path\nChad|a.png\n", nil, []string{"a.png = Chad"}, "paths from column path, names from column name, bars between columns"},
		{"UTF-16, as Excel saves text", "l.csv", utf16LE("\ufefffile_name\ttext\r\na.png\tä\r\n"), nil, []string{"a.png = ä"}, "paths from column file_name, names from column text, tabs between columns, UTF-16LE"},
		{"UTF-16 lines without a mark", "l.txt", utf16LE("a.png\r\nb/c.png\r\n"), nil, []string{"a.png", "b/c.png"}, "UTF-16LE"},
		{"old line ends", "l.csv", "name,path\rChad,a.png\r", nil, []string{"a.png = Chad"}, "paths from column path, names from column name"},
		{"a table called .txt", "l.txt", "file_name,label\na.png,1\n", nil, []string{"a.png = 1"}, "paths from column file_name, names from column label"},
		{"lines under a title", "l.txt", "path\na.png\nb/c.png\n", nil, []string{"a.png", "b/c.png"}, "paths from column path"},
		{"a title over one column", "l.csv", "file\na.png\nb/c.png\n", nil, []string{"a.png", "b/c.png"}, "paths from column file"},
		{"titles that nobody knows", "l.csv", "what,where\nred,a.png\nblue,b/c.png\n", nil, []string{"a.png", "b/c.png"}, "paths from column where"},
		{"no titles, the path first", "l.csv", "a.png,red\nb/c.png,blue\n", nil, []string{"a.png = red", "b/c.png = blue"}, "paths from column 1, names from column 2"},
		{"the file is there, the address was its source", "l.csv", "url,local_path\nhttp://x.org/1,a.png\n", nil, []string{"a.png"}, "paths from column local_path"},
		{"the picture's address, not the page's", "l.csv", "url,image_url\nhttp://x.org/1,http://x.org/1.png\n", nil, []string{"http://x.org/1.png"}, "paths from column image_url"},
		{"a title that says path over what is none", "l.csv", "source,pic file\nflickr,a.png\nflickr,b/c.png\n", nil, []string{"a.png", "b/c.png"}, "paths from column pic file"},
		{"one that has the name of a title", "l.csv", "Source,a.png\nMali,b/c.png\n", nil, []string{"a.png = Source", "b/c.png = Mali"}, "paths from column 2, names from column 1"},
		{"Windows's backslashes", "l.csv", "path\nb\\c.png\n", nil, []string{"b/c.png"}, "paths from column path"},
		{"a path that was copied with its quotes", "l.txt", "\"b/c.png\"\n", nil, []string{"b/c.png"}, ""},
		{"both are files, and one was said", "l.csv", "front,back\na.png,b/c.png\n", api.Columns{"path": "back"}, []string{"b/c.png"}, "paths from column back"},
		{"said by number", "l.csv", "a.png,b/c.png,x\n", api.Columns{"path": "2", "name": "3"}, []string{"b/c.png = x"}, "paths from column 2, names from column 3"},
	} {
		dir := t.TempDir()
		files(t, dir, "a.png", "b/c.png")
		list := filepath.Join(dir, c.file)
		if err := os.WriteFile(list, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		told := ""
		found, problems := walk(t, dir, source.Options{Columns: c.columns, Understood: func(u api.Understood) { told = u.String() }}, list)
		same(t, c.why, found, c.want...)
		same(t, c.why, problems)
		if told != c.told {
			t.Errorf("%s: told %q, want %q", c.why, told, c.told)
		}
	}
}

func TestAListThatIsNotUnderstoodIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, text string
		columns   api.Columns
		want      string
	}{
		{"two columns of pictures", "front,back\na.png,b/c.png\n", nil, "the columns front and back are both of pictures"},
		{"two titles that say path", "image,photo\na.png,b/c.png\n", nil, "the columns image and photo are both"},
		{"no titles and two columns of pictures", "a.png,b/c.png\nb/c.png,a.png\n", nil, "the columns 1 and 2 are both"},
		{"no column of pictures", "one,two\nx,y\n", nil, "no column has files or addresses that are there: it has one and two"},
		{"a column that is not there", "path,name\na.png,x\n", api.Columns{"path": "paht"}, "it has no column paht, only path and name"},
		{"a quote without end", "path,name\na.png,\"x\nb/c.png,y\n", nil, "line 2: a quote opens and is never closed"},
	} {
		dir := t.TempDir()
		files(t, dir, "a.png", "b/c.png")
		list := filepath.Join(dir, "l.csv")
		if err := os.WriteFile(list, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		err := source.Walk(t.Context(), []string{list}, source.Options{Columns: c.columns}, func(source.Item) error { return nil })
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), list) {
			t.Errorf("%s: %v", c.why, err)
		}
	}
}

func TestRowsThatGiveNoPictureAreTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files(t, dir, "a.png")
	list := filepath.Join(dir, "l.csv")
	if err := os.WriteFile(list, []byte("file_name,text\na.png,x\nabsent.png,y\n,z\n\xe4.png,w\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	var rows []int
	var items []string
	err := source.Walk(t.Context(), []string{list}, source.Options{Row: func(in string, row int, item string, err error) {
		rows, items = append(rows, row), append(items, item)
		if in != list || row == 5 && !strings.Contains(err.Error(), "save it as UTF-8") {
			t.Errorf("%s, row %d: %v", in, row, err)
		}
	}}, func(source.Item) error { return nil })
	if err != nil || len(rows) != 3 || rows[0] != 3 || rows[1] != 4 || items[0] != "absent.png" || items[1] != "" {
		t.Errorf("%v %q %v", rows, items, err)
	}
}
