package frame

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/akin-search/akin/internal/bounded"
)

func open(t testing.TB, path string) *Frame {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	frame, err := Open(f)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	t.Cleanup(func() { _ = frame.Close() })
	return frame
}

// equal compares a cell with what pyarrow or pandas reads there.
func equal(c Cell, want any) bool {
	switch w := want.(type) {
	case nil:
		return c.Kind == Null
	case string:
		return c.Kind == Text && c.Text == w
	case bool:
		return c.Kind == Text && c.Text == map[bool]string{true: "true", false: "false"}[w]
	case float64:
		return c.Kind == Number && c.Number == w
	case map[string]any:
		return c.Kind == Other
	case []any:
		if len(w) == 0 {
			return c.Kind == Null
		}
		if _, ok := w[0].(string); ok {
			var texts []string
			for _, s := range w {
				texts = append(texts, s.(string))
			}
			return c.Kind == Text && c.Text == strings.Join(texts, ";")
		}
		for i, v := range w {
			if i >= len(c.Values) || c.Values[i] != float32(v.(float64)) {
				return false
			}
		}
		return c.Kind == Values && len(c.Values) == len(w)
	}
	return false
}

// pyarrowRows are the rows of the table that testdata/make.py writes in all formats, as pyarrow reads it in Parquet.
func pyarrowRows(t *testing.T) (rows []map[string]any) {
	t.Helper()
	data, err := os.ReadFile("testdata/want.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// readsAs compares a file with rows by the titles of their columns, which it has in this order.
func readsAs(t *testing.T, path, titles string, rows []map[string]any) {
	t.Helper()
	f := open(t, path)
	if got := strings.Join(f.Titles, " "); got != titles {
		t.Errorf("%s: columns %s", path, got)
	}
	for i, row := range rows {
		cells, err := f.Read()
		if err != nil {
			t.Fatalf("%s: row %d: %v", path, i, err)
		}
		for k, title := range f.Titles {
			if !equal(cells[k], row[title]) {
				t.Errorf("%s: row %d, %s: %+v, not %v", path, i, title, cells[k], row[title])
			}
		}
	}
	if _, err := f.Read(); !errors.Is(err, io.EOF) {
		t.Errorf("%s: after the last row: %v", path, err)
	}
}

// plainTitles are the columns of the table in every format.
const plainTitles = "id name score good tags embedding fixed half whole nested image.bytes image.path"

// The files were written by pyarrow and pandas (testdata/make.py); the right cells are what pyarrow reads.
func TestTablesAreReadAsPyarrowReadsThem(t *testing.T) {
	t.Parallel()
	rows := pyarrowRows(t)
	for _, name := range []string{"plain", "snappy", "gzip", "zstd", "brotli", "lz4", "groups", "v2", "pages", "split", "delta"} {
		readsAs(t, filepath.Join("testdata", name+".parquet"), plainTitles, rows)
	}
}

func TestJSONLinesAreReadAsPandasWroteThem(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/pandas.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, "testdata/pandas.jsonl")
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		var want map[string]any
		if err := json.Unmarshal([]byte(line), &want); err != nil {
			t.Fatal(err)
		}
		cells, err := f.Read()
		if err != nil {
			t.Fatal(err)
		}
		for k, title := range f.Titles {
			if !equal(cells[k], want[title]) {
				t.Errorf("row %d, %s: %+v, not %v", i, title, cells[k], want[title])
			}
		}
	}
}

