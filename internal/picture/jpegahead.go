package picture

import (
	"bytes"
	"encoding/binary"
)

// Most of the time of reading a JPEG file goes into codes. jpegAhead reads the blocks of a baseline scan as
// jpegFile.baseline does, several times as fast: the stuffing is taken out of some KB at once, and one look at a table
// takes up to two coefficients with their codes. Whatever is not plain (the end of the data, a marker, a code that is
// none) it leaves to baseline, which goes on where it stopped.

const (
	pairBits  = 12
	aheadSize = 32 << 10 // of the file, unstuffed at once
	// blockMost is how many bytes a block may take: 64 codes of 16 bits, with as many of the value; and eight to load.
	blockMost = 64*4 + 8
)

// codePairs has an entry for all that the next pairBits bits can be: the coefficients that they hold wholly.
//
//	bits 0 to 5    how many bits both coefficients and the end take
//	6 to 11        how many the first takes
//	12 to 16       how far the first is from the one before, 0 where there is none
//	17 to 21       how far the second is from the first
//	22             the block ends after them
//	23             not even one is held wholly, or it is a code for 16 zeros
//	32, 48         the values, 16 bits each
type codePairs [1 << pairBits]uint64

const (
	pairEnds = 1 << 22
	pairLong = 1 << 23
)

func newCodePairs(h *huffman) *codePairs {
	t := new(codePairs)
	for i := range t {
		window := uint64(i) << (64 - pairBits)
		steps, value, length := h.coefficient(window, pairBits)
		if length == 0 || steps == 16 && value == 0 {
			t[i] = pairLong
			continue
		}
		e := uint64(length) << 6
		if steps == 0 {
			t[i] = e | uint64(length) | pairEnds
			continue
		}
		e |= uint64(steps)<<12 | uint64(uint16(value))<<32
		more, second, extra := h.coefficient(window<<length, pairBits-length)
		switch {
		case extra == 0 || more == 16 && second == 0:
			// The same value is written twice: that costs less than to ask.
			e |= uint64(length) | uint64(uint16(value))<<48
		case more == 0:
			e |= uint64(length+extra) | pairEnds
		default:
			e |= uint64(length+extra) | uint64(more)<<17 | uint64(uint16(second))<<48
		}
		t[i] = e
	}
	return t
}

// coefficient reads a code and its value from the top of bits, of which limit are there: how far the coefficient is
// from the one before (0 at the end of the block; 16 and no value of 16 zeros), and how many bits that took, 0 where
// they are too few.
func (h *huffman) coefficient(bits uint64, limit int) (steps, value, length int) {
	top := int32(bits >> 48)
	for length = 1; length <= 16 && top >= h.maxCode[length]; length++ {
	}
	if length > min(16, limit) {
		return 0, 0, 0
	}
	rs := int(h.values[(top>>(16-length)+h.offset[length])&255])
	size := rs & 15
	switch {
	case size == 0 && rs == 0xf0:
		return 16, 0, length
	case size == 0:
		return 0, 0, length
	case length+size > limit:
		return 0, 0, 0
	}
	value = int(bits << length >> (64 - size))
	if value < 1<<(size-1) {
		value -= 1<<size - 1
	}
	return rs>>4 + 1, value, length + size
}

// zigzagOn is zigzag, and past its end the last place, as libjpeg takes it.
var zigzagOn = func() (order [128]uint8) {
	for i := range order {
		order[i] = zigzag[min(i, 63)]
	}
	return order
}()

// aheadWorth is the size of a file from which on it is worth making codePairs for it. Tests change it.
var aheadWorth = 64 << 10

func makePairs(parts []*jpegPart) {
	made := map[*huffman]*codePairs{}
	for _, p := range parts {
		if made[p.ac] == nil {
			made[p.ac] = newCodePairs(p.ac)
		}
		p.pairs = made[p.ac]
	}
}

type jpegAhead struct {
	live  bool
	plain []byte // without stuffing
	from  int    // where in the file it begins
	at    int    // the next byte of plain
	bits  uint64 // as in jpegFile, but that others than zeros may follow
	count uint
	rest  int // units to let pass before the next try
}

