package term

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// writes records every write by itself, with its time.
type writes struct {
	start time.Time
	all   bytes.Buffer
}

func (w *writes) Write(p []byte) (int, error) {
	fmt.Fprintf(&w.all, "%v %s", time.Since(w.start), p)
	if !bytes.HasSuffix(p, []byte("\n")) {
		w.all.WriteString("⏎\n")
	}
	return len(p), nil
}

func TestProgressRedrawsAtMostTenTimesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		term, _ := screen(78, map[string]string{"TERM": "xterm", "LANG": "C.UTF-8"})
		out := &writes{start: time.Now()}
		term.W = out
		p := NewProgress(term, false)
		for i := range 60 {
			p.Update(State{Done: i, Total: 195, Note: "flags/Antigua_and_Barbuda_with_a_long_name.png"})
			if i == 30 {
				p.Printf("akin: %s: truncated", "evil\x1b[2J.png")
			}
			time.Sleep(7 * time.Millisecond)
		}
		p.Update(State{Done: 60, Total: 195, Note: "the last of a burst is drawn too"})
		time.Sleep(time.Second)
		p.Update(State{Done: 195, Total: 195, Rate: 250})
		p.Close()
		p.Printf("after the end")
		p.Update(State{Done: 1})
		golden(t, "progress.txt", out.all.String())
	})
}

func TestProgressInAPipeIsALineEveryTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &writes{start: time.Now()}
		p := NewProgress(&Terminal{W: out}, false)
		for i := range 400 {
			p.Update(State{Done: i, Total: 1000, Growing: i < 150})
			time.Sleep(70 * time.Millisecond)
		}
		p.Printf("akin: %s: truncated\n", "a.png")
		time.Sleep(time.Minute)
		p.Close()
		golden(t, "progress_pipe.txt", out.all.String())
	})
}

func TestProgressInAPipeNamesItsSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := NewProgress(&Terminal{W: &out}, false)
		time.Sleep(time.Second / 2) // no update and no line at the same time
		for _, step := range []string{"calibration", "pixels"} {
			for i := range 13 {
				p.Update(State{Done: 10 * i, Total: 1000, Note: step})
				time.Sleep(time.Second)
			}
		}
		p.Close()
		const want = "akin: 90/1000 pictures, 10.0/s, 1 min 31 s left (calibration)\n" + "akin: 60/1000 pictures, 10.0/s, 1 min 34 s left (pixels)\n"
		if out.String() != want {
			t.Errorf("wrote %q, want %q", out.String(), want)
		}
	})
}

func TestQuietProgressStillPrintsWhatWentWrong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		term, out := screen(78, modern)
		p := NewProgress(term, true)
		p.Update(State{Done: 1, Total: 2})
		time.Sleep(time.Second)
		p.Printf("akin: a.png: truncated")
		p.Close()
		if out.String() != "akin: a.png: truncated\n" {
			t.Errorf("wrote %q", out)
		}
	})
}

func TestProgressFitsAnyWidth(t *testing.T) {
	t.Parallel()
	for width := 1; width < 120; width++ {
		for _, lang := range []string{"C", "C.UTF-8"} {
			term, _ := screen(width, map[string]string{"TERM": "xterm", "LANG": lang, "NO_COLOR": "1"})
			p := NewProgress(term, false)
			p.state = State{Done: 17, Total: 195, Rate: 3.5, Note: "旗/日本国旗の絵.png"}
			if n := term.widths().StringWidth(p.line()); n >= max(width, 2) {
				t.Errorf("%d cells on a terminal of %d: %q", n, width, p.line())
			}
		}
	}
}

func TestProgressMayBeSharedByGoroutines(t *testing.T) {
	t.Parallel()
	term, out := screen(60, modern)
	p := NewProgress(term, false)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 200 {
				p.Update(State{Done: i, Total: 200})
				if i%50 == g {
					p.Printf("line %d of %d", i, g)
				}
			}
		})
	}
	wg.Wait()
	p.Close()
	if n := strings.Count(out.String(), " of "); n != 16 {
		t.Errorf("%d lines were written, want 16", n)
	}
}

func TestDurationsReadAsPeopleSayThem(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		300 * time.Millisecond:          "under 1 s",
		4 * time.Second:                 "4 s",
		200 * time.Second:               "3 min 20 s",
		3 * time.Minute:                 "3 min",
		59*time.Minute + 29*time.Second: "59 min",
		2*time.Hour + 5*time.Minute:     "2 h 5 min",
		50 * time.Hour:                  "2 d 2 h",
	} {
		if got := DurationText(d); got != want {
			t.Errorf("DurationText(%v) = %q, want %q", d, got, want)
		}
	}
}
