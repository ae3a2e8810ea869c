package picture

import "fmt"

// plane is one channel of a picture.
type plane struct {
	channel       int // of libheif
	width, height int
	bits          int
	limited       bool // black is 16 of 255, white 235
	narrow        []byte
	wide          []uint16 // of more than 8 bits
}

// colours say how samples become red, green and blue, and what does it so.
type colours struct {
	cicp
	// libyuv's way, with few bits; nil for the exact one.
	yuv *yuvConstants
	// Each chroma sample counts for all pixels that it stands for; else they are interpolated.
	nearest bool
}

// yuvConstants are libyuv's, in 64ths: for y the gain in 65536ths of 257, and what is added.
type yuvConstants struct{ ub, ug, vg, vr, yg, yb int32 }

var (
	yuv601Full     = &yuvConstants{113, 22, 46, 90, 16320, 32}
	yuv601Limited  = &yuvConstants{128, 25, 52, 102, 18997, -1160}
	yuv709Full     = &yuvConstants{119, 12, 30, 101, 16320, 32}
	yuv709Limited  = &yuvConstants{128, 14, 34, 115, 18997, -1160}
	yuv2020Full    = &yuvConstants{120, 11, 37, 94, 16320, 32}
	yuv2020Limited = &yuvConstants{128, 12, 42, 107, 19003, -1160}
)

// asIn is how Pillow reads such colours: AVIF by libavif, which takes libyuv where that knows the matrix; HEIC by libheif.
func (c cicp) asIn(format string) colours {
	if format != "avif" {
		if c.matrix == 8 { // libheif knows it in full range only
			c.full = true
		}
		return colours{cicp: c, nearest: true}
	}
	matrix := c.matrix
	if matrix == 12 { // as the primaries give it, but for these
		switch c.primaries {
		case 1, 2:
			matrix = 1
		case 5, 6:
			matrix = 6
		case 9:
			matrix = 9
		}
	}
	pick := func(full, limited *yuvConstants) colours {
		if c.full {
			return colours{cicp: c, yuv: full}
		}
		return colours{cicp: c, yuv: limited}
	}
	switch matrix {
	case 1:
		return pick(yuv709Full, yuv709Limited)
	case 2, 5, 6:
		return pick(yuv601Full, yuv601Limited)
	case 9:
		return pick(yuv2020Full, yuv2020Limited)
	}
	return colours{cicp: c}
}

// luma returns the weights of red and blue in Y, by ITU-T H.273's number of the matrix.
func (c cicp) luma() (kr, kb float64, ok bool) {
	switch c.matrix {
	case 1:
		return 0.2126, 0.0722, true
	case 2, 3, 5, 6: // 2 is unspecified: what everyone takes then
		return 0.299, 0.114, true
	case 4:
		return 0.30, 0.11, true
	case 7:
		return 0.212, 0.087, true
	case 9:
		return 0.2627, 0.0593, true
	case 12: // as the primaries give it
		red, green, blue, white := c.chromaticities()
		return lumaOf(red, green, blue, white)
	}
	return 0, 0, false
}

type point struct{ x, y float64 }

// chromaticities are those of the primaries, by H.273's number, and of white.
func (c cicp) chromaticities() (red, green, blue, white point) {
	d65, centre := point{0.3127, 0.3290}, point{0.310, 0.316}
	switch c.primaries {
	case 4:
		return point{0.67, 0.33}, point{0.21, 0.71}, point{0.14, 0.08}, centre
	case 5:
		return point{0.64, 0.33}, point{0.29, 0.60}, point{0.15, 0.06}, d65
	case 6, 7:
		return point{0.630, 0.340}, point{0.310, 0.595}, point{0.155, 0.070}, d65
	case 8:
		return point{0.681, 0.319}, point{0.243, 0.692}, point{0.145, 0.049}, centre
	case 9:
		return point{0.708, 0.292}, point{0.170, 0.797}, point{0.131, 0.046}, d65
	case 10:
		return point{1, 0}, point{0, 1}, point{0, 0}, point{1.0 / 3, 1.0 / 3}
	case 11:
		return point{0.680, 0.320}, point{0.265, 0.690}, point{0.150, 0.060}, point{0.314, 0.351}
	case 12:
		return point{0.680, 0.320}, point{0.265, 0.690}, point{0.150, 0.060}, d65
	case 22:
		return point{0.630, 0.340}, point{0.295, 0.605}, point{0.155, 0.077}, d65
	}
	return point{0.64, 0.33}, point{0.30, 0.60}, point{0.15, 0.06}, d65
}

