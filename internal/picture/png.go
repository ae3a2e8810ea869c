package picture

func init() {
	register(Format{
		Name: "png", Title: "PNG", Extensions: []string{".png"}, MediaType: "image/png", Alpha: true, Lossless: true,
		matches: begins("\x89PNG\r\n\x1a\n"),
		inspect: inspectPNG, decode: decodePNG,
	})
}

func inspectPNG(src *source) (Info, error) {
	f, err := readPNG(src)
	if err != nil {
		return Info{}, err
	}
	info := turned("png", f.width, f.height, f.exif)
	return info, src.lim.check("png", f.width, f.height)
}

func decodePNG(src *source, _ Info) (*Picture, error) {
	f, err := readPNG(src)
	if err != nil {
		return nil, err
	}
	size := int64(0)
	for _, part := range f.pixels {
		size += int64(part.to - part.from)
	}
	// Deflate makes at most 1032 bytes of one: a header that promises more than
	// the file can hold must not cost the memory that it asks for.
	if size == 0 || (int64(f.width)*int64(f.bitsPerPixel())+7)/8*int64(f.height) > 1032*size+1<<16 {
		return nil, src.truncated()
	}
	if f.colour == pngPalette && len(f.palette) < 3 {
		return nil, src.corrupt("the palette (a PLTE chunk before the pixels) is missing")
	}
	return f.decode(src)
}
