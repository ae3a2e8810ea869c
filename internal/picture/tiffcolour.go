package picture

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/akin-search/akin/internal/float16"
)

// converter makes 8-bit RGB, and alpha, of a line that has step samples a pixel.
func (f *tiffFile) converter(step int) (func(rgb, alpha, line []byte), error) {
	little := f.littleEndian()
	size, high := max(1, f.depth/8), 0
	if little {
		high = size - 1
	}
	// Of 16 bits the high byte.
	sample := func(line []byte, x, s int) byte { return line[(x*step+s)*size+high] }
	if f.format == 3 {
		sample = func(line []byte, x, s int) byte {
			switch v := f.float(line[(x*step+s)*size:]) / f.white * 255; {
			case v >= 255:
				return 255
			case v > 0:
				return byte(v)
			}
			return 0 // not a number is neither
		}
	}
	opacity := func(rgb, alpha, line []byte) {
		if alpha == nil {
			return
		}
		for x := range alpha {
			a := sample(line, x, f.need)
			alpha[x] = a
			if f.alpha == tiffAssociated && a != 255 && f.colours != tiffPalette {
				for i, v := range rgb[3*x : 3*x+3] { // as Pillow does
					rgb[3*x+i] = 0
					if a > 0 {
						rgb[3*x+i] = byte(min(255, int(v)*255/int(a)))
					}
				}
			}
		}
	}
	grey := func(value func(line []byte, x int) byte) func(rgb, alpha, line []byte) {
		return func(rgb, alpha, line []byte) {
			for x := range len(rgb) / 3 {
				v := value(line, x)
				rgb[3*x], rgb[3*x+1], rgb[3*x+2] = v, v, v
			}
			opacity(rgb, alpha, line)
		}
	}
	switch f.colours {
	case tiffWhiteIsZero, tiffBlackIsZero, tiffPalette:
		if f.depth <= 8 && f.format != 3 {
			var colours [256][3]byte
			if err := f.palette(&colours); err != nil {
				return nil, err
			}
			if f.depth < 8 && step > 1 {
				return nil, f.src.unsupported("%d samples of %d bits are not supported", step, f.depth)
			}
			one := lookUp(f.depth, &colours, nil, false)
			return func(rgb, alpha, line []byte) {
				if step == 1 {
					one(rgb, nil, line)
					return
				}
				for x := range len(rgb) / 3 {
					copy(rgb[3*x:3*x+3], colours[line[x*step]][:])
				}
				opacity(rgb, alpha, line)
			}, nil
		}
		invert := byte(0)
		if f.colours == tiffWhiteIsZero {
			invert = 255
		}
		at := func(line []byte, x int) []byte { return line[x*step*size:] }
		order := f.dirs.order
		switch {
		case f.format == 1 && f.depth == 16:
			return grey(func(line []byte, x int) byte { return sample(line, x, 0) ^ invert }), nil
		case f.depth == 12:
			if step > 1 {
				return nil, f.src.unsupported("%d samples of %d bits are not supported", step, f.depth)
			}
			return grey(func(line []byte, x int) byte { // the upper 8 bits; two samples in three bytes
				b := line[x/2*3:]
				if x%2 == 0 {
					return b[0] ^ invert
				}
				return (b[1]<<4 | b[2]>>4) ^ invert
			}), nil
		// What has no range of its own is clipped to 0..255, as Pillow does.
		case f.format == 1:
			return grey(func(line []byte, x int) byte { return byte(min(max(int32(order.Uint32(at(line, x))), 0), 255)) }), nil
		case f.format == 2 && f.depth == 16:
			return grey(func(line []byte, x int) byte { return byte(min(max(int16(order.Uint16(at(line, x))), 0), 255)) }), nil
		case f.format == 2:
			return grey(func(line []byte, x int) byte { return byte(min(max(int32(order.Uint32(at(line, x))), 0), 255)) }), nil
		default:
			return grey(func(line []byte, x int) byte { return sample(line, x, 0) }), nil
		}
	case tiffInks:
		return func(rgb, _, line []byte) {
			for x := range len(rgb) / 3 {
				inks := [4]byte{sample(line, x, 0), sample(line, x, 1), sample(line, x, 2), sample(line, x, 3)}
				cmykToRGB(rgb[3*x:3*x+3], inks[:], 1, 4)
			}
		}, nil
	case tiffYCbCr:
		t := f.chroma()
		return func(rgb, _, line []byte) {
			for x := range len(rgb) / 3 {
				t.rgb(rgb[3*x:3*x+3], line[x*step], line[x*step+1], line[x*step+2])
			}
		}, nil
	case tiffLab:
		return func(rgb, _, line []byte) {
			for x := range len(rgb) / 3 {
				labToRGB(rgb[3*x:3*x+3], line[x*step], line[x*step+1], line[x*step+2])
			}
		}, nil
	}
	if f.depth == 8 && step == 3 {
		return func(rgb, _, line []byte) { copy(rgb, line) }, nil
	}
	return func(rgb, alpha, line []byte) {
		for x := range len(rgb) / 3 {
			d := rgb[3*x : 3*x+3 : 3*x+3]
			d[0], d[1], d[2] = sample(line, x, 0), sample(line, x, 1), sample(line, x, 2)
		}
		opacity(rgb, alpha, line)
	}, nil
}

