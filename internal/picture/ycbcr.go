package picture

import "image"

// libjpeg's fixed-point YCbCr to RGB (jdcolor.c), 16 bits after the point.
var (
	redOfCr, blueOfCb    [256]int32
	greenOfCr, greenOfCb [256]int32
	// clamped[v+256] is v within 0 to 255, for -256 <= v < 768.
	clamped [1024]byte
)

func init() {
	const half = 1 << 15
	for i := range int32(256) {
		x := i - 128
		redOfCr[i] = (91881*x + half) >> 16
		blueOfCb[i] = (116130*x + half) >> 16
		greenOfCr[i] = -46802 * x
		greenOfCb[i] = -22554*x + half
	}
	for i := range clamped {
		clamped[i] = byte(min(max(i-256, 0), 255))
	}
}

// ycbcrToRGB upsamples chroma as libjpeg's "fancy" upsampling does (jdsample.c:
// triangle filters at 2:1, repetition at other ratios) and converts to RGB.
func ycbcrToRGB(m *image.YCbCr) *Picture {
	width, height := m.Rect.Dx(), m.Rect.Dy()
	across, down := 1, 1
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		across = 2
	case image.YCbCrSubsampleRatio420:
		across, down = 2, 2
	case image.YCbCrSubsampleRatio440:
		down = 2
	case image.YCbCrSubsampleRatio411:
		across = 4
	case image.YCbCrSubsampleRatio410:
		across, down = 4, 2
	}
	chromaWidth, chromaHeight := (width+across-1)/across, (height+down-1)/down
	// libjpeg repeats where a row is too short for the filter.
	fancy := across == 1 && down == 2 || across == 2 && chromaWidth > 2

	p := New(width, height)
	bands(height, 1+1<<17/width, func(from, to int) {
		cb, cr := make([]byte, across*chromaWidth), make([]byte, across*chromaWidth)
		for y := from; y < to; y++ {
			near := y / down
			far, bias := near, 2
			if fancy && down == 2 {
				if y%2 == 0 {
					far, bias = max(near-1, 0), 1
				} else {
					far = min(near+1, chromaHeight-1)
				}
			}
			a, b := near*m.CStride, far*m.CStride
			cb1, cb2 := m.Cb[a:a+chromaWidth], m.Cb[b:b+chromaWidth]
			cr1, cr2 := m.Cr[a:a+chromaWidth], m.Cr[b:b+chromaWidth]
			switch {
			case across == 1 && down == 1:
				cb, cr = cb1, cr1
			case fancy && across == 2 && down == 2:
				triangle2x2(cb, cb1, cb2)
				triangle2x2(cr, cr1, cr2)
			case fancy && across == 2:
				triangle2x1(cb, cb1)
				triangle2x1(cr, cr1)
			case fancy:
				triangle1x2(cb, cb1, cb2, bias)
				triangle1x2(cr, cr1, cr2, bias)
			default:
				repeat(cb, cb1, across)
				repeat(cr, cr1, across)
			}
			rowToRGB(p.Pix[3*y*width:][:3*width], m.Y[y*m.YStride:][:width], cb, cr)
		}
	})
	return p
}

func rowToRGB(dst, luma, cb, cr []byte) {
	cb, cr = cb[:len(luma)], cr[:len(luma)]
	for x, l := range luma {
		b, r := cb[x], cr[x]
		y := int32(l) + 256
		d := dst[3*x : 3*x+3 : 3*x+3]
		d[0] = clamped[(y+redOfCr[r])&1023]
		d[1] = clamped[(y+(greenOfCb[b]+greenOfCr[r])>>16)&1023]
		d[2] = clamped[(y+blueOfCb[b])&1023]
	}
}

// triangle2x2 doubles both ways; near is the closer of the two rows around the output row.
func triangle2x2(out, near, far []byte) {
	far = far[:len(near)]
	last := len(near) - 1
	here := 3*int32(near[0]) + int32(far[0])
	next := 3*int32(near[1]) + int32(far[1])
	out[0] = byte((4*here + 8) >> 4)
	out[1] = byte((3*here + next + 7) >> 4)
	before := here
	here = next
	for i := 2; i < len(near); i++ {
		next = 3*int32(near[i]) + int32(far[i])
		o := out[2*i-2 : 2*i : 2*i]
		o[0] = byte((3*here + before + 8) >> 4)
		o[1] = byte((3*here + next + 7) >> 4)
		before, here = here, next
	}
	out[2*last] = byte((3*here + before + 8) >> 4)
	out[2*last+1] = byte((4*here + 7) >> 4)
}

func triangle2x1(out, in []byte) {
	last := len(in) - 1
	out[0] = in[0]
	out[1] = byte((3*int32(in[0]) + int32(in[1]) + 2) >> 2)
	for i := 1; i < last; i++ {
		here := 3 * int32(in[i])
		out[2*i] = byte((here + int32(in[i-1]) + 1) >> 2)
		out[2*i+1] = byte((here + int32(in[i+1]) + 2) >> 2)
	}
	out[2*last] = byte((3*int32(in[last]) + int32(in[last-1]) + 1) >> 2)
	out[2*last+1] = in[last]
}

func triangle1x2(out, near, far []byte, bias int) {
	for i, n := range near {
		out[i] = byte((3*int(n) + int(far[i]) + bias) >> 2)
	}
}

func repeat(out, in []byte, times int) {
	for i, v := range in {
		for j := range times {
			out[times*i+j] = v
		}
	}
}
