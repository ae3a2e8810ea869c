package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"slices"

	"golang.org/x/image/tiff/lzw"
)

// tiffFile reads what golang.org/x/image/tiff leaves out: CMYK, YCbCr, planes
// one after the other, extra samples of any meaning, and JPEG inside of TIFF,
// all at 8 or 16 bits a sample. Tag numbers are those of TIFF 6.0.
type tiffFile struct {
	src   *source
	order binary.ByteOrder
	tags  map[uint16][]uint32
	raw   map[uint16][]byte
}

// In the order of the specification: depth, compression, colours, strips,
// samples, planes, predictor, tiles, sample format, JPEG tables, subsampling.
var tiffTags = []uint16{258, 259, 262, 273, 277, 278, 279, 284, 317, 322, 323, 324, 325, 339, 347, 530}

func openTIFF(src *source) (*tiffFile, error) {
	data := src.data
	f := &tiffFile{src: src, order: binary.LittleEndian, tags: map[uint16][]uint32{}, raw: map[uint16][]byte{}}
	if data[0] == 'M' {
		f.order = binary.BigEndian
	}
	if len(data) < 8 {
		return nil, src.truncated()
	}
	at := uint64(f.order.Uint32(data[4:]))
	if at+2 > uint64(len(data)) {
		return nil, src.truncated()
	}
	count := uint64(f.order.Uint16(data[at:]))
	if at+2+12*count > uint64(len(data)) {
		return nil, src.truncated()
	}
	for i := range count {
		entry := data[at+2+12*i:][:12]
		// Only what is needed, once: thousands of tags may share one long value.
		tag := f.order.Uint16(entry)
		if _, twice := f.raw[tag]; twice || !slices.Contains(tiffTags, tag) {
			continue
		}
		size := map[uint16]uint64{1: 1, 3: 2, 4: 4, 7: 1}[f.order.Uint16(entry[2:])]
		if size == 0 {
			continue
		}
		n := uint64(f.order.Uint32(entry[4:]))
		body := entry[8:]
		if n*size > 4 {
			start := uint64(f.order.Uint32(entry[8:]))
			if start+n*size > uint64(len(data)) {
				return nil, src.truncated()
			}
			body = data[start:]
		}
		f.raw[tag] = body[:n*size]
		if size == 1 && n > 16 { // tables of JPEG, profiles
			continue
		}
		values := make([]uint32, n)
		for j := range values {
			switch size {
			case 1:
				values[j] = uint32(body[j])
			case 2:
				values[j] = uint32(f.order.Uint16(body[2*j:]))
			case 4:
				values[j] = f.order.Uint32(body[4*j:])
			}
		}
		f.tags[tag] = values
	}
	return f, nil
}

// value gives the first value of a tag, or what it is by default.
func (f *tiffFile) value(tag uint16, missing int) int {
	if v := f.tags[tag]; len(v) > 0 {
		return int(v[0])
	}
	return missing
}

func (f *tiffFile) decode(width, height int) (*Picture, error) {
	src := f.src
	samples, depth, colours := f.value(277, 1), f.value(258, 1), f.value(262, 1)
	compression, planes := f.value(259, 1), 1
	for _, d := range f.tags[258] {
		if int(d) != depth {
			return nil, src.unsupported("samples of different depths are not supported")
		}
	}
	need := map[int]int{0: 1, 1: 1, 2: 3, 5: 4, 6: 3}[colours]
	if depth != 8 && depth != 16 || need == 0 || samples < need || samples > 16 || f.value(339, 1) != 1 {
		return nil, src.unsupported("colours %d with %d samples of %d bits are not supported", colours, samples, depth)
	}
	if colours == 6 && compression != 7 {
		if s := f.tags[530]; len(s) != 2 || s[0] != 1 || s[1] != 1 {
			return nil, src.unsupported("subsampled colours without JPEG are not supported")
		}
	}
	if f.value(284, 1) == 2 {
		planes = samples
	}
	perChunk := samples / planes
	offsets, counts := f.tags[273], f.tags[279]
	chunkWidth, chunkHeight := width, min(height, f.value(278, height))
	if tile := f.value(322, 0); tile > 0 {
		offsets, counts = f.tags[324], f.tags[325]
		chunkWidth, chunkHeight = tile, f.value(323, 0)
	}
	if chunkWidth < 1 || chunkHeight < 1 || chunkWidth > width+1024 || chunkHeight > height+1024 {
		return nil, src.corrupt("bad size of strips or tiles")
	}
	across, down := (width+chunkWidth-1)/chunkWidth, (height+chunkHeight-1)/chunkHeight
	if n := int64(across) * int64(down) * int64(planes); int64(len(offsets)) < n || int64(len(counts)) < n {
		return nil, src.corrupt("%d strips or tiles where %d are needed", min(len(offsets), len(counts)), n)
	}
	p := New(width, height)
	clear(p.Pix)
	// pixels gathers the samples of one chunk as bytes, (rows, columns, need).
	var pixels []byte
	for i := range across * down {
		x, y := i%across*chunkWidth, i/across*chunkHeight
		rows := chunkHeight
		if f.value(322, 0) == 0 {
			rows = min(rows, height-y)
		}
		if pixels == nil {
			pixels = make([]byte, chunkWidth*chunkHeight*need)
		}
		for plane := range planes {
			if plane >= need {
				break
			}
			raw, err := f.chunk(i+plane*across*down, offsets, counts, compression, chunkWidth, rows, perChunk, depth, colours)
			if err != nil {
				p.Release()
				return nil, err
			}
			// Of 16 bits the high byte.
			size, high := depth/8, 0
			if depth == 16 && f.order == binary.LittleEndian {
				high = 1
			}
			take := min(perChunk, need)
			for j := range chunkWidth * rows {
				for s := range take {
					pixels[j*need+plane+s] = raw[(j*perChunk+s)*size+high]
				}
			}
		}
		columns := min(chunkWidth, width-x)
		for row := range min(rows, height-y) {
			in := pixels[row*chunkWidth*need:][:columns*need]
			out := p.Pix[3*((y+row)*width+x):][:3*columns]
			switch {
			case need == 1:
				for j, v := range in {
					if colours == 0 {
						v = 255 - v
					}
					out[3*j], out[3*j+1], out[3*j+2] = v, v, v
				}
			case need == 4:
				cmykToRGB(out, in, columns, 4*columns)
			case colours == 6 && compression != 7:
				for j := 0; j < len(in); j += 3 {
					rowToRGB(out[j:j+3], in[j:j+1], in[j+1:j+2], in[j+2:j+3])
				}
			default:
				copy(out, in)
			}
		}
	}
	return p, nil
}

