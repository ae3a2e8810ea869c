package ftfy

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/akin-search/akin/internal/bounded"
)

func TestTextsAreFixedAsByFtfy(t *testing.T) {
	t.Parallel()
	compare(t, filepath.Join("testdata", "texts.jsonl"), 400)
}

// TestMany compares the file that testdata/make.py writes.
func TestMany(t *testing.T) {
	t.Parallel()
	path := os.Getenv("AKIN_TEST_FTFY")
	if path == "" {
		t.Skip("AKIN_TEST_FTFY names no file of testdata/make.py")
	}
	compare(t, path, 1000)
}

func compare(t *testing.T, path string, atLeast int) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	n, differ := 0, 0
	for ; lines.Scan(); n++ {
		var x [3]string
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			t.Fatal(err)
		}
		got, err := Fix(x[0])
		if err != nil || got != x[1] {
			t.Errorf("%+q:\n got %+q, %v\nwant %+q", x[0], got, err, x[1])
			differ++
		} else if got := UnescapeHTML(x[1]); got != x[2] {
			t.Errorf("unescape %+q:\n got %+q\nwant %+q", x[1], got, x[2])
			differ++
		}
	}
	if err := lines.Err(); err != nil || n < atLeast {
		t.Fatalf("%d texts, %v", n, err)
	}
	t.Logf("%d texts, %d differ", n, differ)
}

func TestUglyTexts(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ why, text, want string }{
		{"bytes that are no UTF-8", "a\xffb\xed\xa0\x80", "a\ufffdb\ufffd\ufffd\ufffd"},
		{"a terminal's colours, without their end", "\x1b[31", "[31"},
		{"a line break between carriage returns", "\r\r\n\n", "\n\n\n"},
		{"more marks than a normal letter has", "e" + strings.Repeat("\u0301", 100), "\u00e9" + strings.Repeat("\u0301", 99)},
		{"ten layers of HTML", "&" + strings.Repeat("amp;", 10) + "lt;", "<"},
	} {
		if got, err := Fix(x.text); err != nil || got != x.want {
			t.Errorf("%s: %q, %v", x.why, got, err)
		}
	}
}

// Each is as long as a query may be, and made to have many passes.
func TestATangledTextTakesLittleTime(t *testing.T) {
	for why, text := range map[string]string{
		"HTML in HTML":              "&" + strings.Repeat("amp;", 1<<18),
		"the same, not all ASCII":   "é&" + strings.Repeat("amp;", 1<<18),
		"UTF-8 in the wrong place":  strings.Repeat("Ã©", 1<<18) + "漢",
		"UTF-8 alone":               strings.Repeat("Ã©", 1<<18),
		"the same in every other":   strings.Repeat("Ã© 漢", 1<<17),
		"escapes without an end":    strings.Repeat("\x1b[", 1<<19),
		"ampersands":                strings.Repeat("&", 1<<20),
		"names without an end":      strings.Repeat("&aaaaaaaaaaaaaaaaaaaaaaa", 1<<15),
		"marks":                     "e" + strings.Repeat("\u0301", 1<<19),
		"marks in the wrong order":  "e" + strings.Repeat("\u0301\u0323", 1<<18),
		"lines":                     strings.Repeat("é\n", 1<<18),
		"lost bytes":                strings.Repeat("â€\ufffd", 1<<17),
		"one long number":           "&#" + strings.Repeat("9", 1<<20) + ";",
		"a text without any reason": strings.Repeat("x", 1<<20),
	} {
		bounded.Run(t, 1<<30, 5*time.Second, func() {
			fixed, err := Fix(text)
			if err != nil && !errors.Is(err, ErrTangled) {
				t.Errorf("%s: %v", why, err)
			}
			UnescapeHTML(fixed)
			UnescapeHTML(text)
		})
	}
}

// FuzzFix holds that any text is fixed, in bounded time, for good.
func FuzzFix(f *testing.F) {
	for _, text := range []string{"Ã©", "í\u00a0\u00bdí\u00b8\u008d", "&amp;NTILDE;", "\x1b[31mâ€œ\ufffd", "a\xff<"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var fixed string
		var err error
		bounded.Run(t, 4<<20+4096*uint64(len(text)), 5*time.Second, func() { fixed, err = Fix(text) })
		if err != nil {
			return
		}
		if !utf8.ValidString(fixed) {
			t.Errorf("%q became %q", text, fixed)
		}
		UnescapeHTML(fixed)
	})
}

func BenchmarkFix(b *testing.B) {
	for name, text := range map[string]string{
		"ascii":    "a photo of a red flag with three green stars",
		"accents":  "Tous les êtres humains naissent libres et égaux en dignité",
		"mojibake": "â€œTous les Ãªtres humains naissent libres et Ã©gauxâ€\u009d",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Fix(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
