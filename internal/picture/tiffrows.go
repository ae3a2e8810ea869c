package picture

import (
	"bufio"
	"bytes"
	"compress/lzw"
	"encoding/binary"
	"errors"
	"io"

	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz/lzma"
	tifflzw "golang.org/x/image/tiff/lzw"
)

// tiffRows returns the rows of one strip or tile after another, with the predictor undone. Of subsampled
// colours a row is one of units, which is subY rows of the picture.
type tiffRows struct {
	f       *tiffFile
	size    int64 // bytes of a whole strip or tile
	width   int   // pixels
	samples int
	in      io.Reader
	row     []byte
	spare   []byte

	// Readers that are used again.
	plain    bytes.Reader
	deflate  io.ReadCloser
	zstd     *zstd.Decoder
	lzw      io.ReadCloser
	buffered *bufio.Reader
}

func (f *tiffFile) rows(width, height, samples int) *tiffRows {
	size := (width*samples*f.depth + 7) / 8
	if f.subX*f.subY > 1 {
		size = (width + f.subX - 1) / f.subX * (f.subX*f.subY + 2)
	}
	return &tiffRows{f: f, width: width, samples: samples, row: make([]byte, size), size: int64(size) * int64(height)}
}

// open begins a strip or tile.
func (r *tiffRows) open(data []byte) (err error) {
	f := r.f
	r.plain.Reset(data)
	switch f.compression {
	case tiffPlain:
		r.in = &r.plain
	case tiffPackBits:
		r.in = &packBits{data: data}
	case tiffLZW:
		if r.lzw != nil {
			r.lzw.Close()
		}
		if len(data) > 1 && data[0] == 0 && data[1]&1 == 1 { // before TIFF 5.0: as in a GIF
			r.lzw = lzw.NewReader(&r.plain, lzw.LSB, 8)
		} else {
			r.lzw = tifflzw.NewReader(&r.plain, tifflzw.MSB, 8)
		}
		r.in = r.lzw
	case tiffDeflate:
		if r.deflate == nil {
			r.deflate, err = zlib.NewReader(&r.plain)
		} else {
			err = r.deflate.(zlib.Resetter).Reset(&r.plain, nil)
		}
		r.in = r.deflate
	case tiffZSTD:
		if r.zstd == nil {
			r.zstd, err = zstd.NewReader(&r.plain, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(64<<20))
		} else {
			err = r.zstd.Reset(&r.plain)
		}
		r.in = r.zstd
	case tiffLZMA:
		r.in, err = newXZ(data, r.size)
	case tiffRLE, tiffRLEW, tiffFax3, tiffFax4:
		r.in = newFax(data, r.width, f.compression, f.value(292, 0)&1 != 0)
	}
	if err != nil {
		return f.damaged(err)
	}
	switch f.compression {
	case tiffLZW, tiffDeflate, tiffZSTD, tiffLZMA:
		if len(r.row) < 4096 {
			if r.buffered == nil {
				r.buffered = bufio.NewReaderSize(nil, 4096)
			}
			r.buffered.Reset(r.in)
			r.in = r.buffered
		}
	}
	return nil
}

func (r *tiffRows) close() {
	if r.zstd != nil {
		r.zstd.Close()
	}
	if r.lzw != nil {
		r.lzw.Close()
	}
}

func (f *tiffFile) damaged(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return f.src.corrupt("a strip or tile ends early")
	}
	var known *failure
	if errors.As(err, &known) {
		return err
	}
	return f.src.corrupt("bad compressed data (%v)", err)
}