// chunk gives the samples of one strip or tile, as many as belong there.
func (f *tiffFile) chunk(i int, offsets, counts []uint32, compression, width, rows, samples, depth, colours int) ([]byte, error) {
	if err := f.src.stopped(); err != nil {
		return nil, err
	}
	from, to := uint64(offsets[i]), uint64(offsets[i])+uint64(counts[i])
	if to > uint64(len(f.src.data)) {
		return nil, f.src.truncated()
	}
	data := f.src.data[from:to]
	size := width * rows * samples * depth / 8
	var in io.Reader
	switch compression {
	case 1:
		in = bytes.NewReader(data)
	case 5:
		r := lzw.NewReader(bytes.NewReader(data), lzw.MSB, 8)
		defer r.Close()
		in = r
	case 7:
		return f.jpegChunk(data, width, rows, samples, depth, colours)
	case 8, 32946:
		r, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		defer r.Close()
		in = r
	case 32773:
		in = bytes.NewReader(packBits(data, size))
	default:
		return nil, f.src.unsupported("compression %d is not supported", compression)
	}
	var buffer bytes.Buffer // grows with what comes, not with what is promised
	if n, err := buffer.ReadFrom(io.LimitReader(in, int64(size))); err != nil {
		return nil, err
	} else if n < int64(size) {
		return nil, f.src.corrupt("strip or tile %d ends early", i)
	}
	raw := buffer.Bytes()
	if f.value(317, 1) == 2 {
		line := width * samples
		for row := range rows {
			if depth == 8 {
				r := raw[row*line:][:line]
				for j := samples; j < line; j++ {
					r[j] += r[j-samples]
				}
				continue
			}
			r := raw[row*line*2:][:line*2]
			for j := samples; j < line; j++ {
				f.order.PutUint16(r[2*j:], f.order.Uint16(r[2*j:])+f.order.Uint16(r[2*(j-samples):]))
			}
		}
	}
	return raw, nil
}

// jpegChunk reads a JPEG stream whose tables may lie in a tag of their own.
func (f *tiffFile) jpegChunk(data []byte, width, rows, samples, depth, colours int) ([]byte, error) {
	if depth != 8 || samples != 1 && samples != 3 || colours == 5 {
		return nil, f.src.unsupported("JPEG of %d samples is not supported", samples)
	}
	if len(data) < 4 {
		return nil, f.src.truncated()
	}
	if tables := f.raw[347]; len(tables) > 4 {
		data = append(bytes.Clone(tables[:len(tables)-2]), data[2:]...)
	}
	src := &source{ctx: f.src.ctx, data: data, lim: f.src.lim, format: "tiff"}
	p, err := readJPEG(src, colours != 6)
	if err != nil {
		return nil, err
	}
	if p.Width != width || p.Height < rows {
		return nil, src.corrupt("a JPEG of another size in a strip or tile")
	}
	if samples == 3 {
		return p.Pix[:3*width*rows], nil
	}
	grey := make([]byte, width*rows)
	for i := range grey {
		grey[i] = p.Pix[3*i]
	}
	return grey, nil
}

// packBits unpacks Apple's run lengths up to size bytes.
func packBits(data []byte, size int) []byte {
	var out []byte
	for len(data) > 1 && len(out) < size {
		n := int(int8(data[0]))
		data = data[1:]
		switch {
		case n >= 0:
			m := min(n+1, len(data))
			out = append(out, data[:m]...)
			data = data[m:]
		case n > -128:
			out = append(out, bytes.Repeat(data[:1], 1-n)...)
			data = data[1:]
		}
	}
	return out
}
