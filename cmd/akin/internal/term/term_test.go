package term

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// golden compares got with a file; escape characters are shown as ␛ there, so that
// looking at the file is safe.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = strings.ReplaceAll(got, "\x1b", "␛")
	got = strings.ReplaceAll(got, "\r", "␍")
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (rewrite with -update):\n got:\n%s\nwant:\n%s", path, got, want)
	}
}

// screen is a terminal with environment variables and a width.
func screen(width int, vars map[string]string) (*Terminal, *bytes.Buffer) {
	var b bytes.Buffer
	t := &Terminal{W: &b}
	t.read(func(name string) string { return vars[name] }, true)
	t.size = func() size { return size{cols: width, rows: 24} }
	return t, &b
}

var modern = map[string]string{"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "en_GB.UTF-8"}

func TestEnvironmentTellsWhatATerminalShows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why     string
		env     string
		tty     bool
		colors  Depth
		unicode bool
		auto    Mode
	}{
		{"a modern terminal", "TERM=xterm-256color COLORTERM=truecolor LANG=en_GB.UTF-8", true, TrueColor, true, Blocks},
		{"256 colours", "TERM=xterm-256color LANG=de_DE.utf8", true, Palette, true, Blocks},
		{"the Linux console: too few colours for pictures", "TERM=linux LANG=C.UTF-8", true, Sixteen, true, None},
		{"LC_ALL wins over LANG", "TERM=xterm-256color LC_ALL=C LANG=en_GB.UTF-8", true, Palette, false, None},
		{"NO_COLOR also stops pictures made of colours", "TERM=xterm-256color NO_COLOR=1 LANG=C.UTF-8", true, Mono, true, None},
		{"NO_COLOR leaves real pictures", "TERM=xterm-kitty NO_COLOR=1 LANG=C.UTF-8", true, Mono, true, Kitty},
		{"an empty NO_COLOR says nothing", "TERM=xterm-256color NO_COLOR= LANG=C.UTF-8", true, Palette, true, Blocks},
		{"a pipe", "TERM=xterm-kitty COLORTERM=truecolor LANG=C.UTF-8", false, Mono, true, None},
		{"kitty", "TERM=xterm-kitty LANG=C.UTF-8", true, TrueColor, true, Kitty},
		{"kitty with another TERM", "TERM=xterm-256color KITTY_WINDOW_ID=1 LANG=C.UTF-8", true, Palette, true, Kitty},
		{"ghostty", "TERM=xterm-ghostty TERM_PROGRAM=ghostty LANG=C.UTF-8", true, TrueColor, true, Kitty},
		{"iTerm2", "TERM=xterm-256color TERM_PROGRAM=iTerm.app COLORTERM=truecolor LANG=C.UTF-8", true, TrueColor, true, ITerm},
		{"iTerm2 through ssh", "TERM=xterm-256color LC_TERMINAL=iTerm2 LANG=C.UTF-8", true, Palette, true, ITerm},
		{"WezTerm", "TERM=xterm-256color TERM_PROGRAM=WezTerm LANG=C.UTF-8", true, Palette, true, ITerm},
		{"foot", "TERM=foot LANG=C.UTF-8", true, TrueColor, true, Sixel},
		{"mlterm", "TERM=mlterm-256color LANG=C.UTF-8", true, Palette, true, Sixel},
		{"a TERM that says sixel", "TERM=xterm-sixel LANG=C.UTF-8", true, Sixteen, true, Sixel},
		{"tmux in kitty", "TERM=tmux-256color TMUX=/tmp/t KITTY_WINDOW_ID=1 LANG=C.UTF-8", true, Palette, true, Blocks},
		{"VS Code started from kitty", "TERM=xterm-256color TERM_PROGRAM=vscode KITTY_WINDOW_ID=1 LANG=C.UTF-8", true, Palette, true, Blocks},
	} {
		vars := map[string]string{}
		for _, pair := range strings.Fields(c.env) {
			name, value, _ := strings.Cut(pair, "=")
			vars[name] = value
		}
		var term Terminal
		term.read(func(name string) string { return vars[name] }, c.tty)
		if term.Colors != c.colors || term.Unicode != c.unicode || term.Mode(Auto) != c.auto {
			t.Errorf("%s: colours %d, unicode %v, pictures %s; want %d, %v, %s", c.why,
				term.Colors, term.Unicode, term.Mode(Auto), c.colors, c.unicode, c.auto)
		}
		if term.TTY != c.tty {
			t.Errorf("%s: TTY = %v", c.why, term.TTY)
		}
	}
}

