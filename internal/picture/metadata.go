package picture

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Metadata is what people and cameras wrote about a picture into its file. All texts are untrusted; what is not known is "", 0
// or nil.
type Metadata struct {
	Camera   string // make and model
	Lens     string
	Position Position
	Rating   int // 1 to 5 stars; -1 is rejected
	Label    string
	Title    string
	Caption  string
	Keywords []string // in the order of the file, each once
}

// Limits of what is kept of a file's metadata: more of it is cut off or left out.
const (
	metadataText     = 4096     // bytes of a text
	metadataKeywords = 500      // keywords
	metadataPacket   = 1 << 20  // bytes of a packet of XMP or IPTC
	metadataBlock    = 16 << 20 // bytes of a block of EXIF, which has a thumbnail
)

// ReadMetadata reads EXIF, XMP and IPTC of a JPEG, PNG, WebP, TIFF, RAW, HEIC or AVIF file. XMP, which programs write, counts
// before IPTC, and that before EXIF, which cameras write; keywords are of both. Anything odd counts as not there.
func ReadMetadata(data []byte) Metadata {
	blocks := metadataBlocks(data)
	x, i, e := readXMP(blocks.xmp), readIPTC(blocks.iptc), readEXIFMetadata(blocks.exif)
	return Metadata{
		Camera: cmp.Or(e.Camera, x.Camera), Lens: cmp.Or(e.Lens, x.Lens), Position: cmp.Or(e.Position, x.Position),
		Rating: cmp.Or(x.Rating, e.Rating), Label: x.Label,
		Title: cmp.Or(x.Title, i.Title, blocks.title), Caption: cmp.Or(x.Caption, i.Caption, e.Caption, blocks.caption),
		Keywords: union(x.Keywords, i.Keywords),
	}
}

// ReadSidecar reads a sidecar file of XMP, and takes what of is not known from it.
func ReadSidecar(packet []byte, of Metadata) Metadata {
	x := readXMP(packet)
	of.Camera, of.Lens = cmp.Or(of.Camera, x.Camera), cmp.Or(of.Lens, x.Lens)
	of.Rating, of.Position = cmp.Or(x.Rating, of.Rating), cmp.Or(of.Position, x.Position)
	of.Label, of.Title, of.Caption = cmp.Or(x.Label, of.Label), cmp.Or(x.Title, of.Title), cmp.Or(x.Caption, of.Caption)
	of.Keywords = union(x.Keywords, of.Keywords)
	return of
}

func union(a, b []string) []string {
	var out []string
	for _, k := range slices.Concat(a, b) {
		if len(out) < metadataKeywords && !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

// plainText is a text of a file as one that is kept: valid UTF-8 without control characters or blanks around it.
func plainText(text []byte) string {
	text = text[:min(len(text), metadataText)]
	if !utf8.Valid(text) {
		if whole := validUTF8(text); len(text)-len(whole) < utf8.UTFMax && len(text) == metadataText {
			text = whole // it was cut
		} else {
			text = fromLatin1(text)
		}
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, string(text)))
}

// validUTF8 is the beginning of a text that is valid.
func validUTF8(text []byte) []byte {
	for at := 0; at < len(text); {
		r, n := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && n < 2 {
			return text[:at]
		}
		at += n
	}
	return text
}

func fromLatin1(text []byte) []byte {
	out := make([]byte, 0, len(text)+8)
	for _, b := range text {
		out = utf8.AppendRune(out, rune(b))
	}
	return out
}

// metadataParts are the blocks of a file that have metadata, as they lie in it.
type metadataParts struct {
	exif, xmp, iptc []byte
	title, caption  string // of a PNG file's texts
}

func metadataBlocks(data []byte) (p metadataParts) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		p = jpegMetadata(data)
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		p = pngMetadata(data)
	case bytes.HasPrefix(data, []byte("RIFF")) && len(data) > 12 && string(data[8:12]) == "WEBP":
		for kind, body := range chunks(data[12:], binary.LittleEndian, 0) {
			switch {
			case kind == "EXIF" && p.exif == nil:
				p.exif = body
			case kind == "XMP " && p.xmp == nil:
				p.xmp = body
			}
		}
	case bytes.HasPrefix(data, []byte("II")) || bytes.HasPrefix(data, []byte("MM")):
		p = tiffMetadata(data)
	case len(data) > 12 && string(data[4:8]) == "ftyp":
		p = heifMetadata(data)
	}
	if len(p.xmp) > metadataPacket {
		p.xmp = nil
	}
	p.iptc = p.iptc[:min(len(p.iptc), metadataPacket)]
	return p
}

