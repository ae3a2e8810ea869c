package term

import (
	"strings"
	"testing"
	"time"
)

// A job of more than some seconds is in the title, once a percent, and the old title comes back.
func TestLongJobsAreInTheTitle(t *testing.T) {
	t.Parallel()
	screen, out := screen(80, modern)
	p := NewProgress(screen, false)
	draw := func(done int, after time.Duration) {
		p.state = State{Done: done, Total: 1000}
		p.draw(p.started.Add(after))
	}
	draw(100, time.Second)
	if strings.Contains(out.String(), "]0;") {
		t.Error("a short wait has a title")
	}
	draw(420, 6*time.Second)
	draw(421, 7*time.Second)
	draw(430, 8*time.Second)
	p.Close()
	p.Close()
	written := out.String()
	for sequence, times := range map[string]int{"\x1b[22;0t": 1, "\x1b]0;akin 42 %\a": 1, "\x1b]0;akin 43 %\a": 1, "\x1b[23;0t": 1} {
		if n := strings.Count(written, sequence); n != times {
			t.Errorf("%q: %d times in %q", sequence, n, written)
		}
	}
	var plain strings.Builder
	p = NewProgress(&Terminal{W: &plain}, false)
	draw(500, time.Minute)
	p.Close()
	if strings.Contains(plain.String(), "\x1b") {
		t.Errorf("a pipe gets %q", &plain)
	}
}