// lumaOf is H.273's equations 38 to 44.
func lumaOf(red, green, blue, white point) (kr, kb float64, ok bool) {
	z := func(p point) float64 { return 1 - p.x - p.y }
	rz, gz, bz, wz := z(red), z(green), z(blue), z(white)
	below := white.y * (red.x*(green.y*bz-blue.y*gz) + green.x*(blue.y*rz-red.y*bz) + blue.x*(red.y*gz-green.y*rz))
	kr = red.y * (white.x*(green.y*bz-blue.y*gz) + white.y*(blue.x*gz-green.x*bz) + wz*(green.x*blue.y-blue.x*green.y)) / below
	kb = blue.y * (white.x*(red.y*gz-green.y*rz) + white.y*(green.x*rz-red.x*gz) + wz*(red.x*green.y-green.x*red.y)) / below
	return kr, kb, true
}

// one is 1 in the numbers that colours are worked out with: 255 of them and the chroma fit an int32.
const one = 1 << 20

// mixture says how the samples of three planes (or one: grey) become 8 bits of red, green and blue.
type mixture struct {
	gain, black   int32    // of the first plane: (v - black) * gain
	second, third [3]int32 // what the others add to red, green and blue, from middle on
	middle        int32
	colours       bool  // the planes are green, blue and red
	chroma        int32 // the gain of blue and red then
	yuv           *yuvConstants
	shift         int // of samples to 8 bits, for yuv
}

func mix(c colours, bits int) (mixture, error) {
	most := float64(int(1)<<bits - 1)
	fixed := func(v float64) int32 {
		if v < 0 {
			return -int32(-v*one + 0.5)
		}
		return int32(v*one + 0.5)
	}
	rangeY, rangeC, black := most, most, 0.0
	if !c.full {
		step := float64(int(1) << (bits - 8))
		rangeY, rangeC, black = 219*step, 224*step, 16*step
	}
	m := mixture{gain: fixed(255 / rangeY), black: int32(black), middle: 1 << (bits - 1), yuv: c.yuv, shift: bits - 8}
	if c.yuv != nil {
		return m, nil
	}
	chroma := 255 / rangeC
	switch c.matrix {
	case 0:
		m.colours, m.chroma = true, m.gain
		if c.nearest { // H.273 has all three alike; libheif has not
			m.chroma = fixed(255 / rangeC)
		}
		return m, nil
	case 8: // Y, Cg, Co
		m.second = [3]int32{fixed(-chroma), fixed(chroma), fixed(-chroma)}
		m.third = [3]int32{fixed(chroma), 0, fixed(-chroma)}
		return m, nil
	}
	kr, kb, ok := c.luma()
	if !ok {
		return m, fmt.Errorf("colours by matrix %d of H.273 are not supported", c.matrix)
	}
	kg := 1 - kr - kb
	m.second = [3]int32{0, fixed(-2 * (1 - kb) * kb / kg * chroma), fixed(2 * (1 - kb) * chroma)}
	m.third = [3]int32{fixed(2 * (1 - kr) * chroma), fixed(-2 * (1 - kr) * kr / kg * chroma), 0}
	return m, nil
}

func clip(v int32) byte { return byte(min(max((v+one/2)>>20, 0), 255)) }

// wide returns a sample of 8 or 10 bits as one of 16.
func (m *mixture) wide(v uint32) uint32 {
	if m.shift == 2 {
		return v<<6 | v>>4
	}
	return v * 0x101
}

func clamp64(v int32) byte { return byte(min(max(v>>6, 0), 255)) }

// planesToPicture makes a picture of planes: Y alone, or Y, Cb and Cr (or G, B and R under matrix 0), and alpha.
// divided says that the colours were multiplied by alpha.
func planesToPicture(src *source, planes []plane, alpha *plane, c colours, divided bool) (*Picture, error) {
	y := planes[0]
	if err := src.lim.check(src.format, y.width, y.height); err != nil {
		return nil, err
	}
	across, down := 1, 1
	if len(planes) == 3 {
		cb, cr := planes[1], planes[2]
		across, down = (y.width+cb.width-1)/cb.width, (y.height+cb.height-1)/cb.height
		if cb.width != cr.width || cb.height != cr.height || across > 2 || down > across || cb.bits != y.bits || cr.bits != y.bits ||
			cb.width != (y.width+across-1)/across || cb.height != (y.height+down-1)/down {
			return nil, src.corrupt("planes of %d x %d and %d x %d", y.width, y.height, cb.width, cb.height)
		}
	}
	if c.matrix == 0 && across > 1 && src.format == "avif" { // as libavif says
		return nil, src.corrupt("colours that are not mixed, at half the size")
	}
	p := New(y.width, y.height)
	if len(planes) == 1 && y.bits > 8 {
		c.yuv = nil
	}
	if c.yuv != nil && (y.bits > 10 || y.bits > 8 && alpha == nil) { // libavif makes 8 bits of them first
		for i, p := range planes {
			planes[i] = p.shifted()
		}
		y = planes[0]
	}
	m, err := mix(c, y.bits)
	if err != nil {
		return nil, src.unsupported("%v", err)
	}
	if y.wide == nil {
		convert(p, planes, m, across, down, c.nearest, func(p plane) []byte { return p.narrow })
	} else {
		convert(p, planes, m, across, down, c.nearest, func(p plane) []uint16 { return p.wide })
	}
	if alpha != nil {
		p.Alpha = alpha.scaled(y.width, y.height)
		if divided {
			p.divide()
		}
	}
	return p, nil
}

