package term

import (
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"time"
)

const (
	redrawEvery = 100 * time.Millisecond
	lineEvery   = 10 * time.Second
	titleAfter  = 5 * time.Second // a shorter wait needs no looking after
	rateMemory  = 5 * time.Second // over which the rate is measured
)

// State is how much is done.
type State struct {
	Done, Total int
	Growing     bool          // Total still grows
	Rate        float64       // pictures/s; 0: measured from Done
	Left        time.Duration // 0: from the rate
	Note        string        // what is being done
	Unit        string        // of Done and Total; "" for pictures
}

// Progress is one line that is redrawn at most ten times a second, or, without a terminal, a plain
// line every ten seconds. Several goroutines may use it.
type Progress struct {
	term  *Terminal
	quiet bool
	every time.Duration

	mu       sync.Mutex
	state    State
	rate     float64
	measured time.Time // when rate was last taken, at from
	from     int
	last     time.Time // when the line was drawn
	started  time.Time
	title    string // of the terminal's window, while it is this progress
	timer    *time.Timer
	visible  bool
	closed   bool
}

// NewProgress starts a progress line; if quiet, it writes only what Printf is given. Close it.
func NewProgress(t *Terminal, quiet bool) *Progress {
	now := time.Now()
	p := &Progress{term: t, quiet: quiet, every: lineEvery, last: now, measured: now, started: now}
	if t.TTY {
		p.every = redrawEvery
	}
	return p
}

// Update sets the state. It is cheap: most calls draw nothing.
func (p *Progress) Update(s State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.quiet {
		return
	}
	now := time.Now()
	if s.Done < p.from { // another step
		p.rate, p.measured, p.from = 0, now, s.Done
	}
	p.measure(s.Done, now)
	p.state = s
	if wait := p.every - now.Sub(p.last); wait > 0 {
		if p.timer == nil {
			p.timer = time.AfterFunc(wait, p.late)
		}
		return
	}
	p.draw(now)
}

// late draws a state that came too soon after the last.
func (p *Progress) late() {
	p.mu.Lock()
	defer p.mu.Unlock()
	// A timer that was stopped too late finds another, or none, in its place.
	if now := time.Now(); !p.closed && p.timer != nil && now.Sub(p.last) >= p.every {
		p.draw(now)
	}
}

// measure updates the rate, an exponential moving average.
func (p *Progress) measure(done int, now time.Time) {
	passed := now.Sub(p.measured)
	if passed < redrawEvery {
		return
	}
	rate := float64(done-p.from) / passed.Seconds()
	if p.rate == 0 {
		p.rate = rate
	} else {
		old := math.Exp(-passed.Seconds() / rateMemory.Seconds())
		p.rate = old*p.rate + (1-old)*rate
	}
	p.measured, p.from = now, done
}

// Printf writes a line above the progress, also when quiet. Control sequences in it are escaped.
func (p *Progress) Printf(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	line := Clean(strings.TrimSuffix(fmt.Sprintf(format, args...), "\n")) + "\n"
	if !p.visible {
		io.WriteString(p.term.W, line)
		return
	}
	// One write, so that nothing is written in between.
	io.WriteString(p.term.W, "\r\x1b[K"+line+p.line())
}

// Close removes the line. Printf works after it.
func (p *Progress) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	if p.visible {
		io.WriteString(p.term.W, "\r\x1b[K")
		p.visible = false
	}
	if p.title != "" {
		io.WriteString(p.term.W, popTitle)
		p.title = ""
	}
}

func (p *Progress) draw(now time.Time) {
	p.last = now
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	if p.term.TTY {
		p.visible = true
		io.WriteString(p.term.W, "\r"+p.line()+"\x1b[K"+p.titled(now))
		return
	}
	line := strings.Join(p.words(), ", ")
	if note := Clean(p.state.Note); note != "" { // a step that counts from 0 again does not look like a step back
		line += " (" + note + ")"
	}
	io.WriteString(p.term.W, "akin: "+line+"\n")
}

// words returns the numbers of the state: count, rate, time left.
func (p *Progress) words() []string {
	s := p.state
	count := fmt.Sprint(s.Done)
	if s.Total > 0 {
		count = fmt.Sprintf("%*d/%d", len(fmt.Sprint(s.Total)), s.Done, s.Total)
		if s.Growing {
			count += "+"
		}
	}
	switch unit := s.Unit; {
	case unit != "":
		count += " " + unit
	case !p.term.TTY: // without a bar
		count += " pictures"
	}
	if !p.term.TTY {
		count = strings.TrimLeft(count, " ")
	}
	words := []string{count}
	rate := s.Rate
	if rate <= 0 {
		rate = p.rate
	}
	if rate > 0 && s.Done > 0 {
		if s.Unit != "" {
			words = append(words, fmt.Sprintf("%.1f %s/s", rate, s.Unit))
		} else {
			words = append(words, rateText(rate))
		}
		left := s.Left
		if left <= 0 && s.Total > s.Done && !s.Growing {
			left = time.Duration(float64(s.Total-s.Done) / rate * float64(time.Second))
		}
		if left > 0 {
			words = append(words, DurationText(left)+" left")
		}
	}
	return words
}

func rateText(rate float64) string {
	switch {
	case rate >= 100:
		return fmt.Sprintf("%.0f/s", rate)
	case rate >= 1:
		return fmt.Sprintf("%.1f/s", rate)
	}
	return fmt.Sprintf("%.1f/min", rate*60)
}

// DurationText returns a duration as people write it: 4 s, 3 min 20 s, 2 h 5 min.
func DurationText(d time.Duration) string {
	seconds := int(math.Round(d.Seconds()))
	switch {
	case seconds < 1:
		return "under 1 s"
	case seconds < 60:
		return fmt.Sprintf("%d s", seconds)
	case seconds < 600 && seconds%60 != 0:
		return fmt.Sprintf("%d min %d s", seconds/60, seconds%60)
	case seconds < 3600:
		return fmt.Sprintf("%d min", (seconds+30)/60)
	case seconds < 86400:
		return fmt.Sprintf("%d h %d min", seconds/3600, seconds%3600/60)
	}
	return fmt.Sprintf("%d d %d h", seconds/86400, seconds%86400/3600)
}

// line returns the progress line, one cell narrower than the terminal: some wrap when the last cell
// is written.
func (p *Progress) line() string {
	t, w := p.term, p.term.widths()
	room := t.Width() - 1
	s := p.state
	var line string
	if s.Total > 0 && room >= 50 {
		const cells = 20
		done := float64(s.Done) / float64(s.Total)
		bar := t.Bar(done, cells)
		track := strings.Repeat("░", cells-w.StringWidth(bar))
		left, right := "", " "
		if !t.Unicode {
			left, right, track = "[", "] ", strings.Repeat(".", cells-len(bar))
		}
		room -= cells + w.StringWidth(left+right)
		line = left + t.Paint(bar, GradeNear) + t.Paint(track, Faint) + right
	}
	text := fit(w, strings.Join(p.words(), columnGap), max(room, 0))
	room -= w.StringWidth(text) + len(columnGap)
	line += text
	if note := Clean(s.Note); note != "" && room >= 8 {
		line += columnGap + t.Paint(shorten(w, note, room, t.ellipsis()), Faint)
	}
	return line
}
