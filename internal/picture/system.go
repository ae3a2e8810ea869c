//go:build cgo && (linux || darwin)

package picture

// #cgo linux LDFLAGS: -ldl
// #include <stdlib.h>
// #include "system.h"
import "C"

import (
	"context"
	"encoding/binary"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Names to try, in this order. Package managers on macOS install where the
// loader does not look by itself.
func candidates(linux []string, darwin ...string) []string {
	if runtime.GOOS != "darwin" {
		return linux
	}
	var all []string
	for _, name := range darwin {
		all = append(all, name, "/opt/homebrew/lib/"+name, "/usr/local/lib/"+name, "/opt/local/lib/"+name)
	}
	return all
}

// openFirst calls open with each name until one succeeds.
func openFirst(candidates []string, open func(name, text *C.char) C.int) (library string, err error) {
	text := (*C.char)(C.malloc(C.AKIN_TEXT))
	defer C.free(unsafe.Pointer(text))
	var reasons []string
	for _, candidate := range candidates {
		name := C.CString(candidate)
		ok := open(name, text)
		C.free(unsafe.Pointer(name))
		if ok != 0 {
			return candidate, nil
		}
		reasons = append(reasons, C.GoString(text))
	}
	return "", errors.New(strings.Join(reasons, "; "))
}

type message [C.AKIN_TEXT]C.char

func (m *message) String() string { return C.GoString(&m[0]) }

// libjpeg-turbo

type jpegLibrary struct {
	c    C.struct_akin_jpeg
	name string
}

var openJPEG = sync.OnceValues(func() (*jpegLibrary, error) {
	lib := (*jpegLibrary)(nil)
	var c C.struct_akin_jpeg
	name, err := openFirst(candidates([]string{"libjpeg.so.62", "libjpeg.so.8"}, "libjpeg.8.dylib", "libjpeg.62.dylib",
		"../opt/jpeg-turbo/lib/libjpeg.8.dylib"),
		func(name, text *C.char) C.int { return C.akin_jpeg_open(&c, name, text) })
	if err == nil {
		lib = &jpegLibrary{c, name}
	}
	return lib, err
})

func systemJPEG() *jpegLibrary {
	lib, _ := openJPEG()
	return lib
}

func (l *jpegLibrary) decode(src *source, info Info) (*Picture, error) {
	p := New(info.Width, info.Height)
	var stop atomic.Int32
	cancel := context.AfterFunc(src.ctx, func() { stop.Store(1) })
	defer cancel()
	var text message
	if C.akin_jpeg_decode(&l.c, (*C.uint8_t)(&src.data[0]), C.size_t(len(src.data)), (*C.uint8_t)(&p.Pix[0]),
		C.uint(info.Width), C.uint(info.Height), (*C.int32_t)(unsafe.Pointer(&stop)), &text[0]) != 0 {
		return p, nil
	}
	p.Release()
	switch t := text.String(); {
	case t == C.AKIN_STOPPED:
		return nil, src.stopped()
	case t == C.AKIN_TRUNCATED:
		return nil, src.truncated()
	case strings.HasPrefix(t, "Unsupported"), strings.Contains(t, "not supported"), strings.Contains(t, "not implemented"),
		strings.HasPrefix(t, "Sorry"):
		return nil, src.unsupported("%s", t)
	default:
		return nil, src.corrupt("%s", strings.TrimPrefix(t, "Corrupt JPEG data: "))
	}
}

// libheif

var openHEIF = sync.OnceValues(func() (string, error) {
	return openFirst(candidates([]string{"libheif.so.1"}, "libheif.1.dylib"),
		func(name, text *C.char) C.int { return C.akin_heif_open(name, text) })
})

// heifPicture is a HEIF file in libheif's hands; close frees it.
type heifPicture struct{ c C.struct_akin_heif }

func (h *heifPicture) read(src *source) (width, height int, err error) {
	if _, err := openHEIF(); err != nil {
		return 0, 0, noDecoder(src, "libheif", err)
	}
	var text message
	if C.akin_heif_read(&h.c, (*C.uint8_t)(&src.data[0]), C.size_t(len(src.data)), &text[0]) == 0 {
		return 0, 0, src.corrupt("%s", text.String())
	}
	return int(h.c.width), int(h.c.height), nil
}

// exif reads the file's EXIF block, if it has one.
func (h *heifPicture) exif() exif {
	size := C.akin_heif_exif(&h.c, nil, 0)
	if size <= 4 || size > exifLimit {
		return upAndUndated
	}
	block := make([]byte, size)
	if C.akin_heif_exif(&h.c, (*C.uint8_t)(&block[0]), size) != size {
		return upAndUndated
	}
	skip := uint64(binary.BigEndian.Uint32(block)) // from after these 4 bytes to the directories
	return readEXIF(block[min(4+skip, uint64(size)):])
}

// exifLimit is the size of the largest block that is read; they hold thumbnails.
const exifLimit = 16 << 20

func (h *heifPicture) close() { C.akin_heif_close(&h.c) }

// planes decodes to 8-bit planes: one of luma, three of YCbCr, or none where
// libheif has other pixels.
func (h *heifPicture) planes(src *source, chroma int) (planes []plane, matrix int, full bool, err error) {
	var text message
	space := 0
	if chroma == 0 {
		space = 2
	}
	if C.akin_heif_decode(&h.c, C.int(space), C.int(chroma), &text[0]) == 0 {
		return nil, 0, false, heifError(src, text.String())
	}
	for i := range int(h.c.planes) {
		p := plane{width: int(h.c.plane_width[i]), height: int(h.c.plane_height[i])}
		if p.width <= 0 || p.height <= 0 {
			return nil, 0, false, src.corrupt("a plane without pixels")
		}
		p.pix = make([]byte, p.width*p.height)
		C.akin_heif_plane(&h.c, C.int(i), (*C.uint8_t)(&p.pix[0]))
		planes = append(planes, p)
	}
	return planes, int(h.c.matrix), h.c.full_range != 0, nil
}

// rgb lets libheif convert.
func (h *heifPicture) rgb(src *source) (*Picture, error) {
	var text message
	if C.akin_heif_decode(&h.c, 1, 10, &text[0]) == 0 {
		return nil, heifError(src, text.String())
	}
	width, height := int(h.c.plane_width[0]), int(h.c.plane_height[0])
	if err := src.lim.check(src.format, width, height); err != nil {
		return nil, err
	}
	p := New(width, height)
	C.akin_heif_plane(&h.c, 10, (*C.uint8_t)(&p.Pix[0]))
	return p, nil
}

func heifError(src *source, text string) error {
	if strings.Contains(text, "nsupported") || strings.Contains(text, "plugin") {
		return failf(ErrNoDecoder, "%s: libheif cannot decode it (%s): install its decoder plugins (libheif-plugin-libde265, libheif-plugin-dav1d)",
			names[src.format], text)
	}
	return src.corrupt("%s", text)
}

// librsvg

var openSVG = sync.OnceValues(func() (string, error) {
	cairo := C.CString("libcairo.so.2")
	rsvg, err := openFirst(candidates([]string{"librsvg-2.so.2"}, "librsvg-2.2.dylib"),
		func(name, text *C.char) C.int {
			if runtime.GOOS == "darwin" {
				C.free(unsafe.Pointer(cairo))
				cairo = C.CString(strings.Replace(C.GoString(name), "librsvg-2.2.dylib", "libcairo.2.dylib", 1))
			}
			return C.akin_svg_open(name, cairo, text)
		})
	C.free(unsafe.Pointer(cairo))
	return rsvg, err
})

// svgDrawing is an SVG file in librsvg's hands; close frees it.
type svgDrawing struct{ handle unsafe.Pointer }

func (d *svgDrawing) read(src *source, data []byte) (width, height float64, err error) {
	if _, err := openSVG(); err != nil {
		return 0, 0, noDecoder(src, "librsvg", err)
	}
	var text message
	var w, h C.double
	var handle unsafe.Pointer
	ok := C.akin_svg_read(&handle, (*C.uint8_t)(&data[0]), C.size_t(len(data)), &w, &h, &text[0])
	d.handle = handle
	if ok == 0 {
		return 0, 0, src.corrupt("%s", text.String())
	}
	return float64(w), float64(h), nil
}

func (d *svgDrawing) draw(src *source, width, height int) (*Picture, error) {
	p := New(width, height)
	var text message
	if C.akin_svg_draw(d.handle, C.int(width), C.int(height), (*C.uint8_t)(&p.Pix[0]), &text[0]) == 0 {
		p.Release()
		return nil, src.corrupt("%s", text.String())
	}
	return p, nil
}

func (d *svgDrawing) close() {
	C.akin_svg_close(d.handle)
	d.handle = nil
}

// Decoders tells which of the system's decoders are found.
func Decoders() []Decoder {
	jpeg := Decoder{Name: "libjpeg-turbo", Formats: "JPEG, faster than akin's own decoder"}
	lib, err := openJPEG()
	if jpeg.Err = err; err == nil {
		jpeg.Library = lib.name
	}
	heic := Decoder{Name: "libheif", Formats: "HEIC"}
	heic.Library, heic.Err = openHEIF()
	avif := heic
	avif.Formats = "AVIF"
	if heic.Err == nil {
		version := C.GoString(C.akin_heif_version())
		if C.akin_heif_have(1) == 0 {
			heic.Err = errors.New("libheif " + version + " has no HEVC decoder: install libheif-plugin-libde265")
		}
		if C.akin_heif_have(4) == 0 {
			avif.Err = errors.New("libheif " + version + " has no AV1 decoder: install libheif-plugin-dav1d or libheif-plugin-aomdec")
		}
	}
	svg := Decoder{Name: "librsvg", Formats: "SVG"}
	svg.Library, svg.Err = openSVG()
	return []Decoder{jpeg, heic, avif, svg}
}
