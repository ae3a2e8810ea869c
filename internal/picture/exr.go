package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/klauspost/compress/zlib"

	"github.com/akin-search/akin/internal/float16"
)

func init() {
	register(Format{
		Name: "exr", Title: "OpenEXR", Extensions: []string{".exr"}, MediaType: "image/x-exr", Alpha: true, Lossless: true,
		matches: begins("v/1\x01"),
		inspect: inspectEXR, decode: decodeEXR, cost: costEXR,
	})
}

// exrFile is a file of one part. Its numbers are of light: 1 is white, and what is above that becomes white, too, as
// programs show such pictures before anybody changes the exposure.
type exrFile struct {
	src                    *source
	minX, minY             int
	width, height          int // of the data window
	packing                int
	tiled                  bool
	tileWidth, tileHeight  int
	channels               []exrChannel
	red, green, blue, grey int // which channels; -1 is none
	alpha                  int
	offset                 int // of the table of chunks
}

type exrChannel struct {
	name           string
	kind           int // of a sample: 0 an integer of 32 bits, 1 floating point of 16 and 2 of 32 bits
	everyX, everyY int
}

func (c exrChannel) size() int { return []int{4, 2, 4}[c.kind] }

// across is how many samples of a channel lie from x to before end.
func across(x, end, every int) int { return floorDiv(end-1, every) - floorDiv(x-1, every) }

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// exrPackings are the kinds of compression by number, and how many rows one chunk of them has.
var exrPackings = []struct {
	name string
	rows int
}{{"none", 1}, {"RLE", 1}, {"ZIPS", 1}, {"ZIP", 16}, {"PIZ", 32}, {"PXR24", 16}, {"B44", 32}, {"B44A", 32}, {"DWAA", 32}, {"DWAB", 256}}

const (
	exrPlain = 0
	exrRLE   = 1
	exrZIPS  = 2
	exrZIP   = 3
	exrPIZ   = 4
	exrPXR24 = 5
)

func openEXR(src *source) (*exrFile, error) {
	data := src.data
	if len(data) < 8 {
		return nil, src.truncated()
	}
	version := binary.LittleEndian.Uint32(data[4:])
	switch {
	case version&0xff != 2:
		return nil, src.unsupported("version %d is not supported", version&0xff)
	case version&0x1000 != 0:
		return nil, src.unsupported("files of several parts are not supported")
	case version&0x800 != 0:
		return nil, src.unsupported("deep pictures are not supported")
	}
	f := &exrFile{src: src, packing: -1, tiled: version&0x200 != 0, red: -1, green: -1, blue: -1, grey: -1, alpha: -1}
	text := func(b []byte) (string, []byte, bool) {
		const longest = 255
		n := bytes.IndexByte(b[:min(len(b), longest+1)], 0)
		if n < 0 {
			return "", nil, false
		}
		return string(b[:n]), b[n+1:], true
	}
	rest := data[8:]
	for {
		name, after, ok := text(rest)
		if ok && name == "" {
			f.offset = len(data) - len(after)
			break
		}
		if ok {
			_, after, ok = text(after) // its type
		}
		if !ok || len(after) < 4 {
			return nil, src.truncated()
		}
		size := uint64(binary.LittleEndian.Uint32(after))
		if after = after[4:]; size > uint64(len(after)) {
			return nil, src.truncated()
		}
		value := after[:size]
		rest = after[size:]
		switch {
		case name == "compression" && size == 1:
			f.packing = int(value[0])
		case name == "dataWindow" && size == 16:
			at := func(i int) int { return int(int32(binary.LittleEndian.Uint32(value[4*i:]))) }
			f.minX, f.minY, f.width, f.height = at(0), at(1), at(2)-at(0)+1, at(3)-at(1)+1
		case name == "tiles" && size == 9:
			f.tileWidth, f.tileHeight = int(binary.LittleEndian.Uint32(value)), int(binary.LittleEndian.Uint32(value[4:]))
			if value[8]&15 == 2 {
				return nil, src.unsupported("tiles in several heights and widths (RIPMAP) are not supported")
			}
		case name == "channels":
			for list := value; len(list) > 0 && list[0] != 0; {
				c := exrChannel{}
				if c.name, list, ok = text(list); !ok || len(list) < 16 {
					return nil, src.corrupt("bad list of channels")
				}
				u32 := func(at int) int { return int(binary.LittleEndian.Uint32(list[at:])) }
				c.kind, c.everyX, c.everyY = u32(0), u32(8), u32(12)
				if list = list[16:]; c.kind > 2 || c.everyX < 1 || c.everyY < 1 || len(f.channels) > 1000 {
					return nil, src.corrupt("bad list of channels")
				}
				f.channels = append(f.channels, c)
			}
		}
	}
	return f, f.describe()
}

