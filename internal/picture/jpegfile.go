package picture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
)

func decodeJPEGInGo(src *source, scale int) (*Picture, error) {
	f, err := readJPEG(src, jpegGuess, scale)
	if err != nil {
		return nil, err
	}
	return f.picture(f.height), nil
}

// What the components are.
const (
	jpegGuess    = iota // as libjpeg guesses it
	jpegPlain           // no YCbCr
	jpegYCbCr           // YCbCr where there are three
	jpegRepeated = 4    // and chroma is not interpolated, but repeated
)

// readJPEG reads a whole file, and goes on where libjpeg only warns: then what is missing is grey, or zero. The
// picture's sides are divided by scale, 1, 2, 4 or 8.
func readJPEG(src *source, as, scale int) (*jpegFile, error) {
	if len(src.data) < 2 {
		return nil, src.truncated()
	}
	f := &jpegFile{src: src, at: 2, scale: scale, as: as &^ jpegRepeated, repeated: as&jpegRepeated != 0, huffman: standardHuffman()}
	complete := false
	scans, left := 0, 0
	for {
		marker, body, err := f.segment()
		if err != nil {
			// Rows that are all there need no end: some cameras and rescue programs pad with zeros.
			// Eight bytes of padding are more than libjpeg looks ahead.
			if complete && left >= 8 && errors.Is(err, errNoMarker) {
				return f, f.finish(complete)
			}
			return nil, err
		}
		switch {
		case marker == 0xd9:
			if scans == 0 {
				return nil, src.corrupt("the file ends before its first scan")
			}
			return f, f.finish(complete)
		case marker == 0xc0 || marker == 0xc1 || marker == 0xc2:
			if err := f.frame(body, marker == 0xc2); err != nil {
				return nil, err
			}
		case marker == 0xc4:
			if err := f.huffmanTables(body); err != nil {
				return nil, err
			}
		case marker >= 0xc3 && marker <= 0xcf && marker != 0xc8 && marker != 0xcc:
			if marker == 0xc9 || marker == 0xca {
				return nil, failf(ErrNoDecoder, "JPEG: arithmetic coding needs libjpeg-turbo: install it")
			}
			return nil, src.unsupported("lossless or hierarchical coding (frame marker 0x%02x) is not supported", marker)
		case marker == 0xdb:
			if err := f.quantTables(body); err != nil {
				return nil, err
			}
		case marker == 0xdd && len(body) == 2:
			f.restart = int(binary.BigEndian.Uint16(body))
		case marker == 0xe0 && len(body) >= 14 && string(body[:5]) == "JFIF\x00":
			f.jfif = true
		case marker == 0xee && len(body) >= 12 && string(body[:5]) == "Adobe":
			f.adobe, f.transform = true, body[11]
		case marker == 0xda:
			if f.parts == nil {
				return nil, src.corrupt("a scan comes before the frame header, at byte %d", f.at)
			}
			if complete {
				return nil, src.corrupt("data for a picture that is complete, at byte %d", f.at)
			}
			scans++
			if complete, err = f.scan(body); err != nil {
				return nil, err
			}
			left = f.count/8 + len(src.data) - f.at
		case marker == 0xdd:
			return nil, src.corrupt("a restart interval of %d bytes", len(body))
		case marker == 0xd8:
			return nil, src.corrupt("a second picture begins inside of the first, at byte %d", f.at)
		case marker < 0xc0 || marker == 0xc8 || marker == 0xde || marker == 0xdf || marker >= 0xf0 && marker <= 0xfd:
			return nil, src.corrupt("unknown marker 0x%02x at byte %d", marker, f.at)
		}
	}
}

// errNoMarker is ErrCorrupt, too.
var errNoMarker = fmt.Errorf("no marker up to the end: %w", ErrCorrupt)

