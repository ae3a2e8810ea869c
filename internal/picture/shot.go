package picture

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Shot is what EXIF says of how and where a picture was taken; zero values are not known.
// Its texts are the file's own words, without control characters.
type Shot struct {
	Camera   string // make and model
	Lens     string // its model
	Position Position
}

// Position is a place on Earth, in degrees: north and east of zero are positive.
type Position struct {
	Latitude, Longitude float64
	Known               bool
}

// shotLimit is more bytes than any camera or lens has in its name; longer ones are not names.
const shotLimit = 256

// shotText is a tag's text up to its first zero, on one line; "" where it is none. What is not UTF-8 is
// taken for Latin-1, which older cameras write.
func shotText(t tag) string {
	if t.kind != 2 || t.count > shotLimit {
		return ""
	}
	text, _, _ := bytes.Cut(t.values, []byte{0})
	if !utf8.Valid(text) {
		text = fromLatin1(text)
	}
	s := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, string(text))
	return strings.Join(strings.Fields(s), " ")
}

// cameraName joins a make and a model, once where the model begins with the make's first
// word: "NIKON CORPORATION" and "NIKON D850" are the NIKON D850.
func cameraName(maker, model string) string {
	if maker == "" || model == "" {
		return maker + model
	}
	brand, _, _ := strings.Cut(maker, " ")
	first, _, _ := strings.Cut(model, " ")
	if strings.EqualFold(brand, first) {
		return model
	}
	return maker + " " + model
}

// position reads the directory of the position. One without a hemisphere is not known, nor is
// 0, 0, which receivers write before they know better.
func (d directories) position(at uint64) Position {
	var p Position
	var north, east float64 // 1 or -1
	latitude, longitude := false, false
	for t := range d.entries(at) {
		switch t.tag {
		case 1:
			north = hemisphere(t, 'N', 'S')
		case 2:
			p.Latitude, latitude = d.degrees(t, 90)
		case 3:
			east = hemisphere(t, 'E', 'W')
		case 4:
			p.Longitude, longitude = d.degrees(t, 180)
		}
	}
	if !latitude || !longitude || north == 0 || east == 0 || p.Latitude == 0 && p.Longitude == 0 {
		return Position{}
	}
	p.Latitude, p.Longitude, p.Known = north*p.Latitude+0, east*p.Longitude+0, true // + 0: no zero is negative
	return p
}

// hemisphere is 1 or -1, or 0 where the tag says neither.
func hemisphere(t tag, plus, minus byte) float64 {
	if t.kind == 2 && len(t.values) > 0 {
		switch t.values[0] {
		case plus:
			return 1
		case minus:
			return -1
		}
	}
	return 0
}

// degrees joins degrees, minutes and seconds, if they are at most limit.
func (d directories) degrees(t tag, limit float64) (float64, bool) {
	if t.kind != 5 {
		return 0, false
	}
	sum := 0.0
	for i, unit := range [3]float64{1, 60, 3600} {
		v, ok := d.number(t, uint64(i))
		if !ok {
			return 0, false
		}
		sum += v / unit
	}
	return sum, sum >= 0 && sum <= limit // not of a division by zero
}
