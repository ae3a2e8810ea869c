package picture

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

// toRGB upsamples chroma as libjpeg's "fancy" upsampling does (jdsample.c:
// triangle filters at 2:1, repetition at other ratios) and converts to RGB.
func (f *jpegFile) toRGB(height int) *Picture {
	// Which colours the components are, as libjpeg guesses it (jdapimin.c).
	n := len(f.parts)
	coloured := n == 4 && f.adobe && f.transform != 0
	if n == 3 {
		ids := [3]int{f.parts[0].id, f.parts[1].id, f.parts[2].id}
		coloured = f.jfif || f.adobe && f.transform != 0 || !f.adobe && ids != [3]int{'R', 'G', 'B'}
	}
	switch f.as {
	case jpegPlain:
		coloured = false
	case jpegYCbCr:
		coloured = n == 3
	}
	p := New(f.width, height)
	bands(height, 1+1<<17/f.width, func(from, to int) {
		rows := make([][]byte, n)
		spare := make([][]byte, n)
		for i, part := range f.parts {
			spare[i] = make([]byte, part.horizontally*part.width)
		}
		for y := from; y < to; y++ {
			for i, part := range f.parts {
				rows[i] = part.row(y, spare[i])[:f.width]
			}
			dst := p.Pix[3*y*f.width:][:3*f.width]
			switch {
			case n == 1:
				for x, v := range rows[0] {
					d := dst[3*x : 3*x+3 : 3*x+3]
					d[0], d[1], d[2] = v, v, v
				}
			case coloured:
				rowToRGB(dst, rows[0], rows[1], rows[2])
			default:
				for x := range f.width {
					dst[3*x], dst[3*x+1], dst[3*x+2] = rows[0][x], rows[1][x], rows[2][x]
				}
			}
			if n < 4 {
				continue
			}
			// Adobe stores 255 for no ink, and everyone follows. Of YCCK the
			// conversion above gives the inks the other way round.
			for x, light := range rows[3] {
				for c := range 3 {
					ink := int(dst[3*x+c])
					if !coloured {
						ink = 255 - ink
					}
					t := ink*int(light) + 128
					dst[3*x+c] = byte(max(0, int(light)-((t>>8+t)>>8)))
				}
			}
		}
	})
	return p
}

// row returns the samples for line y of the picture, in out where they are not in p as they are.
func (p *jpegPart) row(y int, out []byte) []byte {
	line := func(i int) []byte { return p.pix[i*p.stride*p.side:][:p.width] }
	near := y / p.vertically
	// libjpeg repeats where a row is too short for the filter.
	long := p.width > 2
	if p.repeated {
		repeat(out, line(near), p.horizontally)
		return out
	}
	far, bias := near, 2
	if p.vertically == 2 {
		if y%2 == 0 {
			far, bias = max(near-1, 0), 1
		} else {
			far = min(near+1, p.height-1)
		}
	}
	switch [2]int{p.horizontally, p.vertically} {
	case [2]int{1, 1}:
		return line(near)
	case [2]int{1, 2}:
		triangle1x2(out, line(near), line(far), bias)
		return out
	case [2]int{2, 1}:
		if long {
			triangle2x1(out, line(near))
			return out
		}
	case [2]int{2, 2}:
		if long {
			triangle2x2(out, line(near), line(far))
			return out
		}
	}
	repeat(out, line(near), p.horizontally)
	return out
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