// describe finds the channels of the colours, and refuses what is not decoded.
func (f *exrFile) describe() error {
	src := f.src
	for i, c := range f.channels {
		to, ok := map[string]*int{"R": &f.red, "G": &f.green, "B": &f.blue, "Y": &f.grey, "A": &f.alpha}[c.name]
		if ok && (c.everyX != 1 || c.everyY != 1) {
			return src.unsupported("channels of less than the full size are not supported")
		}
		if ok {
			*to = i
		}
		if c.name == "RY" || c.name == "BY" {
			return src.unsupported("luminance and chroma are not supported")
		}
	}
	if f.red < 0 || f.green < 0 || f.blue < 0 {
		if f.grey < 0 {
			return src.unsupported("it has neither channels R, G and B nor Y")
		}
		f.red, f.green, f.blue = f.grey, f.grey, f.grey
	}
	switch {
	case f.packing < 0 || f.packing >= len(exrPackings):
		return src.unsupported("compression %d is not supported", f.packing)
	case f.packing > exrPXR24:
		return src.unsupported("compression %d (%s) is not supported", f.packing, exrPackings[f.packing].name)
	}
	if !f.tiled {
		f.tileWidth, f.tileHeight = f.width, exrPackings[f.packing].rows
	} else if f.tileWidth < 1 || f.tileHeight < 1 {
		return src.corrupt("bad size of tiles")
	}
	return nil
}

// costEXR is of one strip or tile at a time, which is held packed, unpacked, and once more between.
func costEXR(data []byte) int64 {
	f, err := openEXR(&source{data: data, format: "exr"})
	if err != nil || f.width < 1 || f.height < 1 {
		return 0
	}
	part := int64(min(f.tileWidth, f.width)) * int64(min(f.tileHeight, f.height)) * int64(4*len(f.channels))
	return 1 + 3*part/(int64(f.width)*int64(f.height))
}

func inspectEXR(src *source) (Info, error) {
	f, err := openEXR(src)
	if err != nil {
		return Info{}, err
	}
	return turned("exr", f.width, f.height, upAndUndated), src.lim.check("exr", f.width, f.height)
}

func decodeEXR(src *source, _ Info) (*Picture, error) {
	f, err := openEXR(src)
	if err != nil {
		return nil, err
	}
	across, down := divideUp(f.width, f.tileWidth), divideUp(f.height, f.tileHeight)
	// No compression makes more than 1032 of one, and each chunk has its place in a table.
	pixel := 0
	for _, c := range f.channels {
		if c.everyX == 1 && c.everyY == 1 {
			pixel += c.size()
		}
	}
	if pixels := int64(f.width) * int64(f.height); 8*across*down > len(src.data)-f.offset || pixels*int64(pixel)/1100 > int64(len(src.data)) {
		return nil, src.truncated()
	}
	const mostBytes = 256 << 20
	if tile := int64(min(f.tileWidth, f.width)) * int64(min(f.tileHeight, f.height)); tile*int64(4*len(f.channels)) > mostBytes {
		return nil, failf(ErrTooLarge, "OpenEXR: strips or tiles of more than %d MB", mostBytes>>20)
	}
	var p *Picture // made when the first chunk is there
	for i := range across * down {
		if err = src.stopped(); err == nil {
			err = f.chunk(i, across, &p)
		}
		if err != nil {
			p.Release()
			return nil, err
		}
	}
	return p, nil
}

