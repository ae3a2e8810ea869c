package picture

import (
	"context"
	"encoding/binary"
	"slices"
	"time"
)

// readGIF finds the frames of a GIF file (GIF89a specification). What is transparent shows what was there.
func (a *Animation) readGIF(data []byte) error {
	first, err := firstGIFFrame(&source{ctx: context.Background(), data: data, format: "gif", lim: a.limits})
	if err != nil {
		return err
	}
	a.Width, a.Height, a.First = first.canvasWidth, first.canvasHeight, true
	head := 13
	if data[10]&0x80 != 0 {
		head += 3 << (data[10]&7 + 1)
	}
	var control []byte // the extension before a frame
	for at := head; ; {
		if at >= len(data) {
			a.Cut = true
			return nil
		}
		switch data[at] {
		case 0x21:
			end := skipBlocks(data, at+2)
			if end < 0 {
				a.Cut = true
				return nil
			}
			if data[at+1] == 0xf9 && end-at >= 8 {
				control = data[at:end]
			}
			at = end
		case 0x2c:
			pixels := at + 10
			if pixels < len(data) && data[at+9]&0x80 != 0 {
				pixels += 3 << (data[at+9]&7 + 1)
			}
			end := skipBlocks(data, pixels+1) // behind the size of codes
			if end < 0 {
				a.Cut = true
				return nil
			}
			// The decoder puts the frame on a canvas of the file's size.
			parts := [][]byte{data[:head], control, data[at:end], {0x3b}}
			f := animationFrame{
				still: func() []byte { return slices.Concat(parts...) }, whole: true, over: true,
				x: int(binary.LittleEndian.Uint16(data[at+1:])), y: int(binary.LittleEndian.Uint16(data[at+3:])),
				width: int(binary.LittleEndian.Uint16(data[at+5:])), height: int(binary.LittleEndian.Uint16(data[at+7:])),
			}
			if control != nil {
				f.duration = time.Duration(binary.LittleEndian.Uint16(control[4:])) * 10 * time.Millisecond
				f.dispose = [8]disposal{2: cleared, 3: undone}[control[3]>>2&7]
			}
			if err := a.add(f); err != nil {
				return err
			}
			control, at = nil, end
		case 0x3b:
			return nil
		default: // as the decoder skips it
			at++
		}
	}
}

// skipBlocks returns the end of the sub-blocks that begin at a place, or -1 where the file ends before.
func skipBlocks(data []byte, at int) int {
	for at < len(data) && data[at] != 0 {
		at += 1 + int(data[at])
	}
	if at >= len(data) {
		return -1
	}
	return at + 1
}
