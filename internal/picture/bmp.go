package picture

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

func init() {
	register(Format{
		Name: "bmp", Title: "BMP", Extensions: []string{".bmp"}, MediaType: "image/bmp", Lossless: true,
		matches: func(head []byte) bool {
			return len(head) >= 18 && string(head[:2]) == "BM" &&
				slices.Contains([]uint32{12, 40, 52, 56, 64, 108, 124}, binary.LittleEndian.Uint32(head[14:]))
		},
		inspect: inspectBMP, decode: decodeBMP,
	})
}

// bmpHeader is what the file header and the bitmap header say.
type bmpHeader struct {
	width, height int
	topDown       bool
	depth         int       // bits a pixel
	compression   uint32    // 0 none, 1 RLE8, 2 RLE4, 3 and 6 bit fields
	masks         [4]uint32 // of red, green, blue and, where it is not 0, alpha
	palette       [256][3]byte
	offset        int // of the pixels
}

func inspectBMP(src *source) (Info, error) {
	h, err := readBMPHeader(src)
	if err != nil {
		return Info{}, err
	}
	return turned("bmp", h.width, h.height, upAndUndated), nil
}

func readBMPHeader(src *source) (h bmpHeader, err error) {
	data := src.data
	u16 := func(at int) int { return int(binary.LittleEndian.Uint16(data[at:])) }
	u32 := func(at int) uint32 { return binary.LittleEndian.Uint32(data[at:]) }
	size := int(u32(14))
	if len(data) < 14+size {
		return h, src.truncated()
	}
	h.offset = int(u32(10))
	colours, entry := 0, 4
	if size == 12 {
		h.width, h.height, h.depth, entry = u16(18), u16(20), u16(24), 3
	} else {
		height := int(int32(u32(22)))
		h.width, h.height, h.topDown = int(int32(u32(18))), max(height, -height), height < 0
		h.depth, h.compression, colours = u16(28), u32(30), int(u32(46))
	}
	if err := src.lim.check("bmp", h.width, h.height); err != nil {
		return h, err
	}
	at := 14 + size
	switch h.depth {
	case 1, 2, 4, 8:
		if colours <= 0 || colours > 1<<h.depth {
			colours = 1 << h.depth
		}
		for i := range colours {
			if at+entry > len(data) || h.offset > 0 && at+entry > h.offset {
				break
			}
			h.palette[i] = [3]byte{data[at+2], data[at+1], data[at]}
			at += entry
		}
	case 16:
		h.masks = [4]uint32{0x7c00, 0x3e0, 0x1f}
	case 24, 32:
		h.masks = [4]uint32{0xff0000, 0xff00, 0xff}
	default:
		return h, src.unsupported("%d bits a pixel are not supported", h.depth)
	}
	valid := false
	switch h.compression {
	case 0:
		valid = true
	case 1:
		valid = h.depth == 8
	case 2:
		valid = h.depth == 4
	case 3, 6:
		valid = h.depth == 16 || h.depth == 32
		if 54+12 > len(data) {
			return h, src.truncated()
		}
		// Right after a 40-byte header or inside a longer one: the same place.
		h.masks = [4]uint32{u32(54), u32(58), u32(62)}
		if (size >= 56 || h.compression == 6) && 66+4 <= len(data) {
			h.masks[3] = u32(66)
		}
		if h.masks == [4]uint32{} { // as Pillow reads it
			if h.masks = [4]uint32{0xff0000, 0xff00, 0xff, 0xff000000}; h.depth == 16 {
				h.masks = [4]uint32{0x7c00, 0x3e0, 0x1f}
			}
		}
	}
	if name := map[uint32]string{4: "JPEG", 5: "PNG"}[h.compression]; name != "" {
		return h, src.unsupported("compression %d (%s) is not supported", h.compression, name)
	}
	if !valid {
		return h, src.unsupported("compression %d at %d bits a pixel is not supported", h.compression, h.depth)
	}
	if h.offset > len(data) {
		return h, src.truncated()
	}
	if h.offset < 14+size {
		h.offset = at
	}
	return h, nil
}