// enter unstuffs what comes next, if that is enough for some blocks.
func (a *jpegAhead) enter(f *jpegFile) {
	if a.rest > 0 {
		a.rest--
		return
	}
	if f.starved || f.count < 0 || f.count > 63 {
		return
	}
	if a.plain == nil {
		a.plain = make([]byte, 0, aheadSize)
	}
	a.plain = a.plain[:0]
	data := f.src.data[f.at:min(f.at+aheadSize, len(f.src.data))]
	for {
		i := bytes.IndexByte(data, 0xff)
		if i < 0 {
			a.plain = append(a.plain, data...)
			break
		}
		if i+1 >= len(data) || data[i+1] != 0 {
			a.plain = append(a.plain, data[:i]...)
			break
		}
		a.plain = append(a.plain, data[:i+1]...)
		data = data[i+2:]
	}
	if len(a.plain) < 2*blockMost {
		a.rest = 16
		return
	}
	a.live, a.from, a.at, a.bits, a.count = true, f.at, 0, f.bits, uint(f.count)
}

// leave hands the place in the file back.
func (a *jpegAhead) leave(f *jpegFile) {
	if !a.live {
		return
	}
	a.live = false
	f.at = a.from + a.at + bytes.Count(a.plain[:a.at], []byte{0xff})
	f.bits, f.count = a.bits&^(1<<(64-a.count)-1), int(a.count)
}

// block is jpegFile.baseline. Where ok is false, nothing was taken. Zeros that are coded one by one may count as a
// coefficient in end.
func (a *jpegAhead) block(p *jpegPart, block *[64]int16) (end uint8, ok bool) {
	plain, at, bits, count := a.plain, a.at, a.bits, a.count
	if at+blockMost > len(plain) {
		return 0, false
	}
	if count < 32 {
		bits |= binary.BigEndian.Uint64(plain[at:]) >> count
		at += int(63-count) >> 3
		count |= 56
	}
	e := p.dc.fast[bits>>(64-fastBits)]
	if e == 0 {
		return 0, false
	}
	length, size := uint(e>>8), uint(e&15)
	bits <<= length & 63
	// A value whose first bit is 0 is negative.
	value := int(bits>>1>>(63-size)) - int((1<<size-1)&^uint64(int64(bits)>>63))
	bits <<= size
	count -= length + size
	dc := p.last + value

	table := p.pairs
	k := uint(0)
read:
	for {
		// Three looks take 36 bits at most, and a code with its value 31: that is there after two looks, too.
		bits |= binary.BigEndian.Uint64(plain[at:]) >> (count & 63)
		at += int(63-count) >> 3
		count |= 56
		for range 3 {
			e := table[bits>>(64-pairBits)]
			if e&(pairEnds|pairLong) == 0 {
				first := k + uint(e>>12)&31
				block[zigzagOn[first&127]&63] = int16(e >> 32)
				k = first + uint(e>>17)&31
				block[zigzagOn[k&127]&63] = int16(e >> 48)
				if k < 63 {
					bits <<= e & 63
					count -= uint(e) & 63
					continue
				}
				if first >= 63 { // the block was full before the second, which belongs to what follows
					block[63] = int16(e >> 32)
					e >>= 6
				}
				bits <<= e & 63
				count -= uint(e) & 63
				break read
			}
			if e&pairLong == 0 {
				if steps := uint(e>>12) & 31; steps > 0 {
					k += steps
					block[zigzagOn[k&127]&63] = int16(e >> 32)
					if k >= 63 { // the end of a full block is not coded
						e >>= 6
					}
				}
				bits <<= e & 63
				count -= uint(e) & 63
				break read
			}
			steps, value, length := p.ac.coefficient(bits, 32)
			if length == 0 {
				clear(block[:])
				return 0, false
			}
			bits <<= uint(length) & 63
			count -= uint(length)
			if steps == 0 {
				break read
			}
			k += uint(steps)
			if value != 0 {
				block[zigzagOn[k&127]&63] = int16(value)
			}
			if k >= 63 {
				break read
			}
			break
		}
	}
	block[0] = int16(dc)
	p.last = dc
	a.at, a.bits, a.count = at, bits, count
	return uint8(min(k, 63)), true
}