// segment finds the next marker and returns what belongs to it, without its length.
func (f *jpegFile) segment() (marker byte, body []byte, err error) {
	data := f.src.data
	for {
		for f.at < len(data) && data[f.at] != 0xff {
			f.at++
		}
		for f.at < len(data) && data[f.at] == 0xff {
			f.at++
		}
		if f.at >= len(data) {
			return 0, nil, &failure{errNoMarker, f.src.truncated().Error()}
		}
		marker = data[f.at]
		f.at++
		if marker > 1 && (marker < 0xd0 || marker > 0xd7) {
			break
		}
	}
	if marker == 0xd9 {
		return marker, nil, nil
	}
	if f.at+2 > len(data) {
		return 0, nil, f.src.truncated()
	}
	size := int(binary.BigEndian.Uint16(data[f.at:]))
	if size < 2 {
		return 0, nil, f.src.corrupt("bad segment length at byte %d", f.at)
	}
	if f.at+size > len(data) {
		return 0, nil, f.src.truncated()
	}
	body = data[f.at+2 : f.at+size]
	f.at += size
	return marker, body, nil
}

func (f *jpegFile) frame(body []byte, progressive bool) error {
	if f.parts != nil {
		return f.src.corrupt("two frame headers")
	}
	if len(body) < 6 || len(body) != 6+3*int(body[5]) {
		return f.src.corrupt("a frame header of %d bytes", len(body))
	}
	if body[0] != 8 {
		return f.src.unsupported("%d bits a sample are not supported", body[0])
	}
	f.progressive = progressive
	f.height, f.width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	if err := f.src.lim.check("jpeg", f.width, f.height); err != nil {
		return err
	}
	if int64(f.width)*int64(f.height) > jpegMost(len(f.src.data)) {
		return f.src.truncated()
	}
	n := int(body[5])
	if n != 1 && n != 3 && n != 4 {
		return f.src.unsupported("%d components are not supported", n)
	}
	h, v := 1, 1
	for i := range n {
		c := body[6+3*i:]
		p := &jpegPart{id: int(c[0]), h: int(c[1] >> 4), v: int(c[1] & 15), table: int(c[2]), repeated: f.repeated}
		if p.h < 1 || p.h > 4 || p.v < 1 || p.v > 4 || p.table > 3 {
			return f.src.corrupt("bad frame header")
		}
		h, v = max(h, p.h), max(v, p.v)
		f.parts = append(f.parts, p)
	}
	f.across, f.down = (f.width+8*h-1)/(8*h), (f.height+8*v-1)/(8*v)
	for _, p := range f.parts {
		if h%p.h != 0 || v%p.v != 0 {
			return f.src.unsupported("fractional subsampling is not supported")
		}
		p.horizontally, p.vertically = h/p.h, v/p.v
		p.width, p.height = (f.width+p.horizontally-1)/p.horizontally, (f.height+p.vertically-1)/p.vertically
		p.blocksAcross, p.blocksDown = (p.width+7)/8, (p.height+7)/8
		p.stride = f.across * p.h
	}
	f.reduce(h, v, f.scale)
	return nil
}

func (f *jpegFile) quantTables(body []byte) error {
	for len(body) > 0 {
		id, wide := body[0]&15, int(body[0]>>4)
		body = body[1:]
		if id > 3 || wide > 1 || len(body) < 64<<wide {
			return f.src.corrupt("bad quantization table")
		}
		table := new([64]uint16)
		for i, natural := range zigzag {
			if wide == 1 {
				table[natural] = binary.BigEndian.Uint16(body[2*i:])
			} else {
				table[natural] = uint16(body[i])
			}
		}
		f.quant[id] = table
		body = body[64<<wide:]
	}
	return nil
}

func (f *jpegFile) huffmanTables(body []byte) error {
	for len(body) > 0 {
		if len(body) < 17 || body[0]&0xef > 3 {
			return f.src.corrupt("bad Huffman table")
		}
		total := 0
		for _, n := range body[1:17] {
			total += int(n)
		}
		if total > 256 || len(body) < 17+total {
			return f.src.corrupt("bad Huffman table")
		}
		h, ok := newHuffman(body[1:17], body[17:17+total])
		if !ok {
			return f.src.corrupt("bad Huffman table")
		}
		f.huffman[body[0]>>4][body[0]&15] = h
		body = body[17+total:]
	}
	return nil
}

