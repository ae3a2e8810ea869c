// Package term writes to terminals: aligned tables, score bars, one line of progress, and pictures
// (kitty graphics protocol, iTerm2 inline images, sixel as in the VT340, or half blocks). To a
// file or a pipe the same calls write plain, stable text.
package term

import (
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
)

// Depth is the number of colours a terminal shows.
type Depth int

// The depths.
const (
	Mono      Depth = 0
	Sixteen   Depth = 16
	Palette   Depth = 256
	TrueColor Depth = 1 << 24
)

// Terminal is one output stream and what it can show. The zero value with W set
// is a plain stream.
type Terminal struct {
	W       io.Writer
	TTY     bool  // a terminal, whose lines can be redrawn
	Colors  Depth // Mono without a terminal, with NO_COLOR, and with TERM=dumb
	Unicode bool  // the locale can show █ and …; else decorations are ASCII

	wideAmbiguous bool
	titles        bool // a window's title can be set
	graphics      Mode // what Auto means
	blocks        Depth
	size          func() size
}

// size is in cells, and in pixels where the terminal reports it.
type size struct{ cols, rows, xpixels, ypixels int }

// Detect returns what w can show. Anything but an *os.File is a plain stream.
func Detect(w io.Writer) *Terminal {
	t := &Terminal{W: w}
	file, isFile := w.(*os.File)
	tty := isFile && term.IsTerminal(int(file.Fd()))
	t.read(os.Getenv, tty && enableSequences(file))
	if t.TTY {
		t.size = func() size { return windowSize(file) }
	}
	return t
}

// read fills in t from environment variables.
func (t *Terminal) read(env func(string) string, tty bool) {
	name := env("TERM")
	t.Unicode = unicodeLocale(env)
	t.wideAmbiguous = env("RUNEWIDTH_EASTASIAN") == "1"
	t.TTY = tty && name != "dumb"
	t.titles = t.TTY && name != "linux" // the console has no windows
	colors := colorDepth(env)
	t.blocks = max(colors, Palette)
	if t.TTY && env("NO_COLOR") == "" {
		t.Colors = colors
	}
	t.graphics = None
	if t.TTY {
		t.graphics = graphics(env)
		if t.graphics == Blocks && (!t.Unicode || t.Colors < Palette) {
			t.graphics = None
		}
	}
}

func colorDepth(env func(string) string) Depth {
	name := env("TERM")
	switch color := env("COLORTERM"); {
	case color == "truecolor" || color == "24bit",
		strings.HasSuffix(name, "-direct"),
		name == "xterm-kitty" || name == "xterm-ghostty" || name == "foot",
		env("WT_SESSION") != "":
		return TrueColor
	case strings.Contains(name, "256color"), env("TMUX") != "":
		return Palette
	case name == "" && runtime.GOOS == "windows":
		return Palette
	}
	return Sixteen
}

func unicodeLocale(env func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(env(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return runtime.GOOS == "windows" || runtime.GOOS == "darwin"
}

// Width returns the terminal's current width in cells; $COLUMNS or 80 if it is unknown.
func (t *Terminal) Width() int {
	if t.size != nil {
		if s := t.size(); s.cols > 0 {
			return s.cols
		}
	}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 && t.TTY {
		return n
	}
	return 80
}

// Height returns the terminal's current height in cells; 24 if it is unknown.
func (t *Terminal) Height() int {
	if t.size != nil {
		if s := t.size(); s.rows > 0 {
			return s.rows
		}
	}
	return 24
}

// cell returns the size of a character cell in pixels.
func (t *Terminal) cell() (width, height int) {
	if t.size != nil {
		if s := t.size(); s.cols > 0 && s.rows > 0 && s.xpixels >= s.cols && s.ypixels >= s.rows {
			return s.xpixels / s.cols, s.ypixels / s.rows
		}
	}
	return 10, 20 // the VT340's, which terminals that do not report it often scale to
}

func (t *Terminal) widths() *runewidth.Condition {
	return &runewidth.Condition{EastAsianWidth: t.wideAmbiguous, StrictEmojiNeutral: true}
}

// Style is how text stands out.
type Style uint8

// The styles. The words say the same: nothing is shown by colour alone.
const (
	Plain Style = iota
	Bold
	Faint
	Warning
	GradeSame
	GradeNear
	GradeRelated
	GradeWeak
)

// GradeStyle returns the style of a grade: same, near, related or weak.
func GradeStyle(word string) Style {
	switch word {
	case "same":
		return GradeSame
	case "near":
		return GradeNear
	case "related":
		return GradeRelated
	case "weak":
		return GradeWeak
	}
	return Plain
}

// sgr are the parameters of Select Graphic Rendition. The sixteen colours are the user's own
// theme, which is readable on its background.
var sgr = [...]string{
	Plain: "", Bold: "1", Faint: "2", Warning: "33",
	GradeSame: "1;32", GradeNear: "32", GradeRelated: "33", GradeWeak: "2",
}

// Paint returns s in a style, where there are colours.
func (t *Terminal) Paint(s string, style Style) string {
	if t.Colors == Mono || style == Plain || int(style) >= len(sgr) || s == "" {
		return s
	}
	return "\x1b[" + sgr[style] + "m" + s + "\x1b[0m"
}

// Bar draws a value from 0 to 1 as a bar of width cells, to an eighth of a cell. Any value above 0
// is visible. ASCII terminals get whole cells of #.
func (t *Terminal) Bar(value float64, width int) string {
	if width <= 0 || !(value > 0) { // NaN too
		return ""
	}
	value = min(value, 1)
	if !t.Unicode {
		return strings.Repeat("#", max(1, int(value*float64(width)+0.5)))
	}
	eighths := max(1, int(value*float64(width*8)+0.5))
	bar := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		bar += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return bar
}
