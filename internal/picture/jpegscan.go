package picture

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"sync"
)

// jpegFile is a JPEG file on its way through the Go decoder: baseline, extended
// and progressive Huffman coding at 8 bits, as in ITU-T T.81. It computes what
// libjpeg computes, to the bit (the exact integer transform, see jpegidct.go,
// and the colours of ycbcr.go).
type jpegFile struct {
	src           *source
	at            int // next byte
	width, height int // divided by scale, once the frame header is read
	scale         int
	progressive   bool
	parts         []*jpegPart
	across, down  int // units (MCUs) of the whole picture
	restart       int // units between restart markers, 0 for none
	quant         [4]*[64]uint16
	huffman       [2][4]*huffman // DC, AC
	jfif, adobe   bool
	transform     byte // Adobe's
	as            int  // jpegGuess, jpegPlain or jpegYCbCr
	repeated      bool // chroma is not interpolated

	bits  uint64 // unread bits, from the top; zeros follow the last
	count int    // of them; negative once more were taken than there are
	eobs  int    // blocks that the current end-of-band run still covers

	starved bool // the bits ended at a marker: nothing is read before the next restart
	cut     bool // the file ended where bits were needed

	ahead jpegAhead
}

// jpegPart is one component.
type jpegPart struct {
	id, h, v, table          int
	quant                    *[64]uint16
	dc, ac                   *huffman   // of the current scan
	pairs                    *codePairs // of ac; nil where they are not worth making
	last                     int        // DC value
	side                     int        // of a block, in samples: 8, or less in a smaller picture
	width, height            int        // samples without padding
	blocksAcross, blocksDown int        // without the padding to whole units
	stride                   int        // blocks in a row, with padding
	coefficients             []int16    // (rows, stride, 64); nil while blocks are transformed at once
	pix                      []byte     // (rows*side, stride*side)
	hold                     *Picture   // whose buffer pix is
	horizontally, vertically int        // how many output samples one sample covers
	repeated                 bool       // and they are all alike
}

var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

const fastBits = 9

// huffman is a code table.
type huffman struct {
	fast    [1 << fastBits]uint16 // length<<8 | value of the code that these bits begin with, 0 for a longer one
	maxCode [18]int32             // largest code of each length, left-aligned in 16 bits, plus 1
	offset  [17]int32             // what to add to a code to find its value
	values  [256]byte
	sizes   bool // no value is larger than a DC coefficient's size may be
}

func newHuffman(counts []byte, values []byte) (*huffman, bool) {
	h := &huffman{sizes: true}
	copy(h.values[:], values)
	for _, v := range values {
		h.sizes = h.sizes && v <= 15
	}
	code, k := int32(0), int32(0)
	for length := 1; length <= 16; length++ {
		h.offset[length] = k - code
		for range int(counts[length-1]) {
			if code >= 1<<length {
				return nil, false
			}
			if length <= fastBits {
				first := int(code) << (fastBits - length)
				for i := range 1 << (fastBits - length) {
					h.fast[first+i] = uint16(length)<<8 | uint16(h.values[k])
				}
			}
			code++
			k++
		}
		h.maxCode[length] = code << (16 - length)
		code <<= 1
	}
	h.maxCode[17] = 1 << 30
	return h, true
}

// fill tops up the bits; there are at least 57 afterwards, or all up to the next marker.
func (f *jpegFile) fill() {
	data := f.src.data
	if f.at+8 <= len(data) && f.count >= 0 {
		// Six bytes at once where none is 0xff.
		next := binary.BigEndian.Uint64(data[f.at:])
		if next&0x8080808080800000&^(next+0x0101010101010000) == 0 && f.count <= 16 {
			f.bits |= next >> 16 << (16 - f.count)
			f.count += 48
			f.at += 6
			return
		}
	}
	for f.count <= 56 && f.at < len(data) {
		b := data[f.at]
		if b == 0xff {
			if f.at+1 >= len(data) || data[f.at+1] != 0 {
				return
			}
			f.at++
		}
		f.at++
		f.bits |= uint64(b) << (56 - f.count)
		f.count += 8
	}
}

// symbol takes one code. A code that is none of the table's counts as 0, as in libjpeg.
func (f *jpegFile) symbol(h *huffman) int {
	if f.count < 32 {
		f.fill()
		if f.count < 8 && f.ended() {
			f.cut = true
		}
	}
	if e := h.fast[f.bits>>(64-fastBits)]; e != 0 {
		f.bits <<= e >> 8
		f.count -= int(e >> 8)
		return int(e & 255)
	}
	top := int32(f.bits >> 48)
	length := fastBits + 1
	for length <= 16 && top >= h.maxCode[length] {
		length++
	}
	if length > 16 {
		f.bits <<= 17
		f.count -= 17
		return 0
	}
	f.bits <<= length
	f.count -= length
	return int(h.values[(top>>(16-length)+h.offset[length])&255])
}

