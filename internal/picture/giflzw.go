package picture

import (
	"errors"
	"io"
)

// gifBits is the longest code, gifTable the number of codes.
const gifBits, gifTable = 12, 1 << 12

var errGIFCode = errors.New("no such code")

// gifCodes unpacks the variable-length codes of a GIF. compress/lzw refuses what other programs
// read: first codes of 1 bit or of more than 8, and a table that stays in use when it is full.
type gifCodes struct {
	in         *gifBlocks
	bits       uint32
	count      int // bits that are not used yet
	literal    int // bits of the first codes
	clear, end int
	next       int // the first code that is free
	size       int // bits of a code
	last       int // the code before, -1 after a clear
	first      byte
	data       [gifTable]byte
	link       [gifTable]uint16
	buffer     [gifTable]byte
	from       int // buffer[from:] is to be given out
	finished   error
}

func newGIFCodes(in *gifBlocks, literal int) *gifCodes {
	c := &gifCodes{in: in, literal: literal, clear: 1 << literal, end: 1<<literal + 1, from: gifTable}
	c.reset()
	return c
}

func (c *gifCodes) reset() { c.next, c.size, c.last = c.clear+2, c.literal+1, -1 }

// read fills row with indices. It returns io.EOF where there are none left.
func (c *gifCodes) read(row []byte) error {
	for len(row) > 0 {
		if c.from == gifTable {
			if c.finished == nil {
				c.finished = c.step()
			}
			if c.finished != nil {
				return c.finished
			}
		}
		n := copy(row, c.buffer[c.from:])
		row, c.from = row[n:], c.from+n
	}
	return nil
}

// step takes codes until one gives pixels.
func (c *gifCodes) step() error {
	for {
		for c.count < c.size {
			b, err := c.in.ReadByte()
			if err != nil {
				return err
			}
			c.bits |= uint32(b) << c.count
			c.count += 8
		}
		code := int(c.bits & (1<<c.size - 1))
		c.bits >>= c.size
		c.count -= c.size
		switch {
		case code == c.clear:
			c.reset()
			continue
		case code == c.end:
			return io.EOF
		}
		if c.last < 0 {
			if code > c.clear {
				return errGIFCode
			}
			c.last, c.first = code, byte(code)
			// With first codes of 1 bit the first free code is too long already. (Pillow never
			// gets past it; giflib does.)
			if c.next >= 1<<c.size && c.literal > 0 && c.size < gifBits {
				c.size++
			}
			c.from--
			c.buffer[c.from] = byte(code)
			return nil
		}
		this := code
		if code > c.next {
			return errGIFCode
		}
		if code == c.next { // the string before, and its first pixel once more
			c.from--
			c.buffer[c.from] = c.first
			code = c.last
		}
		for code >= c.clear {
			if c.from == 0 || code >= gifTable {
				return errGIFCode
			}
			c.from--
			c.buffer[c.from] = c.data[code]
			code = int(c.link[code])
		}
		if c.from == 0 {
			return errGIFCode
		}
		c.first = byte(code)
		c.from--
		c.buffer[c.from] = c.first
		if c.next < gifTable { // a full table stays as it is until a clear
			c.data[c.next], c.link[c.next] = c.first, uint16(c.last)
			if c.next == 1<<c.size-1 && c.size < gifBits {
				c.size++
			}
			c.next++
		}
		c.last = this
		return nil
	}
}
