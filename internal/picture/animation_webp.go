package picture

import (
	"encoding/binary"
	"time"
)

// readWebP finds the frames of an animated WebP file (https://developers.google.com/speed/webp/docs/riff_container).
func (a *Animation) readWebP(data []byte) error {
	u24 := func(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
	size := uint64(binary.LittleEndian.Uint32(data[4:])) + 8
	a.Cut, a.First = size > uint64(len(data)), true
	rest := data[12:min(size, uint64(len(data)))]
	for kind, body := range chunks(rest, binary.LittleEndian, 0) {
		switch {
		case kind == "VP8X" && len(body) >= 10:
			a.Width, a.Height = u24(body[4:])+1, u24(body[7:])+1
			if err := a.limits.check("webp", a.Width, a.Height); err != nil {
				return err
			}
		case kind == "ANMF" && len(body) >= 16 && a.Width > 0:
			f := animationFrame{
				x: 2 * u24(body), y: 2 * u24(body[3:]), width: u24(body[6:]) + 1, height: u24(body[9:]) + 1,
				duration: time.Duration(u24(body[12:])) * time.Millisecond, over: body[15]&2 == 0,
			}
			if body[15]&1 != 0 {
				f.dispose = cleared
			}
			if f.x+f.width > a.Width || f.y+f.height > a.Height {
				return failf(ErrCorrupt, "WebP: a frame of %d x %d at %d,%d lies outside of the canvas of %d x %d", f.width, f.height, f.x, f.y, a.Width, a.Height)
			}
			if a.Cut && &body[len(body)-1] == &rest[len(rest)-1] { // it ends within this frame
				return nil
			}
			f.still = func() []byte { return stillWebP(body[16:], f.width, f.height) }
			if err := a.add(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// stillWebP is a file of a frame's chunks alone.
func stillWebP(frame []byte, width, height int) []byte {
	u24 := func(to []byte, n int) []byte { return append(to, byte(n), byte(n>>8), byte(n>>16)) }
	head := append([]byte("VP8X\x0a\x00\x00\x00"), 0x10, 0, 0, 0) // it may be transparent
	head = u24(u24(head, width-1), height-1)
	file := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(4+len(head)+len(frame)))
	return append(append(append(file, "WEBP"...), head...), frame...)
}
