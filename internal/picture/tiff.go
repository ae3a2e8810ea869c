package picture

import (
	"encoding/binary"
	"math/bits"
)

func init() {
	register(Format{
		Name: "tiff", Title: "TIFF", Extensions: []string{".tif", ".tiff"}, MediaType: "image/tiff", Alpha: true, Lossless: true,
		matches: begins("II*\x00", "MM\x00*", "II+\x00", "MM\x00+", "MM*\x00", "II\x00*"),
		inspect: inspectTIFF, decode: decodeTIFF,
		cost: bytesPerPixel(8), // tiles may be JPEG files
	})
}

// tiffFile is the first picture of a TIFF or BigTIFF file. Everything is read here, row by row:
// golang.org/x/image/tiff knows few of the kinds that libtiff does, and trusts the sizes that a file
// declares. Tag numbers are those of TIFF 6.0 and its supplements.
type tiffFile struct {
	src  *source
	dirs directories
	tags map[uint16]tag
	exif exif

	width, height          int
	samples, depth, format int // of a pixel; bits; 1 unsigned, 2 signed, 3 floating point
	colours, compression   int
	planes                 int // 1 where the samples of a pixel lie together
	predictor              int
	need                   int // samples that make the colour
	alpha                  tiffAlpha
	subX, subY             int // of chroma that is not in a JPEG
	tables                 *tiffChroma
	white                  float64 // of floating point: the value that is 255
}

type tiffAlpha int

const (
	tiffOpaque tiffAlpha = iota
	tiffAssociated
	tiffUnassociated
)

// The values of tag 262 that are decoded.
const (
	tiffWhiteIsZero = 0
	tiffBlackIsZero = 1
	tiffRGB         = 2
	tiffPalette     = 3
	tiffInks        = 5
	tiffYCbCr       = 6
	tiffLab         = 8
)

// And the others, by name.
var tiffColours = map[int]string{
	4: "a transparency mask", 9: "ICC L*a*b*", 10: "ITU L*a*b*", 32803: "a camera's raw samples",
	32844: "LogL", 32845: "LogLuv", 34892: "linear raw samples", 51177: "a depth map",
}

// The values of tag 259 that are decoded; 32946 is another number for 8.
const (
	tiffPlain    = 1
	tiffRLE      = 2
	tiffFax3     = 3
	tiffFax4     = 4
	tiffLZW      = 5
	tiffOldJPEG  = 6
	tiffJPEG     = 7
	tiffDeflate  = 8
	tiffPackBits = 32773
	tiffRLEW     = 32771 // RLE whose rows begin at even bytes
	tiffLZMA     = 34925
	tiffZSTD     = 50000
	tiffWebP     = 50001
)

// And the others, by name.
var tiffCompressions = map[int]string{
	9: "JBIG", 10: "JBIG", 32766: "NeXT", 32809: "ThunderScan", 32908: "PixarFilm", 32909: "PixarLog", 32947: "DCS",
	33003: "JPEG 2000", 33004: "JPEG 2000", 33005: "JPEG 2000", 34661: "JBIG", 34676: "SGILog", 34677: "SGILog24",
	34712: "JPEG 2000", 34887: "LERC", 34892: "lossy raw", 34933: "PNG", 34934: "JPEG XR", 50002: "JPEG XL", 52546: "JPEG XL",
}

func inspectTIFF(src *source) (Info, error) {
	f, err := openTIFF(src)
	if err != nil {
		return Info{}, err
	}
	if p := f.raw(); p != nil {
		if p.isThumbnail() {
			return inspectSamples(src, f.exif)
		}
		return turned("raw", p.width, p.height, f.exif), src.lim.check("raw", p.width, p.height)
	}
	return turned("tiff", f.width, f.height, f.exif), src.lim.check("tiff", f.width, f.height)
}

// openTIFF reads the first directory.
func openTIFF(src *source) (*tiffFile, error) {
	dirs, first, ok := openDirectories(src.data)
	if !ok {
		return nil, src.truncated()
	}
	if first >= uint64(len(src.data)) {
		return nil, src.truncated()
	}
	f := &tiffFile{src: src, dirs: dirs, tags: map[uint16]tag{}}
	for t := range dirs.entries(first) {
		if _, twice := f.tags[t.tag]; !twice {
			f.tags[t.tag] = t
		}
	}
	for tag, to := range map[uint16]*int{256: &f.width, 257: &f.height} {
		t := f.tags[tag]
		v, ok := dirs.integer(t, 0)
		// A second value would be another program's size.
		if !ok || t.count != 1 {
			return nil, src.corrupt("no size in the first directory")
		}
		if v > 1<<31-1 {
			return nil, src.corrupt("bad size: %d pixels", v)
		}
		*to = int(v)
	}
	f.exif = readEXIF(src.data).orXMP(f.tags[700].values)
	return f, nil
}

