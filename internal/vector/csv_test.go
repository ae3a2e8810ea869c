package vector

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/table"
)

func utf16LE(text string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

// pandas 2.3 with NumPy 2 wrote np2.csv of lists of numbers, and label2.csv, with a column a
// value, of the same.
func TestWhatPandasWritesOfNumPy2IsRead(t *testing.T) {
	t.Parallel()
	read := func(name string) CSV {
		data, err := os.ReadFile(filepath.Join("testdata", "tables", name))
		if err != nil {
			t.Fatal(err)
		}
		csv, err := ReadCSV(strings.NewReader(string(data)), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return csv
	}
	lists, columns, ids := read("np2.csv"), read("label2.csv"), read("id_first.csv")
	if lists.Rows.Dim != 8 || lists.Rows.Rows() != 5 || lists.Names[4] != "eps" || lists.Columns.String() != "names from column name, values from column features" {
		t.Errorf("np2.csv: %q, (%d, %d), %s", lists.Names, lists.Rows.Rows(), lists.Rows.Dim, lists.Columns)
	}
	if columns.Columns.String() != "names from column name, values from column e0 to e7" {
		t.Errorf("label2.csv: %s", columns.Columns)
	}
	if !slices.Equal(flat(lists.Rows), flat(columns.Rows)) {
		t.Errorf("the same numbers, written in two ways:\n%v\n%v", flat(lists.Rows), flat(columns.Rows))
	}
	if !slices.Equal(ids.Names, []string{"a", "b"}) || !slices.Equal(flat(ids.Rows), []float32{1, 2, 3, 4}) {
		t.Errorf("id_first.csv: %q, %v", ids.Names, flat(ids.Rows))
	}
}

func TestCSVColumnsAreUnderstood(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, text string
		said      api.Columns
		names     string
		values    []float32
		told      string
	}{
		{"scalars of other types", "name,features\na,\"[np.float64(1.5), float16(2), tensor(3.), numpy.int64(4)]\"\n", nil, "a", []float32{1.5, 2, 3, 4}, ""},
		{"an array as Python shows it", "name,v\na,\"array([1., 2.5,\n       3.], dtype=float32)\"\n", nil, "a", []float32{1, 2.5, 3}, ""},
		{"a tensor as Python shows it", "name,v\na,\"tensor([1., 2.], device='cuda:0', grad_fn=<Backward0>)\"\n", nil, "a", []float32{1, 2}, ""},
		{"a tuple", "name,v\na,\"(1, 2.5)\"\n", nil, "a", []float32{1, 2.5}, ""},
		{"semicolons and decimal commas", "name;e0;e1\na;0,5;-1,25e1\n", nil, "a", []float32{0.5, -12.5}, "names from column name, values from column e0 to e1, semicolons between columns"},
		{"tabs in UTF-16, as Excel saves text", utf16LE("\ufeffname\te0\te1\r\nä\t0,5\t1\r\n"), nil, "ä", []float32{0.5, 1}, ""},
		{"UTF-8 with a mark", "\ufeffname,e0,e1\nChad,1,2\n", nil, "Chad", []float32{1, 2}, ""},
		{"dimensions with their word", "file_name,label,dim_0,dim_1,dim_2\na.png,7,1,2,3\n", nil, "a.png", []float32{1, 2, 3}, "names from column file_name, values from column dim_0 to dim_2"},
		{"a class before its path", "class,path,f0,f1\n3,b/a.png,1,2\n", nil, "b/a.png", []float32{1, 2}, ""},
		{"columns that count from one", "name,1,2\na,5,6\n", nil, "a", []float32{5, 6}, ""},
		{"R's V1, V2", "\"\",\"V1\",\"V2\"\n\"a\",1,2\n", nil, "a", []float32{1, 2}, ""},
		{"a box and the values", "name,box_0,box_1,e0,e1,e2\na,9,9,1,2,3\n", nil, "a", []float32{1, 2, 3}, ""},
		{"two classes and titles of their own", "name,class_1,class_2,x,y\na,9,9,1,2\n", nil, "a", []float32{1, 2}, ""},
		{"a numbered title among others", "name,a1,b,c7\na,1,2,3\n", nil, "a", []float32{1, 2, 3}, ""},
		{"a row's number and the name", "index,id,title,e0,e1\n0,17,Chad,1,2\n", nil, "Chad", []float32{1, 2}, ""},
		{"an id and a caption", "id,text,e0,e1\nx7,a red one,1,2\n", nil, "x7", []float32{1, 2}, ""},
		{"a name that was said", "id,who,e0,e1\n7,Chad,1,2\n", api.Columns{table.Name: "who"}, "Chad", []float32{1, 2}, "names from column who, values from column e0 to e1"},
		{"values that were said", "name,x0,x1,y0,y1\na,1,2,3,4\n", api.Columns{table.Values: "y0"}, "a", []float32{3, 4}, ""},
	} {
		csv, err := ReadCSV(strings.NewReader(c.text), c.said)
		if err != nil || strings.Join(csv.Names, "|") != c.names || !slices.Equal(flat(csv.Rows), c.values) || c.told != "" && csv.Columns.String() != c.told {
			t.Errorf("%s: %q, %v, %s, %v", c.why, csv.Names, csv.Rows, csv.Columns, err)
		}
	}
	for _, c := range []struct{ why, text, want string }{
		{"two runs as long", "name,x0,x1,y0,y1\na,1,2,3,4\n", "the columns x0 to x1 and y0 to y1 can both be the values"},
		{"a class alone", "name,class_1\na,1\n", "no column has numbers"},
		{"a name in another encoding", "name,e0\n\xe4,1\n", "row 1 (\"\\xe4\", line 2): its name is not UTF-8"},
		{"half a scalar", "name,features\na,\"[np.float32(1.5, 2]\"\n", "is not a number"},
		{"a call that is no number", "name,features\na,\"[exec(1)]\"\n", "is not a number"},
	} {
		if _, err := ReadCSV(strings.NewReader(c.text), nil); !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.why, err)
		}
	}
}
