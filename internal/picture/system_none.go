//go:build !cgo || !(linux || darwin)

package picture

import "errors"

var errNoSystem = errors.New("this build of akin loads no system libraries")

type jpegLibrary struct{}

func systemJPEG() *jpegLibrary { return nil }

func (*jpegLibrary) decode(*source, Info, int) (*Picture, error) { return nil, errNoSystem }

type heifPicture struct {
	boxes         *heifFile
	width, height int
	taken         string
}

func (*heifPicture) read(src *source, _ []byte) error {
	return &NoDecoderError{src.title(), "libheif", errNoSystem}
}
func (*heifPicture) planes(*source, int) ([]plane, *plane, error) {
	return nil, nil, errNoSystem
}
func (*heifPicture) close() {}

type svgDrawing struct{}

func (*svgDrawing) read(src *source, _ []byte) (float64, float64, error) {
	return 0, 0, &NoDecoderError{src.title(), "librsvg", errNoSystem}
}
func (*svgDrawing) draw(*source, int, int) (*Picture, error) { return nil, errNoSystem }
func (*svgDrawing) close()                                   {}

// Decoders reports which of the system's decoders are found.
func Decoders() []Decoder {
	return []Decoder{
		{Name: "libjpeg-turbo", Formats: "JPEG, faster than akin's own decoder", Err: errNoSystem},
		{Name: "libheif", Formats: "HEIC, AVIF", Err: errNoSystem},
		{Name: "librsvg", Formats: "SVG", Err: errNoSystem},
	}
}