func TestDumbTerminalIsAPlainStream(t *testing.T) {
	t.Parallel()
	term, out := screen(40, map[string]string{"TERM": "dumb", "LANG": "C.UTF-8"})
	p := NewProgress(term, false)
	p.Update(State{Done: 1, Total: 2})
	p.Close()
	if term.TTY || term.Colors != Mono || out.Len() > 0 {
		t.Errorf("TTY %v, colours %d, wrote %q", term.TTY, term.Colors, out)
	}
}

func TestCleanNeutralisesHostileNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want, why string }{
		{"Côte d’Ivoire", "Côte d’Ivoire", "ordinary letters"},
		{"日本 🇯🇵 👩‍👩‍👧", "日本 🇯🇵 👩‍👩‍👧", "joined emoji"},
		{"a\x1b[2Jb", `a\x1b[2Jb`, "clears the screen"},
		{"a\x1b]0;title\ab", `a\x1b]0;title\x07b`, "sets the window's title"},
		{"a\u009b2Jb", `a\u009b2Jb`, "CSI in one character of C1"},
		{"a\x9b2Jb", `a\x9b2Jb`, "the same as a raw byte"},
		{"a\rb\nc\td\x7f", `a\rb\nc\td\x7f`, "line control"},
		{"photo\u202egnp.exe", `photo\u202egnp.exe`, "turns the end around"},
		{"a\u2066b\u2069", `a\u2066b\u2069`, "isolates"},
		{"a\u2028b", `a\u2028b`, "line separator"},
		{"\xff\xfe", `\xff\xfe`, "no UTF-8"},
		{"a\ufffdb", "a\ufffdb", "a replacement character that was there"},
	} {
		if got := Clean(c.in); got != c.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", c.why, c.in, got, c.want)
		}
	}
}

func FuzzCleanLeavesNothingToObey(f *testing.F) {
	f.Add("a\x1b[2J")
	f.Add("\u202e\x9b")
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if strings.ContainsFunc(got, func(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x202e }) {
			t.Errorf("Clean(%q) = %q", s, got)
		}
		if Clean(got) != got {
			t.Errorf("Clean(Clean(%q)) = %q, not %q", s, Clean(got), got)
		}
		w := (&Terminal{}).widths()
		for width := range 12 {
			if short := shorten(w, got, width, "…"); w.StringWidth(short) > width {
				t.Errorf("shorten(%q, %d) = %q: %d cells", got, width, short, w.StringWidth(short))
			}
		}
	})
}

func hits() *Table {
	table := &Table{Columns: []Column{
		{Header: "rank", Right: true}, {Header: "name"}, {Header: "score", Right: true},
		{Screen: true}, {Header: "likeness", Whole: true}, {Header: "source", Spare: true},
	}}
	term := &Terminal{Unicode: true}
	for i, h := range []struct {
		name  string
		score float64
		text  string
		grade string
	}{
		{"Romania", 0.998, "0.998", "same"},
		{"Andorra", 0.9, "0.900", "near"},
		{"日本国旗", 0.71, "0.710", "related"},
		{"Co\u0302te d’Ivoire", 0.5, "0.500", "related"},
		{"المملكة العربية السعودية", 0.31, "0.310", "weak"},
		{"an \x1b[31mangry\x1b[0m name", 0.04, "0.040", "weak"},
		{"👩‍👩‍👧 family", 0, "0.000", "weak"},
	} {
		source := "pictures/of/the/whole/world/by/continent/and/then/by/name/" + h.name + ".png"
		if i == 0 {
			source = "short.png"
		}
		table.AddCells(Cell{Text: string(rune('1' + i))}, Cell{Text: h.name}, Cell{Text: h.text},
			Cell{term.Bar(h.score, 8), GradeStyle(h.grade)}, Cell{h.grade, GradeStyle(h.grade)}, Cell{Text: source})
	}
	return table
}

