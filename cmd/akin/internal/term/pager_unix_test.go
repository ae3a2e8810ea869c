//go:build unix

package term

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func pagerOf(t *testing.T, command string) (p *Pager, shown func() string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "screen")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = out.Close() })
	screen := &Terminal{W: out, TTY: true, size: func() size { return size{cols: 20, rows: 5} }}
	return NewPager(screen, out, command), func() string {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
}

// A screen of 5 rows shows 4 and the prompt. The pager is a program that leaves its mark.
func TestWhatIsLongerThanTheScreenGoesToThePager(t *testing.T) {
	long := strings.Repeat("x", 21) + "\n" // 2 rows of 20
	for _, c := range []struct {
		why, text string
		paged     bool
	}{
		{"nothing", "", false},
		{"4 rows", "1\n2\n3\n4\n", false},
		{"5 rows", "1\n2\n3\n4\n5\n", true},
		{"two lines that wrap", long + long, false},
		{"lines that wrap", long + long + "5\n", true},
		{"colours take no room", strings.Repeat("\x1b[1;32m"+strings.Repeat("x", 20)+"\x1b[0m\n", 4), false},
		{"wide characters take two cells", strings.Repeat(strings.Repeat("好", 11)+"\n", 3), true},
		{"pictures of kitty's", strings.Repeat("\x1b_Ga=T;AAAA\x1b\\\n", 9), false},
		{"sixels", strings.Repeat("\x1bPq#0~\x1b\\\n", 9), false},
		{"more than is held back", strings.Repeat("0123456789\n", 300_000), true},
	} {
		p, shown := pagerOf(t, "tail -n +2")
		for text := c.text; text != ""; { // in pieces
			n := min(len(text), 100_000)
			if _, err := io.WriteString(p, text[:n]); err != nil {
				t.Fatal(err)
			}
			text = text[n:]
		}
		if err := p.Close(); err != nil {
			t.Errorf("%s: %v", c.why, err)
		}
		want := c.text
		if c.paged {
			_, want, _ = strings.Cut(want, "\n")
		}
		if got := shown(); got != want {
			t.Errorf("%s: %d bytes %.80q, want %d", c.why, len(got), got, len(want))
		}
	}
}

// Who leaves the pager early has a command end that goes on writing, as the end of a pipe does.
func TestLeavingThePagerEndsTheAnswer(t *testing.T) {
	p, shown := pagerOf(t, "head -n 1")
	var err error
	for range 200 {
		if _, err = io.WriteString(p, strings.Repeat("0123456789\n", 10_000)); err != nil {
			break
		}
	}
	if !errors.Is(err, syscall.EPIPE) {
		t.Errorf("%v", err)
	}
	_ = p.Close()
	if got := shown(); got != "0123456789\n" {
		t.Errorf("%.80q", got)
	}
}

func TestWithoutTheProgramAllIsWritten(t *testing.T) {
	p, shown := pagerOf(t, "no-such-program --at-all")
	_, err := io.WriteString(p, "1\n2\n3\n4\n5\n6\n")
	if err = errors.Join(err, p.Close()); err != nil || shown() != "1\n2\n3\n4\n5\n6\n" {
		t.Errorf("%q, %v", shown(), err)
	}
	if err := CheckPager("no-such-program --at-all"); err == nil || !strings.Contains(err.Error(), "no program no-such-program") {
		t.Error(err)
	}
}
