package picture

import "errors"

// inspectHEIF leaves the container to libheif, which also turns the picture as
// the file says (irot, imir). EXIF's orientation does not count in these formats.
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
	e := exif{orientation: 1, taken: h.taken}
	return turned(src.format, h.width, h.height, e), src.lim.check(src.format, h.width, h.height)
}

// openHEIF gives the file to libheif, once it is known that what is coded in it is within the limits: the
// size in the header is what is shown, and need not be the size of what is decoded.
func openHEIF(src *source) (*heifPicture, error) {
	boxes := readHEIF(src.data, src.format)
	h := &heifPicture{boxes: boxes}
	data := src.data
	if boxes != nil {
		if boxes.largest > src.lim.Pixels {
			return nil, failf(ErrTooLarge, "%s: %d pixels are coded in it, more than the limit of %d pixels",
				names[src.format], boxes.largest, src.lim.Pixels)
		}
		if boxes.plain != nil {
			data = boxes.plain
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
	if boxes == nil || boxes.plain == nil { // of a kind that akin does not know: libheif converts
		planes, alpha, err := h.planes(src, heifRGB, 3)
		if err != nil {
			return nil, err
		}
		return heifPixels(src, planes, alpha, cicp{2, 2, 0, true}, false)
	}
	space := heifYCbCr
	if boxes.chroma == 0 {
		space = heifGrey
	}
	planes, alpha, err := h.planes(src, space, boxes.chroma)
	if err != nil {
		return nil, err
	}
	if alpha != nil && boxes.alpha != nil && !boxes.alpha.colour.full {
		alpha.limited = true
	}
	return heifPixels(src, planes, alpha, boxes.colour, boxes.divided)
}

// libheif's numbers of colour spaces.
const (
	heifYCbCr = 0
	heifRGB   = 1
	heifGrey  = 2
)
