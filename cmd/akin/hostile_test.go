package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin/cmd/akin/internal/render"
)

// No command writes names that repaint the screen, set its title or reorder a line.
func TestNoCommandObeysNames(t *testing.T) {
	t.Parallel()
	const evil = "x\x1b]0;title\a\x1b[2J\u009b31m\u202eend\nakin: forged"
	dir := t.TempDir()
	var csv strings.Builder
	csv.WriteString("name,e0,e1,e2\n")
	for i := range 30 {
		fmt.Fprintf(&csv, "\"%d%s\",%d,%d,1\n", i, evil, i%7, i%5)
	}
	vectors := filepath.Join(dir, "v.csv")
	if err := os.WriteFile(vectors, []byte(csv.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	pairs := filepath.Join(dir, "pairs.csv")
	if err := os.WriteFile(pairs, []byte("\"0"+evil+"\",\"1"+evil+"\"\n\"2"+evil+"\",\"absent"+evil+"\"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	c, name := filepath.Join(dir, "c.akin"), "0"+evil
	out := func(file string) string { return filepath.Join(dir, file) }
	for _, args := range [][]string{
		{"import", "-m", evil, vectors}, {"import", "-m", evil + "2", vectors}, {"import", "-m", evil, "absent" + evil + ".csv"},
		{"info"}, {"info", "--json"}, {"verify"}, {"verify", "--json"},
		{"search", name, "-m", evil}, {"search", name, "-m", evil, "--json"}, {"search", name, "-m", evil, "--format", "jsonl"},
		{"search", "absent" + evil}, {"search", name, "--fuse"}, {"search", name, "-m", "other" + evil},
		{"compare", name}, {"disagree"}, {"disagree", name}, {"bias"}, {"eval", pairs}, {"eval", pairs, "--learn"}, {"advise", pairs},
		{"map", "-m", evil}, {"map", "--json"}, {"dupes"}, {"dupes", "--json"}, {"probe"}, {"probe", name},
		{"tag", "add", "tag", name}, {"tag", "list"}, {"tag", "show", name}, {"explain", name, name}, {"context", pairs},
		{"export", "-m", evil, "--out", out("e.csv")}, {"bench", "-m", evil, "--queries", "3"}, {"index", "absent" + evil}, {"inspect", "absent" + evil},
		{"embed", "absent" + evil, "--out", out("e.npy")}, {"models", "add", evil, "absent" + evil}, {evil}, {"search", "--" + evil},
		{"copy", c, filepath.Join(dir, evil[:4])}, {"drop", evil}, {"drop", evil + "3"},
	} {
		var stdout, stderr bytes.Buffer
		run(append([]string{"-c", c}, args...), strings.NewReader(""), &stdout, &stderr)
		for stream, text := range map[string]string{"stdout": stdout.String(), "stderr": stderr.String()} {
			if i := strings.IndexAny(text, "\x1b\a\u009b\u202e\r"); i >= 0 {
				t.Errorf("%q lets a sequence through to %s: …%.60q", args[0], stream, text[i:])
			}
			if strings.Contains(text, "\nakin: forged") {
				t.Errorf("%q lets a name make a line of its own on %s", args[0], stream)
			}
		}
	}
}

// The streams escape what a command forgets to escape.
func TestStreamsAreClean(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	a := newApp(strings.NewReader(""), &stdout, &stderr)
	fmt.Fprintf(a.Text, "%s\n", "a\x1b[2Jb")
	fmt.Fprintf(a.Errors, "%s\n", "a\x1b[2Jb")
	fmt.Fprint(a.Data, "a\x1b[2Jb") // no one looks: a path is any bytes
	if stdout.String() != `a\x1b[2Jb`+"\na\x1b[2Jb" || stderr.String() != `a\x1b[2Jb`+"\n" {
		t.Errorf("%q, %q", stdout.String(), stderr.String())
	}
}

// The cells that OWASP lists as formulas.
func TestSpreadsheetsGetNoFormulas(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		`=HYPERLINK("http://x.org","y")`: `'=HYPERLINK("http://x.org","y")`, "+cmd|' /C calc'!A0": "'+cmd|' /C calc'!A0", "-1+1": "'-1+1", "@SUM(A1)": "'@SUM(A1)",
		"\t=1": "'\t=1", "\r=1": "'\r=1", "＝1": "'＝1", "-0.25": "-0.25", "+1e3": "+1e3", "Chad": "Chad", "a=b": "a=b", "": "",
	} {
		if got := render.Harmless(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
	dir := t.TempDir()
	vectors := filepath.Join(dir, "v.csv")
	if err := os.WriteFile(vectors, []byte("name,e0,e1\n=1+1,1,-0.5\nb,1,2\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	c, out := filepath.Join(dir, "c.akin"), filepath.Join(dir, "e.csv")
	for _, args := range [][]string{{"import", "-m", "m", vectors}, {"export", "-m", "m", "--out", out, "--spreadsheet"}, {"search", "b", "--format", "csv", "--spreadsheet"}} {
		var stdout, stderr bytes.Buffer
		if status := run(append([]string{"-c", c}, args...), strings.NewReader(""), &stdout, &stderr); status != exitDone {
			t.Fatalf("%q: %s", args, stderr.String())
		}
		text := stdout.String()
		if args[0] == "export" {
			data, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			text = string(data)
		}
		if args[0] != "import" && (!strings.Contains(text, "'=1+1,") || strings.Contains(text, "'-0.")) {
			t.Errorf("%q: %s", args, text)
		}
	}
}
