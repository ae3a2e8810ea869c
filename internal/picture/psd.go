package picture

import (
	"encoding/binary"
	"io"
	"slices"
)

func init() {
	register(Format{
		Name: "psd", Title: "PSD", Extensions: []string{".psd", ".psb"}, MediaType: "image/vnd.adobe.photoshop", Alpha: true, Lossless: true,
		matches: begins("8BPS\x00\x01", "8BPS\x00\x02"),
		inspect: inspectPSD, decode: decodePSD,
	})
}

// psdFile is a Photoshop file: of it only the picture that all layers together make is read, which most files have.
// PSB is the same with longer lengths.
type psdFile struct {
	src             *source
	big             bool // PSB
	width, height   int
	channels, depth int
	mode            int
	palette         []byte // 256 reds, 256 greens, 256 blues
	exif            exif
	alpha           bool // the channel after the colours is the transparency of the whole
	pixels          []byte
}

// Colour modes.
const (
	psdBitmap  = 0
	psdGrey    = 1
	psdIndexed = 2
	psdRGB     = 3
	psdInks    = 4
	psdDuotone = 8
	psdLab     = 9
)

// psdColours are the channels that make the colour. A duotone is grey for programs that do not know its inks.
var psdColours = map[int]int{psdBitmap: 1, psdGrey: 1, psdIndexed: 1, psdRGB: 3, psdInks: 4, psdDuotone: 1, psdLab: 3}

// psdPart takes a length and so many bytes off data.
func psdPart(data []byte, big bool) (part, rest []byte, ok bool) {
	size, n := 4, uint64(0)
	if big {
		size = 8
	}
	if len(data) < size {
		return nil, nil, false
	}
	for _, b := range data[:size] {
		n = n<<8 | uint64(b)
	}
	if data = data[size:]; n > uint64(len(data)) {
		return nil, nil, false
	}
	return data[:n], data[n:], true
}

func openPSD(src *source) (*psdFile, error) {
	data := src.data
	if len(data) < 26 {
		return nil, src.truncated()
	}
	f := &psdFile{
		src: src, big: data[5] == 2, channels: int(binary.BigEndian.Uint16(data[12:])),
		height: int(binary.BigEndian.Uint32(data[14:])), width: int(binary.BigEndian.Uint32(data[18:])),
		depth: int(binary.BigEndian.Uint16(data[22:])), mode: int(binary.BigEndian.Uint16(data[24:])), exif: upAndUndated,
	}
	var parts [3][]byte // palette; resources; layers and masks
	rest := data[26:]
	for i := range parts {
		var ok bool
		if parts[i], rest, ok = psdPart(rest, f.big && i == 2); !ok {
			return nil, src.truncated()
		}
	}
	f.palette, f.pixels = parts[0], rest
	merged := true
	for id, body := range psdResources(parts[1]) {
		switch {
		case id == 1057 && len(body) >= 5: // the version of what wrote the file
			merged = body[4] != 0
		case id == 1058: // Photoshop turns what it opens: of EXIF the orientation is history
			f.exif = readEXIF(body).upright()
		}
	}
	if !merged {
		return nil, src.unsupported("it has layers but no picture of them together: save it with “Maximize compatibility”")
	}
	need := psdColours[f.mode]
	switch {
	case need == 0:
		return nil, src.unsupported("colour mode %d is not supported", f.mode)
	case f.depth != 8 && f.depth != 16 && (f.depth != 1 || f.mode != psdBitmap):
		return nil, src.unsupported("%d bits a channel are not supported", f.depth)
	case f.channels < need || f.channels > 56:
		return nil, src.corrupt("%d channels", f.channels)
	case f.mode == psdIndexed && len(f.palette) != 768:
		return nil, src.corrupt("a palette of %d bytes", len(f.palette))
	}
	f.alpha = f.channels > need && psdTransparent(parts[2], f.big)
	return f, nil
}

// psdResources walks the image resources, by number.
func psdResources(data []byte) func(yield func(int, []byte) bool) {
	return func(yield func(int, []byte) bool) {
		for len(data) >= 12 {
			id, name := int(binary.BigEndian.Uint16(data[4:])), 1+int(data[6])
			name += name % 2
			if 6+name > len(data) {
				return
			}
			body, rest, ok := psdPart(data[6+name:], false)
			if !ok || !yield(id, body) {
				return
			}
			data = rest[min(len(body)%2, len(rest)):]
		}
	}
}

// psdTransparent reports whether the first channel after the colours is transparency, and no mask that somebody saved: the
// number of layers is negative then. In files of 16 bits a block behind the layers has them.
func psdTransparent(section []byte, big bool) bool {
	negative := func(layers []byte) bool { return len(layers) >= 2 && layers[0] >= 128 }
	layers, rest, ok := psdPart(section, big)
	if !ok || negative(layers) {
		return ok
	}
	if _, rest, ok = psdPart(rest, false); !ok { // masks of all layers
		return false
	}
	for len(rest) >= 12 && (string(rest[:4]) == "8BIM" || string(rest[:4]) == "8B64") {
		key := string(rest[4:8])
		long := big && slices.Contains([]string{"LMsk", "Lr16", "Lr32", "Layr", "Mt16", "Mt32", "Mtrn", "Alph", "FMsk", "lnk2", "FEid", "FXid", "PxSD"}, key)
		body, after, ok := psdPart(rest[8:], long)
		switch {
		case !ok:
			return false
		case key == "Mtrn", key == "Mt16", (key == "Lr16" || key == "Layr") && negative(body):
			return true
		}
		rest = after[min((4-len(body)%4)%4, len(after)):]
	}
	return false
}

