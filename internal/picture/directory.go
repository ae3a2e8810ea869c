package picture

import (
	"bytes"
	"encoding/binary"
	"iter"
	"math"
)

// directories are those of a TIFF or BigTIFF file, which an EXIF block is as well.
type directories struct {
	data  []byte
	order binary.ByteOrder
	big   bool // BigTIFF: offsets and counts of 64 bits
}

// tag is one entry of a directory.
type tag struct {
	tag, kind uint16
	count     uint64
	values    []byte // all of them; nil where there are none or they are not in the file
}

// tagSizes are the bytes of a value of each type.
var tagSizes = [19]uint64{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}

// openDirectories reads the header, and returns the place of the first directory.
func openDirectories(data []byte) (d directories, first uint64, ok bool) {
	if len(data) < 8 {
		return d, 0, false
	}
	d.data = data
	switch string(data[:2]) {
	case "II":
		d.order = binary.LittleEndian
	case "MM":
		d.order = binary.BigEndian
	default:
		return d, 0, false
	}
	if data[2] == 43 || data[3] == 43 {
		d.big = true
		if len(data) < 16 {
			return d, 0, false
		}
		return d, d.order.Uint64(data[8:]), true
	}
	return d, uint64(d.order.Uint32(data[4:])), true
}

// entries walks the directory at a place as far as the file goes.
func (d directories) entries(at uint64) iter.Seq[tag] {
	return func(yield func(tag) bool) {
		head, size := uint64(2), uint64(12)
		if d.big {
			head, size = 8, 20
		}
		if at > uint64(len(d.data)) || head > uint64(len(d.data))-at {
			return
		}
		n := uint64(d.order.Uint16(d.data[at:]))
		if d.big {
			n = d.order.Uint64(d.data[at:])
		}
		for rest := d.data[at+head:]; n > 0 && uint64(len(rest)) >= size; n-- {
			e := rest[:size]
			rest = rest[size:]
			t := tag{tag: d.order.Uint16(e), kind: d.order.Uint16(e[2:])}
			room := e[8:12]
			if d.big {
				t.count, room = d.order.Uint64(e[4:]), e[12:20]
			} else {
				t.count = uint64(d.order.Uint32(e[4:]))
			}
			if int(t.kind) < len(tagSizes) && tagSizes[t.kind] > 0 && t.count > 0 && t.count <= uint64(len(d.data)) {
				bytes := t.count * tagSizes[t.kind]
				if bytes <= uint64(len(room)) {
					t.values = room[:bytes]
				} else {
					from := uint64(d.order.Uint32(room))
					if d.big {
						from = d.order.Uint64(room)
					}
					if from <= uint64(len(d.data)) && bytes <= uint64(len(d.data))-from {
						t.values = d.data[from : from+bytes]
					}
				}
			}
			if !yield(t) {
				return
			}
		}
	}
}

// integer returns the nth value of a tag of unsigned integers.
func (d directories) integer(t tag, n uint64) (uint64, bool) {
	if t.values == nil || n >= t.count {
		return 0, false
	}
	v := t.values[n*tagSizes[t.kind]:]
	switch t.kind {
	case 1, 7: // BYTE, UNDEFINED
		return uint64(v[0]), true
	case 3: // SHORT
		return uint64(d.order.Uint16(v)), true
	case 4, 13: // LONG, IFD
		return uint64(d.order.Uint32(v)), true
	case 16, 18: // LONG8, IFD8
		return d.order.Uint64(v), true
	}
	return 0, false
}

// number returns the nth value of a tag of numbers.
func (d directories) number(t tag, n uint64) (float64, bool) {
	if t.values == nil || n >= t.count {
		return 0, false
	}
	v := t.values[n*tagSizes[t.kind]:]
	switch t.kind {
	case 3, 4, 13, 16, 18:
		i, _ := d.integer(t, n)
		return float64(i), true
	case 5: // RATIONAL
		return float64(d.order.Uint32(v)) / float64(d.order.Uint32(v[4:])), true
	case 6: // SBYTE
		return float64(int8(v[0])), true
	case 8: // SSHORT
		return float64(int16(d.order.Uint16(v))), true
	case 9: // SLONG
		return float64(int32(d.order.Uint32(v))), true
	case 10: // SRATIONAL
		return float64(int32(d.order.Uint32(v))) / float64(int32(d.order.Uint32(v[4:]))), true
	case 11: // FLOAT
		return float64(math.Float32frombits(d.order.Uint32(v))), true
	case 12: // DOUBLE
		return math.Float64frombits(d.order.Uint64(v)), true
	}
	return 0, false
}

// ascii returns a tag's text without its end of zeros and blanks, "" where there is
// none or more of it than any date has.
func (d directories) ascii(at uint64, name uint16) string {
	for t := range d.entries(at) {
		if t.tag == name && t.count > 0 {
			if t.kind != 2 || t.count > 64 {
				return ""
			}
			return string(bytes.TrimRight(t.values, " \x00"))
		}
	}
	return ""
}
