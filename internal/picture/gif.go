package picture

import (
	"encoding/binary"
	"io"
)

func init() {
	register(Format{
		Name: "gif", Title: "GIF", Extensions: []string{".gif"}, MediaType: "image/gif", Alpha: true,
		matches: begins("GIF87a", "GIF89a"),
		inspect: inspectGIF, decode: decodeGIF,
	})
}

// gifFrame is the first image of a GIF file, as the GIF89a specification lays it out.
type gifFrame struct {
	canvasWidth, canvasHeight int
	x, y, width, height       int
	palette                   []byte // RGB triples; nil without a colour table
	transparent               int    // index, -1 for none
	interlaced                bool
	data                      int // offset of the code size byte that starts the pixels
}

func inspectGIF(src *source) (Info, error) {
	f, err := firstGIFFrame(src)
	if err != nil {
		return Info{}, err
	}
	return turned("gif", f.canvasWidth, f.canvasHeight, upAndUndated), nil
}

func firstGIFFrame(src *source) (f gifFrame, err error) {
	data := src.data
	if len(data) < 13 {
		return f, src.truncated()
	}
	u16 := func(at int) int { return int(binary.LittleEndian.Uint16(data[at:])) }
	f.canvasWidth, f.canvasHeight, f.transparent = u16(6), u16(8), -1
	at := 13
	table := func(flags byte) bool {
		if flags&0x80 == 0 {
			return true
		}
		size := 3 << (flags&7 + 1)
		if at+size > len(data) {
			return false
		}
		f.palette = data[at : at+size]
		at += size
		return true
	}
	if !table(data[10]) {
		return f, src.truncated()
	}
	for at < len(data) {
		switch data[at] {
		case 0x21: // extension: a label, then sub-blocks
			if at+2 > len(data) {
				return f, src.truncated()
			}
			if data[at+1] == 0xf9 && at+7 < len(data) && data[at+2] >= 4 {
				if data[at+3]&1 != 0 {
					f.transparent = int(data[at+6])
				}
			}
			at += 2
			for at < len(data) && data[at] != 0 {
				at += 1 + int(data[at])
			}
			at++
		case 0x2c: // image
			if at+10 > len(data) {
				return f, src.truncated()
			}
			f.x, f.y, f.width, f.height = u16(at+1), u16(at+3), u16(at+5), u16(at+7)
			flags := data[at+9]
			f.interlaced = flags&0x40 != 0
			at += 10
			if !table(flags) {
				return f, src.truncated()
			}
			// A frame that sticks out makes the canvas larger, as in Pillow; some
			// writers leave it at 0 x 0.
			f.canvasWidth = max(f.canvasWidth, f.x+f.width)
			f.canvasHeight = max(f.canvasHeight, f.y+f.height)
			f.data = at
			if f.width == 0 || f.height == 0 {
				return f, src.corrupt("the first frame has no pixels")
			}
			if err := src.lim.check("gif", f.canvasWidth, f.canvasHeight); err != nil {
				return f, err
			}
			return f, src.canvas(f.canvasWidth, f.canvasHeight)
		case 0x3b:
			return f, src.corrupt("no frame before the end")
		default: // giflib and Pillow skip what is between blocks
			at++
		}
	}
	return f, src.truncated()
}

func decodeGIF(src *source, _ Info) (*Picture, error) {
	f, err := firstGIFFrame(src)
	if err != nil {
		return nil, err
	}
	if f.data >= len(src.data) {
		return nil, src.truncated()
	}
	codeSize := int(src.data[f.data])
	if codeSize > gifBits {
		return nil, src.corrupt("bad code size %d", codeSize)
	}
	// A code that stands for many pixels (4096 at most) is 3 bits or more.
	if int64(f.width)*int64(f.height) > 3*4096*int64(len(src.data)) {
		return nil, src.truncated()
	}
	blocks := &gifBlocks{src: src, at: f.data + 1}
	pixels := newGIFCodes(blocks, codeSize)

	var palette [256][3]byte
	for i := range palette { // without a colour table the indices are greys, as in Pillow
		if f.palette == nil {
			palette[i] = [3]byte{byte(i), byte(i), byte(i)}
		} else if 3*i < len(f.palette) {
			palette[i] = [3]byte(f.palette[3*i:])
		}
	}
	p := New(f.canvasWidth, f.canvasHeight)
	if f.width != f.canvasWidth || f.height != f.canvasHeight {
		fill(p, palette[max(f.transparent, 0)])
	}
	if f.transparent >= 0 || f.width != f.canvasWidth || f.height != f.canvasHeight {
		p.Alpha = make([]byte, p.Width*p.Height) // nothing is drawn beside the frame
	}
	row := make([]byte, f.width)
	for y := range interlace(f.height, f.interlaced) {
		if err := pixels.read(row); err != nil {
			p.Release()
			switch {
			case err == io.EOF:
				return nil, src.corrupt("the pixels end early, in row %d of %d", y, f.height)
			case err == errGIFCode:
				return nil, src.corrupt("bad compressed data in row %d of %d", y, f.height)
			}
			return nil, err
		}
		dst := p.Pix[3*((f.y+y)*p.Width+f.x):][:3*f.width]
		for x, index := range row {
			copy(dst[3*x:3*x+3], palette[index][:])
		}
		if p.Alpha != nil {
			seen := p.Alpha[(f.y+y)*p.Width+f.x:][:f.width]
			for x, index := range row {
				if int(index) != f.transparent {
					seen[x] = 255
				}
			}
		}
	}
	return p, nil
}

// interlace returns the rows in the order in which the file has them.
func interlace(height int, interlaced bool) func(yield func(int) bool) {
	passes := [][2]int{{0, 1}}
	if interlaced {
		passes = [][2]int{{0, 8}, {4, 8}, {2, 4}, {1, 2}}
	}
	return func(yield func(int) bool) {
		for _, pass := range passes {
			for y := pass[0]; y < height; y += pass[1] {
				if !yield(y) {
					return
				}
			}
		}
	}
}

// gifBlocks joins the sub-blocks that a GIF's pixels come in.
type gifBlocks struct {
	src  *source
	at   int
	left int
	err  error
}

func (b *gifBlocks) ReadByte() (byte, error) {
	if b.left == 0 {
		if b.err = b.src.stopped(); b.err != nil {
			return 0, b.err
		}
		if b.at >= len(b.src.data) {
			b.err = b.src.truncated()
			return 0, b.err
		}
		if b.left = int(b.src.data[b.at]); b.left == 0 {
			b.err = io.EOF
			return 0, io.EOF
		}
		b.at++
	}
	if b.at >= len(b.src.data) {
		b.err = b.src.truncated()
		return 0, b.err
	}
	b.left--
	b.at++
	return b.src.data[b.at-1], nil
}

func fill(p *Picture, c [3]byte) {
	for i := 0; i+2 < len(p.Pix); i += 3 {
		p.Pix[i], p.Pix[i+1], p.Pix[i+2] = c[0], c[1], c[2]
	}
}
