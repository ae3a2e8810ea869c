package picture

import "context"

// DecodeReduced is Decode for who shrinks the picture anyway: width x height pixels, upright, are enough. The picture
// may be smaller than info says, but no less than that, and keeps its shape within a pixel. A JPEG file is decoded at
// a half, a quarter or an eighth by a smaller transform, as after Pillow's Image.draft; of a HEIC or AVIF file a preview
// is decoded that is in it and large enough. All other pictures have their full size.
func DecodeReduced(ctx context.Context, data []byte, lim Limits, width, height int) (*Picture, Info, error) {
	return decode(ctx, data, lim, [2]int{width, height})
}

// Enough returns a size for which DecodeReduced returns the same picture as for width x height, and which is the same
// for all that it returns it for: the largest one, as far as info tells.
func Enough(info Info, width, height int) (int, int) {
	switch f := byName[info.Format]; {
	case f == nil || f.reduce == nil || width > info.Width || height > info.Height:
		return info.Width, info.Height
	case info.Format != "jpeg": // which previews there are is known once the file is opened
		return width, height
	}
	scale := jpegScale(info, width, height)
	return info.Width / scale, info.Height / scale
}
