package picture

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"io"
	"slices"

	"github.com/klauspost/compress/flate"
)

// pngFile is what the chunks of a PNG file say. It is as lenient as libpng and Pillow: chunks in
// any order, chunks that do not belong, and missing ends are no reason to refuse pixels that are
// all there. What a checksum contradicts is not used: a critical chunk ends the decoding, an
// ancillary one counts as absent.
type pngFile struct {
	width, height int
	depth         int // bits a sample
	colour        byte
	interlaced    bool
	palette       []byte // RGB triples
	transparency  []byte // the body of tRNS
	pixels        []span // the bodies of IDAT
	exif          exif
}

// span is where a part of the file lies.
type span struct{ from, to int }

// Colour types, as in IHDR.
const (
	pngGrey      = 0
	pngRGB       = 2
	pngPalette   = 3
	pngGreyAlpha = 4
	pngRGBA      = 6
)

// pngTextLimit is how much of a compressed text is unpacked; Pillow refuses files with more.
const pngTextLimit = 1 << 20

// readPNG walks the chunks. Checksums of pixels are left to the decoder.
func readPNG(src *source) (f pngFile, err error) {
	var meta pngTexts
	seen := false // IHDR
	for at := 8; ; {
		data := src.data[at:]
		if len(data) < 8 {
			break
		}
		size, kind := int64(binary.BigEndian.Uint32(data)), string(data[4:8])
		if !isChunkName(kind) {
			if len(f.pixels) == 0 {
				return f, src.corrupt("no chunk at byte %d: % x", at, data[4:8])
			}
			break // rubbish after the pixels
		}
		if kind == "IEND" {
			break
		}
		whole := size+12 <= int64(len(data))
		body := data[8:min(8+size, int64(len(data)))]
		switch {
		case kind == "CgBI":
			return f, src.unsupported("Apple's variant for iOS (CgBI) is not supported: xcrun pngcrush -revert-iphone-optimizations makes a PNG of it")
		case kind == "IDAT":
			if !seen {
				return f, src.corrupt("pixels come before the IHDR chunk")
			}
			f.pixels = append(f.pixels, span{at + 8, at + 8 + len(body)})
		case !whole:
			if len(f.pixels) == 0 {
				return f, src.truncated()
			}
		case kind == "IHDR":
			if !chunkIsSound(data[4:], size) {
				return f, src.badChecksum(kind, at)
			}
			if seen && !bytes.Equal(body[:min(13, len(body))], f.header()) {
				return f, src.corrupt("two IHDR chunks that differ")
			}
			seen = true
			if err := f.readHeader(src, body); err != nil {
				return f, err
			}
		case kind == "PLTE":
			if len(f.pixels) > 0 || !seen || f.colour != pngPalette {
				break // a suggestion for screens of few colours
			}
			if !chunkIsSound(data[4:], size) {
				return f, src.badChecksum(kind, at)
			}
			f.palette = body
		case kind == "tRNS":
			if len(f.pixels) == 0 && chunkIsSound(data[4:], size) {
				f.transparency = body
			}
		case kind == "eXIf" || kind == "tEXt" || kind == "zTXt" || kind == "iTXt":
			if wantedPNGText(kind, body) && chunkIsSound(data[4:], size) {
				meta.add(kind, body)
			}
		}
		at += int(min(12+size, int64(len(data))))
	}
	if !seen {
		return f, src.truncated()
	}
	f.exif = meta.exif()
	return f, nil
}

// header is IHDR's body, as far as it matters.
func (f *pngFile) header() []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(f.width))
	b = binary.BigEndian.AppendUint32(b, uint32(f.height))
	interlaced := byte(0)
	if f.interlaced {
		interlaced = 1
	}
	return append(b, byte(f.depth), f.colour, 0, 0, interlaced)
}

func (f *pngFile) readHeader(src *source, body []byte) error {
	if len(body) < 13 {
		return src.corrupt("short IHDR chunk")
	}
	width, height := binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])
	if width > 1<<31-1 || height > 1<<31-1 {
		return src.corrupt("bad size %d x %d", width, height)
	}
	f.width, f.height, f.depth, f.colour = int(width), int(height), int(body[8]), body[9]
	valid := false
	switch f.colour {
	case pngGrey:
		valid = f.depth == 1 || f.depth == 2 || f.depth == 4 || f.depth == 8 || f.depth == 16
	case pngPalette:
		valid = f.depth == 1 || f.depth == 2 || f.depth == 4 || f.depth == 8
	case pngRGB, pngGreyAlpha, pngRGBA:
		valid = f.depth == 8 || f.depth == 16
	}
	if !valid {
		return src.corrupt("colour type %d at %d bits is not defined", f.colour, f.depth)
	}
	if body[11] != 0 {
		return src.unsupported("filter method %d is not defined", body[11])
	}
	f.interlaced = body[12] != 0
	return nil
}

