//go:build cgo && (linux || darwin)

package picture

// #cgo linux LDFLAGS: -ldl
// #include <stdlib.h>
// #include "system.h"
import "C"

import (
	"context"
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

func (l *jpegLibrary) decode(src *source, info Info, scale int) (*Picture, error) {
	p := New(divideUp(info.Width, scale), divideUp(info.Height, scale))
	var stop atomic.Int32
	cancel := context.AfterFunc(src.ctx, func() { stop.Store(1) })
	defer cancel()
	var text message
	if C.akin_jpeg_decode(&l.c, (*C.uint8_t)(&src.data[0]), C.size_t(len(src.data)), (*C.uint8_t)(&p.Pix[0]),
		C.uint(info.Width), C.uint(info.Height), C.uint(scale), (*C.int32_t)(unsafe.Pointer(&stop)), &text[0]) != 0 {
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

// Decoders reports which of the system's decoders are found, and what holds those that run in processes of their own.
func Decoders() []Decoder {
	jpeg := Decoder{Name: "libjpeg-turbo", Formats: "JPEG, faster than akin's own decoder"}
	lib, err := openJPEG()
	if err != nil {
		jpeg.Err = &LibraryError{jpeg.Name, err}
	} else {
		jpeg.Library = lib.name
	}
	return append([]Decoder{jpeg}, childDecoders()...)
}