// at returns the nth value of a tag.
func (f *tiffFile) at(tag uint16, n int) (uint64, bool) {
	return f.dirs.integer(f.tags[tag], uint64(n))
}

// value returns the first value of a tag, or what it is by default.
func (f *tiffFile) value(tag uint16, missing int) int {
	if v, ok := f.at(tag, 0); ok && v < 1<<31 {
		return int(v)
	}
	return missing
}

func decodeTIFF(src *source, info Info) (*Picture, error) {
	f, err := openTIFF(src)
	if err != nil {
		return nil, err
	}
	if p := f.raw(); p != nil && src.coded != nil { // inspectTIFF left it to LibRaw
		return decodeCoded(src, info)
	} else if p != nil {
		return p.decode(src)
	}
	if err := f.describe(); err != nil {
		return nil, err
	}
	if f.compression == tiffOldJPEG {
		return f.decodeOldJPEG()
	}
	return f.decode()
}

// describe reads what the samples are, and refuses by name what is not decoded.
func (f *tiffFile) describe() error {
	src := f.src
	f.compression = f.value(259, tiffPlain)
	if f.compression == 32946 {
		f.compression = tiffDeflate
	}
	switch f.compression {
	case tiffPlain, tiffRLE, tiffFax3, tiffFax4, tiffLZW, tiffOldJPEG, tiffJPEG, tiffDeflate, tiffPackBits, tiffRLEW, tiffLZMA, tiffZSTD, tiffWebP:
	default:
		if name := tiffCompressions[f.compression]; name != "" {
			return src.unsupported("compression %d (%s) is not supported", f.compression, name)
		}
		return src.unsupported("compression %d is not supported", f.compression)
	}
	f.samples = f.value(277, 1)
	if f.compression == tiffOldJPEG {
		f.samples = f.value(277, 3)
	}
	if f.samples < 1 || f.samples > 16 {
		return src.unsupported("%d samples a pixel are not supported", f.samples)
	}
	f.colours = f.value(262, -1)
	if f.colours < 0 { // a tag that must be there and is not always
		f.colours = tiffWhiteIsZero
		if f.samples >= 3 {
			f.colours = tiffRGB
		}
	}
	if f.compression == tiffOldJPEG && f.samples == 3 {
		f.colours = tiffYCbCr
	}
	f.need = map[int]int{tiffWhiteIsZero: 1, tiffBlackIsZero: 1, tiffRGB: 3, tiffPalette: 1, tiffInks: 4, tiffYCbCr: 3, tiffLab: 3}[f.colours]
	if f.need == 0 {
		if name := tiffColours[f.colours]; name != "" {
			return src.unsupported("%s (photometric interpretation %d) is not supported", name, f.colours)
		}
		return src.unsupported("photometric interpretation %d is not supported", f.colours)
	}
	if f.colours == tiffYCbCr && f.samples == 1 {
		f.colours, f.need = tiffBlackIsZero, 1
	}
	if f.samples < f.need {
		return src.corrupt("%d samples a pixel where the colours need %d", f.samples, f.need)
	}
	f.depth, f.format = f.value(258, 1), f.value(339, 1)
	for i := range min(f.samples, int(f.tags[258].count)) {
		if d, ok := f.at(258, i); ok && int(d) != f.depth {
			return src.unsupported("samples of different depths are not supported")
		}
	}
	if f.format == 4 { // undefined
		f.format = 1
	}
	supported := false
	switch grey := f.colours <= tiffBlackIsZero; f.format {
	case 1:
		switch f.depth {
		case 1, 2, 4:
			supported = grey || f.colours == tiffPalette
		case 8:
			supported = true
		case 12, 32:
			supported = grey
		case 16:
			supported = grey || f.colours == tiffRGB || f.colours == tiffInks
		}
	case 2:
		supported = grey && (f.depth == 8 || f.depth == 16 || f.depth == 32)
	case 3:
		supported = (grey || f.colours == tiffRGB) && (f.depth == 16 || f.depth == 32 || f.depth == 64)
	}
	if !supported {
		kind := map[int]string{1: "integers", 2: "signed integers", 3: "floating point"}[f.format]
		return src.unsupported("samples of %d bits (%s) with photometric interpretation %d are not supported", f.depth, kind, f.colours)
	}
	if f.compression >= tiffRLE && f.compression <= tiffFax4 || f.compression == tiffRLEW {
		if f.depth != 1 || f.samples != 1 {
			return src.corrupt("fax compression of %d samples of %d bits", f.samples, f.depth)
		}
	}
	if f.samples > f.need {
		kind, told := f.at(338, 0)
		switch {
		case f.colours == tiffInks || f.colours == tiffYCbCr || f.colours == tiffLab:
		case told && kind == 1:
			f.alpha = tiffAssociated
		case told && (kind == 2 || kind == 999): // 999 is Corel Draw's
			f.alpha = tiffUnassociated
		case !told && f.colours == tiffRGB && f.samples == 4:
			f.alpha = tiffUnassociated
		}
	}
	f.planes = 1
	if f.value(284, 1) == 2 {
		f.planes = f.samples
	}
	f.predictor = f.value(317, 1)
	switch f.compression {
	case tiffLZW, tiffDeflate, tiffZSTD, tiffLZMA:
	default:
		f.predictor = 1 // libtiff asks for it in these only
	}
	f.subX, f.subY = 1, 1
	if f.colours == tiffYCbCr && f.compression != tiffJPEG && f.compression != tiffWebP {
		f.subX, f.subY = 2, 2 // the default
		if v, ok := f.at(530, 1); ok {
			f.subX, f.subY = f.value(530, 2), int(min(v, 255))
		}
		if bits.OnesCount(uint(f.subX)) != 1 || bits.OnesCount(uint(f.subY)) != 1 || f.subX > 4 || f.subY > 4 {
			return src.corrupt("bad subsampling of colours")
		}
		if f.subX*f.subY > 1 && (f.planes > 1 || f.predictor != 1 || f.samples != 3) {
			return src.unsupported("subsampled colours in planes, or with a predictor, are not supported")
		}
	}
	switch {
	case f.predictor == 1:
	case f.predictor == 2 && (f.depth == 8 || f.depth == 16 || f.depth == 32):
	case f.predictor == 3 && f.format == 3:
	default:
		return src.unsupported("predictor %d for samples of %d bits is not supported", f.predictor, f.depth)
	}
	return nil
}

