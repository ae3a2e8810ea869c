package picture

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// A camera's raw file has samples as the sensor gave them, and pictures that the camera made of them. The largest of
// these is read: it is what the photographer saw, and the samples alone are no picture. Most such files are TIFF files
// with one more kind of samples (DNG, CR2, NEF, ARW, PEF), and only their directories tell.
func init() {
	register(Format{
		Name: "raw", Title: "RAW", Extensions: []string{".dng", ".cr2", ".nef", ".arw", ".pef", ".raf"}, MediaType: "image/x-raw",
		matches: begins(rafSignature),
		inspect: inspectRAF, decode: decodeRAF,
		cost: bytesPerPixel(8),
	})
}

// leastPreview is the longer side of a picture that is more than a thumbnail.
const leastPreview = 320

// rawPreview is the largest JPEG file in a raw file.
type rawPreview struct {
	data          []byte
	width, height int // as stored
}

// consider takes a JPEG file if it is larger than the one so far. Raw samples may be JPEG too, of lossless kinds that
// are not read.
func (p *rawPreview) consider(src *source, data []byte) {
	if !bytes.HasPrefix(data, []byte("\xff\xd8\xff")) {
		return
	}
	anySize := src.lim // check refuses what is too large
	anySize.Pixels = 1 << 62
	info, err := inspectJPEG(&source{ctx: src.ctx, data: data, lim: anySize, format: "jpeg"})
	if err != nil {
		return
	}
	if info.Orientation >= 5 { // its own; the raw file's counts
		info.Width, info.Height = info.Height, info.Width
	}
	if info.Width*info.Height > p.width*p.height {
		*p = rawPreview{data, info.Width, info.Height}
	}
}

// check refuses a file whose largest picture is a thumbnail.
func (p *rawPreview) check(src *source) error {
	switch {
	case p.data == nil:
		return failf(ErrFormat, "RAW: it has a camera's raw samples, which are not read, and no JPEG preview")
	case max(p.width, p.height) < leastPreview:
		return failf(ErrFormat, "RAW: it has a camera's raw samples, which are not read, and its largest preview is a thumbnail of %d x %d", p.width, p.height)
	}
	return src.lim.check("raw", p.width, p.height)
}

func (p *rawPreview) decode(src *source) (*Picture, error) {
	inside := &source{ctx: src.ctx, data: p.data, lim: src.lim, format: "jpeg", decoding: src.decoding}
	return byName["jpeg"].decode(inside, Info{Format: "jpeg", Width: p.width, Height: p.height, Orientation: 1})
}

// Tags and values of raw files: TIFF/EP, DNG.
const (
	tagSubDirectories = 330
	tagDNGVersion     = 50706
	colourFilterArray = 32803
	linearRaw         = 34892
)

// rawTags are the tags that tell what a directory of a raw file has, and where: the only ones that are kept of each.
var rawTags = []uint16{262, 273, 279, 513, 514, tagSubDirectories}

// raw returns the preview of a raw file, nil for a TIFF file of another kind.
func (f *tiffFile) raw() (*rawPreview, error) {
	_, isRaw := f.tags[tagDNGVersion]
	isRaw = isRaw || len(f.src.data) > 10 && string(f.src.data[8:10]) == "CR" // Canon's
	all := f.allDirectories()
	for _, tags := range all {
		colours, _ := f.dirs.integer(tags[262], 0)
		isRaw = isRaw || colours == colourFilterArray || colours == linearRaw
	}
	if colours := f.value(262, 0); !isRaw || len(all) == 1 && (colours == colourFilterArray || colours == linearRaw) {
		return nil, nil // samples alone are refused by their kind
	}
	var p rawPreview
	for _, tags := range all {
		for _, at := range [][2]uint16{{513, 514}, {273, 279}} {
			from, ok := f.dirs.integer(tags[at[0]], 0)
			size, told := f.dirs.integer(tags[at[1]], 0)
			if ok && told && tags[at[0]].count == 1 && from < uint64(len(f.src.data)) {
				p.consider(f.src, f.src.data[from:][:min(size, uint64(len(f.src.data))-from)])
			}
		}
	}
	return &p, p.check(f.src)
}

// allDirectories returns the rawTags of the first directory, those that follow it and those below, as far as cameras go.
func (f *tiffFile) allDirectories() []map[uint16]tag {
	_, first, _ := openDirectories(f.src.data)
	const most = 32
	var all []map[uint16]tag
	seen := map[uint64]bool{}
	for todo := []uint64{first}; len(todo) > 0 && len(all) < most; todo = todo[1:] {
		at := todo[0]
		if at == 0 || seen[at] {
			continue
		}
		seen[at] = true
		tags := map[uint16]tag{}
		for t := range f.dirs.entries(at) {
			if _, twice := tags[t.tag]; !twice && slices.Contains(rawTags, t.tag) {
				tags[t.tag] = t
			}
		}
		all = append(all, tags)
		for n := range min(tags[tagSubDirectories].count, most) {
			if below, ok := f.dirs.integer(tags[tagSubDirectories], n); ok {
				todo = append(todo, below)
			}
		}
		todo = append(todo, f.dirs.next(at))
	}
	return all
}

// next returns the place of the directory that follows the one at a place; 0 is none.
func (d directories) next(at uint64) uint64 {
	head, size, link := uint64(2), uint64(12), uint64(4)
	if d.big {
		head, size, link = 8, 20, 8
	}
	end := uint64(len(d.data))
	if at >= end || head > end-at {
		return 0
	}
	n := uint64(d.order.Uint16(d.data[at:]))
	if d.big {
		n = d.order.Uint64(d.data[at:])
	}
	rest := end - at - head
	if n > rest/size || link > rest-n*size {
		return 0
	}
	after := d.data[at+head+n*size:]
	if d.big {
		return d.order.Uint64(after)
	}
	return uint64(d.order.Uint32(after))
}

const rafSignature = "FUJIFILMCCD-RAW "

// openRAF returns the JPEG file of one of Fujifilm's, whose place its header tells.
func openRAF(src *source) (*rawPreview, exif, error) {
	var p rawPreview
	if len(src.data) < 92 {
		return nil, exif{}, src.truncated()
	}
	from, size := uint64(binary.BigEndian.Uint32(src.data[84:])), uint64(binary.BigEndian.Uint32(src.data[88:]))
	if end := uint64(len(src.data)); from < end {
		p.consider(src, src.data[from:][:min(size, end-from)])
	}
	if err := p.check(src); err != nil {
		return nil, exif{}, err
	}
	h, err := readJPEGHeader(&source{ctx: src.ctx, data: p.data, lim: src.lim, format: "jpeg"})
	return &p, h.exif, err // it has the file's EXIF
}

func inspectRAF(src *source) (Info, error) {
	p, e, err := openRAF(src)
	if err != nil {
		return Info{}, err
	}
	return turned("raw", p.width, p.height, e), nil
}

func decodeRAF(src *source, _ Info) (*Picture, error) {
	p, _, err := openRAF(src)
	if err != nil {
		return nil, err
	}
	return p.decode(src)
}
