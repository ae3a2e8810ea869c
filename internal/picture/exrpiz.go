package picture

import (
	"encoding/binary"
	"errors"
	"io"
)

// PIZ, after Industrial Light & Magic's OpenEXR: of 16-bit values those that occur are numbered (a table), wavelets make the
// numbers small, and Huffman codes make them short. Values of 32 bits are two of 16.

var errPIZ = errors.New("not what PIZ writes")

func (p *exrPart) wavelets(packed []byte, size int) ([]byte, error) {
	if len(packed) < 4 {
		return nil, io.ErrUnexpectedEOF
	}
	from, to := int(binary.LittleEndian.Uint16(packed)), int(binary.LittleEndian.Uint16(packed[2:]))
	packed = packed[4:]
	const bitmapBytes = 1 << 13
	if from >= bitmapBytes && from <= to || to >= bitmapBytes {
		return nil, errPIZ
	}
	var bitmap [bitmapBytes]byte
	if from <= to {
		if len(packed) < to-from+1 {
			return nil, io.ErrUnexpectedEOF
		}
		packed = packed[copy(bitmap[from:to+1], packed):]
	}
	table, used := make([]uint16, 1<<16), 0
	for v := range table {
		if v == 0 || bitmap[v>>3]>>(v&7)&1 == 1 {
			table[used] = uint16(v)
			used++
		}
	}
	if len(packed) < 4 {
		return nil, io.ErrUnexpectedEOF
	}
	n := uint64(binary.LittleEndian.Uint32(packed))
	if packed = packed[4:]; n > uint64(len(packed)) {
		return nil, io.ErrUnexpectedEOF
	}
	values := make([]uint16, size/2)
	if err := exrHuffman(packed[:n], values); err != nil {
		return nil, err
	}
	// Channel by channel, in words of 16 bits.
	type plane struct {
		values []uint16
		words  int
	}
	planes, rest := make([]plane, len(p.f.channels)), values
	for i, c := range p.f.channels {
		words, width := c.size()/2, across(p.x, p.x+p.width, c.everyX)
		height := across(p.y, p.y+p.height, c.everyY)
		all := rest[:words*width*height]
		rest = rest[len(all):]
		for w := range words {
			if width > 0 && height > 0 {
				unwavelet(all[w:], width, words, height, width*words, used-1)
			}
		}
		planes[i] = plane{all, words}
	}
	for i, v := range values {
		values[i] = table[v]
	}
	out := make([]byte, 0, size)
	p.lines(func(_, channel, samples int) {
		s := &planes[channel]
		for _, v := range s.values[:samples*s.words] {
			out = binary.LittleEndian.AppendUint16(out, v)
		}
		s.values = s.values[samples*s.words:]
	})
	return out, nil
}

// unwavelet undoes the wavelets of width x height values, which lie stepX and stepY apart. Of values below 2^14 they are
// such as need no modulo.
func unwavelet(v []uint16, width, stepX, height, stepY, largest int) {
	undo := unwavelet16
	if largest < 1<<14 {
		undo = unwavelet14
	}
	short := min(width, height)
	far := 1
	for far <= short {
		far <<= 1
	}
	far >>= 1
	for near := far >> 1; near >= 1; far, near = near, near>>1 {
		y := 0
		for ; y <= height-far; y += far {
			x := 0
			for ; x <= width-far; x += far {
				a := y*stepY + x*stepX
				b, c := a+near*stepX, a+near*stepY
				d := c + near*stepX
				i00, i10 := undo(v[a], v[c])
				i01, i11 := undo(v[b], v[d])
				v[a], v[b] = undo(i00, i01)
				v[c], v[d] = undo(i10, i11)
			}
			if width&near != 0 {
				a := y*stepY + x*stepX
				v[a], v[a+near*stepY] = undo(v[a], v[a+near*stepY])
			}
		}
		if height&near != 0 {
			for x := 0; x <= width-far; x += far {
				a := y*stepY + x*stepX
				v[a], v[a+near*stepX] = undo(v[a], v[a+near*stepX])
			}
		}
	}
}

func unwavelet14(low, high uint16) (a, b uint16) {
	h := int32(int16(high))
	sum := int32(int16(low)) + h&1 + h>>1
	return uint16(sum), uint16(sum - h)
}

func unwavelet16(low, high uint16) (a, b uint16) {
	b = low - high>>1
	return high + b - 1<<15, b
}

const (
	huffmanSymbols = 1<<16 + 1 // of 16 bits, and a run
	longestCode    = 58
	pizFast        = 12
)