// float returns a floating-point number of 16, 32 or 64 bits.
func (f *tiffFile) float(b []byte) float64 {
	order := f.dirs.order
	switch f.depth {
	case 64:
		return math.Float64frombits(order.Uint64(b))
	case 32:
		return float64(math.Float32frombits(order.Uint32(b)))
	}
	return float64(float16.Decode(order.Uint16(b)))
}

// findWhite goes through floating-point samples for their range, which no file tells: white is 1 where none is above that,
// as most programs of science and of light write them, else 255.
func (f *tiffFile) findWhite(g *tiffGrid, planes, each int) error {
	f.white = 1
	size := f.depth / 8
	return f.lines(g, planes, each, func(_, _, columns, _ int, line []byte) {
		if f.white > 1 {
			return
		}
		for i := range columns * max(planes, each) {
			if v := f.float(line[i*size:]); v > 1 && !math.IsInf(v, 1) {
				f.white = 255
				return
			}
		}
	})
}

// palette returns the colour of each value of up to 8 bits.
func (f *tiffFile) palette(colours *[256][3]byte) error {
	n := 1 << f.depth
	if f.colours != tiffPalette {
		for v := range n {
			grey := byte(v * 255 / (n - 1))
			if f.colours == tiffWhiteIsZero {
				grey = 255 - grey
			}
			colours[v] = [3]byte{grey, grey, grey}
		}
		return nil
	}
	have := int(f.tags[320].count) / 3
	for v := range min(n, have) {
		for c := range 3 {
			level, _ := f.at(320, c*have+v)
			colours[v][c] = byte(level >> 8)
		}
	}
	if f.tags[320].values == nil {
		return f.src.corrupt("the palette (tag 320) is missing")
	}
	return nil
}

// tiffChroma is libtiff's YCbCr to RGB (tif_color.c), with the weights and the range that the file tells.
type tiffChroma struct {
	luma, redOfCr, blueOfCb, greenOfCr, greenOfCb [256]int32
}

