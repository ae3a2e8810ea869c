package picture

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
)

// cicp is how the samples of a picture become colours: numbers of ITU-T H.273.
type cicp struct {
	primaries, transfer, matrix int
	full                        bool
}

// coded is what the header of a coded picture says: AV1's sequence header, HEVC's sequence parameter set.
type coded struct {
	width, height int
	bits          int
	chroma        int // 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4
	colour        cicp
}

// heifFile is what the boxes of a HEIF file (ISO/IEC 23008-12) say of its main picture.
type heifFile struct {
	items   map[uint32]*heifItem
	primary uint32
	width   int // as stored (ispe), 0 where it is not said
	height  int
	colour  cicp // of the file, else of the coded picture
	chroma  int
	largest int64 // pixels of the largest coded picture
	bits    int   // of the deepest
	tiled   bool
	alpha   *coded
	divided bool // colours are multiplied by alpha (prem)
	turns   []turn
	// For libheif: the same file, whose colours are said to be what libheif gives out.
	plain []byte
}

type heifItem struct {
	kind       string // "av01", "hvc1", "grid", …
	properties []heifProperty
	tiles      []uint32 // dimg
	auxOf      []uint32 // auxl
	previewOf  []uint32 // thmb
	premOf     []uint32 // prem
	extents    [][2]uint64
	inside     bool // the extents lie in idat
	looked     bool
	header     *coded // once looked for: many tiles may be one item
}

// turn is one of the steps that make the shown picture of the coded one.
type turn struct {
	orientation int    // as EXIF counts
	aperture    []byte // else: a clap box, what of the picture is shown
}

// part is where an aperture lies, as libheif rounds it; ok is false where it is outside of the picture.
func (t turn) part(width, height int) (left, top, right, bottom int, ok bool) {
	n := func(i int) float64 { return float64(int32(binary.BigEndian.Uint32(t.aperture[4*i:]))) }
	for i := 1; i < 8; i += 2 {
		if n(i) <= 0 {
			return 0, 0, 0, 0, false
		}
	}
	w, h, x, y := n(0)/n(1), n(2)/n(3), n(4)/n(5), n(6)/n(7)
	round := func(v float64) int { return int(math.Floor(math.Min(math.Max(v, -1e9), 1e9) + 0.5)) }
	left = int(math.Floor(math.Min(math.Max(x+float64(width-1)/2-(w-1)/2, -1e9), 1e9)))
	top = round(y + float64(height-1)/2 - (h-1)/2)
	right, bottom = min(round(w-1+float64(left)), width-1)+1, min(round(h-1+float64(top)), height-1)+1
	left, top = max(left, 0), max(top, 0)
	return left, top, right, bottom, left < right && top < bottom
}

// shown is the size after all turns.
func (h *heifFile) shown(width, height int) (int, int, bool) {
	for _, t := range h.turns {
		if t.aperture != nil {
			left, top, right, bottom, ok := t.part(width, height)
			if !ok {
				return 0, 0, false
			}
			width, height = right-left, bottom-top
		} else if t.orientation >= 5 {
			width, height = height, width
		}
	}
	return width, height, true
}

// show applies the turns.
func (h *heifFile) show(p *Picture) *Picture {
	for _, t := range h.turns {
		if t.aperture == nil {
			p = upright(p, t.orientation)
			continue
		}
		left, top, right, bottom, _ := t.part(p.Width, p.Height)
		q := New(right-left, bottom-top)
		if p.Alpha != nil {
			q.Alpha = make([]byte, q.Width*q.Height)
		}
		for y := range q.Height {
			from := (top+y)*p.Width + left
			copy(q.Pix[3*y*q.Width:][:3*q.Width], p.Pix[3*from:])
			if p.Alpha != nil {
				copy(q.Alpha[y*q.Width:][:q.Width], p.Alpha[from:])
			}
		}
		p.Release()
		p = q
	}
	return p
}

type heifProperty struct {
	index     int // from 1
	essential bool
}

// A file has not more of these; they are counted before anything is made for them.
const (
	heifItems      = 1 << 16
	heifTiles      = 1 << 14
	heifProperties = 1 << 12
)

// box cuts the first box off b. Its kind is "" where there is none.
func box(b []byte) (kind string, body, rest []byte) {
	if len(b) < 8 {
		return "", nil, nil
	}
	size, head := uint64(binary.BigEndian.Uint32(b)), uint64(8)
	switch size {
	case 0:
		size = uint64(len(b))
	case 1:
		if len(b) < 16 {
			return "", nil, nil
		}
		size, head = binary.BigEndian.Uint64(b[8:]), 16
	}
	if size < head || size > uint64(len(b)) {
		return "", nil, nil
	}
	return string(b[4:8]), b[head:size], b[size:]
}