// ratio is how many bytes a compression makes of one at most, roughly.
func (f *tiffFile) ratio() int64 {
	switch f.compression {
	case tiffPlain:
		return 1
	case tiffPackBits:
		return 128
	case tiffDeflate:
		return 1032
	case tiffLZW:
		return 4096
	case tiffJPEG:
		return 8 * 64 * 3
	}
	return 1 << 16
}

// grid is how the picture is cut into strips or tiles.
type tiffGrid struct {
	tiled         bool
	width, height int
	across, down  int
	offsets       tag
	counts        tag
}

func (f *tiffFile) grid() (g tiffGrid, err error) {
	g = tiffGrid{width: f.width, height: f.height, offsets: f.tags[273], counts: f.tags[279]}
	if rows := f.value(278, f.height); rows > 0 {
		g.height = min(rows, f.height)
	}
	if _, ok := f.tags[322]; ok {
		g.tiled, g.width, g.height = true, f.value(322, 0), f.value(323, 0)
		if t, ok := f.tags[324]; ok { // some writers use the tags of strips
			g.offsets, g.counts = t, f.tags[325]
		}
	}
	if g.width < 1 || g.height < 1 {
		return g, f.src.corrupt("bad size of strips or tiles")
	}
	// A row of a strip or tile is all that is held in memory.
	const longest = 1 << 25
	if row := int64(g.width) * int64(f.samples) * int64(f.depth) / 8; row > longest {
		return g, failf(ErrTooLarge, "TIFF: rows of %d bytes are more than the limit of %d", row, longest)
	}
	g.across, g.down = (f.width+g.width-1)/g.width, (f.height+g.height-1)/g.height
	n := uint64(g.across) * uint64(g.down) * uint64(f.planes)
	if g.offsets.values == nil || g.offsets.count < n {
		return g, f.src.corrupt("%d strips or tiles where %d are needed", g.offsets.count, n)
	}
	return g, nil
}

// chunk returns the bytes of a strip or tile, cut where the file ends.
func (f *tiffFile) chunk(g *tiffGrid, i int) []byte {
	size := uint64(len(f.src.data))
	from, _ := f.dirs.integer(g.offsets, uint64(i))
	from = min(from, size)
	rest := f.src.data[from:]
	if n, ok := f.dirs.integer(g.counts, uint64(i)); ok && f.compression != tiffPlain {
		rest = rest[:min(n, uint64(len(rest)))]
	}
	if f.value(266, 1) == 2 && f.compression != tiffJPEG && f.compression != tiffWebP {
		if f.compression == tiffPlain { // of unknown length: what the rows need
			rest = rest[:min(len(rest), (g.width*f.samples*f.depth+7)/8*g.height)]
		}
		turned := make([]byte, len(rest))
		for j, b := range rest {
			turned[j] = bits.Reverse8(b)
		}
		return turned
	}
	return rest
}