func (f *tiffFile) chroma() *tiffChroma {
	weights, levels := [3]float32{0.299, 0.587, 0.114}, [6]float32{0, 255, 128, 255, 128, 255}
	for i := range weights {
		if v, ok := f.dirs.number(f.tags[529], uint64(i)); ok {
			weights[i] = float32(v)
		}
	}
	if sum := weights[0] + weights[1] + weights[2]; !(sum > 0.5 && sum < 1.5 && weights[1] > 0) { // or not numbers
		weights = [3]float32{0.299, 0.587, 0.114}
	}
	for i := range levels {
		if v, ok := f.dirs.number(f.tags[532], uint64(i)); ok {
			levels[i] = float32(v)
		}
	}
	const half = 1 << 15
	fixed := func(v float32) int32 {
		if !(v > 0) { // or not a number
			return 0
		}
		return int32(float64(min(v, 2))*(1<<16) + 0.5)
	}
	level := func(c int32, black, white float32, full float32) int32 {
		b, w := int32(black), int32(white)
		span := float32(1)
		if w != b {
			span = float32(w - b)
		}
		v := float32(c-b) * full / span
		return int32(max(-128*32, min(128*32, v)))
	}
	var t tiffChroma
	red, blue := 2-2*weights[0], 2-2*weights[2]
	d1, d2 := fixed(red), -fixed(weights[0]*red/weights[1])
	d3, d4 := fixed(blue), -fixed(weights[2]*blue/weights[1])
	for i := range int32(256) {
		cr := level(i-128, levels[4]-128, levels[5]-128, 127)
		cb := level(i-128, levels[2]-128, levels[3]-128, 127)
		t.redOfCr[i], t.blueOfCb[i] = (d1*cr+half)>>16, (d3*cb+half)>>16
		t.greenOfCr[i], t.greenOfCb[i] = d2*cr, d4*cb+half
		t.luma[i] = level(i, levels[0], levels[1], 255)
	}
	return &t
}

func (t *tiffChroma) rgb(out []byte, y, cb, cr byte) {
	clip := func(v int32) byte { return byte(min(max(v, 0), 255)) }
	l := t.luma[y]
	out[0], out[1], out[2] = clip(l+t.redOfCr[cr]), clip(l+(t.greenOfCb[cb]+t.greenOfCr[cr])>>16), clip(l+t.blueOfCb[cb])
}

// upsample puts a row of units, each subX x subY luma samples and one of each chroma, at a place.
func (f *tiffFile) upsample(p *Picture, line []byte, x, y, columns, rows int) {
	t := f.chromaOnce()
	unit := f.subX*f.subY + 2
	for row := range rows {
		out := p.Pix[3*((y+row)*p.Width+x):]
		for column := range columns {
			u := line[column/f.subX*unit:][:unit]
			t.rgb(out[3*column:3*column+3], u[row*f.subX+column%f.subX], u[unit-2], u[unit-1])
		}
	}
}

func (f *tiffFile) chromaOnce() *tiffChroma {
	if f.tables == nil {
		f.tables = f.chroma()
	}
	return f.tables
}

// decodePictures is for strips or tiles that are JPEG or WebP files themselves.
func (f *tiffFile) decodePictures(g *tiffGrid) (*Picture, error) {
	src := f.src
	if f.depth != 8 || f.format != 1 || f.colours == tiffPalette || f.colours == tiffLab {
		return nil, src.unsupported("JPEG or WebP inside, of %d bits and photometric interpretation %d, is not supported", f.depth, f.colours)
	}
	if f.compression == tiffWebP && f.planes > 1 {
		return nil, src.unsupported("WebP of single planes is not supported")
	}
	planes, each := 1, f.samples
	if f.planes > 1 {
		planes, each = f.need, 1
	}
	if each > 4 || each == 2 {
		return nil, src.unsupported("JPEG of %d samples is not supported", each)
	}
	var p *Picture                                               // made when the first strip or tile is there
	ready := f.colours == tiffYCbCr || f.compression == tiffWebP // RGB comes out
	step := max(planes, each)
	convert, err := (&tiffFile{src: src, dirs: f.dirs, tags: f.tags, colours: f.colours, depth: 8, format: 1, need: f.need,
		alpha: f.alpha}).converter(step)
	if err != nil {
		return nil, err
	}
	for i := range g.across * g.down {
		x, y := i%g.across*g.width, i/g.across*g.height
		columns, rows := min(g.width, f.width-x), min(g.height, f.height-y)
		var lines []byte // of this strip or tile, sample by sample
		width := g.width
		for plane := range planes {
			if err := src.stopped(); err != nil {
				p.Release()
				return nil, err
			}
			data := f.chunk(g, i+plane*g.across*g.down)
			part, n, err := f.inside(data, width, rows, each, ready && planes == 1)
			if err != nil {
				p.Release()
				return nil, err
			}
			if planes == 1 {
				lines, step = part, n
				continue
			}
			if lines == nil {
				lines = make([]byte, width*rows*planes)
			}
			for j := range width * rows {
				lines[j*planes+plane] = part[j]
			}
		}
		if p == nil {
			p = New(f.width, f.height)
			if f.alpha != tiffOpaque && planes == 1 {
				p.Alpha = make([]byte, f.width*f.height)
			}
		}
		for row := range rows {
			at := (y+row)*f.width + x
			out, line := p.Pix[3*at:][:3*columns], lines[row*width*step:][:width*step]
			if !ready || planes > 1 {
				var see []byte
				if p.Alpha != nil {
					see = p.Alpha[at:][:columns]
				}
				convert(out, see, line)
				continue
			}
			for c := range columns {
				copy(out[3*c:3*c+3], line[c*step:])
				if p.Alpha != nil && step == 4 {
					p.Alpha[at+c] = line[c*step+3]
				}
			}
		}
	}
	return p, nil
}

