package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/akin-search/akin/internal/bounded"
)

// datedEXIF is an EXIF block with an orientation and, in the camera's directory,
// DateTimeOriginal and OffsetTimeOriginal where they are not "".
func datedEXIF(order binary.ByteOrder, turn uint16, date, offset string) []byte {
	b := map[binary.ByteOrder][]byte{binary.LittleEndian: []byte("II*\x00"), binary.BigEndian: []byte("MM\x00*")}[order]
	b = slices.Clone(b)
	u16 := func(v uint16) { b = order.(binary.AppendByteOrder).AppendUint16(b, v) }
	u32 := func(v uint32) { b = order.(binary.AppendByteOrder).AppendUint32(b, v) }
	u32(8)
	u16(2)
	u16(0x0112) // Orientation
	u16(3)
	u32(1)
	u16(turn)
	u16(0)
	u16(0x8769) // the camera's directory
	u16(4)
	u32(1)
	u32(38)
	u32(0) // no further directory; 38 bytes so far
	type text struct {
		tag   uint16
		value string
	}
	var texts []text
	for _, t := range []text{{0x9003, date}, {0x9011, offset}} {
		if t.value != "" {
			texts = append(texts, t)
		}
	}
	u16(uint16(len(texts)))
	at := uint32(38 + 2 + 12*len(texts))
	for _, t := range texts {
		u16(t.tag)
		u16(2)
		u32(uint32(len(t.value) + 1))
		if len(t.value) < 4 { // it is in the entry itself
			b = append(append(b, t.value...), make([]byte, 4-len(t.value))...)
			continue
		}
		u32(at)
		at += uint32(len(t.value) + 1)
	}
	for _, t := range texts {
		if len(t.value) >= 4 {
			b = append(append(b, t.value...), 0)
		}
	}
	return b
}

func TestTheDateTakenIsDateTimeOriginal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ why, date, offset, want string }{
		{"as the standard has it", "2024:07:31 12:34:56", "", "2024-07-31T12:34:56"},
		{"with a zone", "2024:07:31 12:34:56", "+02:00", "2024-07-31T12:34:56+02:00"},
		{"west of Greenwich, half an hour", "2024:07:31 12:34:56", "-03:30", "2024-07-31T12:34:56-03:30"},
		{"Greenwich", "2024:07:31 12:34:56", "Z", "2024-07-31T12:34:56+00:00"},
		{"a zone of blanks", "2024:07:31 12:34:56", "   :  ", "2024-07-31T12:34:56"},
		{"a zone that is none", "2024:07:31 12:34:56", "+99:00", "2024-07-31T12:34:56"},
		{"as some programs write", "2024-07-31T12:34:56", "", "2024-07-31T12:34:56"},
		{"with parts of a second", "2024/07/31 12:34:56.789", "", "2024-07-31T12:34:56"},
		{"a scan of an old print", "1912:04:14 23:40:00", "", "1912-04-14T23:40:00"},
		{"the hour that summer time skips", "2024:03:31 02:30:00", "", "2024-03-31T02:30:00"},
		{"a leap day", "2024:02:29 00:00:00", "", "2024-02-29T00:00:00"},
		{"no leap day", "2023:02:29 00:00:00", "", ""},
		{"a clock that was never set", "0000:00:00 00:00:00", "", ""},
		{"blanks", "    :  :     :  :  ", "", ""},
		{"a month that is none", "2024:13:01 00:00:00", "", ""},
		{"an hour that is none", "2024:07:31 24:00:00", "", ""},
		{"a day alone", "2024:07:31", "", ""},
		{"letters", "2O24:07:31 12:34:56", "", ""},
		{"nothing", "", "", ""},
		{"a zone without a date", "", "+02:00", ""},
	} {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			if got := readEXIF(datedEXIF(order, 6, c.date, c.offset)); got.taken != c.want || got.orientation != 6 {
				t.Errorf("%s, %v: %+v, want %q", c.why, order, got, c.want)
			}
		}
	}
	whole := datedEXIF(binary.LittleEndian, 1, "2024:07:31 12:34:56", "+02:00")
	for cut := range whole {
		if got := readEXIF(whole[:cut]).taken; got != "" && got != "2024-07-31T12:34:56" {
			t.Errorf("cut after %d bytes: %q", cut, got)
		}
	}
}