// scan reads one scan. It is complete if nothing more can come: the only scan of
// a sequential file.
func (f *jpegFile) scan(body []byte) (complete bool, err error) {
	if len(body) < 1 || len(body) != 4+2*int(body[0]) || body[0] < 1 || body[0] > 4 {
		return false, f.src.corrupt("bad scan header")
	}
	n := int(body[0])
	from, to, high, low := int(body[1+2*n]), int(body[2+2*n]), int(body[3+2*n]>>4), int(body[3+2*n]&15)
	if !f.progressive {
		from, to, high, low = 0, 63, 0, 0
	} else if from > to || to > 63 || from == 0 && to != 0 || from > 0 && n > 1 || low > 13 || high > 0 && high != low+1 {
		return false, f.src.corrupt("bad scan header")
	}
	var parts []*jpegPart
	blocks := 0
	for i := range n {
		var p *jpegPart
		for _, c := range f.parts {
			if c.id == int(body[1+2*i]) {
				p = c
				break
			}
		}
		dc, ac := body[2+2*i]>>4, body[2+2*i]&15
		if p == nil || dc > 3 || ac > 3 {
			return false, f.src.corrupt("bad scan header")
		}
		for _, other := range parts {
			if other == p {
				return false, f.src.corrupt("a component twice in a scan")
			}
		}
		if p.quant == nil {
			if p.quant = f.quant[p.table]; p.quant == nil {
				return false, f.src.corrupt("a quantization table is missing")
			}
		}
		p.dc, p.ac, p.last = f.huffman[0][dc], f.huffman[1][ac], 0
		if p.dc == nil && from == 0 && high == 0 || p.ac == nil && to > 0 {
			return false, f.src.corrupt("a Huffman table is missing")
		}
		if from == 0 && high == 0 && !p.dc.sizes {
			return false, f.src.corrupt("bad Huffman table")
		}
		blocks += p.h * p.v
		parts = append(parts, p)
	}
	if n > 1 && blocks > 10 {
		return false, f.src.corrupt("more than ten blocks in a unit")
	}
	f.bits, f.count, f.eobs, f.starved = 0, 0, 0, false
	if !f.progressive && n == len(f.parts) {
		return true, f.scanAtOnce(parts)
	}
	for _, p := range f.parts {
		if p.coefficients == nil {
			p.coefficients = make([]int16, p.stride*f.down*p.v*64)
		}
	}
	read := func(p *jpegPart, row, column int) {
		block := (*[64]int16)(p.coefficients[(row*p.stride+column)*64:])
		if f.progressive {
			f.refine(p, block, from, to, high, low)
		} else {
			f.baseline(p, block)
		}
	}
	dcOnly := f.progressive && from == 0 && high > 0 // zeros change nothing
	if n == 1 {                                      // not interleaved: only blocks that have a sample of the picture
		p := parts[0]
		for row := range p.blocksDown {
			if err := f.src.stopped(); err != nil {
				return false, err
			}
			for column := range p.blocksAcross {
				if err := f.unit(row*p.blocksAcross + column); err != nil {
					return false, err
				}
				if !f.starved || dcOnly {
					read(p, row, column)
				}
				if err := f.supplied(); err != nil {
					return false, err
				}
			}
		}
		return false, nil
	}
	for y := range f.down {
		if err := f.src.stopped(); err != nil {
			return false, err
		}
		for x := range f.across {
			if err := f.unit(y*f.across + x); err != nil {
				return false, err
			}
			if f.starved && !dcOnly {
				continue
			}
			for _, p := range parts {
				for i := range p.h * p.v {
					read(p, y*p.v+i/p.h, x*p.h+i%p.h)
				}
			}
			if err := f.supplied(); err != nil {
				return false, err
			}
		}
	}
	return false, nil
}

