package picture

import (
	"bytes"
	"encoding/binary"
)

func init() {
	register(Format{
		Name: "jpeg", Title: "JPEG", Extensions: []string{".jpg", ".jpeg", ".jpe", ".jfif"}, MediaType: "image/jpeg", Lossy: true,
		matches: begins("\xff\xd8\xff"),
		inspect: inspectJPEG, reduce: reduceJPEG,
		decode: func(src *source, info Info) (*Picture, error) { return decodeJPEG(src, info, 1) },
		cost: func(data []byte) int64 {
			if progressiveJPEG(data) {
				return 12 // 16 bits for each coefficient
			}
			return 4 // the components
		},
	})
}

// jpegHeader is what comes before the first scan.
type jpegHeader struct {
	width, height, components int
	arithmetic                bool
	progressive               bool // or in several scans: all coefficients are held
	exif                      exif
}

func inspectJPEG(src *source) (Info, error) {
	h, err := readJPEGHeader(src)
	if err != nil {
		return Info{}, err
	}
	if h.height == 0 && h.width > 0 {
		return Info{}, src.unsupported("the height comes after the pixels (a DNL marker), which is not supported")
	}
	return turned("jpeg", h.width, h.height, h.exif), src.lim.check("jpeg", h.width, h.height)
}

func readJPEGHeader(src *source) (h jpegHeader, err error) {
	data, at := src.data, 2
	var block, packet []byte // EXIF, XMP
	joined := 0              // room in block, once it is a copy
	for {
		// Bytes between segments are not allowed but met; every decoder skips them.
		for at < len(data) && data[at] != 0xff {
			at++
		}
		for at < len(data) && data[at] == 0xff {
			at++
		}
		if at >= len(data) {
			return h, src.truncated()
		}
		marker := data[at]
		at++
		if marker == 0 || marker == 1 || marker >= 0xd0 && marker <= 0xd8 {
			continue
		}
		if marker == 0xd9 {
			return h, src.corrupt("the picture ends before it begins, at byte %d", at)
		}
		if marker == 0xda {
			if h.components == 0 {
				return h, src.corrupt("a scan comes before the frame header, at byte %d", at)
			}
			h.exif = readEXIF(block).orXMP(packet)
			if at+2 < len(data) && int(data[at+2]) < h.components {
				h.progressive = true
			}
			return h, nil
		}
		if at+2 > len(data) {
			return h, src.truncated()
		}
		size := int(binary.BigEndian.Uint16(data[at:]))
		if size < 2 {
			return h, src.corrupt("bad segment length at byte %d", at)
		}
		if at+size > len(data) {
			return h, src.truncated()
		}
		body := data[at+2 : at+size]
		at += size
		switch {
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			if len(body) < 6 {
				return h, src.corrupt("short frame header at byte %d", at)
			}
			h.arithmetic, h.progressive = marker > 0xc8, marker&3 == 2
			h.height, h.width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
			h.components = int(body[5])
		case marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
			if block == nil {
				block = body
			} else { // a block that is longer than a segment goes on in the next
				block = append(block[:len(block):max(len(block), joined)], body[6:]...)
				joined = cap(block)
			}
		case marker == 0xe1 && bytes.HasPrefix(body, []byte("http://ns.adobe.com/xap/1.0/\x00")):
			packet = body
		}
	}
}

var useSystemJPEG = true

// DisableSystemJPEG makes Decode use its own JPEG decoder where libjpeg-turbo is installed, too. Call it
// before the first Decode.
func DisableSystemJPEG() { useSystemJPEG = false }

func reduceJPEG(src *source, info Info, width, height int) (*Picture, error) {
	return decodeJPEG(src, info, jpegScale(info, width, height))
}

func decodeJPEG(src *source, info Info, scale int) (*Picture, error) {
	h, err := readJPEGHeader(src)
	if err != nil {
		return nil, err
	}
	if !h.arithmetic && int64(info.Width)*int64(info.Height) > jpegMost(len(src.data)) {
		return nil, src.truncated()
	}
	if useSystemJPEG {
		if lib := systemJPEG(); lib != nil {
			return lib.decode(src, info, scale)
		}
	}
	return decodeJPEGInGo(src, scale)
}

// jpegMost is how many pixels a file of a size may have: a block of 64 samples costs at least one bit in
// Huffman coding, and not all components may be subsampled.
func jpegMost(size int) int64 { return 1<<16 + 8*64*int64(size) }