// fields reads big-endian numbers; ok turns false at the first that is not there.
type fields struct {
	b  []byte
	ok bool
}

func (f *fields) take(n int) []byte {
	if !f.ok || len(f.b) < n {
		f.ok = false
		return make([]byte, n)
	}
	b := f.b[:n]
	f.b = f.b[n:]
	return b
}

// number reads one of n bytes, 0 to 8.
func (f *fields) number(n int) uint64 {
	v := uint64(0)
	for _, b := range f.take(n) {
		v = v<<8 | uint64(b)
	}
	return v
}

// wide reads a number of four bytes where wide, else of two.
func (f *fields) wide(wide bool) uint32 {
	if wide {
		return uint32(f.number(4))
	}
	return uint32(f.number(2))
}

// readHEIF returns nil where the boxes are not as akin understands them: then libheif alone has to.
func readHEIF(data []byte, format string) *heifFile {
	var meta []byte
	at := 0
	for rest := data; len(rest) > 0; {
		kind, body, after := box(rest)
		if kind == "" {
			break // libheif says what is wrong with it
		}
		if kind == "meta" {
			meta, at = body, len(data)-len(rest)
			break
		}
		rest = after
	}
	if len(meta) < 4 || binary.BigEndian.Uint32(data[at:]) == 0 { // one that goes on to the end cannot be moved
		return nil
	}
	h := &heifFile{items: map[uint32]*heifItem{}}
	var properties [][]byte // whole boxes
	var idat []byte
	ok := true
	for rest := meta[4:]; len(rest) > 0 && ok; {
		kind, body, after := box(rest)
		switch kind {
		case "":
			ok = false
		case "pitm":
			f := fields{body, true}
			h.primary = f.wide(f.number(4)>>24 > 0)
			ok = f.ok
		case "iinf":
			ok = h.readKinds(body)
		case "iref":
			ok = h.readReferences(body)
		case "iloc":
			ok = h.readExtents(body)
		case "idat":
			idat = body
		case "iprp":
			properties, ok = h.readProperties(body)
		}
		rest = after
	}
	if !ok || h.items[h.primary] == nil || !h.look(data, idat, properties) {
		return nil
	}
	for _, p := range h.items[h.primary].properties {
		if p.index < 1 || p.index > len(properties) {
			continue
		}
		switch kind, body, _ := box(properties[p.index-1]); {
		case kind == "irot" && len(body) > 0:
			h.turns = append(h.turns, turn{orientation: [4]int{1, 8, 3, 6}[body[0]&3]})
		case kind == "imir" && len(body) > 0:
			h.turns = append(h.turns, turn{orientation: [2]int{4, 2}[body[0]&1]})
		case kind == "clap" && len(body) >= 32 && format != "avif":
			// Of AVIF the clean aperture is left alone, as libavif leaves it to whoever shows the picture, and Pillow does not.
			h.turns = append(h.turns, turn{aperture: body[:32]})
		}
	}
	if b := h.items[h.primary].property(properties, "ispe"); len(b) >= 12 {
		h.width, h.height = int(binary.BigEndian.Uint32(b[4:])), int(binary.BigEndian.Uint32(b[8:]))
	}
	h.plain = h.rewrite(data, at, meta, properties)
	return h
}

// item is the one with a number; nil where there are too many.
func (h *heifFile) item(id uint32) *heifItem {
	i := h.items[id]
	if i == nil && len(h.items) < heifItems {
		i = &heifItem{}
		h.items[id] = i
	}
	return i
}

func (h *heifFile) readKinds(body []byte) bool {
	f := fields{body, true}
	f.wide(f.number(4)>>24 > 0)
	for rest := f.b; f.ok && len(rest) > 0; {
		kind, body, after := box(rest)
		if rest = after; kind != "infe" {
			continue
		}
		f := fields{body, true}
		version := f.number(4) >> 24
		if version < 2 {
			continue
		}
		item := h.item(f.wide(version > 2))
		f.number(2)
		if item == nil {
			return false
		}
		if item.kind = string(f.take(4)); !f.ok {
			return false
		}
	}
	return f.ok
}

func (h *heifFile) readReferences(body []byte) bool {
	f := fields{body, true}
	wide := f.number(4)>>24 > 0
	for rest := f.b; f.ok && len(rest) > 0; {
		kind, body, after := box(rest)
		rest = after
		f := fields{body, true}
		item := h.item(f.wide(wide))
		count := int(f.number(2))
		if item == nil || count > heifTiles {
			return false
		}
		var to []uint32
		for range count {
			if to = append(to, f.wide(wide)); !f.ok {
				return false
			}
		}
		switch kind {
		case "dimg":
			item.tiles = to
		case "auxl":
			item.auxOf = to
		case "thmb":
			item.previewOf = to
		case "prem":
			item.premOf = to
		}
	}
	return f.ok
}

