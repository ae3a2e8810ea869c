package picture

import (
	"encoding/binary"
	"slices"
)

func init() {
	register(Format{
		Name: "tga", Title: "TGA", Extensions: []string{".tga"}, MediaType: "image/x-tga", Alpha: true, Lossless: true,
		matches: func(head []byte) bool { h := tgaHeader{}; return h.read(head) },
		inspect: inspectTGA, decode: decodeTGA,
	})
}

// tgaHeader is the 18 bytes that a file begins with. It has no signature: that these bytes fit together tells a file.
type tgaHeader struct {
	kind          byte // 1 palette, 2 RGB, 3 grey
	runs          bool // run lengths
	width, height int
	depth         int // bits a pixel, or an index into the palette
	fromTop       bool
	fromRight     bool

	first, colours, entry int // of the palette: the index of the first colour, how many, bits of each
	offset                int // of the palette, or of the pixels where there is none
}

// read reports whether the file is one of this format.
func (h *tgaHeader) read(head []byte) bool {
	if len(head) < 18 {
		return false
	}
	u16 := func(at int) int { return int(binary.LittleEndian.Uint16(head[at:])) }
	kind, mapped, descriptor := head[2], head[1], head[17]
	*h = tgaHeader{
		kind: kind & 7, runs: kind&8 != 0, width: u16(12), height: u16(14), depth: int(head[16]),
		fromTop: descriptor&0x20 != 0, fromRight: descriptor&0x10 != 0,
		first: u16(3), colours: u16(5), entry: int(head[7]), offset: 18 + int(head[0]),
	}
	if kind&^15 != 0 || kind&7 == 0 || descriptor&0xc0 != 0 || descriptor&15 > 8 || h.width == 0 || h.height == 0 {
		return false
	}
	switch mapped {
	case 0:
		if h.first != 0 || h.colours != 0 || h.entry != 0 {
			return false
		}
	case 1:
		if h.colours == 0 || !slices.Contains([]int{15, 16, 24, 32}, h.entry) {
			return false
		}
	default:
		return false
	}
	switch h.kind {
	case 1:
		return mapped == 1 && h.depth == 8
	case 2:
		return slices.Contains([]int{15, 16, 24, 32}, h.depth)
	case 3:
		return h.depth == 8 || h.depth == 16
	}
	return false
}

func inspectTGA(src *source) (Info, error) {
	h := tgaHeader{}
	h.read(src.data)
	return turned("tga", h.width, h.height, upAndUndated), src.lim.check("tga", h.width, h.height)
}

// tgaPixel returns the colour and alpha that n bytes stand for. The 16th bit of 5-5-5 is left alone: programs do not
// agree on whether it is alpha, nor on which of its values is opaque.
func tgaPixel(b []byte) (rgb [3]byte, alpha byte) {
	switch len(b) {
	case 1:
		return [3]byte{b[0], b[0], b[0]}, 255
	case 2:
		v := int(binary.LittleEndian.Uint16(b))
		return [3]byte{byte(v >> 10 & 31 * 255 / 31), byte(v >> 5 & 31 * 255 / 31), byte(v & 31 * 255 / 31)}, 255
	case 4:
		alpha = b[3]
	default:
		alpha = 255
	}
	return [3]byte{b[2], b[1], b[0]}, alpha
}

func decodeTGA(src *source, _ Info) (*Picture, error) {
	h := tgaHeader{}
	h.read(src.data)
	body := src.data[min(h.offset, len(src.data)):]
	var palette [256][3]byte
	var see [256]byte
	for i := range see {
		see[i] = 255
	}
	if h.colours > 0 {
		size := (h.entry + 7) / 8
		if len(body) < h.colours*size {
			return nil, src.truncated()
		}
		for i := range h.colours {
			if at := h.first + i; at < len(palette) {
				palette[at], see[at] = tgaPixel(body[i*size:][:size])
			}
		}
		body = body[h.colours*size:]
	}
	size, pixels := (h.depth+7)/8, h.width*h.height
	// A run of at most 128 pixels is a byte and a pixel.
	if !h.runs && len(body) < pixels*size || h.runs && len(body)/(1+size) < pixels/128 {
		return nil, src.truncated()
	}
	p := New(h.width, h.height)
	p.Alpha = make([]byte, pixels)
	fail := func(err error) (*Picture, error) {
		p.Release()
		return nil, err
	}
	visible, run, literal := false, 0, 0
	for i := range pixels {
		if i%(1<<16) == 0 {
			if err := src.stopped(); err != nil {
				return fail(err)
			}
		}
		if h.runs && run == 0 && literal == 0 {
			if len(body) == 0 {
				return fail(src.truncated())
			}
			if n := int(body[0]&127) + 1; body[0] > 127 {
				run = n
			} else {
				literal = n
			}
			body = body[1:]
		}
		if len(body) < size {
			return fail(src.truncated())
		}
		x, y := i%h.width, i/h.width
		if h.fromRight {
			x = h.width - 1 - x
		}
		if !h.fromTop {
			y = h.height - 1 - y
		}
		rgb, alpha := [3]byte{}, byte(0)
		switch at := body[:size:size]; {
		case h.kind == 1:
			rgb, alpha = palette[at[0]], see[at[0]]
		case h.kind == 3 && size == 2: // grey with alpha
			rgb, alpha = [3]byte{at[0], at[0], at[0]}, at[1]
		default:
			rgb, alpha = tgaPixel(at)
		}
		copy(p.Pix[3*(y*h.width+x):], rgb[:])
		p.Alpha[y*h.width+x] = alpha
		visible = visible || alpha != 0
		if run > 1 {
			run--
		} else {
			run, literal = 0, max(0, literal-1)
			body = body[size:]
		}
	}
	if !visible { // programs that know of no alpha leave it 0
		p.Alpha = nil
	}
	return p, nil
}
