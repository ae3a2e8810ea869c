package term

import (
	"fmt"
	"time"
)

// A terminal's title can be put aside and brought back (xterm's window operations 22 and 23); OSC 0 sets it. Terminals
// that know neither pass both over.
const (
	pushTitle = "\x1b[22;0t"
	popTitle  = "\x1b[23;0t"
)

// titled returns what makes the window's title say how far a long job is, "" while it says so already.
func (p *Progress) titled(now time.Time) string {
	s := p.state
	if !p.term.titles || s.Total <= 0 || now.Sub(p.started) < titleAfter {
		return ""
	}
	growing := ""
	if s.Growing {
		growing = "+"
	}
	title := fmt.Sprintf("akin %d %%%s", 100*s.Done/s.Total, growing)
	if title == p.title {
		return ""
	}
	set := "\x1b]0;" + title + "\x07"
	if p.title == "" {
		set = pushTitle + set
	}
	p.title = title
	return set
}
