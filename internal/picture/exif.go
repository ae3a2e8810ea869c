package picture

import (
	"bytes"
	"encoding/binary"
)

// orientation reads tag 0x0112 of the first directory of an EXIF block (with or
// without its "Exif\0\0") or of a TIFF file. Anything odd counts as 1: a picture
// is not refused for its metadata.
func orientation(exif []byte) int {
	exif = bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))
	value, ok := tiffTag(exif, 0x0112)
	if !ok || value < 1 || value > 8 {
		return 1
	}
	return int(value)
}

// tiffTag gives the first value of a tag of the first directory, if it is a
// small integer that is stored in the entry itself.
func tiffTag(data []byte, tag uint16) (uint32, bool) {
	if len(data) < 8 {
		return 0, false
	}
	var order binary.ByteOrder
	switch string(data[:2]) {
	case "II":
		order = binary.LittleEndian
	case "MM":
		order = binary.BigEndian
	default:
		return 0, false
	}
	at := uint64(order.Uint32(data[4:]))
	if at+2 > uint64(len(data)) {
		return 0, false
	}
	count := int(order.Uint16(data[at:]))
	entries := data[at+2:]
	for i := 0; i < count && len(entries) >= 12; i, entries = i+1, entries[12:] {
		if order.Uint16(entries) != tag || order.Uint32(entries[4:]) == 0 {
			continue
		}
		switch order.Uint16(entries[2:]) {
		case 1: // BYTE
			return uint32(entries[8]), true
		case 3: // SHORT
			return uint32(order.Uint16(entries[8:])), true
		case 4: // LONG
			return order.Uint32(entries[8:]), true
		}
	}
	return 0, false
}

// turned is an Info of a picture stored at width x height.
func turned(format string, width, height, orientation int) Info {
	if orientation >= 5 {
		width, height = height, width
	}
	return Info{Format: format, Width: width, Height: height, Orientation: orientation}
}