func TestTableIsPlainAndWholeInAPipe(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := hits().Write(&Terminal{W: &b, Unicode: true}); err != nil {
		t.Fatal(err)
	}
	golden(t, "table_pipe.txt", b.String())
}

func TestTableFitsTheScreen(t *testing.T) {
	t.Parallel()
	for name, width := range map[string]int{"table_80.txt": 80, "table_50.txt": 50} {
		term, out := screen(width, modern)
		if err := hits().Write(term); err != nil {
			t.Fatal(err)
		}
		golden(t, name, out.String())
		mono, out := screen(width, map[string]string{"TERM": "xterm", "LANG": "C.UTF-8", "NO_COLOR": "1"})
		if err := hits().Write(mono); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			line = strings.NewReplacer("\u2068", "", "\u2069", "", "\n", "").Replace(line)
			if n := mono.widths().StringWidth(line); n > width {
				t.Errorf("%d cells in a line for %d: %q", n, width, line)
			}
		}
	}
}

// Names that differ in one place only, wherever it is, are told apart at any width. The path beside them goes first.
func TestShortenedNamesCanBeToldApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ why, head, tail string }{
		{"different in the middle", "IMG_2024_07_31_in_the_evening_", "_copy_of_the_original_scan"},
		{"different at the start", "", "_IMG_2024_07_31_in_the_evening_copy_of_the_original_scan"},
		{"different near the end", "IMG_2024_07_31_in_the_evening_copy_of_the_original_scan_", "_b"},
		{"different in wide letters", "夕方の写真を元の原稿から複製したもの", "夕方の写真を元の原稿から複製した"},
	} {
		for _, width := range []int{100, 80, 60, 40, 20} {
			table := Table{Columns: []Column{{Header: "#", Right: true}, {Header: "name"}, {Header: "distance", Right: true}, {Header: "kind"}, {Header: "source", Spare: true}}}
			for _, middle := range []string{"11", "12", "21"} {
				name := c.head + middle + c.tail
				table.Add("1", name, "", "best: the oldest of equals", "pictures/of/the/whole/family/"+name+".png")
			}
			term, out := screen(width, map[string]string{"TERM": "xterm", "LANG": "C.UTF-8", "NO_COLOR": "1"})
			if err := table.Write(term); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")[1:]
			if lines[0] == lines[1] || lines[1] == lines[2] || lines[0] == lines[2] {
				t.Errorf("%s, %d cells:\n%s", c.why, width, out)
			}
			for _, l := range lines {
				if n := term.widths().StringWidth(l); n > width && width >= 80 {
					t.Errorf("%s: %d cells in a line for %d: %q", c.why, n, width, l)
				}
			}
			if width == 40 && strings.Contains(lines[0], ".png") {
				t.Errorf("%s: the path takes the place of the name: %q", c.why, lines[0])
			}
		}
	}
}

func TestSentencesBreakBetweenWords(t *testing.T) {
	t.Parallel()
	term, _ := screen(20, modern)
	const s = "Recall: 99 % of 160 duplicates held out."
	if got, want := term.Wrap(s), "Recall: 99 % of 160\nduplicates held out."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := (&Terminal{}).Wrap(s); got != s {
		t.Errorf("in a pipe: %q", got)
	}
}

func TestTableWithoutUnicodeUsesASCII(t *testing.T) {
	t.Parallel()
	term, out := screen(30, map[string]string{"TERM": "xterm", "LANG": "C"})
	table := Table{Columns: []Column{{Header: "name"}, {Header: "score", Right: true}, {}}}
	table.Add("a-long-name-for-a-small-screen", "0.5", term.Bar(0.5, 6))
	if err := table.Write(term); err != nil {
		t.Fatal(err)
	}
	golden(t, "table_ascii.txt", out.String())
}

func TestBarsShowEighths(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	unicode, ascii := &Terminal{Unicode: true}, &Terminal{}
	for _, v := range []float64{-1, 0, 0.001, 0.0625, 0.125, 0.25, 0.3, 0.5, 0.77, 0.99, 1, 7} {
		b.WriteString(unicode.Bar(v, 4) + "|" + ascii.Bar(v, 4) + "|\n")
	}
	golden(t, "bars.txt", b.String())
}
