package table_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/bounded"
	"github.com/akin-search/akin/internal/table"
)

func wide(text string, order binary.AppendByteOrder, mark bool) string {
	var b []byte
	if mark {
		text = "\ufeff" + text
	}
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

func wider(text string, order binary.AppendByteOrder) string {
	var b []byte
	for _, r := range "\ufeff" + text {
		b = order.AppendUint32(b, uint32(r))
	}
	return string(b)
}

func rows(t *testing.T, text string, o table.Options) (*table.Reader, [][]string, error) {
	t.Helper()
	in, err := table.NewReader(strings.NewReader(text), o)
	if err != nil {
		return nil, nil, err
	}
	var out [][]string
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			return in, out, nil
		}
		if err != nil {
			return in, out, err
		}
		out = append(out, slices.Clone(fields))
	}
}

func TestEveryEncodingAndLineEndIsTheSameText(t *testing.T) {
	t.Parallel()
	const text = "name,path\nCôte d’Ivoire,a.png\n日本 🎌,b/一.png\n"
	want := [][]string{{"name", "path"}, {"Côte d’Ivoire", "a.png"}, {"日本 🎌", "b/一.png"}}
	for end, text := range map[string]string{
		"LF": text, "CRLF": strings.ReplaceAll(text, "\n", "\r\n"), "CR": strings.ReplaceAll(text, "\n", "\r"), "none at the end": strings.TrimSuffix(text, "\n"),
	} {
		for why, bytes := range map[string]string{
			"UTF-8": text, "a mark": "\ufeff" + text,
			"UTF-16LE": wide(text, binary.LittleEndian, true), "UTF-16BE": wide(text, binary.BigEndian, true),
			"UTF-16LE without a mark": wide(text, binary.LittleEndian, false), "UTF-16BE without a mark": wide(text, binary.BigEndian, false),
			"UTF-32LE": wider(text, binary.LittleEndian), "UTF-32BE": wider(text, binary.BigEndian),
		} {
			_, got, err := rows(t, bytes, table.Options{})
			if err != nil || !slices.EqualFunc(got, want, slices.Equal) {
				t.Errorf("%s, %s: %q, %v", why, end, got, err)
			}
		}
	}
	// What is mostly other letters is told by its line ends.
	_, got, err := rows(t, wide("日本\n中国一\n", binary.LittleEndian, false), table.Options{})
	if err != nil || fmt.Sprint(got) != "[[日本] [中国一]]" {
		t.Errorf("%q, %v", got, err)
	}
	for why, bytes := range map[string]string{"zeros": string(make([]byte, 1000)), "a picture": "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01"} {
		if _, _, err := rows(t, bytes, table.Options{}); !errors.Is(err, table.ErrText) {
			t.Errorf("%s: %v", why, err)
		}
	}
}

func TestSeparatorsAreFoundOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, text string
		separator rune
		second    string // row, with bars between its fields
	}{
		{"commas", "name,path\nChad,a.png\n", ',', "Chad|a.png"},
		{"semicolons", "name;path\nKorea, South;a.png\n", ';', "Korea, South|a.png"},
		{"tabs", "name\tpath\nChad, the\ta.png\n", '\t', "Chad, the|a.png"},
		{"bars", "name|path\nChad|a.png\n", '|', "Chad|a.png"},
		{"semicolons within a column of tags", "path,tags\na.png,a;b;c\nb.png,a\n", ',', "a.png|a;b;c"},
		{"as many tags in every row, and no titles", "Chad,a.png,x;y\nMali,b.png,x;z\n", ',', "Mali|b.png|x;z"},
		{"decimal commas, and no titles", "Chad;0,5;1,5\nMali;2,5;3,5\n", ';', "Mali|2,5|3,5"},
		{"captions with commas that nobody quoted", "file_name,text\na.png,one, two\nb.png,three, four\n", ',', "a.png|one| two"},
		{"captions between semicolons, and no titles", "a.png;one, two;x\nb.png;three, four;y\n", ';', "b.png|three, four|y"},
		{"captions between tabs, and no titles", "a.png\tone,two\tx\nb.png\tthree,four\ty\n", '\t', "b.png|three,four|y"},
		{"rows of different lengths", "Mali,Senegal,Guinea\nChad,Romania\n", ',', "Chad|Romania"},
		{"one column, of which one has a comma", "Chad\nKorea, South\nMali\nPeru\n", table.None, "Korea, South"},
		{"what Excel writes first", "sep=;\na;b\nc;d,e\n", ';', "c|d,e"},
		{"separators within quotes", "\"a;b;c\",\"d\"\n\"e;f;g\",\"h\"\n", ',', "e;f;g|h"},
	} {
		in, got, err := rows(t, c.text, table.Options{})
		if err != nil || in.Separator != c.separator || len(got) < 2 || strings.Join(got[1], "|") != c.second {
			t.Errorf("%s: %q, %q, %v", c.why, in.Separator, got, err)
		}
	}
}

