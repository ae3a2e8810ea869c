package picture

import "image"

// RGBA returns opaque pixels, (height, width, 3), as an image of Go's.
func RGBA(pix []byte, width, height int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	for i, o := 0, 0; i+2 < len(pix) && o+3 < len(out.Pix); i, o = i+3, o+4 {
		out.Pix[o], out.Pix[o+1], out.Pix[o+2], out.Pix[o+3] = pix[i], pix[i+1], pix[i+2], 255
	}
	return out
}