func isChunkName(kind string) bool {
	for _, c := range []byte(kind) {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return true
}

// chunkIsSound checks a chunk from its name on against the checksum after it.
func chunkIsSound(data []byte, size int64) bool {
	return crc32.ChecksumIEEE(data[:4+size]) == binary.BigEndian.Uint32(data[4+size:])
}

func (s *source) badChecksum(kind string, at int) error {
	return s.corrupt("bad checksum of the %q chunk at byte %d", kind, at)
}

// checkPixels holds the chunks of pixels to their checksums. One that is cut has none.
func (f *pngFile) checkPixels(src *source) error {
	for _, part := range f.pixels {
		if part.to+4 > len(src.data) {
			return nil
		}
		if err := src.stopped(); err != nil {
			return err
		}
		if crc32.ChecksumIEEE(src.data[part.from-4:part.to]) != binary.BigEndian.Uint32(src.data[part.to:]) {
			return src.badChecksum("IDAT", part.from-8)
		}
	}
	return nil
}

// pngTexts are the places where a PNG file may tell its orientation. Of each the last one counts, as in
// Pillow, and only that is unpacked.
type pngTexts struct {
	block, profile, xmp pngText // profile is an EXIF block in hexadecimal digits: "Raw profile type exif"
}

// pngText is the body of a chunk.
type pngText struct {
	kind string
	body []byte
}

const (
	rawProfileKey = "Raw profile type exif"
	xmpKey        = "XML:com.adobe.xmp"
)

func wantedPNGText(kind string, body []byte) bool {
	key, _, _ := bytes.Cut(body[:min(len(body), 80)], []byte{0})
	return kind == "eXIf" || string(key) == rawProfileKey || string(key) == xmpKey || kind == "tEXt" && string(key) == "exif"
}

func (t *pngTexts) add(kind string, body []byte) {
	key, _, _ := bytes.Cut(body, []byte{0})
	switch {
	case kind == "eXIf" || string(key) == "exif":
		t.block = pngText{kind, body}
	case string(key) == rawProfileKey:
		t.profile = pngText{kind, body}
	case string(key) == xmpKey:
		t.xmp = pngText{kind, body}
	}
}

// text is what the chunk says after its key; nil where there is none.
func (t pngText) text() []byte {
	if t.kind == "eXIf" {
		return t.body
	}
	_, text, _ := bytes.Cut(t.body, []byte{0})
	packed := t.kind == "zTXt"
	if packed && len(text) > 0 {
		if text[0] != 0 {
			return nil
		}
		text = text[1:]
	}
	if t.kind == "iTXt" {
		if len(text) < 2 || text[0] != 0 && text[1] != 0 {
			return nil
		}
		packed = text[0] != 0
		parts := bytes.SplitN(text[2:], []byte{0}, 3) // language, the key in it, the text
		if len(parts) < 3 {
			return nil
		}
		text = parts[2]
	}
	if packed {
		return inflated(text, pngTextLimit)
	}
	return text
}

// inflated unpacks a zlib stream; nil where it is damaged or longer than limit.
func inflated(packed []byte, limit int) []byte {
	if len(packed) < 2 {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed[2:])), int64(limit)+1))
	if err != nil || len(text) > limit {
		return nil
	}
	return text
}

func (t *pngTexts) exif() exif {
	block := t.block.text()
	if t.block.kind == "" && t.profile.kind != "" {
		block = rawProfile(t.profile.text())
	}
	return readEXIF(block).orXMP(t.xmp.text())
}

// rawProfile is a block as ImageMagick writes it into a text: three lines (empty, its kind, its length), then digits.
func rawProfile(text []byte) []byte {
	lines := bytes.SplitN(text, []byte{'\n'}, 4)
	if len(lines) < 4 {
		return nil
	}
	digits := bytes.Join(bytes.Fields(lines[3]), nil)
	block := make([]byte, len(digits)/2)
	if _, err := hex.Decode(block, digits); err != nil {
		return nil
	}
	return block
}

// pngReader reads the pixels' bytes, which come in pieces.
type pngReader struct {
	src   *source
	parts []span
}

func (r *pngReader) Read(p []byte) (int, error) {
	for len(r.parts) > 0 && r.parts[0].from == r.parts[0].to {
		r.parts = r.parts[1:]
	}
	if len(r.parts) == 0 {
		return 0, io.EOF
	}
	if err := r.src.stopped(); err != nil {
		return 0, err
	}
	part := &r.parts[0]
	n := copy(p, r.src.data[part.from:part.to])
	part.from += n
	return n, nil
}

