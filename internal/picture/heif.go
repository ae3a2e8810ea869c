package picture

import (
	"encoding/binary"
	"errors"
)

func init() {
	heif := Format{Alpha: true, Lossy: true, inspect: inspectHEIF, decode: decodeHEIF, reduce: reduceHEIF, cost: bytesPerPixel(8)}
	heic, avif := heif, heif
	heic.Name, heic.Title, heic.MediaType, heic.Extensions = "heic", "HEIC", "image/heic", []string{".heic", ".heif"}
	heic.matches = func(head []byte) bool { return heifBrand(head) == "heic" }
	avif.Name, avif.Title, avif.MediaType, avif.Extensions = "avif", "AVIF", "image/avif", []string{".avif"}
	avif.matches = func(head []byte) bool { return heifBrand(head) == "avif" }
	register(heic)
	register(avif)
}

// heifBrand returns "avif" or "heic" by the brands that a file declares, else "".
func heifBrand(head []byte) string {
	if len(head) < 12 || string(head[4:8]) != "ftyp" {
		return ""
	}
	size := min(int64(binary.BigEndian.Uint32(head)), int64(len(head)), 512)
	brand := ""
	for at := int64(8); at+4 <= size; at += 4 {
		if at == 12 { // the minor version stands between the major and the compatible brands
			continue
		}
		switch string(head[at : at+4]) {
		case "avif", "avis":
			return "avif"
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
			brand = "heic"
		}
	}
	return brand
}

// inspectHEIF leaves the decoding to libheif, and what is turned and cut as the file
// says (irot, imir, clap) to akin. EXIF's orientation does not count in these formats.
func inspectHEIF(src *source) (Info, error) {
	h, err := openHEIF(src)
	if err != nil {
		return Info{Format: src.format}, err
	}
	if src.decoding {
		src.heif = h
	} else {
		h.close()
	}
	width, height := h.width, h.height
	if h.boxes != nil {
		var ok bool
		if width, height, ok = h.boxes.shown(width, height); !ok {
			return Info{Format: src.format}, src.corrupt("its clean aperture is outside of the picture")
		}
	}
	e := h.exif.upright()
	// What is coded is decoded whole, whatever is shown of it.
	return turned(src.format, width, height, e), src.lim.check(src.format, h.width, h.height)
}

// openHEIF returns the file to libheif, once it is known that what is coded in it is within the limits: the
// size in the header is what is shown, and need not be the size of what is decoded.
func openHEIF(src *source) (*heifPicture, error) {
	boxes := readHEIF(src.data, src.format)
	h := &heifPicture{boxes: boxes}
	data := src.data
	if boxes != nil {
		if boxes.largest > src.lim.Pixels {
			return nil, failf(ErrTooLarge, "%s: %d pixels are coded in it, more than the limit of %d pixels",
				src.title(), boxes.largest, src.lim.Pixels)
		}
		if data = boxes.plain; data == nil {
			h.boxes, data = nil, src.data
		}
	}
	if err := h.read(src, data); err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

func decodeHEIF(src *source, _ Info) (*Picture, error) {
	h := src.heif
	if h == nil {
		return nil, errors.New("HEIF: not opened")
	}
	src.heif = nil
	defer h.close()
	boxes := h.boxes
	if boxes == nil { // of a kind that akin does not know: libheif converts
		planes, alpha, err := h.planes(src, 3)
		if err != nil {
			return nil, err
		}
		return planesToPicture(src, planes, alpha, colours{cicp: cicp{full: true}}, false)
	}
	planes, alpha, err := h.planes(src, boxes.chroma)
	if err != nil {
		return nil, err
	}
	if alpha != nil && boxes.alpha != nil && !boxes.alpha.colour.full {
		alpha.limited = true
	}
	p, err := planesToPicture(src, planes, alpha, boxes.colour.asIn(src.format), boxes.divided)
	if err != nil {
		return nil, err
	}
	return boxes.show(p), nil
}