// unit reads the restart marker that is due before the nth unit, if any. Where another marker is found,
// it does as libjpeg does (jpeg_resync_to_restart in jdmarker.c).
func (f *jpegFile) unit(n int) error {
	if f.restart == 0 || n == 0 || n%f.restart != 0 {
		return nil
	}
	f.bits, f.count, f.eobs = 0, 0, 0
	for _, p := range f.parts {
		p.last = 0
	}
	data := f.src.data
	want := n/f.restart - 1
	for {
		for f.at+1 < len(data) && (data[f.at] != 0xff || data[f.at+1] == 0 || data[f.at+1] == 0xff) {
			f.at++
		}
		if f.at+1 >= len(data) {
			return f.src.truncated()
		}
		marker := data[f.at+1]
		switch ahead := (int(marker) - 0xd0 - want) & 7; {
		case marker < 0xc0, marker >= 0xd0 && marker <= 0xd7 && ahead >= 6: // no marker, or one of before: skip it
			f.at += 2
			continue
		case marker < 0xd0 || marker > 0xd7 || ahead == 1 || ahead == 2:
			return nil // what is due is lost: f stays before the marker, and starved
		}
		f.at += 2
		f.starved = false
		return nil
	}
}

// supplied is called after each unit. Where its bits ended at a marker, the units up to the next
// restart are left as they are. Where the file ended, the picture is cut.
func (f *jpegFile) supplied() error {
	if f.cut {
		return f.src.truncated()
	}
	if f.count < 0 {
		f.starved, f.bits, f.count = true, 0, 0
	}
	return nil
}

// jpegRow is one row of units between the reader and the transform.
type jpegRow struct {
	y      int
	blocks [][]int16 // of each part, (p.v, p.stride, 64)
	ends   [][]uint8 // index of each block's last coefficient
}

// scanAtOnce reads the only scan of a file, each row of units being transformed
// while the next is read.
func (f *jpegFile) scanAtOnce(parts []*jpegPart) error {
	// Three rows: one being read, one being transformed, one between them.
	free, full := make(chan *jpegRow, 3), make(chan *jpegRow, 3)
	for range cap(free) {
		r := &jpegRow{}
		for _, p := range parts {
			r.blocks = append(r.blocks, make([]int16, p.stride*p.v*64))
			r.ends = append(r.ends, make([]uint8, p.stride*p.v))
		}
		free <- r
	}
	for _, p := range parts {
		p.allocate(p.stride * p.side * f.down * p.v * p.side)
	}
	var wait sync.WaitGroup
	wait.Go(func() {
		for r := range full {
			for i, p := range parts {
				transformRows(p, r.blocks[i], r.ends[i], r.y*p.v)
				clear(r.blocks[i])
			}
			free <- r
		}
	})
	defer wait.Wait()
	defer close(full)
	single := len(parts) == 1
	if !single && len(f.src.data) >= aheadWorth {
		makePairs(parts)
	}
	places := f.places(parts)
	defer f.ahead.leave(f)
	for y := range f.down {
		if err := f.src.stopped(); err != nil {
			return err
		}
		r := <-free
		r.y = y
		if single {
			if err := f.readSingleRow(parts[0], r); err != nil {
				return err
			}
		} else {
			if err := f.readRow(parts, places, r); err != nil {
				return err
			}
		}
		full <- r
	}
	return nil
}

// place is where a block of a unit lies: in which part, and at which block of a row of units that begins with the unit.
type place struct{ part, at int }

func (f *jpegFile) places(parts []*jpegPart) (places []place) {
	for i, p := range parts {
		for j := range p.h * p.v {
			places = append(places, place{i, j/p.h*p.stride + j%p.h})
		}
	}
	return places
}