func (h *heifFile) readExtents(body []byte) bool {
	f := fields{body, true}
	version := f.number(4) >> 24
	sizes := f.number(2)
	offset, length, base, index := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	if version == 0 {
		index = 0
	}
	if version > 2 || offset > 8 || length > 8 || base > 8 || index > 8 {
		return false
	}
	for range f.wide(version > 1) {
		item := h.item(f.wide(version > 1))
		method := uint64(0)
		if version > 0 {
			method = f.number(2) & 15
		}
		f.number(2)
		from := f.number(base)
		count := f.number(2)
		if item == nil || method > 1 || !f.ok {
			return false
		}
		item.inside = method == 1
		for range count {
			f.number(index)
			item.extents = append(item.extents, [2]uint64{from + f.number(offset), f.number(length)})
			if !f.ok {
				return false
			}
		}
	}
	return f.ok
}

func (h *heifFile) readProperties(body []byte) (properties [][]byte, ok bool) {
	for rest := body; len(rest) > 0; {
		kind, body, after := box(rest)
		switch kind {
		case "":
			return nil, false
		case "ipco":
			for inner := body; len(inner) > 0; {
				kind, _, after := box(inner)
				if kind == "" || len(properties) >= heifProperties {
					return nil, false
				}
				properties = append(properties, inner[:len(inner)-len(after)])
				inner = after
			}
		case "ipma":
			f := fields{body, true}
			head := f.number(4)
			for range f.number(4) {
				item := h.item(f.wide(head>>24 > 0))
				if item == nil {
					return nil, false
				}
				for range f.number(1) {
					v, top := int(f.number(1)), 7
					if head&1 != 0 {
						v, top = v<<8|int(f.number(1)), 15
					}
					item.properties = append(item.properties, heifProperty{v & (1<<top - 1), v>>top != 0})
				}
				if !f.ok {
					return nil, false
				}
			}
			if !f.ok {
				return nil, false
			}
		}
		rest = after
	}
	return properties, true
}

// property returns the first of an item's properties of a kind, nil where it has none. Of colr it is the one of type nclx.
func (i *heifItem) property(properties [][]byte, kind string) []byte {
	for _, p := range i.properties {
		if p.index < 1 || p.index > len(properties) {
			continue
		}
		if k, body, _ := box(properties[p.index-1]); k == kind && (kind != "colr" || bytes.HasPrefix(body, []byte("nclx"))) {
			return body
		}
	}
	return nil
}

// look finds out of what the main picture is made; false where akin does not know such.
func (h *heifFile) look(data, idat []byte, properties [][]byte) bool {
	main := h.items[h.primary]
	parts := []uint32{h.primary}
	if main.kind == "grid" {
		parts, h.tiled = main.tiles, true
	}
	if len(parts) == 0 {
		return false
	}
	var first *coded
	for _, id := range parts {
		item := h.items[id]
		if item == nil {
			return false
		}
		c := item.coded(data, idat, properties)
		if c == nil {
			return false
		}
		if first == nil {
			first = c
		} else if c.chroma != first.chroma || c.bits != first.bits {
			return false
		}
		h.count(c)
	}
	h.chroma, h.colour = first.chroma, first.colour
	for _, id := range []uint32{parts[0], h.primary} { // what the whole says counts more than what a tile says
		if b := h.items[id].property(properties, "colr"); len(b) >= 11 {
			h.colour = cicp{int(binary.BigEndian.Uint16(b[4:])), int(binary.BigEndian.Uint16(b[6:])),
				int(binary.BigEndian.Uint16(b[8:])), b[10]&0x80 != 0}
		}
	}
	for id, item := range h.items {
		if !slices.Contains(item.auxOf, h.primary) {
			continue
		}
		aux := item.property(properties, "auxC")
		if len(aux) < 4 || !bytes.Contains(aux, []byte("alpha")) && !bytes.Contains(aux, []byte("aux:hevc:auxid:1")) &&
			!bytes.Contains(aux, []byte("hevc:2015:auxid:1")) {
			continue
		}
		h.divided = h.divided || slices.Contains(main.premOf, id)
		of := []uint32{id}
		if item.kind == "grid" {
			of = item.tiles
		}
		for _, id := range of {
			if part := h.items[id]; part != nil {
				if c := part.coded(data, idat, properties); c != nil {
					h.alpha = c
					h.count(c)
				}
			}
		}
	}
	return true
}

func (h *heifFile) count(c *coded) {
	h.largest = max(h.largest, int64(c.width)*int64(c.height))
	h.bits = max(h.bits, c.bits)
}

