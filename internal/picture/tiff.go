package picture

import (
	"errors"

	"golang.org/x/image/tiff"
)

func inspectTIFF(src *source) (Info, error) {
	width, ok := tiffTag(src.data, 0x0100)
	height, ok2 := tiffTag(src.data, 0x0101)
	if !ok || !ok2 {
		return Info{}, src.corrupt("no size in the first directory")
	}
	if width > 1<<31-1 || height > 1<<31-1 {
		return Info{}, src.corrupt("bad size %d x %d", width, height)
	}
	if err := src.lim.check("tiff", int(width), int(height)); err != nil {
		return Info{}, err
	}
	return turned("tiff", int(width), int(height), readEXIF(src.data)), nil
}

func decodeTIFF(src *source, info Info) (*Picture, error) {
	// Deflate makes at most 1032 bytes of one, the other compressions less.
	if (int64(info.Width)+7)/8*int64(info.Height) > 1032*int64(len(src.data)) {
		return nil, src.truncated()
	}
	f, err := openTIFF(src)
	if err != nil {
		return nil, err
	}
	samples := f.value(277, 1)
	if samples > 1 && (f.value(284, 1) == 2 || len(f.tags[258]) != samples) {
		// golang.org/x/image would take planes for pixels.
		return f.decode(info.Width, info.Height)
	}
	img, err := tiff.Decode(&reader{src: src})
	var unsupported tiff.UnsupportedError
	var malformed tiff.FormatError
	if errors.As(err, &unsupported) || errors.As(err, &malformed) {
		return f.decode(info.Width, info.Height)
	}
	if err != nil {
		return nil, err
	}
	p, err := fromImage(img)
	// golang.org/x/image takes the codes of fax compression for colours; libtiff
	// takes them for sample values, which BlackIsZero reads the other way round.
	compression, _ := tiffTag(src.data, 0x0103)
	if photometric, ok := tiffTag(src.data, 0x0106); err == nil && ok && photometric == 1 && (compression == 3 || compression == 4) {
		for i := range p.Pix {
			p.Pix[i] = ^p.Pix[i]
		}
	}
	return p, err
}
