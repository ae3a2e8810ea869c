package term

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"strings"

	"golang.org/x/image/draw"

	"github.com/akin-search/akin/internal/picture"
)

// Mode is a way to show pictures in a terminal.
type Mode string

// The modes.
const (
	Auto   Mode = "auto"   // what the terminal is known to understand; None without a terminal
	Kitty  Mode = "kitty"  // kitty's graphics protocol: kitty, Ghostty
	ITerm  Mode = "iterm"  // iTerm2's inline images: iTerm2, WezTerm, mintty
	Sixel  Mode = "sixel"  // foot, mlterm, xterm -ti vt340
	Blocks Mode = "blocks" // half blocks in colour: nearly everywhere
	None   Mode = "none"
)

// ParseMode parses the name of a mode.
func ParseMode(name string) (Mode, error) {
	switch m := Mode(name); m {
	case Auto, Kitty, ITerm, Sixel, Blocks, None:
		return m, nil
	}
	return "", fmt.Errorf("%q is no way to show pictures: want auto, kitty, iterm, sixel, blocks or none", name)
}

// Mode returns the mode to use on this terminal: the one asked for, or what Auto means here. Auto
// shows no pictures without a terminal.
func (t *Terminal) Mode(asked Mode) Mode {
	switch asked {
	case Auto, "":
		if !t.TTY || t.graphics == "" {
			return None
		}
		return t.graphics
	}
	return asked
}

// graphics guesses from the environment what a terminal understands. Querying the terminal itself
// would race with what the user types.
func graphics(env func(string) string) Mode {
	name, program := env("TERM"), env("TERM_PROGRAM")
	switch {
	case env("TMUX") != "", env("STY") != "", strings.HasPrefix(name, "tmux"), strings.HasPrefix(name, "screen"):
		return Blocks // a multiplexer swallows the protocols of the terminal around it
	case program == "vscode":
		return Blocks // also when started from a kitty, whose variables it inherits
	case name == "xterm-kitty", name == "xterm-ghostty", program == "ghostty", env("KITTY_WINDOW_ID") != "":
		return Kitty
	case program == "iTerm.app", program == "WezTerm", program == "mintty", env("LC_TERMINAL") == "iTerm2":
		return ITerm
	case strings.Contains(name, "sixel"), name == "foot", strings.HasPrefix(name, "foot-"), strings.HasPrefix(name, "mlterm"):
		return Sixel
	}
	return Blocks
}

// RGB returns the picture of pix: (height, width, 3) bytes, row by row. It is nil if pix is too short.
func RGB(width, height int, pix []byte) image.Image {
	if width <= 0 || height <= 0 || len(pix)/3/width < height {
		return nil
	}
	return picture.RGBA(pix, width, height)
}

// Tile is one picture of a strip and the lines under it.
type Tile struct {
	Picture image.Image // nil leaves the place empty
	Caption []Cell
}

// Strip is pictures side by side, as many in a row as fit.
type Strip struct {
	Tiles []Tile
	Cols  int // largest width of a picture, in cells; 0: 18
	Rows  int // largest height of a picture, in cells; 0: 7
}

const stripGap = 2 // cells between pictures

// Write writes the strip in the mode that Terminal.Mode returns; None writes nothing, captions
// included.
func (s Strip) Write(t *Terminal, mode Mode) error {
	mode = t.Mode(mode)
	if mode == None || len(s.Tiles) == 0 {
		return nil
	}
	cols, rows := s.Cols, s.Rows
	if cols <= 0 {
		cols = 18
	}
	if rows <= 0 {
		rows = 7
	}
	width := t.Width()
	cols = min(cols, width)
	perRow := max(1, (width+stripGap)/(cols+stripGap))
	out := bufio.NewWriter(t.W)
	for tiles := s.Tiles; len(tiles) > 0; {
		n := min(perRow, len(tiles))
		if err := writeRow(out, t, mode, tiles[:n], cols, rows); err != nil {
			return fmt.Errorf("show pictures as %s: %w", mode, err)
		}
		if tiles = tiles[n:]; len(tiles) > 0 {
			out.WriteByte('\n')
		}
	}
	return out.Flush()
}

