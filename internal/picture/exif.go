package picture

import (
	"bytes"
	"regexp"
	"time"
)

// exif is what akin takes of a picture's metadata.
type exif struct {
	orientation int
	taken       string
	shot        Shot
	// told says that the EXIF block has an orientation, be it a senseless one: XMP is not asked then.
	told bool
}

// upAndUndated is what a file without EXIF says.
var upAndUndated = exif{orientation: 1}

// readEXIF reads an EXIF block (with or without its "Exif\0\0") or a TIFF file.
// Anything odd counts as not there: a picture is not refused for its metadata.
func readEXIF(block []byte) exif {
	for range 2 { // some writers put it there twice
		block = bytes.TrimPrefix(block, []byte("Exif\x00\x00"))
	}
	d, first, ok := openDirectories(block)
	if !ok {
		return upAndUndated
	}
	e := upAndUndated
	camera, hasCamera := uint64(0), false
	position, hasPosition := uint64(0), false
	var maker, model string
	for entry := range d.entries(first) {
		switch entry.tag {
		case 0x0112:
			if entry.values == nil {
				continue
			}
			// Of whatever type the number is, as in Pillow; of two tags the last counts.
			e.told, e.orientation = true, 1
			if turn, ok := d.number(entry, 0); ok && turn >= 1 && turn <= 8 && turn == float64(int(turn)) {
				e.orientation = int(turn)
			}
		case 0x8769: // the directory of the camera
			if at, ok := d.integer(entry, 0); ok && !hasCamera {
				camera, hasCamera = at, true
			}
		case 0x8825: // the directory of the position
			if at, ok := d.integer(entry, 0); ok && !hasPosition {
				position, hasPosition = at, true
			}
		case 0x010f:
			maker = shotText(entry)
		case 0x0110:
			model = shotText(entry)
		}
	}
	e.shot.Camera = cameraName(maker, model)
	if hasPosition {
		e.shot.Position = d.position(position)
	}
	if hasCamera {
		e.taken = takenAt(d.ascii(camera, 0x9003), d.ascii(camera, 0x9011))
		for entry := range d.entries(camera) {
			if entry.tag == 0xa434 {
				e.shot.Lens = shotText(entry)
			}
		}
	}
	return e
}

// upright is what is left of e where the decoder has turned the picture itself.
func (e exif) upright() exif {
	e.orientation = 1
	return e
}

// inXMP finds an orientation in XMP, as an attribute or an element: the first one, and of it one digit.
var inXMP = regexp.MustCompile(`tiff:Orientation(="|>)([0-9])`)

// orXMP takes the orientation of an XMP packet where EXIF has none, as Pillow does.
func (e exif) orXMP(packet []byte) exif {
	if e.told || len(packet) == 0 {
		return e
	}
	if found := inXMP.FindSubmatch(packet); found != nil {
		if turn := int(found[2][0] - '0'); turn >= 1 && turn <= 8 {
			e.orientation = turn
		}
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

// turned is an Info of a picture stored at width x height.
func turned(format string, width, height int, e exif) Info {
	if e.orientation >= 5 {
		width, height = height, width
	}
	return Info{Format: format, Width: width, Height: height, Orientation: e.orientation, Taken: e.taken, Shot: e.shot}
}
