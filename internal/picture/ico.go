package picture

import (
	"bytes"
	"encoding/binary"
	"slices"
)

func init() {
	register(Format{
		Name: "ico", Title: "ICO", Extensions: []string{".ico", ".cur"}, MediaType: "image/vnd.microsoft.icon", Alpha: true, Lossless: true,
		matches: func(head []byte) bool {
			return len(head) >= 22 && head[0] == 0 && head[1] == 0 && (head[2] == 1 || head[2] == 2) && head[3] == 0 &&
				binary.LittleEndian.Uint16(head[4:]) > 0
		},
		inspect: inspectICO, decode: decodeICO,
		cost: bytesPerPixel(8), // an icon inside is a file of its own
	})
}

// icoPicture is the largest picture of an icon or a cursor: a PNG file, or a BMP file without its first 14 bytes.
type icoPicture struct {
	inside *source
	png    bool
	head   bmpHeader // of a BMP file: of its colours, which a mask of one bit a pixel follows
}

func openICO(src *source) (icoPicture, error) {
	data, best, from := src.data, 0, -1
	u32 := func(at int) int { return int(binary.LittleEndian.Uint32(data[at:])) }
	for i := range int(binary.LittleEndian.Uint16(data[4:])) {
		at := 6 + 16*i
		if at+16 > len(data) {
			return icoPicture{}, src.truncated()
		}
		side := func(b byte) int { return (int(b)+255)%256 + 1 } // 0 is 256
		// Of two of one size that with more colours; where a cursor says them is its hot spot.
		rank := side(data[at])*side(data[at+1])<<16 | int(data[at+6])
		if data[2] == 2 {
			rank &^= 1<<16 - 1
		}
		if rank > best {
			best, from = rank, at
		}
	}
	size, offset := u32(from+8), u32(from+12)
	if offset >= len(data) || size > len(data)-offset {
		return icoPicture{}, src.truncated()
	}
	body := data[offset : offset+size]
	inside := &source{ctx: src.ctx, data: body, lim: src.lim, format: "ico", decoding: src.decoding}
	if bytes.HasPrefix(body, []byte("\x89PNG\r\n\x1a\n")) {
		return icoPicture{inside: inside, png: true}, nil
	}
	if len(body) < 40 || !slices.Contains([]uint32{40, 52, 56, 64, 108, 124}, binary.LittleEndian.Uint32(body)) {
		return icoPicture{}, src.corrupt("its largest picture is neither PNG nor BMP")
	}
	inside.data = append(make([]byte, 14, 14+len(body)), body...)
	// The height counts the rows of the mask, too.
	height := inside.data[14+8:]
	binary.LittleEndian.PutUint32(height, uint32(int32(binary.LittleEndian.Uint32(height))/2))
	switch binary.LittleEndian.Uint32(inside.data[14+16:]) {
	case 3: // masks of bit fields follow the header
		binary.LittleEndian.PutUint32(inside.data[10:], 14+max(40+12, binary.LittleEndian.Uint32(body)))
	case 6:
		binary.LittleEndian.PutUint32(inside.data[10:], 14+max(40+16, binary.LittleEndian.Uint32(body)))
	}
	head, err := readBMPHeader(inside)
	if err == nil && (head.compression == 1 || head.compression == 2) {
		err = src.unsupported("run lengths are not supported")
	}
	return icoPicture{inside: inside, head: head}, err
}

func inspectICO(src *source) (Info, error) {
	p, err := openICO(src)
	if err != nil {
		return Info{}, err
	}
	if p.png {
		f, err := readPNG(p.inside)
		if err != nil {
			return Info{}, err
		}
		return turned("ico", f.width, f.height, upAndUndated), src.lim.check("ico", f.width, f.height)
	}
	return turned("ico", p.head.width, p.head.height, upAndUndated), src.lim.check("ico", p.head.width, p.head.height)
}

func decodeICO(src *source, info Info) (*Picture, error) {
	icon, err := openICO(src)
	if err != nil {
		return nil, err
	}
	if icon.png {
		return decodePNG(icon.inside, info)
	}
	p, err := decodeBMP(icon.inside, info)
	if err != nil || p.Alpha != nil {
		return p, err
	}
	h := icon.head
	body := icon.inside.data[h.offset:]
	if h.depth == 32 && h.compression == 0 {
		alpha, visible := make([]byte, h.width*h.height), false
		for i := range alpha {
			alpha[h.bottomUp(i/h.width)*h.width+i%h.width] = body[4*i+3]
			visible = visible || body[4*i+3] != 0
		}
		if visible {
			p.Alpha = alpha
			return p, nil
		}
	}
	mask, stride := body[min(len(body), (h.width*h.depth+31)/32*4*h.height):], (h.width+31)/32*4
	if len(mask) == 0 && h.depth == 32 { // some writers think that it needs none
		return p, nil
	}
	if len(mask) < stride*(h.height-1)+(h.width+7)/8 {
		p.Release()
		return nil, src.truncated()
	}
	p.Alpha = make([]byte, h.width*h.height)
	for i := range p.Alpha {
		x, y := i%h.width, i/h.width
		if mask[y*stride+x/8]>>(7-x%8)&1 == 0 {
			p.Alpha[h.bottomUp(y)*h.width+x] = 255
		}
	}
	return p, nil
}
