package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
)

// A camera's raw file has samples as the sensor gave them, and pictures that the camera made of them. The largest of
// these is read: it is what the photographer saw. Where it is a thumbnail, or there is none, LibRaw makes a picture of the
// samples. Most such files are TIFF files with one more kind of samples (DNG, CR2, NEF, ARW, PEF), and only their directories tell.
func init() {
	register(Format{
		Name: "raw", Title: "RAW", Extensions: []string{".dng", ".cr2", ".nef", ".arw", ".pef", ".raf", ".cr3", ".orf", ".rw2"}, MediaType: "image/x-raw",
		matches: func(head []byte) bool { return isRAF(head) || isOtherRaw(head) },
		inspect: inspectRaw, decode: decodeRaw,
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

// isThumbnail reports whether the largest picture is none that anybody would look at.
func (p *rawPreview) isThumbnail() bool { return max(p.width, p.height) < leastPreview }

// inspectSamples is what LibRaw says of a raw file, whose EXIF is e.
func inspectSamples(src *source, e exif) (Info, error) {
	src.format = "raw" // in messages
	info, err := inspectCoded(src)
	info.Format, info.Taken, info.Shot = "raw", e.taken, e.shot
	if absent, ok := errors.AsType[*NoDecoderError](err); ok {
		err = &NoDecoderError{"RAW samples without a preview", absent.Library, absent.Err}
	} else if errors.Is(err, ErrFormat) {
		err = failf(ErrFormat, "RAW: it has no preview, and LibRaw does not read its samples: %s", strings.TrimPrefix(err.Error(), "RAW: "))
	}
	return info, err
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
func (f *tiffFile) raw() *rawPreview {
	_, isRaw := f.tags[tagDNGVersion]
	isRaw = isRaw || len(f.src.data) > 10 && string(f.src.data[8:10]) == "CR" // Canon's
	all := f.allDirectories()
	for _, tags := range all {
		colours, _ := f.dirs.integer(tags[262], 0)
		isRaw = isRaw || colours == colourFilterArray || colours == linearRaw
	}
	if !isRaw {
		return nil
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
	return &p
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

// Fujifilm's files tell where their JPEG file is in a header.
func isRAF(head []byte) bool { return bytes.HasPrefix(head, []byte("FUJIFILMCCD-RAW ")) }

// isOtherRaw reports whether a file is one of those that LibRaw alone reads: Canon's CR3, Olympus's and Panasonic's.
func isOtherRaw(head []byte) bool {
	if len(head) >= 12 && string(head[4:12]) == "ftypcrx " {
		return true
	}
	return begins("IIRO", "IIRS", "MMOR", "IIU\x00")(head)
}

// openRAF returns the JPEG file of one of Fujifilm's, and its EXIF, which is the file's.
func openRAF(src *source) (*rawPreview, exif, error) {
	var p rawPreview
	if len(src.data) < 92 {
		return nil, exif{}, src.truncated()
	}
	from, size := uint64(binary.BigEndian.Uint32(src.data[84:])), uint64(binary.BigEndian.Uint32(src.data[88:]))
	if end := uint64(len(src.data)); from < end {
		p.consider(src, src.data[from:][:min(size, end-from)])
	}
	if p.data == nil {
		return &p, upAndUndated, nil
	}
	h, err := readJPEGHeader(&source{ctx: src.ctx, data: p.data, lim: src.lim, format: "jpeg"})
	return &p, h.exif, err
}

func inspectRaw(src *source) (Info, error) {
	if !isRAF(src.data) {
		return inspectSamples(src, upAndUndated)
	}
	p, e, err := openRAF(src)
	switch {
	case err != nil:
		return Info{}, err
	case p.isThumbnail():
		return inspectSamples(src, e)
	}
	return turned("raw", p.width, p.height, e), src.lim.check("raw", p.width, p.height)
}

func decodeRaw(src *source, info Info) (*Picture, error) {
	if src.coded != nil { // inspectRaw left it to LibRaw
		return decodeCoded(src, info)
	}
	p, _, err := openRAF(src)
	if err != nil {
		return nil, err
	}
	return p.decode(src)
}