func writeRow(out *bufio.Writer, t *Terminal, mode Mode, tiles []Tile, cols, rows int) error {
	cellWidth, cellHeight := t.cell()
	if mode == Blocks {
		cellWidth, cellHeight = 1, 2 // a half block is a pixel
	}
	pictures := make([]*image.NRGBA, len(tiles))
	high := 0
	for i, tile := range tiles {
		pictures[i] = scale(tile.Picture, cols*cellWidth, rows*cellHeight)
		if pictures[i] != nil {
			high = max(high, pictures[i].Rect.Dy())
		}
	}
	if high > 0 {
		used := (high + cellHeight - 1) / cellHeight // rows of cells
		wide := len(tiles)*(cols+stripGap) - stripGap
		canvas := image.NewNRGBA(image.Rect(0, 0, wide*cellWidth, used*cellHeight))
		for i, p := range pictures {
			if p == nil {
				continue
			}
			x := i * (cols + stripGap) * cellWidth
			y := canvas.Rect.Dy() - p.Rect.Dy() // on the caption
			draw.Draw(canvas, p.Rect.Add(image.Pt(x, y)), p, image.Point{}, draw.Src)
			if mode != Blocks {
				outline(canvas, p.Rect.Add(image.Pt(x, y)))
			}
		}
		var err error
		switch mode {
		case Kitty:
			err = writeKitty(out, canvas, wide, used)
		case ITerm:
			err = writeITerm(out, canvas, wide, used)
		case Sixel:
			err = writeSixel(out, canvas)
			out.WriteByte('\n')
		default:
			writeBlocks(out, canvas, t.blocks)
		}
		if err != nil {
			return err
		}
	}
	return writeCaptions(out, t, tiles, cols)
}

func writeCaptions(out *bufio.Writer, t *Terminal, tiles []Tile, cols int) error {
	w := t.widths()
	lines := 0
	for _, tile := range tiles {
		lines = max(lines, len(tile.Caption))
	}
	for line := range lines {
		pending := 0
		for i, tile := range tiles {
			if i > 0 {
				pending += stripGap
			}
			if line >= len(tile.Caption) {
				pending += cols
				continue
			}
			c := tile.Caption[line]
			text := shorten(w, Clean(c.Text), cols, t.ellipsis())
			out.WriteString(strings.Repeat(" ", pending))
			pending = cols - w.StringWidth(text)
			if t.Unicode {
				text = isolate(text)
			}
			out.WriteString(t.Paint(text, c.Style))
		}
		if err := out.WriteByte('\n'); err != nil {
			return err
		}
	}
	return nil
}

// scale fits a picture into width x height pixels, and keeps its aspect ratio.
func scale(p image.Image, width, height int) *image.NRGBA {
	if p == nil || p.Bounds().Empty() {
		return nil
	}
	b := p.Bounds()
	ratio := min(float64(width)/float64(b.Dx()), float64(height)/float64(b.Dy()))
	out := image.NewNRGBA(image.Rect(0, 0,
		max(1, int(math.Round(float64(b.Dx())*ratio))), max(1, int(math.Round(float64(b.Dy())*ratio)))))
	// Triangles do not ring at the hard edges of flags and logos.
	draw.BiLinear.Scale(out, out.Rect, p, b, draw.Src, nil)
	return out
}

// outline draws a hairline around a picture, so that a white one has an edge on a white screen.
func outline(canvas *image.NRGBA, r image.Rectangle) {
	mix := func(x, y int) {
		c := canvas.NRGBAAt(x, y)
		canvas.SetNRGBA(x, y, color.NRGBA{R: c.R/2 + 64, G: c.G/2 + 64, B: c.B/2 + 64, A: 255})
	}
	for x := r.Min.X; x < r.Max.X; x++ {
		mix(x, r.Min.Y)
		mix(x, r.Max.Y-1)
	}
	for y := r.Min.Y + 1; y < r.Max.Y-1; y++ {
		mix(r.Min.X, y)
		mix(r.Max.X-1, y)
	}
}