// inside decodes a JPEG or WebP file that must be width wide and rows high at least, to n samples a pixel.
func (f *tiffFile) inside(data []byte, width, rows, samples int, coloured bool) (pix []byte, n int, err error) {
	src := &source{ctx: f.src.ctx, data: data, lim: f.src.lim, format: "tiff"}
	if len(data) < 20 {
		return nil, 0, f.src.truncated()
	}
	if f.compression == tiffWebP {
		if Sniff(data) != "webp" {
			return nil, 0, src.corrupt("a strip or tile is no WebP file")
		}
		info, err := inspectWebP(src)
		if err != nil {
			return nil, 0, err
		}
		if info.Width != width || info.Height < rows {
			return nil, 0, src.corrupt("a WebP file of another size in a strip or tile")
		}
		p, err := decodeWebP(src, info)
		if err != nil {
			return nil, 0, err
		}
		if samples < 4 {
			return p.Pix, 3, nil
		}
		pix = make([]byte, 4*width*rows)
		for i := range width * rows {
			copy(pix[4*i:4*i+3], p.Pix[3*i:])
			pix[4*i+3] = 255
			if p.Alpha != nil {
				pix[4*i+3] = p.Alpha[i]
			}
		}
		return pix, 4, nil
	}
	// The tables may lie in a tag of their own.
	if tables := f.tags[347].values; len(tables) > 4 {
		src.data = append(bytes.Clone(tables[:len(tables)-2]), data[2:]...)
	}
	as := jpegPlain
	if coloured {
		as = jpegYCbCr
	}
	h, err := readJPEGHeader(src)
	if err != nil {
		return nil, 0, err
	}
	if h.width != width || h.height < rows || h.height > rows+1<<14 || h.components != samples {
		return nil, 0, src.corrupt("a JPEG of another size in a strip or tile")
	}
	j, err := readJPEG(src, as, 1)
	if err != nil {
		return nil, 0, err
	}
	if j.width != width || j.height < rows || len(j.parts) != samples {
		return nil, 0, src.corrupt("a JPEG of another size in a strip or tile")
	}
	return j.interleaved(rows), samples, nil
}