func write(t testing.TB, name, data string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(data), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestJSONLinesHaveTheColumnsOfAllRows(t *testing.T) {
	t.Parallel()
	for why, text := range map[string]string{
		"lines":             "{\"a\": 1}\n{\"b\": {\"c\": \"x\", \"d\": [1, null]}, \"a\": 2}\n",
		"an array":          `[{"a": 1}, {"b": {"c": "x", "d": [[1], 2]}, "a": 2}]`,
		"one on many lines": "{\n\"a\": 1\n}\n\n{\"b\":{\"c\":\"x\",\"d\":[{}]},\n\"a\":2}",
	} {
		f := open(t, write(t, "x.jsonl", text))
		if got := strings.Join(f.Titles, " "); got != "a b.c b.d" {
			t.Errorf("%s: columns %s", why, got)
		}
		first, err := f.Read()
		if err != nil || len(first) != 3 || first[0].Text != "1" || first[1].Kind != Null {
			t.Errorf("%s: %v, %v", why, first, err)
		}
		second, err := f.Read()
		if err != nil || second[0].Text != "2" || second[1].Text != "x" || second[2].Kind != Other {
			t.Errorf("%s: %v, %v", why, second, err)
		}
		if _, err := f.Read(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", why, err)
		}
	}
}

// Columns that are not kept cost nothing and are null.
func TestOnlyKeptColumnsAreRead(t *testing.T) {
	t.Parallel()
	f := open(t, "testdata/groups.parquet")
	f.Keep(1)
	for _, want := range []string{"Chad", "Mali", "Tchad é", "", "a;b"} {
		cells, err := f.Read()
		if err != nil || cells[1].Text != want || cells[0].Kind != Null || cells[5].Kind != Null {
			t.Errorf("%v, %v", cells[:2], err)
		}
	}
}

// readAll reads a file to its end.
func readAll(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	t, err := Open(f)
	if err != nil {
		return err
	}
	defer t.Close()
	for {
		if _, err := t.Read(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestDamagedTablesAreRefused(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct{ name, data, says string }{
		"no Parquet":       {"x.parquet", "PAR1 and nothing more", "does not end as a Parquet file"},
		"empty":            {"x.parquet", "", "it has 0 bytes"},
		"a lying footer":   {"x.parquet", "PAR1" + strings.Repeat("x", 20) + "\xff\xff\xff\x7fPAR1", "a footer of 2147483647 bytes"},
		"an empty list":    {"x.jsonl", "", "it has no object"},
		"a number":         {"x.jsonl", "1\n2", "row 1: it begins with"},
		"prose":            {"x.jsonl", "Dear all", "row 1:"},
		"an open object":   {"x.jsonl", `{"a": 1}` + "\n" + `{"a": `, "row 2: unexpected"},
		"behind the array": {"x.jsonl", `[{"a": 1}] {"a": 2}`, "something follows"},
	} {
		if err := readAll(write(t, c.name, c.data)); !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", why, err)
		}
	}
}

// A page header that promises gigabytes is refused before anything is unpacked.
func TestPagesThatUnpackToGigabytesAreRefused(t *testing.T) {
	t.Parallel()
	for says, page := range map[string]format.DataPageHeader{
		"unpacks to 1073741824 bytes and 5 values": {NumValues: 5},
		"unpacks to 100 bytes and 2000000000":      {NumValues: 2_000_000_000},
	} {
		header := format.PageHeader{UncompressedPageSize: 1 << 30, CompressedPageSize: 10, DataPageHeader: thrift.New(page)}
		if page.NumValues > 5 {
			header.UncompressedPageSize = 100
		}
		data, err := thrift.Marshal(new(thrift.CompactProtocol), &header)
		if err != nil {
			t.Fatal(err)
		}
		chunk := format.ColumnChunk{MetaData: format.ColumnMetaData{NumValues: int64(page.NumValues), TotalCompressedSize: int64(len(data) + 10)}}
		if err := checkPages(strings.NewReader(string(data)+"0123456789"), &chunk); err == nil || !strings.Contains(err.Error(), says) {
			t.Error(err)
		}
	}
}

// A footer that lies about where pages lie, or how many, hides none of those that are read.
func TestPagesAreCheckedWhateverTheFooterSays(t *testing.T) {
	t.Parallel()
	page := func(unpacked, values, second int32) string {
		header := format.PageHeader{UncompressedPageSize: unpacked, CompressedPageSize: 10, DataPageHeader: thrift.New(format.DataPageHeader{NumValues: values})}
		if second > 0 {
			header.DataPageHeaderV2 = thrift.New(format.DataPageHeaderV2{NumValues: second})
		}
		data, err := thrift.Marshal(new(thrift.CompactProtocol), &header)
		if err != nil {
			t.Fatal(err)
		}
		return string(data) + "0123456789"
	}
	good, bad := page(100, 5, 0), page(1<<30, 5, 0)
	all := int64(len(good + bad))
	for why, c := range map[string]struct {
		data string
		meta format.ColumnMetaData
		says string
	}{
		"no values":                {bad, format.ColumnMetaData{TotalCompressedSize: all}, "unpacks to 1073741824 bytes"},
		"a page more than values":  {good + bad, format.ColumnMetaData{NumValues: 5, TotalCompressedSize: all}, "unpacks to 1073741824 bytes"},
		"an end past all numbers":  {"x" + bad, format.ColumnMetaData{NumValues: 5, DataPageOffset: 1, TotalCompressedSize: math.MaxInt64}, "it has 9223372036854775807 bytes"},
		"a dictionary behind data": {good + bad, format.ColumnMetaData{NumValues: 5, DictionaryPageOffset: int64(len(good)), TotalCompressedSize: int64(len(bad))}, "unpacks to 1073741824 bytes"},
		"a page of two kinds":      {page(100, 5, 2e9), format.ColumnMetaData{NumValues: 5, TotalCompressedSize: all}, "2000000000 values"},
	} {
		if err := checkPages(strings.NewReader(c.data), &format.ColumnChunk{MetaData: c.meta}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", why, err)
		}
	}
	chunk := format.ColumnChunk{MetaData: format.ColumnMetaData{NumValues: 5, TotalCompressedSize: all + 100}}
	if err := checkPages(strings.NewReader(good), &chunk); err != nil {
		t.Errorf("nothing behind the last page: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.parquet")
	for _, name := range append(files, "testdata/pandas.jsonl") {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if len(data) < 10_000 {
			f.Add(data)
		}
	}
	f.Add([]byte(`{"annotations": [{"image_id": 1, "category_id": 2}], "images": [{"id": 1, "file_name": "a.png"}], "categories": [{"id": 2, "name": "b"}]}`))
	f.Add([]byte(`{"samples": [{"filepath": "a.png", "tags": ["b"]}], "more": 1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, ext := range []string{".parquet", ".jsonl", ".json"} {
			path := write(t, "x"+ext, string(data))
			bounded.Run(t, 64<<20+1000*uint64(len(data)), 5*time.Second, func() {
				if err := readAll(path); err != nil && !errors.Is(err, ErrFile) {
					t.Errorf("%s: %v", ext, err)
				}
			})
		}
	})
}

// Brackets without end are refused before the decoder has remembered each.
func TestBracketsWithoutEndAreRefused(t *testing.T) {
	t.Parallel()
	brackets := strings.Repeat("[", 1<<20)
	for name, text := range map[string]string{
		"a member that is passed over": `{"info": ` + brackets,
		"a cell":                       `[{"a": ` + brackets,
		"a member between":             `{"annotations": [], "info": ` + brackets,
	} {
		if err := readAll(write(t, "x.json", text)); !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), "more than 10000 brackets") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A picture may have any number of categories: 40,000 took 20 seconds where each was compared with those before it.
func TestManyCategoriesOfOnePictureTakeNoLonger(t *testing.T) {
	t.Parallel()
	const n = 400_000
	var b strings.Builder
	b.WriteString(`{"images": [{"id": 1, "file_name": "a.jpg"}], "categories": [{"id": 7, "name": "bird"}], "annotations": [`)
	for i := range n {
		fmt.Fprintf(&b, `{"image_id":1,"category_id":%d},`, i)
	}
	b.WriteString(`{"image_id": 1, "category_id": 7}]}`)
	path := write(t, "x.json", b.String())
	start := time.Now()
	f := open(t, path)
	cells, err := f.Read()
	if err != nil || cells[slices.Index(f.Titles, "tags")].Text != "bird" { // once, although it is annotated twice
		t.Errorf("%v, %v", cells, err)
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("%d annotations took %v", n, took)
	}
}