// xmpMark begins a segment of XMP.
const xmpMark = "http://ns.adobe.com/xap/1.0/\x00"

// jpegMetadata walks the segments before the pixels.
func jpegMetadata(data []byte) (p metadataParts) {
	for at := 2; at+4 <= len(data) && data[at] == 0xff; {
		marker, size := data[at+1], int(binary.BigEndian.Uint16(data[at+2:]))
		if marker == 0xff { // filling
			at++
			continue
		}
		if marker == 0xda || marker == 0xd9 || size < 2 || at+2+size > len(data) {
			break
		}
		body := data[at+4 : at+2+size]
		at += 2 + size
		switch {
		case marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00")) && p.exif == nil:
			p.exif = body
		case marker == 0xe1 && p.xmp == nil:
			if packet, ok := bytes.CutPrefix(body, []byte(xmpMark)); ok {
				p.xmp = packet
			}
		case marker == 0xed && p.iptc == nil:
			if blocks, ok := bytes.CutPrefix(body, []byte("Photoshop 3.0\x00")); ok {
				p.iptc = photoshopIPTC(blocks)
			}
		}
	}
	return p
}

// photoshopIPTC finds IPTC among Photoshop's resources (Adobe Photoshop File Formats Specification).
func photoshopIPTC(blocks []byte) []byte {
	for len(blocks) >= 12 && string(blocks[:4]) == "8BIM" {
		id, name := binary.BigEndian.Uint16(blocks[4:]), int(blocks[6])
		blocks = blocks[min(len(blocks), 6+(name+2)&^1):]
		if len(blocks) < 4 {
			return nil
		}
		size := uint64(binary.BigEndian.Uint32(blocks))
		body := blocks[4:]
		if size > uint64(len(body)) {
			return nil
		}
		if id == 0x0404 {
			return body[:size]
		}
		blocks = body[min(uint64(len(body)), (size+1)&^1):]
	}
	return nil
}

// pngTextsMost is how many texts of a PNG file are looked into: each may have to be unpacked.
const pngTextsMost = 16

// pngMetadata reads the blocks of a PNG file: each is a chunk, or a text, plain or compressed, as XMP and ImageMagick have it.
func pngMetadata(data []byte) (p metadataParts) {
	texts := 0
	for kind, body := range chunks(data[8:], binary.BigEndian, 4) {
		if kind == "eXIf" && p.exif == nil {
			p.exif = body
		}
		if kind != "tEXt" && kind != "zTXt" && kind != "iTXt" {
			continue
		}
		head, _, _ := bytes.Cut(body[:min(len(body), 80)], []byte{0})
		key := string(head)
		profile, isProfile := strings.CutPrefix(key, "Raw profile type ")
		if !isProfile && key != xmpKey && key != "Title" && key != "Description" {
			continue
		}
		if texts++; texts > pngTextsMost {
			break
		}
		text := pngText{kind, body}.text()
		if isProfile {
			text = rawProfile(text)
		}
		switch {
		case profile == "xmp" || key == xmpKey:
			p.xmp = first(p.xmp, text)
		case profile == "exif":
			p.exif = first(p.exif, text)
		case profile == "APP1":
			if packet, ok := bytes.CutPrefix(text, []byte(xmpMark)); ok {
				p.xmp = first(p.xmp, packet)
			} else {
				p.exif = first(p.exif, text)
			}
		case profile == "8bim" || profile == "iptc" && bytes.HasPrefix(text, []byte("8BIM")):
			p.iptc = first(p.iptc, photoshopIPTC(text))
		case profile == "iptc":
			p.iptc = first(p.iptc, text)
		case key == "Title":
			p.title = cmp.Or(p.title, plainText(text))
		default:
			p.caption = cmp.Or(p.caption, plainText(text))
		}
	}
	return p
}

// first is the first of two blocks that is not empty.
func first(a, b []byte) []byte {
	if len(a) > 0 {
		return a
	}
	return b
}