// chunk decodes a strip or tile, the ith by its place.
func (f *exrFile) chunk(i, across int, to **Picture) error {
	src := f.src
	data, at := src.data, binary.LittleEndian.Uint64(src.data[f.offset+8*i:])
	head := uint64(8)
	if f.tiled {
		head = 20
	}
	if at > uint64(len(data)) || head > uint64(len(data))-at {
		return src.truncated()
	}
	data = data[at:]
	u32 := func(at int) int { return int(int32(binary.LittleEndian.Uint32(data[at:]))) }
	x, y := i%across*f.tileWidth, i/across*f.tileHeight
	if f.tiled && (u32(0) != i%across || u32(4) != i/across || u32(8) != 0 || u32(12) != 0) || !f.tiled && u32(0) != f.minY+y {
		return src.corrupt("a strip or tile is not where its place is told")
	}
	size := u32(int(head) - 4)
	if data = data[head:]; size < 0 || size > len(data) {
		return src.truncated()
	}
	part := exrPart{f: f, x: f.minX + x, y: f.minY + y, width: min(f.tileWidth, f.width-x), height: min(f.tileHeight, f.height-y)}
	raw, err := part.unpack(data[:size])
	if err != nil {
		return err
	}
	if *to == nil {
		*to = New(f.width, f.height)
		if f.alpha >= 0 {
			(*to).Alpha = make([]byte, f.width*f.height)
		}
	}
	part.paint(*to, x, y, raw)
	return nil
}

// exrPart is a strip or tile, at its place in the coordinates of the file.
type exrPart struct {
	f                   *exrFile
	x, y, width, height int
}

// lines calls fn for each row of each channel, in the order of the file, with how many samples it has.
func (p *exrPart) lines(fn func(y, channel, samples int)) {
	for y := range p.height {
		for i, c := range p.f.channels {
			if (p.y+y)%c.everyY == 0 {
				fn(y, i, across(p.x, p.x+p.width, c.everyX))
			}
		}
	}
}

// unpack returns the samples, row by row and in each row channel by channel.
func (p *exrPart) unpack(packed []byte) ([]byte, error) {
	src, size := p.f.src, 0
	p.lines(func(_, channel, samples int) { size += samples * p.f.channels[channel].size() })
	if len(packed) == size { // what would not get smaller is stored as it is
		return packed, nil
	}
	bad := func(err error) ([]byte, error) {
		return nil, src.corrupt("bad compressed data (%v)", err)
	}
	inflated := func(size int) ([]byte, error) {
		z, err := zlib.NewReader(bytes.NewReader(packed))
		if err != nil {
			return nil, err
		}
		out := make([]byte, size)
		_, err = io.ReadFull(z, out)
		return out, err
	}
	switch p.f.packing {
	case exrRLE:
		raw, err := exrRuns(packed, size)
		if err != nil {
			return bad(err)
		}
		return exrInterleave(raw), nil
	case exrZIPS, exrZIP:
		raw, err := inflated(size)
		if err != nil {
			return bad(err)
		}
		return exrInterleave(raw), nil
	case exrPXR24:
		planes := 0
		p.lines(func(_, channel, samples int) { planes += samples * []int{4, 2, 3}[p.f.channels[channel].kind] })
		raw, err := inflated(planes)
		if err != nil {
			return bad(err)
		}
		return p.differences(raw, size), nil
	case exrPIZ:
		raw, err := p.wavelets(packed, size)
		if err != nil {
			return bad(err)
		}
		return raw, nil
	}
	return bad(fmt.Errorf("%d bytes for %d", len(packed), size))
}

// exrRuns undoes run lengths: a negative count is of bytes as they are.
func exrRuns(packed []byte, size int) ([]byte, error) {
	out := make([]byte, 0, size)
	for len(packed) >= 2 {
		n := int(int8(packed[0]))
		if packed = packed[1:]; n < 0 {
			if n = -n; n > len(packed) || n > size-len(out) {
				return nil, io.ErrUnexpectedEOF
			}
			out, packed = append(out, packed[:n]...), packed[n:]
			continue
		}
		if n++; n > size-len(out) {
			return nil, io.ErrUnexpectedEOF
		}
		for range n {
			out = append(out, packed[0])
		}
		packed = packed[1:]
	}
	if len(out) < size {
		return nil, io.ErrUnexpectedEOF
	}
	return out, nil
}