func convert[T byte | uint16](p *Picture, planes []plane, m mixture, across, down int, nearest bool, samples func(plane) []T) {
	width := p.Width
	bands(p.Height, 1+1<<17/width, func(from, to int) {
		var rows [2][]T
		for i := range rows {
			rows[i] = make([]T, width+1)
			for x := range rows[i] {
				rows[i][x] = T(m.middle)
			}
		}
		for line := from; line < to; line++ {
			for i := 1; i < len(planes); i++ {
				c, pix := planes[i], samples(planes[i])
				near := line / down
				far := near
				if down == 2 {
					far = min(max(near-1+line%2*2, 0), c.height-1)
				}
				a, b := pix[near*c.width:][:c.width], pix[far*c.width:][:c.width]
				if across == 1 {
					copy(rows[i-1], a)
				} else if nearest {
					for x := range width {
						rows[i-1][x] = a[x/2]
					}
				} else {
					bilinear(rows[i-1][:width], a, b)
				}
			}
			dst := p.Pix[3*line*width:][:3*width]
			first := samples(planes[0])[line*width:][:width]
			second, third := rows[0][:width], rows[1][:width]
			switch {
			case m.colours && len(planes) == 3: // G, B, R
				for x := range first {
					dst[3*x] = clip((int32(third[x]) - m.black) * m.chroma)
					dst[3*x+1] = clip((int32(first[x]) - m.black) * m.gain)
					dst[3*x+2] = clip((int32(second[x]) - m.black) * m.chroma)
				}
			case m.yuv != nil:
				k := m.yuv
				for x, l := range first {
					y := int32(m.wide(uint32(l))*uint32(k.yg)>>16) + k.yb
					u, v := int32(second[x]>>m.shift)-128, int32(third[x]>>m.shift)-128
					dst[3*x] = clamp64(y + v*k.vr)
					dst[3*x+1] = clamp64(y - u*k.ug - v*k.vg)
					dst[3*x+2] = clamp64(y + u*k.ub)
				}
			case len(planes) == 1:
				for x, l := range first {
					v := clip((int32(l) - m.black) * m.gain)
					dst[3*x], dst[3*x+1], dst[3*x+2] = v, v, v
				}
			default:
				for x, l := range first {
					base := (int32(l) - m.black) * m.gain
					b, c := int32(second[x])-m.middle, int32(third[x])-m.middle
					dst[3*x] = clip(base + m.second[0]*b + m.third[0]*c)
					dst[3*x+1] = clip(base + m.second[1]*b + m.third[1]*c)
					dst[3*x+2] = clip(base + m.second[2]*b + m.third[2]*c)
				}
			}
		}
	})
}

// bilinear doubles a row as libyuv does: samples at the edges count alone.
func bilinear[T byte | uint16](out, near, far []T) {
	column := func(i int) int { return 3*int(near[i]) + int(far[i]) }
	out[0] = T((column(0) + 2) >> 2)
	for x := 1; x < len(out); x++ {
		i := (x - 1) / 2
		if x == len(out)-1 {
			out[x] = T((column(x/2) + 2) >> 2)
		} else if x%2 == 1 {
			out[x] = T((3*column(i) + column(i+1) + 8) >> 4)
		} else {
			out[x] = T((column(i) + 3*column(i+1) + 8) >> 4)
		}
	}
}

// shifted cuts samples to 8 bits.
func (p plane) shifted() plane {
	q := plane{channel: p.channel, width: p.width, height: p.height, bits: 8, narrow: make([]byte, len(p.wide))}
	for i, v := range p.wide {
		q.narrow[i] = byte(v >> (p.bits - 8))
	}
	return q
}

// scaled returns 8 bits of full range at a size; the nearest sample where it is another one.
func (a plane) scaled(width, height int) []byte {
	most := int32(1)<<a.bits - 1
	black, span := int32(0), most
	if a.limited {
		black, span = 16<<(a.bits-8), 219<<(a.bits-8)
	}
	out := make([]byte, width*height)
	for y := range height {
		row := y * a.height / height * a.width
		for x := range width {
			i := row + x*a.width/width
			v := int32(0)
			if a.wide != nil {
				v = int32(a.wide[i])
			} else {
				v = int32(a.narrow[i])
			}
			out[y*width+x] = byte(min(max(((v-black)*255+span/2)/span, 0), 255))
		}
	}
	return out
}

// divide undoes the multiplication of colours by alpha. Where nothing is seen there is no colour: black.
func (p *Picture) divide() {
	for i, a := range p.Alpha {
		c := p.Pix[3*i : 3*i+3]
		switch a {
		case 255:
		case 0:
			c[0], c[1], c[2] = 0, 0, 0
		default:
			for j, v := range c {
				c[j] = byte(min((int(v)*255+int(a)/2)/int(a), 255))
			}
		}
	}
}
