package picture

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
	"time"
)

// readPNG finds the frames of an animated PNG file (PNG specification, third edition, 11.3.6).
func (a *Animation) readPNG(data []byte) error {
	var header, shared []byte // IHDR's body; chunks that all frames need
	var frame *animationFrame // that is being read
	var pixels []byte         // its IDAT chunks
	moves, done := false, false
	end := func() error {
		if frame == nil || len(pixels) == 0 {
			return nil
		}
		f := *frame
		ihdr := slices.Clone(header)
		binary.BigEndian.PutUint32(ihdr, uint32(f.width))
		binary.BigEndian.PutUint32(ihdr[4:], uint32(f.height))
		body := pixels
		f.still = func() []byte {
			return appendPNGChunk(slices.Concat(appendPNGChunk(slices.Clone(data[:8]), "IHDR", ihdr), shared, body), "IEND", nil)
		}
		frame, pixels = nil, nil
		return a.add(f)
	}
	for at := 8; !done; {
		if len(data)-at < 12 {
			break
		}
		size, kind := uint64(binary.BigEndian.Uint32(data[at:])), string(data[at+4:at+8])
		if size > uint64(len(data)-at-12) {
			break
		}
		body := data[at+8 : at+8+int(size)]
		chunk := data[at : at+12+int(size)]
		at += len(chunk)
		switch kind {
		case "IHDR":
			if len(body) != 13 || header != nil {
				return failf(ErrCorrupt, "PNG: bad header")
			}
			header = body
			a.Width, a.Height = int(binary.BigEndian.Uint32(body)), int(binary.BigEndian.Uint32(body[4:]))
			if err := a.limits.check("png", a.Width, a.Height); err != nil {
				return err
			}
		case "PLTE", "tRNS":
			shared = append(shared, chunk...)
		case "acTL":
			moves = true
		case "fcTL":
			if err := end(); err != nil {
				return err
			}
			if header == nil || len(body) != 26 {
				return failf(ErrCorrupt, "PNG: bad frame header")
			}
			n := func(at int) int { return int(binary.BigEndian.Uint32(body[at:])) }
			f := animationFrame{width: n(4), height: n(8), x: n(12), y: n(16), over: body[25] == 1, dispose: disposal(min(body[24], 2))}
			if f.width <= 0 || f.height <= 0 || f.x < 0 || f.y < 0 || f.x+f.width > a.Width || f.y+f.height > a.Height {
				return failf(ErrCorrupt, "PNG: a frame of %d x %d at %d,%d lies outside of the canvas of %d x %d", f.width, f.height, f.x, f.y, a.Width, a.Height)
			}
			if len(a.frames) == 0 && f.dispose == undone {
				f.dispose = cleared
			}
			above, below := binary.BigEndian.Uint16(body[20:]), binary.BigEndian.Uint16(body[22:])
			if below == 0 {
				below = 100
			}
			f.duration = time.Duration(above) * time.Second / time.Duration(below)
			frame = &f
		case "IDAT":
			if !moves { // acTL comes before
				return nil
			}
			if frame != nil {
				a.First = true
				pixels = append(pixels, chunk...)
			}
		case "fdAT":
			if frame != nil && len(body) > 4 {
				pixels = appendPNGChunk(pixels, "IDAT", body[4:])
			}
		case "IEND":
			done = true
		}
	}
	if !done { // what was being read may not be whole
		a.Cut = moves
		return nil
	}
	return end()
}

func appendPNGChunk(to []byte, kind string, body []byte) []byte {
	to = binary.BigEndian.AppendUint32(to, uint32(len(body)))
	from := len(to)
	to = append(append(to, kind...), body...)
	return binary.BigEndian.AppendUint32(to, crc32.ChecksumIEEE(to[from:]))
}