// coded is the header of a coded picture; nil where it is of a kind that akin does not read.
func (i *heifItem) coded(data, idat []byte, properties [][]byte) *coded {
	if !i.looked {
		i.looked, i.header = true, i.readHeader(data, idat, properties)
	}
	return i.header
}

func (i *heifItem) readHeader(data, idat []byte, properties [][]byte) *coded {
	switch i.kind {
	case "av01":
		// The picture's own header counts; the configuration may have a copy.
		if c := av1Header(i.start(data, idat)); c != nil {
			return c
		}
		if b := i.property(properties, "av1C"); len(b) > 4 {
			return av1Header(b[4:])
		}
	case "hvc1", "hev1":
		if b := i.property(properties, "hvcC"); b != nil {
			return hevcHeader(b)
		}
	}
	return nil
}

// start returns the beginning of an item's bytes.
func (i *heifItem) start(data, idat []byte) []byte {
	if i.inside {
		data = idat
	}
	var start []byte
	for _, e := range i.extents {
		if e[0] > uint64(len(data)) || len(start) >= 4096 {
			break
		}
		from := data[e[0]:]
		if e[1] > 0 && e[1] < uint64(len(from)) { // 0 is all that there is
			from = from[:e[1]]
		}
		start = append(start, from[:min(len(from), 4096)]...)
	}
	return start
}

// plainColour says that the planes are green, blue and red already. So libheif, asked for those, hands them out as
// they are, at any depth: whatever else is said, it converts them, twice up to version 1.18, by its own idea of the matrix.
var plainColour = []byte("\x00\x00\x00\x13colrnclx\x00\x01\x00\x0d\x00\x00\x80")

// rewrite returns the same file, in which every coded picture of the main one has plainColour and none is turned
// or cut: that comes after the colours.
//
// Nothing but the meta box is changed. Its copy stands at the end, where no offset of other boxes moves.
func (h *heifFile) rewrite(data []byte, at int, meta []byte, properties [][]byte) []byte {
	ours := map[uint32]bool{h.primary: true}
	for _, id := range h.items[h.primary].tiles {
		ours[id] = true
	}
	for id, item := range h.items {
		if slices.Contains(item.auxOf, h.primary) {
			ours[id] = true
			for _, tile := range item.tiles {
				ours[tile] = true
			}
		}
	}
	var ipco []byte
	for _, p := range properties {
		ipco = append(ipco, p...)
	}
	ipco = append(ipco, plainColour...)
	var ids []uint32
	for id, item := range h.items {
		if len(item.properties) > 0 || ours[id] {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	ipma := []byte{1, 0, 0, 1}
	ipma = binary.BigEndian.AppendUint32(ipma, uint32(len(ids)))
	for _, id := range ids {
		var kept []heifProperty
		for _, p := range h.items[id].properties {
			if ours[id] && p.index >= 1 && p.index <= len(properties) {
				switch kind, body, _ := box(properties[p.index-1]); {
				case kind == "colr" && bytes.HasPrefix(body, []byte("nclx")), kind == "clap", kind == "irot", kind == "imir":
					continue
				}
			}
			kept = append(kept, p)
		}
		if ours[id] {
			kept = append([]heifProperty{{len(properties) + 1, false}}, kept...)
		}
		kept = kept[:min(len(kept), 255)]
		ipma = binary.BigEndian.AppendUint32(ipma, id)
		ipma = append(ipma, byte(len(kept)))
		for _, p := range kept {
			v := uint16(p.index)
			if p.essential {
				v |= 1 << 15
			}
			ipma = binary.BigEndian.AppendUint16(ipma, v)
		}
	}
	body := slices.Clone(meta[:4])
	for rest := meta[4:]; len(rest) > 0; {
		kind, _, after := box(rest)
		if kind == "iprp" {
			body = appendBox(body, "iprp", appendBox(appendBox(nil, "ipco", ipco), "ipma", ipma))
		} else {
			body = append(body, rest[:len(rest)-len(after)]...)
		}
		rest = after
	}
	plain := make([]byte, 0, len(data)+len(body)+8)
	plain = append(plain, data...)
	copy(plain[at+4:], "free")
	// A last box may go on to the end of the file; it must not take in what comes now.
	for at := 0; at < len(data); {
		kind, _, after := box(data[at:])
		if kind == "" {
			return nil
		}
		if binary.BigEndian.Uint32(data[at:]) == 0 {
			if len(data)-at > 1<<32-1 {
				return nil
			}
			binary.BigEndian.PutUint32(plain[at:], uint32(len(data)-at))
		}
		at = len(data) - len(after)
	}
	return appendBox(plain, "meta", body)
}

func appendBox(to []byte, kind string, body []byte) []byte {
	to = binary.BigEndian.AppendUint32(to, uint32(len(body)+8))
	return append(append(to, kind...), body...)
}