// decodeOldJPEG is TIFF 6.0's way of JPEG, which was given up: the whole picture is one JPEG stream,
// which tag 513 points to, or each strip or tile is one, or is data whose tables lie in tags.
func (f *tiffFile) decodeOldJPEG() (*Picture, error) {
	src := f.src
	if f.samples != 1 && f.samples != 3 || f.planes > 1 || f.depth != 8 {
		return nil, src.unsupported("old-style JPEG of %d samples of %d bits is not supported", f.samples, f.depth)
	}
	const begin = "\xff\xd8"
	t := f.chroma()
	var p *Picture
	put := func(stream []byte, x, y, width, rows int) error {
		inside := &source{ctx: src.ctx, data: stream, lim: src.lim, format: "tiff"}
		h, err := readJPEGHeader(inside)
		if err != nil {
			return err
		}
		if h.width != width || h.height < rows || h.height > rows+1<<14 || h.components != f.samples {
			return src.corrupt("a JPEG of another size inside")
		}
		j, err := readJPEG(inside, jpegPlain|jpegRepeated, 1)
		if err != nil {
			return err
		}
		if j.width != width || j.height < rows || len(j.parts) != f.samples {
			return src.corrupt("a JPEG of another size inside")
		}
		if p == nil {
			p = New(f.width, f.height)
		}
		pix := j.interleaved(rows)
		for row := range min(rows, f.height-y) {
			out := p.Pix[3*((y+row)*f.width+x):][:3*min(width, f.width-x)]
			for i := range len(out) / 3 {
				if in := pix[(row*width+i)*f.samples:]; f.samples == 3 {
					t.rgb(out[3*i:3*i+3], in[0], in[1], in[2])
				} else {
					out[3*i], out[3*i+1], out[3*i+2] = in[0], in[0], in[0]
				}
			}
		}
		return nil
	}
	if at, ok := f.at(513, 0); ok && at < uint64(len(src.data)) && bytes.HasPrefix(src.data[at:], []byte(begin)) {
		return p, put(src.data[at:], 0, 0, f.width, f.height)
	}
	g, err := f.grid()
	if err != nil {
		return nil, err
	}
	total := 0 // bytes of strips; hostile ones share theirs
	for i := range g.across * g.down {
		x, y := i%g.across*g.width, i/g.across*g.height
		rows := g.height
		if !g.tiled {
			rows = min(rows, f.height-y)
		}
		data := f.chunk(&g, i)
		if total += len(data); total > 2*len(src.data)+1<<16 {
			p.Release()
			return nil, src.corrupt("strips of an old-style JPEG overlap")
		}
		if !bytes.HasPrefix(data, []byte(begin)) {
			head, err := f.oldJPEGHeader(g.width, rows)
			if err != nil {
				p.Release()
				return nil, err
			}
			data = append(append(head, data...), 0xff, 0xd9)
		}
		if err := put(data, x, y, g.width, rows); err != nil {
			p.Release()
			return nil, err
		}
	}
	return p, nil
}

// oldJPEGHeader makes a JPEG header of the tags.
func (f *tiffFile) oldJPEGHeader(width, height int) ([]byte, error) {
	src := f.src
	head := []byte("\xff\xd8")
	segment := func(marker byte, body []byte) {
		head = append(head, 0xff, marker)
		head = binary.BigEndian.AppendUint16(head, uint16(len(body)+2))
		head = append(head, body...)
	}
	for i := range f.samples {
		from, ok := f.at(519, i)
		if !ok || from > uint64(len(src.data)) || len(src.data)-int(from) < 64 {
			return nil, src.corrupt("the tables of an old-style JPEG are missing")
		}
		segment(0xdb, append([]byte{byte(i)}, src.data[from:from+64]...))
		for class, tag := range []uint16{520, 521} {
			from, ok := f.at(tag, i)
			if !ok || from > uint64(len(src.data)) || len(src.data)-int(from) < 16 {
				return nil, src.corrupt("the tables of an old-style JPEG are missing")
			}
			n := uint64(16)
			for _, c := range src.data[from : from+16] {
				n += uint64(c)
			}
			if n > 16+256 || n > uint64(len(src.data))-from {
				return nil, src.corrupt("the tables of an old-style JPEG are missing")
			}
			segment(0xc4, append([]byte{byte(class<<4 | i)}, src.data[from:from+n]...))
		}
	}
	if width > 65535 || height > 65535 {
		return nil, src.corrupt("bad size of an old-style JPEG")
	}
	frame := []byte{8, byte(height >> 8), byte(height), byte(width >> 8), byte(width), byte(f.samples)}
	scan := []byte{byte(f.samples)}
	for i := range f.samples {
		factors := byte(0x11)
		if i == 0 && f.samples == 3 {
			factors = byte(f.subX<<4 | f.subY)
		}
		frame = append(frame, byte(i), factors, byte(i))
		scan = append(scan, byte(i), byte(i<<4|i))
	}
	segment(0xc0, frame)
	if interval := f.value(515, 0); interval > 0 {
		segment(0xdd, []byte{byte(interval >> 8), byte(interval)})
	}
	segment(0xda, append(scan, 0, 63, 0))
	return head, nil
}
