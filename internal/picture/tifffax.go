package picture

import (
	"io"
	"strings"
)

// fax reads the rows of T.4 and T.6: modified Huffman coding (RLE), Group 3 of one and two dimensions,
// and Group 4. A code for white is a sample of 0.
type fax struct {
	data        []byte
	at          int // bit
	width, kind int
	twoWays     bool
	changes     []int // where the row before changes its colour
	row         []byte
	rest        []byte // of row, to be given out
}

func newFax(data []byte, width, compression int, twoWays bool) *fax {
	return &fax{data: data, width: width, kind: compression, twoWays: twoWays, row: make([]byte, (width+7)/8)}
}

func (f *fax) Read(out []byte) (int, error) {
	if len(f.rest) == 0 {
		if !f.next() {
			return 0, io.ErrUnexpectedEOF
		}
		f.rest = f.row
	}
	n := copy(out, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// peek returns the next n bits; zeros follow the last.
func (f *fax) peek(n int) uint32 {
	v := uint32(0)
	for i := f.at; i < f.at+n; i++ {
		v <<= 1
		if i < 8*len(f.data) {
			v |= uint32(f.data[i/8] >> (7 - i%8) & 1)
		}
	}
	return v
}

// next reads a row; it is false at the end and where no code fits.
func (f *fax) next() bool {
	if f.at >= 8*len(f.data) {
		return false
	}
	plain := true
	switch f.kind {
	case tiffRLE:
		f.at = (f.at + 7) / 8 * 8
	case tiffRLEW:
		f.at = (f.at + 15) / 16 * 16
	case tiffFax4:
		plain = false
	case tiffFax3: // an end of line: eleven zeros or more, and a one
		if f.peek(11) == 0 {
			for f.at < 8*len(f.data) && f.peek(1) == 0 {
				f.at++
			}
			f.at++
			if f.twoWays {
				plain = f.peek(1) == 1
				f.at++
			}
		}
	}
	var changes []int
	ok := false
	if plain {
		changes, ok = f.oneWay()
	} else {
		changes, ok = f.twoWay()
	}
	if !ok {
		return false
	}
	f.changes = changes
	clear(f.row)
	for i := 0; i < len(changes); i += 2 {
		to := f.width
		if i+1 < len(changes) {
			to = changes[i+1]
		}
		for x := changes[i]; x < to; x++ {
			if x%8 == 0 && x+8 <= to {
				f.row[x/8] = 255
				x += 7
				continue
			}
			f.row[x/8] |= 128 >> (x % 8)
		}
	}
	return true
}

// oneWay reads runs of white and black by turns.
func (f *fax) oneWay() (changes []int, ok bool) {
	for x, black := 0, false; x < f.width; black = !black {
		n, ok := f.run(black)
		if !ok {
			return nil, false
		}
		x = min(x+n, f.width)
		changes = append(changes, x)
	}
	return changes, true
}

// twoWay reads a row as differences from the one before.
func (f *fax) twoWay() (changes []int, ok bool) {
	x, black, i := -1, false, 0
	for x < f.width {
		// b1: where the row before changes to the other colour, to the right of x.
		for i > 0 && f.before(i-1) > x {
			i--
		}
		for f.before(i) <= x && f.before(i) < f.width || i%2 == 0 == black {
			i++
		}
		b1 := f.before(i)
		to, found := 0, true
		switch code := f.peek(7); {
		case code>>6 == 1:
			f.at, to = f.at+1, b1
		case code>>4 == 3:
			f.at, to = f.at+3, b1+1
		case code>>4 == 2:
			f.at, to = f.at+3, b1-1
		case code>>1 == 3:
			f.at, to = f.at+6, b1+2
		case code>>1 == 2:
			f.at, to = f.at+6, b1-2
		case code == 3:
			f.at, to = f.at+7, b1+3
		case code == 2:
			f.at, to = f.at+7, b1-3
		case code>>3 == 1: // pass
			f.at += 4
			x = f.before(i + 1)
			continue
		case code>>4 == 1: // horizontal
			f.at += 3
			for range 2 {
				n, ok := f.run(black)
				if !ok {
					return nil, false
				}
				x = min(max(x, 0)+n, f.width)
				changes = append(changes, x)
				black = !black
			}
			continue
		default:
			found = false
		}
		if !found || to < max(x, 0) || f.at > 8*len(f.data)+7 {
			return nil, false
		}
		x = min(to, f.width)
		changes = append(changes, x)
		black = !black
	}
	return changes, true
}

// before is the nth change of the row before.
func (f *fax) before(n int) int {
	if n < len(f.changes) {
		return f.changes[n]
	}
	return f.width
}

// run takes the codes of one run.
func (f *fax) run(black bool) (int, bool) {
	codes := faxWhite
	if black {
		codes = faxBlack
	}
	total := 0
	for total <= f.width {
		n, found := 0, false
		for length := 2; length <= 13 && !found; length++ {
			if n, found = codes[f.peek(length)|1<<length]; found {
				f.at += length
			}
		}
		if !found {
			return 0, false
		}
		if total += n; n < 64 {
			return total, true
		}
	}
	return total, true
}

func faxCodes(text []string) map[uint32]int {
	codes := map[uint32]int{}
	for i, digits := range append(text, faxLong...) {
		code := uint32(1)
		for _, digit := range digits {
			code = code<<1 | uint32(digit-'0')
		}
		if i >= 64 {
			i = 64 * (i - 63)
		}
		codes[code] = i
	}
	return codes
}

// The codes of T.4, tables 2 and 3: of runs of 0 to 63, then of multiples of 64. In the maps a 1 stands
// before each, so that leading zeros count.
var faxLong = strings.Fields(`00000001000 00000001100 00000001101 000000010010 000000010011 000000010100 000000010101
000000010110 000000010111 000000011100 000000011101 000000011110 000000011111`)

var faxWhite = faxCodes(strings.Fields(`
00110101 000111 0111 1000 1011 1100 1110 1111 10011 10100 00111 01000 001000 000011 110100 110101
101010 101011 0100111 0001100 0001000 0010111 0000011 0000100 0101000 0101011 0010011 0100100
0011000 00000010 00000011 00011010 00011011 00010010 00010011 00010100 00010101 00010110 00010111
00101000 00101001 00101010 00101011 00101100 00101101 00000100 00000101 00001010 00001011 01010010
01010011 01010100 01010101 00100100 00100101 01011000 01011001 01011010 01011011 01001010 01001011
00110010 00110011 00110100 11011 10010 010111 0110111 00110110 00110111 01100100 01100101 01101000
01100111 011001100 011001101 011010010 011010011 011010100 011010101 011010110 011010111 011011000
011011001 011011010 011011011 010011000 010011001 010011010 011000 010011011`))

var faxBlack = faxCodes(strings.Fields(`
0000110111 010 11 10 011 0011 0010 00011 000101 000100 0000100 0000101 0000111 00000100 00000111
000011000 0000010111 0000011000 0000001000 00001100111 00001101000 00001101100 00000110111
00000101000 00000010111 00000011000 000011001010 000011001011 000011001100 000011001101 000001101000
000001101001 000001101010 000001101011 000011010010 000011010011 000011010100 000011010101
000011010110 000011010111 000001101100 000001101101 000011011010 000011011011 000001010100
000001010101 000001010110 000001010111 000001100100 000001100101 000001010010 000001010011
000000100100 000000110111 000000111000 000000100111 000000101000 000001011000 000001011001
000000101011 000000101100 000001011010 000001100110 000001100111 0000001111 000011001000
000011001001 000001011011 000000110011 000000110100 000000110101 0000001101100 0000001101101
0000001001010 0000001001011 0000001001100 0000001001101 0000001110010 0000001110011 0000001110100
0000001110101 0000001110110 0000001110111 0000001010010 0000001010011 0000001010100 0000001010101
0000001011010 0000001011011 0000001100100 0000001100101`))
