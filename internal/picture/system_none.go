//go:build !cgo || !(linux || darwin)

package picture

import "cmp"

type jpegLibrary struct{}

func systemJPEG() *jpegLibrary { return nil }

func (*jpegLibrary) decode(*source, Info, int) (*Picture, error) { return nil, ErrNoSystem }

type heifPicture struct {
	boxes         *heifFile
	width, height int
	taken         string
}

func (*heifPicture) read(src *source, _ []byte) error {
	return &NoDecoderError{src.title(), "libheif", ErrNoSystem}
}
func (*heifPicture) planes(*source, int) ([]plane, *plane, error) {
	return nil, nil, ErrNoSystem
}
func (*heifPicture) close() {}

type svgDrawing struct{}

func (*svgDrawing) read(src *source, _ []byte) (float64, float64, error) {
	return 0, 0, &NoDecoderError{src.title(), "librsvg", ErrNoSystem}
}
func (*svgDrawing) draw(*source, int, int) (*Picture, error) { return nil, ErrNoSystem }
func (*svgDrawing) close()                                   {}

type codedPicture struct {
	width, height int
	taken         string
}

func (*codedPicture) open(src *source) error {
	library := map[string]string{"jxl": "libjxl", "jp2": "OpenJPEG"}[src.format]
	return &NoDecoderError{src.title(), cmp.Or(library, "LibRaw"), ErrNoSystem}
}
func (*codedPicture) draw(*source) (*Picture, error) { return nil, ErrNoSystem }
func (*codedPicture) close()                         {}

// Decoders reports which of the system's decoders are found.
func Decoders() []Decoder {
	return []Decoder{
		{Name: "libjpeg-turbo", Formats: "JPEG, faster than akin's own decoder", Err: ErrNoSystem},
		{Name: "libheif", Formats: "HEIC, AVIF", Err: ErrNoSystem},
		{Name: "librsvg", Formats: "SVG", Err: ErrNoSystem},
		{Name: "libjxl", Formats: "JPEG XL", Err: ErrNoSystem},
		{Name: "OpenJPEG", Formats: "JPEG 2000", Err: ErrNoSystem},
		{Name: "LibRaw", Formats: "RAW without a preview, CR3, ORF and RW2", Err: ErrNoSystem},
	}
}