// next reads a row into r.row.
func (r *tiffRows) next() error {
	if _, err := io.ReadFull(r.in, r.row); err != nil {
		return r.f.damaged(err)
	}
	n, order := r.samples, r.f.dirs.order
	switch row := r.row; r.f.predictor {
	case 2:
		switch r.f.depth {
		case 8:
			for j := n; j < len(row); j++ {
				row[j] += row[j-n]
			}
		case 16:
			for j := 2 * n; j+1 < len(row); j += 2 {
				order.PutUint16(row[j:], order.Uint16(row[j:])+order.Uint16(row[j-2*n:]))
			}
		case 32:
			for j := 4 * n; j+3 < len(row); j += 4 {
				order.PutUint32(row[j:], order.Uint32(row[j:])+order.Uint32(row[j-4*n:]))
			}
		}
	case 3: // the bytes of all values by significance, and differences of those
		for j := n; j < len(row); j++ {
			row[j] += row[j-n]
		}
		if r.spare == nil {
			r.spare = make([]byte, len(row))
		}
		copy(r.spare, row)
		size := r.f.depth / 8
		values := len(row) / size
		for v := range values {
			for b := range size {
				at := size*v + b
				if order == binary.ByteOrder(binary.LittleEndian) {
					at = size*v + size - 1 - b
				}
				row[at] = r.spare[b*values+v]
			}
		}
	}
	return nil
}

// packBits unpacks Apple's run lengths.
type packBits struct {
	data  []byte
	count int // bytes to come
	run   bool
}

func (p *packBits) ReadByte() (byte, error) {
	for p.count == 0 {
		if len(p.data) < 2 {
			return 0, io.EOF
		}
		n := int(int8(p.data[0]))
		p.data = p.data[1:]
		if p.run = n < 0; p.run {
			n = -n
		}
		if n < 128 {
			p.count = n + 1
		}
	}
	if len(p.data) == 0 {
		return 0, io.EOF
	}
	b := p.data[0]
	if p.count--; !p.run || p.count == 0 {
		p.data = p.data[1:]
	}
	return b, nil
}

func (p *packBits) Read(out []byte) (int, error) {
	for i := range out {
		b, err := p.ReadByte()
		if err != nil {
			return i, err
		}
		out[i] = b
	}
	return len(out), nil
}

var errXZ = errors.New("not an xz stream that libtiff writes")

// newXZ reads the blocks of an xz stream. Of its filters libtiff uses LZMA2 and, before that, delta, which
// github.com/ulikunitz/xz does not know; nor does that bound the dictionary that a file asks for.
func newXZ(data []byte, size int64) (io.Reader, error) {
	if len(data) < 12 || string(data[:6]) != "\xfd7zXZ\x00" {
		return nil, errXZ
	}
	b := data[12:]
	if len(b) < 8 || b[0] == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	header := 4 * (int(b[0]) + 1)
	if len(b) < header {
		return nil, io.ErrUnexpectedEOF
	}
	flags, fields := b[1], b[2:header-4]
	number := func() uint64 {
		v, n := binary.Uvarint(fields)
		fields = fields[max(n, 0):]
		return v
	}
	for _, flag := range []byte{0x40, 0x80} { // the block's sizes
		if flags&flag != 0 {
			number()
		}
	}
	distance, dictionary := 0, int64(0)
	for range int(flags&3) + 1 {
		filter, length := number(), number()
		if length != 1 || len(fields) < 1 {
			return nil, errXZ
		}
		switch filter {
		case 3:
			distance = int(fields[0]) + 1
		case 0x21:
			if fields[0] > 40 {
				return nil, errXZ
			}
			dictionary = (2 | int64(fields[0]&1)) << (fields[0]/2 + 11)
		default:
			return nil, errXZ
		}
		fields = fields[1:]
	}
	// No distance is larger than what is unpacked.
	config := lzma.Reader2Config{DictCap: int(min(dictionary, max(size, 4096), 64<<20))}
	config.DictCap = max(config.DictCap, 4096)
	in, err := config.NewReader2(bytes.NewReader(b[header:]))
	if err != nil {
		return nil, err
	}
	if distance == 0 {
		return in, nil
	}
	return &deltaReader{in: in, before: make([]byte, distance)}, nil
}

// deltaReader undoes xz's delta filter.
type deltaReader struct {
	in     io.Reader
	before []byte
	at     int
}

func (d *deltaReader) Read(p []byte) (int, error) {
	n, err := d.in.Read(p)
	for i := range p[:n] {
		p[i] += d.before[d.at]
		d.before[d.at] = p[i]
		d.at = (d.at + 1) % len(d.before)
	}
	return n, err
}