func (r *pngReader) ReadByte() (byte, error) {
	for len(r.parts) > 0 {
		if part := &r.parts[0]; part.from < part.to {
			part.from++
			return r.src.data[part.from-1], nil
		}
		if err := r.src.stopped(); err != nil {
			return 0, err
		}
		r.parts = r.parts[1:]
	}
	return 0, io.EOF
}

var errPNGFilter = errors.New("unknown filter")

// samples a pixel, and bits of all of them.
func (f *pngFile) bitsPerPixel() int {
	return f.depth * map[byte]int{pngGrey: 1, pngRGB: 3, pngPalette: 1, pngGreyAlpha: 2, pngRGBA: 4}[f.colour]
}

// decode unpacks, unfilters and converts row by row: beside the picture only two rows are held.
func (f *pngFile) decode(src *source) (*Picture, error) {
	if err := f.checkPixels(src); err != nil {
		return nil, err
	}
	in := &pngReader{src: src, parts: slices.Clone(f.pixels)}
	var head [2]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, src.truncated()
	}
	// The checksum at the end of the stream is not asked for: the chunks have theirs.
	if head[0]&15 != 8 || head[1]&0x20 != 0 {
		return nil, src.corrupt("bad compressed data (not a zlib stream)")
	}
	unpack := flate.NewReader(in)
	defer unpack.Close()

	bits := f.bitsPerPixel()
	bpp := max(1, bits/8)
	convert, hasAlpha := f.converter()
	p := New(f.width, f.height)
	if hasAlpha {
		p.Alpha = make([]byte, f.width*f.height)
	}
	longest := (f.width*bits + 7) / 8
	row, above := make([]byte, 1+longest), make([]byte, 1+longest)
	// rows reads the rows of a pass, which has columns x rows pixels.
	rows := func(columns, rows int, put func(y int, row []byte)) error {
		size := (columns*bits + 7) / 8
		clear(above)
		for y := range rows {
			if y%256 == 0 {
				if err := src.stopped(); err != nil {
					return err
				}
			}
			if _, err := io.ReadFull(unpack, row[:1+size]); err != nil {
				return err
			}
			if !unfilter(row[0], row[1:1+size], above[1:1+size], bpp) {
				return errPNGFilter
			}
			put(y, row[1:1+size])
			row, above = above, row
		}
		return nil
	}
	alphaRow := func(y int) []byte {
		if !hasAlpha {
			return nil
		}
		return p.Alpha[y*f.width:][:f.width]
	}
	var err error
	if !f.interlaced {
		err = rows(f.width, f.height, func(y int, row []byte) {
			convert(p.Pix[3*y*f.width:][:3*f.width], alphaRow(y), row)
		})
	} else {
		rgb, alpha := make([]byte, 3*f.width), make([]byte, f.width)
		for _, pass := range [7][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}} {
			x0, y0, dx, dy := pass[0], pass[1], pass[2], pass[3]
			columns, lines := (f.width-x0+dx-1)/dx, (f.height-y0+dy-1)/dy
			if columns <= 0 || lines <= 0 {
				continue
			}
			err = rows(columns, lines, func(y int, row []byte) {
				convert(rgb[:3*columns], alpha[:columns], row)
				out, see := p.Pix[3*(y0+y*dy)*f.width:], alphaRow(y0+y*dy)
				for i := range columns {
					copy(out[3*(x0+i*dx):][:3], rgb[3*i:3*i+3])
					if hasAlpha {
						see[x0+i*dx] = alpha[i]
					}
				}
			})
			if err != nil {
				break
			}
		}
	}
	if err == nil {
		return p, nil
	}
	p.Release()
	var damage flate.CorruptInputError
	switch {
	case errors.Is(err, errPNGFilter):
		return nil, src.corrupt("a row has an unknown filter")
	case errors.As(err, &damage):
		return nil, src.corrupt("bad compressed data (%v)", err)
	}
	return nil, err
}