// tiffMetadata takes the tags of the first directory, which is EXIF's too.
func tiffMetadata(data []byte) (p metadataParts) {
	p.exif = data
	d, at, ok := openDirectories(data)
	if !ok {
		return p
	}
	for t := range d.entries(at) {
		switch {
		case t.tag == 700 && p.xmp == nil:
			p.xmp = t.values
		case t.tag == 33723 && p.iptc == nil:
			p.iptc = t.values
		}
	}
	return p
}

// heifMetadata finds the items of kind Exif, and those of XMP among the items of kind mime.
func heifMetadata(data []byte) (p metadataParts) {
	var meta []byte
	for rest := data; len(rest) > 0 && meta == nil; {
		kind, body, after := box(rest)
		if kind == "" {
			return p
		}
		if kind == "meta" && len(body) > 4 {
			meta = body[4:]
		}
		rest = after
	}
	h := &heifFile{items: map[uint32]*heifItem{}}
	var idat []byte
	for rest := meta; len(rest) > 0; {
		kind, body, after := box(rest)
		switch kind {
		case "":
			return p
		case "iinf":
			h.readKinds(body)
		case "iloc":
			h.readExtents(body)
		case "idat":
			idat = body
		}
		rest = after
	}
	for _, item := range h.items {
		switch item.kind {
		case "Exif":
			if block := item.whole(data, idat, metadataBlock); len(block) > 4 && p.exif == nil {
				skip := uint64(binary.BigEndian.Uint32(block))
				p.exif = block[min(4+skip, uint64(len(block))):]
			}
		case "mime":
			if packet := item.whole(data, idat, metadataPacket); bytes.Contains(packet, []byte("rdf:RDF")) {
				p.xmp = packet
			}
		}
	}
	return p
}

// whole returns an item's bytes; nil where there are more than limit.
func (i *heifItem) whole(data, idat []byte, limit int) []byte {
	if i.inside {
		data = idat
	}
	var all []byte
	for _, e := range i.extents {
		if e[0] > uint64(len(data)) {
			return nil
		}
		from := data[e[0]:]
		if e[1] > 0 && e[1] < uint64(len(from)) {
			from = from[:e[1]]
		}
		if len(all)+len(from) > limit {
			return nil
		}
		all = append(all, from...)
	}
	return all
}

// readEXIFMetadata reads EXIF, with Windows's Rating.
func readEXIFMetadata(block []byte) (m Metadata) {
	shot := readEXIF(block).shot
	m.Camera, m.Lens, m.Position = shot.Camera, shot.Lens, shot.Position
	for range 2 {
		block = bytes.TrimPrefix(block, []byte("Exif\x00\x00"))
	}
	d, at, ok := openDirectories(block)
	if !ok {
		return m
	}
	for t := range d.entries(at) {
		switch t.tag {
		case 0x010e:
			m.Caption = cmp.Or(m.Caption, t.text())
		case 0x4746:
			if n, ok := d.integer(t, 0); ok && n <= 5 {
				m.Rating = int(n)
			}
		}
	}
	return m
}

// text is a tag of ASCII or UTF-8 (EXIF 3.0).
func (t tag) text() string {
	if t.kind != 2 && t.kind != 129 {
		return ""
	}
	text, _, _ := bytes.Cut(t.values[:min(len(t.values), metadataText)], []byte{0})
	return plainText(text)
}

// readIPTC reads datasets of IPTC-IIM 4.2.
func readIPTC(records []byte) (m Metadata) {
	utf := false
	for len(records) >= 5 && records[0] == 0x1c {
		record, set, size := records[1], records[2], int(binary.BigEndian.Uint16(records[3:]))
		records = records[5:]
		if size >= 0x8000 || size > len(records) { // extended datasets are larger than any text
			break
		}
		value := records[:size]
		records = records[size:]
		text := func() string {
			if !utf && !utf8.Valid(value) { // most programs write UTF-8 without saying so
				return plainText(fromLatin1(value))
			}
			return plainText(value)
		}
		switch {
		case record == 1 && set == 90:
			utf = string(value) == "\x1b%G"
		case record != 2:
		case set == 5:
			m.Title = cmp.Or(m.Title, text())
		case set == 25:
			if k := text(); k != "" && len(m.Keywords) < metadataKeywords {
				m.Keywords = append(m.Keywords, k)
			}
		case set == 120:
			m.Caption = cmp.Or(m.Caption, text())
		}
	}
	return m
}