// What Python 3.12's csv.reader gives of the same lines.
func TestQuotesAreReadAsPythonReadsThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, text string
		want      []string
	}{
		{"quotes in quotes", `"the ""South""",b`, []string{`the "South"`, "b"}},
		{"a separator in quotes", `"a,b",c`, []string{"a,b", "c"}},
		{"a line break in quotes", "\"a\nb\",c", []string{"a\nb", "c"}},
		{"text behind a closing quote", `"a"b,c`, []string{"ab", "c"}},
		{"a quote within a field", `a "b" c,d`, []string{`a "b" c`, "d"}},
		{"empty fields", `"",,""`, []string{"", "", ""}},
	} {
		_, got, err := rows(t, c.text, table.Options{Separator: ','})
		if err != nil || len(got) != 1 || !slices.Equal(got[0], c.want) {
			t.Errorf("%s: %q, %v", c.why, got, err)
		}
	}
	_, _, err := rows(t, "a,b\n\nc,\"d\ne,f\n", table.Options{})
	if !errors.Is(err, table.ErrRow) || !strings.Contains(err.Error(), "line 3: a quote opens") {
		t.Errorf("a quote without end: %v", err)
	}
}

func TestPlainTextIsLinesUnlessItHasTitles(t *testing.T) {
	t.Parallel()
	in, got, err := rows(t, "Korea, South\r\n\r\n\"x\"\n", table.Options{Plain: true})
	if err != nil || !in.Lines || fmt.Sprintf("%q", got) != `[["Korea, South"] [""] ["\"x\""]]` {
		t.Errorf("lines: %q, %v", got, err)
	}
	in, got, err = rows(t, "file_name\ttext\na.png\tred\n", table.Options{Plain: true})
	if err != nil || in.Lines || !in.Titled || len(got) != 2 || len(got[1]) != 2 {
		t.Errorf("titles: %q, %v", got, err)
	}
}

func TestColumnsCanBeSaid(t *testing.T) {
	t.Parallel()
	c, err := api.ParseColumns("path=Image File, name=3", table.Path, table.Name)
	if err != nil {
		t.Fatal(err)
	}
	first := []string{"id", "image_file", "who"}
	at, byTitle, err := table.Find(c, table.Path, first)
	if at != 1 || !byTitle || err != nil {
		t.Error(at, byTitle, err)
	}
	at, byTitle, err = table.Find(c, table.Name, first)
	if at != 2 || byTitle || err != nil {
		t.Error(at, byTitle, err)
	}
	if _, _, err = table.Find(c, table.Path, []string{"a", "b"}); err == nil || !strings.Contains(err.Error(), "no column Image File, only a and b") {
		t.Error(err)
	}
	for _, bad := range []string{"", "path", "path=", "nose=1", "path=1,path=2"} {
		if _, err := api.ParseColumns(bad, table.Path, table.Name); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func FuzzReader(f *testing.F) {
	for _, s := range []string{"name,path\nChad,a.png\n", "\ufeffa;b\r\"c\";d\r", wide("a\tb\n", binary.LittleEndian, true), "sep=;\n", "\"\n"} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, plain bool) {
		bounded.Run(t, 16<<20+200*uint64(len(data)), 5*time.Second, func() { readAll(t, data, plain) })
	})
}

// readAll holds that every row begins in a line of its own, and that no row is made longer.
func readAll(t *testing.T, data []byte, plain bool) {
	in, err := table.NewReader(bytes.NewReader(data), table.Options{Plain: plain})
	if err != nil {
		return
	}
	bytes, line := 0, 0
	for {
		fields, err := in.Read()
		if err != nil {
			return
		}
		if len(fields) == 0 || in.Line() <= line {
			t.Fatalf("%q in line %d after %d", fields, in.Line(), line)
		}
		line = in.Line()
		for _, field := range fields {
			bytes += len(field)
		}
		if bytes > 4*len(data)+4 { // a byte of UTF-16 is two of UTF-8 at most
			t.Fatalf("%d bytes of %d", bytes, len(data))
		}
	}
}