// converter makes 8-bit RGB, and alpha, of a row. It is given nil for alpha where the file has none.
func (f *pngFile) converter() (convert func(rgb, alpha, row []byte), hasAlpha bool) {
	wide := f.depth / 8 // bytes a sample
	switch f.colour {
	case pngRGBA, pngGreyAlpha:
		green, blue, opacity := wide, 2*wide, 3*wide
		if f.colour == pngGreyAlpha {
			green, blue, opacity = 0, 0, wide
		}
		size := opacity + wide
		return func(rgb, alpha, row []byte) {
			for x := range alpha {
				s, d := row[x*size:x*size+size:x*size+size], rgb[3*x:3*x+3:3*x+3]
				d[0], d[1], d[2] = s[0], s[green], s[blue]
				alpha[x] = s[opacity]
			}
		}, true
	case pngRGB:
		key := f.transparency
		if len(key) >= 6 {
			key = key[:6]
			if wide == 1 {
				key = []byte{key[1], key[3], key[5]}
			}
			return func(rgb, alpha, row []byte) {
				for x := range alpha {
					s, d := row[x*3*wide:(x+1)*3*wide], rgb[3*x:3*x+3:3*x+3]
					d[0], d[1], d[2] = s[0], s[wide], s[2*wide]
					alpha[x] = 255
					if bytes.Equal(s, key) {
						alpha[x] = 0
					}
				}
			}, true
		}
		if wide == 1 {
			return func(rgb, _, row []byte) { copy(rgb, row) }, false
		}
		return func(rgb, _, row []byte) {
			for i := range rgb {
				rgb[i] = row[2*i]
			}
		}, false
	case pngGrey:
		key := -1
		if len(f.transparency) >= 2 {
			key = int(binary.BigEndian.Uint16(f.transparency))
		}
		if f.depth == 16 {
			return func(rgb, alpha, row []byte) {
				for x := range len(rgb) / 3 {
					d := rgb[3*x : 3*x+3 : 3*x+3]
					d[0], d[1], d[2] = row[2*x], row[2*x], row[2*x]
					if key >= 0 {
						alpha[x] = 255
						if int(row[2*x])<<8|int(row[2*x+1]) == key {
							alpha[x] = 0
						}
					}
				}
			}, key >= 0
		}
		scale := 255 / (1<<f.depth - 1)
		var colours [256][3]byte
		var see [256]byte
		for v := range 1 << f.depth {
			grey := byte(v * scale)
			colours[v], see[v] = [3]byte{grey, grey, grey}, 255
			if v == key&(1<<f.depth-1) {
				see[v] = 0
			}
		}
		return lookUp(f.depth, &colours, &see, key >= 0), key >= 0
	default: // a palette
		var colours [256][3]byte
		var see [256]byte
		for i := range colours {
			see[i] = 255
			if 3*i+3 <= len(f.palette) {
				colours[i] = [3]byte(f.palette[3*i:])
			}
			if i < len(f.transparency) {
				see[i] = f.transparency[i]
			}
		}
		return lookUp(f.depth, &colours, &see, len(f.transparency) > 0), len(f.transparency) > 0
	}
}

// lookUp converts samples of 1 to 8 bits, the first in the highest bits, by tables.
func lookUp(depth int, colours *[256][3]byte, see *[256]byte, hasAlpha bool) func(rgb, alpha, row []byte) {
	perByte, mask := 8/depth, byte(1<<depth-1)
	return func(rgb, alpha, row []byte) {
		if depth == 8 && !hasAlpha {
			for x, v := range row[:len(rgb)/3] {
				c, d := &colours[v], rgb[3*x:3*x+3:3*x+3]
				d[0], d[1], d[2] = c[0], c[1], c[2]
			}
			return
		}
		for x := range len(rgb) / 3 {
			v := row[x/perByte] >> (8 - depth*(x%perByte+1)) & mask
			c, d := &colours[v], rgb[3*x:3*x+3:3*x+3]
			d[0], d[1], d[2] = c[0], c[1], c[2]
			if hasAlpha {
				alpha[x] = see[v]
			}
		}
	}
}

// unfilter undoes a row's filter in place (PNG specification, section 9). It is false of an unknown one.
func unfilter(kind byte, row, above []byte, bpp int) bool {
	switch kind {
	case 0:
	case 1:
		for i := bpp; i < len(row); i++ {
			row[i] += row[i-bpp]
		}
	case 2:
		above = above[:len(row)]
		for i, v := range above {
			row[i] += v
		}
	case 3:
		for i := range min(bpp, len(row)) {
			row[i] += above[i] / 2
		}
		for i := bpp; i < len(row); i++ {
			row[i] += byte((int(row[i-bpp]) + int(above[i])) / 2)
		}
	case 4:
		above = above[:len(row)]
		for c := range min(bpp, len(row)) { // channel by channel, so that the neighbours stay in registers
			left, corner := 0, 0
			for i := c; i < len(row); i += bpp {
				up := int(above[i])
				a, b := up-corner, left-corner
				d := a + b
				a, b, d = max(a, -a), max(b, -b), max(d, -d)
				if a <= b && a <= d {
					// left it is
				} else if b <= d {
					left = up
				} else {
					left = corner
				}
				left = (left + int(row[i])) & 255
				row[i] = byte(left)
				corner = up
			}
		}
	default:
		return false
	}
	return true
}