// exrInterleave sums up differences, and puts the first and the second half together, byte by byte.
func exrInterleave(raw []byte) []byte {
	for i := 1; i < len(raw); i++ {
		raw[i] += raw[i-1] - 128
	}
	out, half := make([]byte, len(raw)), (len(raw)+1)/2
	for i := range out {
		out[i] = raw[i%2*half+i/2]
	}
	return out
}

// differences undoes PXR24: rows of differences, cut into bytes by significance. Floating point has lost its lowest byte.
func (p *exrPart) differences(raw []byte, size int) []byte {
	out := make([]byte, 0, size)
	p.lines(func(_, channel, samples int) {
		kind := p.f.channels[channel].kind
		bytes, sum := []int{4, 2, 3}[kind], uint32(0)
		for i := range samples {
			d := uint32(0)
			for b := range bytes {
				d = d<<8 | uint32(raw[b*samples+i])
			}
			if kind == 2 {
				d <<= 8
			}
			if sum += d; kind == 1 {
				out = binary.LittleEndian.AppendUint16(out, uint16(sum))
			} else {
				out = binary.LittleEndian.AppendUint32(out, sum)
			}
		}
		raw = raw[bytes*samples:]
	})
	return out
}

// paint puts a strip or tile at its place.
func (p *exrPart) paint(to *Picture, x0, y0 int, raw []byte) {
	f := p.f
	colours := [3]int{f.red, f.green, f.blue}
	var light [3][]float32 // of the row so far
	for c := range light {
		light[c] = make([]float32, p.width)
	}
	alpha := []float32(nil)
	if f.alpha >= 0 {
		alpha = make([]float32, p.width)
	}
	row := -1
	flush := func() {
		if row < 0 {
			return
		}
		at := (y0+row)*to.Width + x0
		for x, a := range alpha {
			to.Alpha[at+x] = byte(math.Floor(min(max(float64(a), 0), 1)*255 + 0.5))
			if a > 0 && a < 1 { // colours are multiplied by it
				for c := range light {
					light[c][x] /= a
				}
			}
		}
		dst := to.Pix[3*at:][:3*p.width]
		for c, values := range light {
			for x, v := range values {
				dst[3*x+c] = encodeLight(v)
			}
		}
	}
	p.lines(func(y, channel, samples int) {
		if y != row {
			flush()
			row = y
		}
		n := samples * f.channels[channel].size()
		for c, wanted := range colours {
			if wanted == channel {
				f.channels[channel].values(raw[:n], light[c])
			}
		}
		if channel == f.alpha {
			f.channels[channel].values(raw[:n], alpha)
		}
		raw = raw[n:]
	})
	flush()
}

// values reads samples; what is no number is 0.
func (c *exrChannel) values(row []byte, out []float32) {
	switch c.kind {
	case 0:
		for i := range out {
			out[i] = float32(binary.LittleEndian.Uint32(row[4*i:]))
		}
	case 1:
		for i := range out {
			out[i] = float16.Decode(binary.LittleEndian.Uint16(row[2*i:]))
		}
	default:
		for i := range out {
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(row[4*i:]))
		}
	}
	for i, v := range out {
		if v != v {
			out[i] = 0
		}
	}
}

// lightLevels are the least light of each level of sRGB above 0, and lightOf the level at numbers of 8 bits after the point,
// between which no two levels begin.
var (
	lightLevels = func() (levels [256]float32) {
		for i := range levels {
			v := (float64(i) + 0.5) / 255
			least := v / 12.92
			if v > 0.04045 {
				least = math.Pow((v+0.055)/1.055, 2.4)
			}
			levels[i] = float32(least)
			if float64(levels[i]) < least {
				levels[i] = math.Nextafter32(levels[i], 2)
			}
		}
		levels[255] = float32(math.Inf(1))
		return levels
	}()
	lightOf = func() (at [1 << 15]byte) { // up to 1
		level := 0
		for i := range at {
			for level < 255 && math.Float32frombits(uint32(i)<<15) >= lightLevels[level] {
				level++
			}
			at[i] = byte(level)
		}
		return at
	}()
)

// encodeLight is sRGB's encoding of light, rounded.
func encodeLight(v float32) byte {
	if !(v > 0) {
		return 0
	}
	if v >= 1 {
		return 255
	}
	level := lightOf[math.Float32bits(v)>>15]
	if v >= lightLevels[level] {
		level++
	}
	return level
}