// exrHuffman fills out with the symbols of a stream.
func exrHuffman(data []byte, out []uint16) error {
	if len(data) < 20 {
		if len(data) == 0 && len(out) == 0 {
			return nil
		}
		return io.ErrUnexpectedEOF
	}
	first, last, bits := binary.LittleEndian.Uint32(data), binary.LittleEndian.Uint32(data[4:]), uint64(binary.LittleEndian.Uint32(data[12:]))
	if first >= huffmanSymbols || last >= huffmanSymbols || first > last {
		return errPIZ
	}
	in := exrBits{data: data[20:], left: 8 * uint64(len(data)-20)}
	lengths := make([]byte, huffmanSymbols)
	for s := int(first); s <= int(last); s++ {
		const shortRun, longRun = 59, 63
		n, ok := in.take(6)
		if !ok {
			return io.ErrUnexpectedEOF
		}
		zeros := 0
		switch {
		case n == longRun:
			more, ok := in.take(8)
			if !ok {
				return io.ErrUnexpectedEOF
			}
			zeros = int(more) + longRun - shortRun + 2
		case n >= shortRun:
			zeros = int(n) - shortRun + 2
		default:
			lengths[s] = byte(n)
			continue
		}
		if s+zeros > int(last)+1 {
			return errPIZ
		}
		s += zeros - 1
	}
	// The codes begin at the next byte.
	in = exrBits{data: in.data, left: bits}
	if bits > 8*uint64(len(in.data)) {
		return io.ErrUnexpectedEOF
	}
	codes, err := newEXRCodes(lengths, int(first), int(last))
	if err != nil {
		return err
	}
	for n := 0; n < len(out); {
		symbol, ok := codes.next(&in)
		if !ok {
			return io.ErrUnexpectedEOF
		}
		if symbol != int(last) {
			out[n] = uint16(symbol)
			n++
			continue
		}
		run, ok := in.take(8)
		if !ok || n == 0 || int(run) > len(out)-n {
			return errPIZ
		}
		for range run {
			out[n] = out[n-1]
			n++
		}
	}
	return nil
}

// exrBits gives bits from the highest of each byte on.
type exrBits struct {
	data []byte
	held uint64 // the lowest have bits are to come
	have uint
	left uint64 // bits, with those that are held
}

// fill holds n bits at least, zeros after the end.
func (b *exrBits) fill(n uint) {
	for b.have < n {
		b.held <<= 8
		if len(b.data) > 0 {
			b.held |= uint64(b.data[0])
			b.data = b.data[1:]
		}
		b.have += 8
	}
}

func (b *exrBits) take(n uint) (uint64, bool) {
	if uint64(n) > b.left {
		return 0, false
	}
	b.fill(n)
	b.have -= n
	b.left -= uint64(n)
	return b.held >> b.have & (1<<n - 1), true
}

// exrCodes are canonical codes of which the longest have the smallest values.
type exrCodes struct {
	fast   []int32 // by the next pizFast: symbol<<8 | length, 0 where the code is longer
	first  [longestCode + 2]uint64
	start  [longestCode + 2]int // in symbols
	count  [longestCode + 2]uint64
	symbol []int32 // by length and value
}

func newEXRCodes(lengths []byte, first, last int) (*exrCodes, error) {
	c := &exrCodes{fast: make([]int32, 1<<pizFast)}
	for s := first; s <= last; s++ {
		if lengths[s] > longestCode {
			return nil, errPIZ
		}
		c.count[lengths[s]]++
	}
	c.count[0] = 0
	code, total := uint64(0), 0
	for n := longestCode; n > 0; n-- {
		c.first[n], c.start[n] = code, total
		if code+c.count[n] > 1<<n {
			return nil, errPIZ
		}
		total += int(c.count[n])
		code = (code + c.count[n]) >> 1
	}
	c.symbol = make([]int32, total)
	next := c.start
	for s := first; s <= last; s++ {
		n := lengths[s]
		if n == 0 {
			continue
		}
		at := next[n]
		next[n]++
		c.symbol[at] = int32(s)
		if value := c.first[n] + uint64(at-c.start[n]); n <= pizFast {
			from := value << (pizFast - n)
			for i := range uint64(1) << (pizFast - n) {
				c.fast[from+i] = int32(s)<<8 | int32(n)
			}
		}
	}
	return c, nil
}

func (c *exrCodes) next(in *exrBits) (symbol int, ok bool) {
	if in.have < pizFast {
		in.fill(pizFast)
	}
	if e := c.fast[in.held>>(in.have-pizFast)&(1<<pizFast-1)]; e != 0 {
		n := uint64(e & 255)
		if n > in.left {
			return 0, false
		}
		in.have -= uint(n)
		in.left -= n
		return int(e >> 8), true
	}
	code := uint64(0)
	for n := 1; n <= longestCode; n++ {
		bit, ok := in.take(1)
		if !ok {
			return 0, false
		}
		code = code<<1 | bit
		if n > pizFast && code >= c.first[n] && code-c.first[n] < c.count[n] {
			return int(c.symbol[c.start[n]+int(code-c.first[n])]), true
		}
	}
	return 0, false
}
