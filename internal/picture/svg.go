package picture

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
)

func init() {
	register(Format{
		Name: "svg", Title: "SVG", Extensions: []string{".svg", ".svgz"}, MediaType: "image/svg+xml", Alpha: true, Lossless: true,
		matches: matchesSVG,
		inspect: inspectSVG, decode: decodeSVG,
		cost: bytesPerPixel(8),
	})
}

// A drawing has no pixels of its own to keep. One whose longer side is below svgSmall is drawn larger, so that a
// model sees more of an icon than 16 pixels; one above svgLarge is drawn smaller.
const (
	svgSmall = 512
	svgLarge = 2048
)

// svgText returns the drawing, unpacked if it is an .svgz.
func svgText(src *source) ([]byte, error) {
	if !bytes.HasPrefix(src.data, []byte("\x1f\x8b")) {
		return src.data, nil
	}
	const limitBytes = 64 << 20
	z, err := gzip.NewReader(&reader{src: src})
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(z, limitBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > limitBytes {
		return nil, failf(ErrTooLarge, "SVG: more than %d MB of text", limitBytes>>20)
	}
	return data, nil
}

// openDrawing parses the file and settles the size in pixels.
func openDrawing(src *source) (d *svgDrawing, width, height int, err error) {
	text, err := svgText(src)
	if err != nil {
		return nil, 0, 0, err
	}
	d = &svgDrawing{}
	w, h, err := d.read(src, text)
	if err != nil {
		d.close()
		return nil, 0, 0, err
	}
	if !(w > 0 && h > 0) || math.IsInf(w, 0) || math.IsInf(h, 0) {
		w, h = svgSmall, svgSmall
	}
	// Floating-point numbers: a size of 1e300 is one, too.
	side := math.Max(w, h)
	scale := math.Min(math.Max(side, svgSmall), svgLarge) / side
	w, h = math.Max(1, math.Round(w*scale)), math.Max(1, math.Round(h*scale))
	if err := src.lim.check("svg", int(w), int(h)); err != nil {
		d.close()
		return nil, 0, 0, err
	}
	return d, int(w), int(h), nil
}

func inspectSVG(src *source) (Info, error) {
	d, width, height, err := openDrawing(src)
	if errors.Is(err, ErrNoDecoder) {
		return Info{Format: "svg"}, err
	}
	if err != nil {
		return Info{}, err
	}
	if src.decoding {
		src.svg = d
	} else {
		d.close()
	}
	return turned("svg", width, height, upAndUndated), nil
}

// decodeSVG draws on white, as a browser shows a drawing, and reports what it left see-through.
func decodeSVG(src *source, info Info) (*Picture, error) {
	d := src.svg
	if d == nil {
		return nil, errors.New("SVG: not opened")
	}
	src.svg = nil
	defer d.close()
	return d.draw(src, info.Width, info.Height)
}