func decodeBMP(src *source, _ Info) (*Picture, error) {
	h, err := readBMPHeader(src)
	if err != nil {
		return nil, err
	}
	body := src.data[min(h.offset, len(src.data)):]
	if h.compression == 1 || h.compression == 2 {
		return decodeBMPRuns(src, h, body)
	}
	stride := (h.width*h.depth + 31) / 32 * 4
	// Some writers leave the padding of the last row away.
	if need := stride*(h.height-1) + (h.width*h.depth+7)/8; len(body) < need {
		return nil, src.truncated()
	}
	var shift [4]int
	var top [4]uint64
	for c, m := range h.masks {
		shift[c] = bits.TrailingZeros32(m) % 32
		top[c] = uint64(m >> shift[c])
	}
	p := New(h.width, h.height)
	alphaMask := h.masks[3]
	if alphaMask != 0 {
		p.Alpha = make([]byte, h.width*h.height)
	}
	visible := false
	for y := range h.height {
		if y%256 == 0 {
			if err := src.stopped(); err != nil {
				p.Release()
				return nil, err
			}
		}
		row := body[y*stride:]
		dst := p.Pix[3*h.width*h.bottomUp(y):][:3*h.width]
		switch h.depth {
		case 24:
			for i := 0; i+2 < len(dst); i += 3 {
				dst[i], dst[i+1], dst[i+2] = row[i+2], row[i+1], row[i]
			}
		case 16, 32:
			for x := range h.width {
				var v uint32
				if h.depth == 16 {
					v = uint32(binary.LittleEndian.Uint16(row[2*x:]))
				} else {
					v = binary.LittleEndian.Uint32(row[4*x:])
				}
				if alphaMask != 0 {
					a := byte(uint64(v&alphaMask>>shift[3]) * 255 / top[3])
					p.Alpha[h.bottomUp(y)*h.width+x] = a
					visible = visible || a != 0
				}
				for c, m := range h.masks[:3] {
					if top[c] == 0xff {
						dst[3*x+c] = byte(v >> shift[c])
					} else if m != 0 {
						dst[3*x+c] = byte(uint64(v&m>>shift[c]) * 255 / top[c])
					} else {
						dst[3*x+c] = 0
					}
				}
			}
		default:
			perByte := 8 / h.depth
			for x := range h.width {
				index := row[x/perByte] >> (8 - h.depth*(x%perByte+1)) & (1<<h.depth - 1)
				copy(dst[3*x:3*x+3], h.palette[index][:])
			}
		}
	}
	if !visible { // programs that know of no alpha leave it 0
		p.Alpha = nil
	}
	return p, nil
}

func (h *bmpHeader) bottomUp(y int) int {
	if h.topDown {
		return y
	}
	return h.height - 1 - y
}

// decodeBMPRuns reads RLE8 and RLE4. Pixels that the runs skip have the first colour.
func decodeBMPRuns(src *source, h bmpHeader, body []byte) (*Picture, error) {
	if int64(h.width)*int64(h.height) > 1<<16+1024*int64(len(src.data)) {
		return nil, src.truncated() // skips alone could fill it, but no writer does that
	}
	p := New(h.width, h.height)
	fill(p, h.palette[0])
	x, y := 0, 0
	put := func(index byte) {
		if x < h.width && y < h.height {
			copy(p.Pix[3*(h.bottomUp(y)*h.width+x):], h.palette[index][:])
		}
		x++
	}
	for {
		if len(body) < 2 {
			p.Release()
			return nil, src.truncated()
		}
		count, value := int(body[0]), body[1]
		body = body[2:]
		switch {
		case count > 0:
			for i := range count {
				if h.compression == 2 {
					put(value >> (4 - 4*(i%2)) & 15)
				} else {
					put(value)
				}
			}
		case value == 0:
			x, y = 0, y+1
		case value == 1:
			return p, nil
		case value == 2:
			if len(body) < 2 {
				p.Release()
				return nil, src.truncated()
			}
			x, y = x+int(body[0]), y+int(body[1])
			body = body[2:]
		default:
			n := int(value)
			size := n
			if h.compression == 2 {
				size = (n + 1) / 2
			}
			if len(body) < size {
				p.Release()
				return nil, src.truncated()
			}
			for i := range n {
				if h.compression == 2 {
					put(body[i/2] >> (4 - 4*(i%2)) & 15)
				} else {
					put(body[i])
				}
			}
			body = body[min(size+size%2, len(body)):]
		}
		if y > h.height {
			return p, nil
		}
	}
}