func inspectPSD(src *source) (Info, error) {
	f, err := openPSD(src)
	if err != nil {
		return Info{}, err
	}
	return turned("psd", f.width, f.height, f.exif), src.lim.check("psd", f.width, f.height)
}

func decodePSD(src *source, _ Info) (*Picture, error) {
	f, err := openPSD(src)
	if err != nil {
		return nil, err
	}
	need := psdColours[f.mode]
	if f.alpha {
		need++
	}
	rows, err := f.rows(need)
	if err != nil {
		return nil, err
	}
	p := New(f.width, f.height)
	if f.alpha {
		// Photoshop blends the colours of the whole with white.
		p.Alpha, p.OnWhite = make([]byte, f.width*f.height), true
	}
	for y := range f.height {
		if y%64 == 0 {
			err = src.stopped()
		}
		for i := 0; i < need && err == nil; i++ {
			err = rows[i].next()
		}
		if err != nil {
			p.Release()
			return nil, err
		}
		f.colours(p.Pix[3*y*f.width:][:3*f.width], rows)
		if f.alpha {
			for x := range f.width {
				p.Alpha[y*f.width+x] = rows[need-1].at(x)
			}
		}
	}
	return p, nil
}

// colours makes red, green and blue of a row of all channels.
func (f *psdFile) colours(dst []byte, rows []psdRows) {
	for x := range f.width {
		to := dst[3*x : 3*x+3]
		switch v := rows[0].at(x); f.mode {
		case psdRGB:
			to[0], to[1], to[2] = v, rows[1].at(x), rows[2].at(x)
		case psdInks: // 0 is all ink
			inks := [4]byte{^v, ^rows[1].at(x), ^rows[2].at(x), ^rows[3].at(x)}
			cmykToRGB(to, inks[:], 1, 4)
		case psdLab:
			labToRGB(to, v, rows[1].at(x)^128, rows[2].at(x)^128)
		case psdIndexed:
			to[0], to[1], to[2] = f.palette[v], f.palette[256+int(v)], f.palette[512+int(v)]
		default:
			to[0], to[1], to[2] = v, v, v
		}
	}
}

// psdRows are the rows of one channel.
type psdRows struct {
	src   *source
	depth int
	row   []byte
	data  []byte // from the next row on
	sizes []byte // of packed rows, from the next on, each of sizeBytes; nil where they are not packed
	each  int
}

// rows returns the first channels, each at its first row, once it is known that they are in the file.
func (f *psdFile) rows(n int) ([]psdRows, error) {
	src, data := f.src, f.pixels
	if len(data) < 2 {
		return nil, src.truncated()
	}
	size := (f.width*f.depth + 7) / 8
	packing := binary.BigEndian.Uint16(data)
	data = data[2:]
	rows := make([]psdRows, n)
	switch packing {
	case 0:
		if len(data)/f.height/size < n {
			return nil, src.truncated()
		}
		for i := range rows {
			rows[i] = psdRows{src: src, depth: f.depth, data: data[i*size*f.height:]}
		}
	case 1:
		each := 2
		if f.big {
			each = 4
		}
		table := each * f.height
		if len(data)/f.channels < table {
			return nil, src.truncated()
		}
		sizes, data := data[:table*f.channels], data[table*f.channels:]
		for i := range rows {
			rows[i] = psdRows{src: src, depth: f.depth, data: data, sizes: sizes[i*table:][:table], each: each}
			sum := 0
			for at := 0; at < table; at += each {
				if sum += rows[i].size(at); sum > len(data) {
					return nil, src.truncated()
				}
			}
			if size*f.height > 64*sum { // two bytes make 128 at most
				return nil, src.corrupt("run lengths of %d bytes for %d", sum, size*f.height)
			}
			data = data[sum:]
		}
	case 2, 3:
		return nil, src.unsupported("compression %d (ZIP) is not supported", packing)
	default:
		return nil, src.unsupported("compression %d is not supported", packing)
	}
	for i := range rows {
		rows[i].row = make([]byte, size)
	}
	return rows, nil
}

// size is how many bytes a packed row has.
func (r *psdRows) size(at int) int {
	if r.each == 4 {
		return int(binary.BigEndian.Uint32(r.sizes[at:]))
	}
	return int(binary.BigEndian.Uint16(r.sizes[at:]))
}

func (r *psdRows) next() error {
	if r.sizes == nil {
		r.data = r.data[copy(r.row, r.data):]
		return nil
	}
	n := r.size(0)
	packed := packBits{data: r.data[:n]}
	if _, err := io.ReadFull(&packed, r.row); err != nil {
		return r.src.corrupt("a row of run lengths ends early")
	}
	r.data, r.sizes = r.data[n:], r.sizes[r.each:]
	return nil
}

// at returns the sample of a column in 8 bits.
func (r *psdRows) at(x int) byte {
	switch r.depth {
	case 1: // 1 is black
		return (r.row[x/8]>>(7-x%8)&1 ^ 1) * 255
	case 16:
		return r.row[2*x]
	}
	return r.row[x]
}
