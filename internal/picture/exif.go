package picture

import (
	"bytes"
	"encoding/binary"
	"time"
)

// exif is what akin takes of a picture's metadata.
type exif struct {
	orientation int
	taken       string
}

// upAndUndated is what a file without EXIF says.
var upAndUndated = exif{orientation: 1}

// readEXIF reads an EXIF block (with or without its "Exif\0\0") or a TIFF file.
// Anything odd counts as not there: a picture is not refused for its metadata.
func readEXIF(block []byte) exif {
	d, first, ok := openDirectories(bytes.TrimPrefix(block, []byte("Exif\x00\x00")))
	if !ok {
		return upAndUndated
	}
	e := upAndUndated
	if turn, ok := d.integer(first, 0x0112); ok && turn >= 1 && turn <= 8 {
		e.orientation = int(turn)
	}
	if at, ok := d.integer(first, 0x8769); ok { // the directory of the camera
		e.taken = takenAt(d.ascii(at, 0x9003), d.ascii(at, 0x9011))
	}
	return e
}

// takenAt makes Info.Taken of DateTimeOriginal ("2024:07:31 12:00:00") and
// OffsetTimeOriginal ("+02:00"). Cameras that were never set write zeros or blanks,
// and some programs "-" or "/" between the numbers, or a T before the time.
func takenAt(date, offset string) string {
	if len(date) < 19 {
		return ""
	}
	plain := []byte(date[:19])
	for i, want := range []byte("0000-00-00T00:00:00") {
		switch c := plain[i]; {
		case want == '0' && c >= '0' && c <= '9':
		case want == '-' && (c == ':' || c == '-' || c == '/'), want == 'T' && c == ' ':
			plain[i] = want
		case c != want || want == '0':
			return ""
		}
	}
	if _, err := time.Parse("2006-01-02T15:04:05", string(plain)); err != nil || string(plain[:4]) == "0000" {
		return ""
	}
	taken := string(plain)
	if offset == "Z" {
		offset = "+00:00"
	}
	if _, err := time.Parse("-07:00", offset); err == nil {
		taken += offset
	}
	return taken
}

// directories are those of a TIFF file, which an EXIF block is as well.
type directories struct {
	data  []byte
	order binary.ByteOrder
}

// openDirectories reads the header, and gives the place of the first directory.
func openDirectories(data []byte) (d directories, first uint32, ok bool) {
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
	return d, d.order.Uint32(data[4:]), true
}

// entry finds the 12 bytes of a tag with at least one value in the directory at a place.
func (d directories) entry(at uint32, tag uint16) ([]byte, bool) {
	if uint64(at)+2 > uint64(len(d.data)) {
		return nil, false
	}
	count := int(d.order.Uint16(d.data[at:]))
	entries := d.data[at+2:]
	for i := 0; i < count && len(entries) >= 12; i, entries = i+1, entries[12:] {
		if d.order.Uint16(entries) == tag && d.order.Uint32(entries[4:]) > 0 {
			return entries[:12], true
		}
	}
	return nil, false
}

// integer gives the first value of a tag, if it is a small integer that is stored
// in the entry itself.
func (d directories) integer(at uint32, tag uint16) (uint32, bool) {
	entry, ok := d.entry(at, tag)
	if !ok {
		return 0, false
	}
	switch d.order.Uint16(entry[2:]) {
	case 1: // BYTE
		return uint32(entry[8]), true
	case 3: // SHORT
		return uint32(d.order.Uint16(entry[8:])), true
	case 4, 13: // LONG, IFD
		return d.order.Uint32(entry[8:]), true
	}
	return 0, false
}

// ascii gives a tag's text without its end of zeros and blanks, "" where there is
// none or more of it than any date has.
func (d directories) ascii(at uint32, tag uint16) string {
	entry, ok := d.entry(at, tag)
	if !ok || d.order.Uint16(entry[2:]) != 2 {
		return ""
	}
	size := uint64(d.order.Uint32(entry[4:]))
	text := entry[8:]
	if size > 4 {
		from := uint64(d.order.Uint32(entry[8:]))
		if size > 64 || from+size > uint64(len(d.data)) {
			return ""
		}
		text = d.data[from:]
	}
	return string(bytes.TrimRight(text[:size], " \x00"))
}

// tiffTag gives a small integer of the first directory.
func tiffTag(data []byte, tag uint16) (uint32, bool) {
	d, first, ok := openDirectories(data)
	if !ok {
		return 0, false
	}
	return d.integer(first, tag)
}

// turned is an Info of a picture stored at width x height.
func turned(format string, width, height int, e exif) Info {
	if e.orientation >= 5 {
		width, height = height, width
	}
	return Info{Format: format, Width: width, Height: height, Orientation: e.orientation, Taken: e.taken}
}
