package picture

import (
	"encoding/binary"
	"hash/crc32"
	"image/png"
)

func inspectPNG(src *source) (Info, error) {
	data := src.data
	if len(data) < 33 {
		return Info{}, src.truncated()
	}
	if string(data[12:16]) != "IHDR" || binary.BigEndian.Uint32(data[8:]) != 13 {
		return Info{}, src.corrupt("the file does not begin with an IHDR chunk")
	}
	width, height := binary.BigEndian.Uint32(data[16:]), binary.BigEndian.Uint32(data[20:])
	if width > 1<<31-1 || height > 1<<31-1 {
		return Info{}, src.corrupt("bad size %d x %d", width, height)
	}
	e := upAndUndated
	for kind, body := range chunks(data[8:], binary.BigEndian, 4) {
		if kind == "eXIf" {
			e = readEXIF(body)
			break
		}
	}
	info := turned("png", int(width), int(height), e)
	return info, src.lim.check("png", int(width), int(height))
}

func decodePNG(src *source, info Info) (*Picture, error) {
	// Deflate makes at most 1032 bytes of one: a header that promises more than
	// the file can hold must not cost the memory that it asks for.
	depth, samples := int64(src.data[24]), int64(1)
	switch src.data[25] {
	case 2:
		samples = 3
	case 4:
		samples = 2
	case 6:
		samples = 4
	}
	if raw := (int64(info.Width)*depth*samples + 7) / 8 * int64(info.Height); raw > 1032*int64(len(src.data))+1<<16 {
		return nil, src.truncated()
	}
	img, err := png.Decode(src.reader(0))
	if err != nil {
		return nil, err
	}
	return fromImage(img)
}

// pngDamage finds the first chunk that is cut or does not match its checksum.
func (s *source) pngDamage() error {
	for data, at := s.data, 8; ; {
		if at == len(data) || len(data)-at < 12 {
			return s.truncated()
		}
		size := int64(binary.BigEndian.Uint32(data[at:]))
		if size > int64(len(data)-at-12) {
			return s.truncated()
		}
		body := data[at+4 : at+8+int(size)]
		if crc32.ChecksumIEEE(body) != binary.BigEndian.Uint32(data[at+8+int(size):]) {
			return s.corrupt("bad checksum of the %q chunk at byte %d", body[:4], at)
		}
		if string(body[:4]) == "IEND" {
			return nil
		}
		at += 12 + int(size)
	}
}