func (f *jpegFile) readRow(parts []*jpegPart, places []place, r *jpegRow) error {
	for x := range f.across {
		n := r.y*f.across + x
		if f.restart > 0 && n > 0 && n%f.restart == 0 {
			f.ahead.leave(f)
			if err := f.unit(n); err != nil {
				return err
			}
		}
		if !f.ahead.live && parts[0].pairs != nil {
			f.ahead.enter(f)
		}
		for _, b := range places {
			p := parts[b.part]
			at := b.at + x*p.h
			block, end := (*[64]int16)(r.blocks[b.part][at*64:]), &r.ends[b.part][at]
			if f.ahead.live {
				var ok bool
				if *end, ok = f.ahead.block(p, block); ok {
					continue
				}
				f.ahead.leave(f)
			}
			*end = 0
			if !f.starved {
				*end = f.baseline(p, block)
			}
		}
		if f.ahead.live {
			continue
		}
		if err := f.supplied(); err != nil {
			return err
		}
	}
	return nil
}

// readSingleRow is for a picture of one component, whose units are single blocks
// whatever its sampling factors say.
func (f *jpegFile) readSingleRow(p *jpegPart, r *jpegRow) error {
	for row := range p.v {
		line := r.y*p.v + row
		if line >= p.blocksDown {
			return nil
		}
		for column := range p.blocksAcross {
			if err := f.unit(line*p.blocksAcross + column); err != nil {
				return err
			}
			at := row*p.stride + column
			r.ends[0][at] = 0
			if !f.starved {
				r.ends[0][at] = f.baseline(p, (*[64]int16)(r.blocks[0][at*64:]))
			}
			if err := f.supplied(); err != nil {
				return err
			}
		}
	}
	return nil
}

// transformRows puts rows of blocks into p.pix, the first of them at block row first.
func transformRows(p *jpegPart, blocks []int16, ends []uint8, first int) {
	stride := p.stride * p.side
	for row := 0; len(blocks) > 0; row++ {
		out := p.pix[(first+row)*stride*p.side:][:stride*p.side]
		for column := range p.stride {
			block, to := (*[64]int16)(blocks), out[column*p.side:]
			blocks = blocks[64:]
			switch {
			case p.side == 1 || ends != nil && ends[row*p.stride+column] == 0:
				flat(block[0], p.quant, to, stride, p.side)
			case p.side == 2:
				transform2(block, p.quant, to, stride)
			case p.side == 4:
				transform4(block, p.quant, to, stride)
			default:
				transform(block, p.quant, to, stride)
			}
		}
	}
}

// finish transforms what is not yet.
func (f *jpegFile) finish(complete bool) error {
	if complete {
		return nil
	}
	for _, p := range f.parts {
		p.allocate(p.stride * p.side * f.down * p.v * p.side)
		if p.quant == nil { // no scan has it
			for i := range p.pix {
				p.pix[i] = 128
			}
			continue
		}
		if err := f.src.stopped(); err != nil {
			return err
		}
		bands(f.down*p.v, 1+1<<12/p.stride, func(from, to int) {
			transformRows(p, p.coefficients[from*p.stride*64:to*p.stride*64], nil, from)
		})
	}
	return nil
}

// picture upsamples and converts the first rows.
func (f *jpegFile) picture(rows int) *Picture {
	rgb := f.toRGB(rows)
	for _, p := range f.parts {
		p.hold.Release()
	}
	return rgb
}

// interleaved returns the samples of the first rows: of one or four components as they are, of three
// also converted.
func (f *jpegFile) interleaved(rows int) []byte {
	n := len(f.parts)
	if n == 3 {
		return f.picture(rows).Pix
	}
	out := make([]byte, n*f.width*rows)
	for i, p := range f.parts {
		spare := make([]byte, p.horizontally*p.width)
		for y := range rows {
			for x, v := range p.row(y, spare)[:f.width] {
				out[(y*f.width+x)*n+i] = v
			}
		}
		p.hold.Release()
	}
	return out
}

// allocate takes the part's samples from the pool of pictures.
func (p *jpegPart) allocate(size int) {
	p.hold = New((size+2)/3, 1)
	p.pix = p.hold.Pix[:size]
}
