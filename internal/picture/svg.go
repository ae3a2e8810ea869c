package picture

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
)

// A drawing smaller than this is drawn larger: it has no pixels of its own to
// keep, and a model sees more of an icon that is not 16 pixels wide.
const svgSide = 512

// svgText gives the drawing, unpacked if it is an .svgz.
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
		w, h = svgSide, svgSide
	}
	scale := max(1, svgSide/max(w, h))
	// Compared as floating-point numbers: a size of 1e300 is one, too.
	w, h = math.Max(1, math.Round(w*scale)), math.Max(1, math.Round(h*scale))
	if w > 32767 || h > 32767 || w*h > float64(src.lim.Pixels) {
		d.close()
		return nil, 0, 0, failf(ErrTooLarge, "SVG: %.0f x %.0f is more than can be drawn", w, h)
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
	d.close()
	return turned("svg", width, height, upAndUndated), nil
}

// decodeSVG draws on white, as a browser shows a drawing.
func decodeSVG(src *source, info Info) (*Picture, error) {
	d, _, _, err := openDrawing(src)
	if err != nil {
		return nil, err
	}
	defer d.close()
	return d.draw(src, info.Width, info.Height)
}