// ended reports whether the file ends here, without a marker.
func (f *jpegFile) ended() bool {
	return f.at >= len(f.src.data) || f.at == len(f.src.data)-1 && f.src.data[f.at] == 0xff
}

// take returns n bits (at most 16 after a symbol), as they are.
func (f *jpegFile) take(n int) int {
	v := int(f.bits >> (64 - n))
	f.bits <<= n
	f.count -= n
	return v
}

// signed returns n bits as T.81 writes differences.
func (f *jpegFile) signed(n int) int {
	if n == 0 {
		return 0
	}
	v := f.take(n)
	if v < 1<<(n-1) {
		v -= 1<<n - 1
	}
	return v
}

func (f *jpegFile) bit() bool {
	if f.count < 1 {
		f.fill()
		if f.count < 1 && f.ended() {
			f.cut = true
		}
	}
	return f.take(1) == 1
}

// baseline reads one whole block and returns the index of its last coefficient. Indices past the last one
// count as the last, as in libjpeg.
func (f *jpegFile) baseline(p *jpegPart, block *[64]int16) uint8 {
	size := f.symbol(p.dc)
	p.last += f.signed(size & 15)
	block[0] = int16(p.last)
	end := 0
	for k := 1; k < 64; k++ {
		rs := f.symbol(p.ac)
		s := rs & 15
		if s == 0 {
			if rs != 0xf0 {
				break
			}
			k += 15
			continue
		}
		k = min(k+rs>>4, 63)
		block[zigzag[k]] = int16(f.signed(s))
		end = k
	}
	return uint8(end)
}

// refine reads one scan's share of a block of a progressive file (T.81, G.1.2).
func (f *jpegFile) refine(p *jpegPart, block *[64]int16, from, to, high, low int) {
	switch {
	case from == 0 && high == 0:
		p.last += f.signed(f.symbol(p.dc) & 15)
		block[0] = int16(p.last << low)
	case from == 0:
		if f.bit() {
			block[0] |= 1 << low
		}
	case high == 0:
		if f.eobs > 0 {
			f.eobs--
			return
		}
		for k := from; k <= to; k++ {
			rs := f.symbol(p.ac)
			r, s := rs>>4, rs&15
			if s == 0 {
				if r < 15 {
					f.eobs = 1<<r - 1
					if r > 0 {
						f.eobs += f.take(r)
					}
					break
				}
				k += 15
				continue
			}
			k = min(k+r, 63)
			block[zigzag[k]] = int16(f.signed(s) << low)
		}
	default:
		f.refineAC(p, block, from, to, low)
	}
}

func (f *jpegFile) refineAC(p *jpegPart, block *[64]int16, from, to, low int) {
	plus, minus := int16(1)<<low, int16(-1)<<low
	correct := func(c *int16) {
		if f.bit() && *c&plus == 0 {
			if *c >= 0 {
				*c += plus
			} else {
				*c += minus
			}
		}
	}
	k := from
	if f.eobs == 0 {
		for ; k <= to; k++ {
			rs := f.symbol(p.ac)
			r, s := rs>>4, rs&15
			value := int16(0)
			if s == 0 {
				if r < 15 {
					f.eobs = 1 << r
					if r > 0 {
						f.eobs += f.take(r)
					}
					break
				}
			} else if f.bit() { // whatever s is, the value has one bit
				value = plus
			} else {
				value = minus
			}
			for ; k <= to; k++ {
				c := &block[zigzag[k]]
				if *c != 0 {
					correct(c)
				} else if r == 0 {
					break
				} else {
					r--
				}
			}
			if value != 0 {
				block[zigzag[min(k, 63)]] = value
			}
		}
	}
	if f.eobs > 0 {
		for ; k <= to; k++ {
			if c := &block[zigzag[k]]; *c != 0 {
				correct(c)
			}
		}
		f.eobs--
	}
}

// standardHuffman are the tables of T.81, annex K.3, which stand where a file has none (Motion JPEG).
var standardHuffman = sync.OnceValue(func() (tables [2][4]*huffman) {
	hex := func(text string) []byte {
		b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			panic(err)
		}
		return b
	}
	dc := hex("00 01 02 03 04 05 06 07 08 09 0a 0b")
	tables[0][0], _ = newHuffman(hex("00010501010101010100000000000000"), dc)
	tables[0][1], _ = newHuffman(hex("00030101010101010101010000000000"), dc)
	tables[1][0], _ = newHuffman(hex("0002010303020403050504040000017d"), hex(`
		01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a34353637
		38393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3
		a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa`))
	tables[1][1], _ = newHuffman(hex("00020102040403040705040400010277"), hex(`
		000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728292a3536
		3738393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999a
		a2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa`))
	return tables
})