// decode goes through the strips or tiles, and each of them row by row.
func (f *tiffFile) decode() (*Picture, error) {
	g, err := f.grid()
	if err != nil {
		return nil, err
	}
	if err := f.plausible(&g); err != nil {
		return nil, err
	}
	if f.compression == tiffJPEG || f.compression == tiffWebP {
		return f.decodePictures(&g)
	}
	planes, each := 1, f.samples
	if f.planes > 1 {
		planes, each = f.need, 1
		if f.alpha != tiffOpaque {
			planes++
		}
	}
	step := max(planes, each)
	if f.format == 3 {
		if err := f.findWhite(&g, planes, each); err != nil {
			return nil, err
		}
	}
	convert, err := f.converter(step)
	if err != nil {
		return nil, err
	}
	var p *Picture // made when the first row is there
	err = f.lines(&g, planes, each, func(x, y, columns, rows int, line []byte) {
		if p == nil {
			p = New(f.width, f.height)
			if f.alpha != tiffOpaque {
				p.Alpha = make([]byte, f.width*f.height)
			}
		}
		if f.subX*f.subY > 1 {
			f.upsample(p, line, x, y, columns, rows)
			return
		}
		var see []byte
		if p.Alpha != nil {
			see = p.Alpha[y*f.width+x:][:columns]
		}
		convert(p.Pix[3*(y*f.width+x):][:3*columns], see, line)
	})
	if err != nil {
		p.Release()
		return nil, err
	}
	return p, nil
}

// lines calls fn with each row of the strips or tiles, of so many planes with so many samples each; line has the samples of
// a pixel together. Of subsampled colours it is as many rows as share them.
func (f *tiffFile) lines(g *tiffGrid, planes, each int, fn func(x, y, columns, rows int, line []byte)) error {
	src := f.src
	rows := make([]*tiffRows, planes)
	line := []byte(nil)       // all planes of a row, sample by sample
	size := max(1, f.depth/8) // bytes a sample in line
	for i := range g.across * g.down {
		x, y := i%g.across*g.width, i/g.across*g.height
		columns, height := min(g.width, f.width-x), min(g.height, f.height-y)
		for plane := range rows {
			if rows[plane] == nil {
				rows[plane] = f.rows(g.width, g.height, each)
				defer rows[plane].close()
			}
			if err := rows[plane].open(f.chunk(g, i+plane*g.across*g.down)); err != nil {
				return err
			}
		}
		for r := 0; r < height; r += f.subY {
			if r%64 == 0 {
				if err := src.stopped(); err != nil {
					return err
				}
			}
			for plane, in := range rows {
				if err := in.next(); err != nil {
					return err
				}
				if planes == 1 {
					line = in.row
					continue
				}
				if line == nil {
					line = make([]byte, g.width*planes*size)
				}
				if f.depth < 8 {
					return src.unsupported("planes of %d bits are not supported", f.depth)
				}
				for at := range g.width {
					copy(line[(at*planes+plane)*size:][:size], in.row[at*size:][:size])
				}
			}
			fn(x, y+r, columns, min(f.subY, height-r), line)
		}
	}
	return nil
}

// plausible refuses a picture that its strips cannot hold, before memory is taken for it.
func (f *tiffFile) plausible(g *tiffGrid) error {
	if f.compression >= tiffRLE && f.compression <= tiffFax4 || f.compression == tiffRLEW {
		if int64(f.height) > 8*int64(len(f.src.data)) { // a row is a bit at least
			return f.src.truncated()
		}
		return nil
	}
	sum := int64(0)
	for i := range int(min(g.offsets.count, uint64(g.across)*uint64(g.down)*uint64(f.planes))) {
		n := uint64(len(f.src.data))
		if v, ok := f.dirs.integer(g.counts, uint64(i)); ok && f.compression != tiffPlain {
			n = min(n, v)
		}
		sum += int64(n)
	}
	need := (int64(f.width)*int64(f.samples)*int64(f.depth)/int64(f.subX*f.subY) + 7) / 8 * int64(f.height)
	if need/f.ratio() > 16+sum {
		return f.src.truncated()
	}
	return nil
}

func (f *tiffFile) littleEndian() bool { return f.dirs.order == binary.ByteOrder(binary.LittleEndian) }
