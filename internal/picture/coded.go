package picture

import "errors"

func init() {
	coded := Format{Alpha: true, inspect: inspectCoded, decode: decodeCoded, cost: bytesPerPixel(8)}
	jxl, jp2 := coded, coded
	jxl.Name, jxl.Title, jxl.MediaType, jxl.Extensions = "jxl", "JPEG XL", "image/jxl", []string{".jxl"}
	jxl.matches = begins("\xff\x0a", "\x00\x00\x00\x0cJXL \r\n\x87\n")
	jp2.Name, jp2.Title, jp2.MediaType, jp2.Extensions = "jp2", "JPEG 2000", "image/jp2", []string{".jp2", ".j2k", ".j2c", ".jpf", ".jpx"}
	jp2.matches = begins("\x00\x00\x00\x0cjP  \r\n\x87\n", "\xff\x4f\xff\x51")
	register(jxl)
	register(jp2)
}

// inspectCoded leaves the decoding, and in JPEG XL the turning, to the system's libraries.
func inspectCoded(src *source) (Info, error) {
	c := &codedPicture{}
	if err := c.open(src); err != nil {
		c.close()
		return Info{Format: src.format}, err
	}
	if src.decoding {
		src.coded = c
	} else {
		c.close()
	}
	return turned(src.format, c.width, c.height, c.exif.upright()), src.lim.check(src.format, c.width, c.height)
}

func decodeCoded(src *source, _ Info) (*Picture, error) {
	c := src.coded
	if c == nil {
		return nil, errors.New("JPEG: not opened")
	}
	src.coded = nil
	defer c.close()
	return c.draw(src)
}