// writeKitty sends a picture as base64 PNG in chunks of 4096 bytes
// (https://sw.kovidgoyal.net/kitty/graphics-protocol/). The rows are made before
// the picture is placed, so that a scrolling screen does not tear it.
func writeKitty(out *bufio.Writer, p image.Image, cols, rows int) error {
	const chunk = 4096
	raw, err := pngBytes(p)
	if err != nil {
		return err
	}
	data := base64.StdEncoding.EncodeToString(raw)
	fmt.Fprintf(out, "%s\x1b[%dA", strings.Repeat("\n", rows), rows)
	control := fmt.Sprintf("a=T,f=100,t=d,q=2,C=1,c=%d,r=%d,", cols, rows) // q=2: no reply, which would look like typed text
	for len(data) > 0 {
		n := min(chunk, len(data))
		more := 0
		if n < len(data) {
			more = 1
		}
		fmt.Fprintf(out, "\x1b_G%sm=%d;%s\x1b\\", control, more, data[:n])
		control, data = "", data[n:]
	}
	_, err = fmt.Fprintf(out, "\x1b[%dB\r", rows)
	return err
}

// writeITerm sends a picture inline (https://iterm2.com/documentation-images.html).
func writeITerm(out *bufio.Writer, p image.Image, cols, rows int) error {
	data, err := pngBytes(p)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\x1b]1337;File=inline=1;size=%d;width=%d;height=%d;preserveAspectRatio=0:%s\a\n",
		len(data), cols, rows, base64.StdEncoding.EncodeToString(data))
	return err
}

func pngBytes(p image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, p)
	return b.Bytes(), err
}

// writeBlocks draws two pixels a cell: the upper half block in one's colour, on
// the other's. Where nothing is, the terminal's own background stays.
func writeBlocks(out *bufio.Writer, p *image.NRGBA, depth Depth) {
	const reset = "\x1b[0m"
	for y := 0; y+1 < p.Rect.Dy(); y += 2 {
		end := p.Rect.Dx()
		for end > 0 && p.NRGBAAt(end-1, y).A == 0 && p.NRGBAAt(end-1, y+1).A == 0 {
			end--
		}
		state := ""
		for x := range end {
			top, bottom := p.NRGBAAt(x, y), p.NRGBAAt(x, y+1)
			var style, glyph string
			switch {
			case top.A == 0 && bottom.A == 0:
				glyph = " "
			case bottom.A == 0:
				style, glyph = "\x1b["+ground("38", top, depth)+"m", "▀"
			case top.A == 0:
				style, glyph = "\x1b["+ground("38", bottom, depth)+"m", "▄"
			case top == bottom: // a space has no seam
				style, glyph = "\x1b["+ground("48", top, depth)+"m", " "
			default:
				style, glyph = "\x1b["+ground("38", top, depth)+";"+ground("48", bottom, depth)+"m", "▀"
			}
			if style != state {
				if state != "" {
					io.WriteString(out, reset)
				}
				out.WriteString(style)
				state = style
			}
			out.WriteString(glyph)
		}
		if state != "" {
			out.WriteString(reset)
		}
		out.WriteByte('\n')
	}
}

// ground returns the SGR parameter for a foreground (38) or background (48).
func ground(which string, c color.NRGBA, depth Depth) string {
	if depth >= TrueColor {
		return fmt.Sprintf("%s;2;%d;%d;%d", which, c.R, c.G, c.B)
	}
	return fmt.Sprintf("%s;5;%d", which, paletteIndex(c))
}

// paletteIndex returns the nearest of xterm's 256 colours: a 6x6x6 cube from 16 and 24
// greys from 232. The first 16 are the user's own and could be anything.
func paletteIndex(c color.NRGBA) int {
	level := func(v uint8) int {
		switch {
		case v < 48:
			return 0
		case v < 115:
			return 1
		}
		return (int(v) - 35) / 40
	}
	value := [6]int{0, 95, 135, 175, 215, 255}
	distance := func(r, g, b int) int {
		dr, dg, db := r-int(c.R), g-int(c.G), b-int(c.B)
		return dr*dr + dg*dg + db*db
	}
	r, g, b := level(c.R), level(c.G), level(c.B)
	grey := min(23, max(0, ((int(c.R)+int(c.G)+int(c.B))/3-3)/10))
	if v := 8 + 10*grey; distance(v, v, v) < distance(value[r], value[g], value[b]) {
		return 232 + grey
	}
	return 16 + 36*r + 6*g + b
}