// chunk is a PNG chunk.
func chunk(kind string, body []byte) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), kind...)
	b = append(b, body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func TestEveryFormatTellsItsDate(t *testing.T) {
	t.Parallel()
	block := datedEXIF(binary.BigEndian, 1, "2024:07:31 12:34:56", "+02:00")
	img := image.NewRGBA(image.Rect(0, 0, 8, 8))
	var plain bytes.Buffer
	check := func(kind string, data []byte) {
		t.Helper()
		info, err := Inspect(data, Limits{})
		if errors.Is(err, ErrNoDecoder) {
			t.Logf("%s: %v", kind, err)
			return
		}
		if err != nil || info.Format != kind || info.Taken != "2024-07-31T12:34:56+02:00" || info.Orientation != 1 {
			t.Errorf("%s: %+v, %v", kind, info, err)
		}
	}

	if err := jpeg.Encode(&plain, img, nil); err != nil {
		t.Fatal(err)
	}
	segment := append([]byte("Exif\x00\x00"), block...)
	head := binary.BigEndian.AppendUint16([]byte("\xff\xd8\xff\xe1"), uint16(2+len(segment)))
	check("jpeg", slices.Concat(head, segment, plain.Bytes()[2:]))

	plain.Reset()
	if err := png.Encode(&plain, img); err != nil {
		t.Fatal(err)
	}
	end := plain.Len() - 12 // the chunk may come after the pixels
	check("png", slices.Concat(plain.Bytes()[:end], chunk("eXIf", block), plain.Bytes()[end:]))

	// A TIFF file's first directory holds the size as well: it comes behind.
	tiff := binary.BigEndian.AppendUint32([]byte("MM\x00*"), uint32(len(block)))
	tiff = append(tiff, block[8:]...)
	check("tiff", append(tiff, "\x00\x03"+
		"\x01\x00\x00\x03\x00\x00\x00\x01\x00\x08\x00\x00"+ // width
		"\x01\x01\x00\x03\x00\x00\x00\x01\x00\x08\x00\x00"+ // height
		"\x87\x69\x00\x04\x00\x00\x00\x01\x00\x00\x00\x26"+ // the camera's directory, still at byte 38
		"\x00\x00\x00\x00"...))

	lossless := "VP8L\x05\x00\x00\x00\x2f\x07\xc0\x01\x00\x00" // 8 x 8, and a byte of padding
	webp := append([]byte("WEBP"+lossless+"EXIF"), binary.LittleEndian.AppendUint32(nil, uint32(len(block)))...)
	webp = append(webp, block...)
	check("webp", slices.Concat([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(len(webp))), webp))

	if golden, err := os.ReadFile(filepath.Join("testdata", "gradient.heic")); err != nil {
		t.Error(err)
	} else {
		check("heic", withEXIF(golden, block))
	}
}

// withEXIF adds an item of metadata to testdata/gradient.heic, whose boxes are
// ftyp (28 bytes), meta (381 bytes: hdlr, iloc, iinf, pitm, iprp) and mdat.
func withEXIF(heic, block []byte) []byte {
	u32 := binary.BigEndian.AppendUint32
	const meta, iloc, iinf, metaEnd, grown = 28, 73, 107, 28 + 381, 18 + 21 + 26
	item := append(u32(nil, 6), "Exif\x00\x00"...) // 6 bytes lie before the directories
	item = append(item, block...)

	location := u32([]byte{0, 2, 0, 0}, uint32(len(heic)+grown)) // item 2, from the start of the file
	location = u32(append(location, 0, 1, 0, 0, 0, 0), uint32(len(item)))
	entry := append(u32(nil, 21), "infe\x02\x00\x00\x00\x00\x02\x00\x00Exif\x00"...)
	reference := append(u32(nil, 26), "iref\x00\x00\x00\x00\x00\x00\x00\x0ecdsc\x00\x02\x00\x01\x00\x01"...)

	heic = slices.Clone(heic)
	add := func(at int, by uint32) { binary.BigEndian.PutUint32(heic[at:], binary.BigEndian.Uint32(heic[at:])+by) }
	add(meta, grown)
	add(iloc, 18)
	heic[iloc+15] = 2 // locations
	add(iloc+20, grown)
	add(iinf, 21)
	heic[iinf+13] = 2 // entries
	return slices.Concat(heic[:iinf], location, heic[iinf:iinf+35], entry, heic[iinf+35:metaEnd], reference, heic[metaEnd:], item)
}

func FuzzEXIF(f *testing.F) {
	f.Add(datedEXIF(binary.LittleEndian, 6, "2024:07:31 12:34:56", "+02:00"))
	f.Add(shotEXIF(f, "nikon.jpg"))
	f.Add(append([]byte("Exif\x00\x00"), datedEXIF(binary.BigEndian, 1, "0000:00:00 00:00:00", "")...))
	f.Fuzz(func(t *testing.T, block []byte) {
		var e exif
		bounded.Run(t, 1<<20+16*uint64(len(block)), time.Second, func() { e = readEXIF(block) })
		if e.orientation < 1 || e.orientation > 8 {
			t.Errorf("orientation %d", e.orientation)
		}
		for _, text := range []string{e.shot.Camera, e.shot.Lens} {
			if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) || !utf8.ValidString(text) {
				t.Errorf("text %q", text)
			}
		}
		if p := e.shot.Position; !(math.Abs(p.Latitude) <= 90 && math.Abs(p.Longitude) <= 180) || !p.Known && p != (Position{}) {
			t.Errorf("position %v", p)
		}
		if e.taken == "" {
			return
		}
		layout := "2006-01-02T15:04:05-07:00"[:len(e.taken)]
		if at, err := time.Parse(layout, e.taken); err != nil || at.Format(layout) != e.taken || at.Year() < 1 {
			t.Errorf("taken %q: %v", e.taken, err)
		}
	})
}
