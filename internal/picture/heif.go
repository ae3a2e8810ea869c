package picture

import (
	"bytes"
	"context"
	_ "embed"
	"sync"
)

// plane is one channel of a picture, 8 bits.
type plane struct {
	width, height int
	pix           []byte
}

// inspectHEIF leaves the container to libheif, which also turns the picture as
// the file says (irot, imir). EXIF's orientation does not count in these formats.
func inspectHEIF(src *source) (Info, error) {
	var h heifPicture
	defer h.close()
	width, height, err := h.read(src)
	if err != nil {
		return Info{Format: src.format}, err
	}
	e := exif{orientation: 1, taken: h.exif().taken}
	return turned(src.format, width, height, e), src.lim.check(src.format, width, height)
}

func decodeHEIF(src *source, _ Info) (*Picture, error) {
	var h heifPicture
	defer h.close()
	if _, _, err := h.read(src); err != nil {
		return nil, err
	}
	// libheif 1.15 repeats chroma samples where other programs interpolate, so
	// the usual pictures are converted here.
	if chroma, ok := heifChroma(src.data); ok {
		planes, matrix, full, err := h.planes(src, chroma)
		if err != nil {
			return nil, err
		}
		if !full && stretches() {
			full = true
		}
		if kr, kb, ok := luma(matrix); ok && len(planes) > 0 {
			if p := planesToRGB(planes, kr, kb, full); p != nil {
				return p, nil
			}
		}
	}
	return h.rgb(src)
}

//go:embed black_limited.avif
var blackLimited []byte

// stretches tells whether this libheif hands out planes of limited range (black
// is 16) stretched to full range though it still calls them limited: 1.15 does.
var stretches = sync.OnceValue(func() bool {
	src := &source{ctx: context.Background(), data: blackLimited, lim: Limits{}.filled(), format: "avif"}
	var h heifPicture
	defer h.close()
	if _, _, err := h.read(src); err != nil {
		return true
	}
	planes, _, _, err := h.planes(src, 1)
	return err != nil || len(planes) == 0 || planes[0].pix[0] < 8
})

// heifChroma looks up how the coded picture is subsampled (0 grey, 1 4:2:0, 2
// 4:2:2, 3 4:4:4) in its decoder configuration; ok only at 8 bits a sample. Of
// several configurations, grey ones are of alpha.
func heifChroma(data []byte) (chroma int, ok bool) {
	head := data[:min(len(data), 1<<20)]
	for _, kind := range []string{"av1C", "hvcC"} {
		for rest := head; ; {
			_, after, found := bytes.Cut(rest, []byte(kind))
			if !found || len(after) < 19 {
				break
			}
			rest = after
			depth8 := false
			c := 0
			if kind == "av1C" {
				depth8 = after[2]&0x40 == 0
				c = map[byte]int{0x0c: 1, 0x08: 2, 0: 3}[after[2]&0x1c]
			} else {
				depth8 = after[17]&7 == 0
				c = int(after[16] & 3)
			}
			if !ok || c > chroma {
				chroma, ok = c, depth8
			}
		}
	}
	return chroma, ok
}

// luma gives the weights of red and blue in Y, by ITU-T H.273's number of the matrix.
func luma(matrix int) (kr, kb float64, ok bool) {
	switch matrix {
	case 1:
		return 0.2126, 0.0722, true
	case 2, 5, 6: // 2 is unspecified: what everyone takes then
		return 0.299, 0.114, true
	case 4:
		return 0.30, 0.11, true
	case 7:
		return 0.212, 0.087, true
	case 9:
		return 0.2627, 0.0593, true
	}
	return 0, 0, false
}

// planesToRGB is nil where the planes' sizes are none of 4:4:4, 4:2:2, 4:2:0 and grey.
func planesToRGB(planes []plane, kr, kb float64, full bool) *Picture {
	y := planes[0]
	across, down := 1, 1
	if len(planes) == 3 {
		cb, cr := planes[1], planes[2]
		across, down = (y.width+cb.width-1)/cb.width, (y.height+cb.height-1)/cb.height
		if cb.width != cr.width || cb.height != cr.height || across > 2 || down > across ||
			cb.width != (y.width+across-1)/across || cb.height != (y.height+down-1)/down {
			return nil
		}
	}
	const one = 1 << 16
	scaleY, scaleC, black := 1.0, 1.0, int32(0)
	if !full {
		scaleY, scaleC, black = 255.0/219, 255.0/224, 16
	}
	fixed := func(v float64) int32 { return int32(v*one + 0.5) }
	gain := fixed(scaleY)
	red, blue := fixed(2*(1-kr)*scaleC), fixed(2*(1-kb)*scaleC)
	greenCb, greenCr := fixed(2*(1-kb)*kb/(1-kr-kb)*scaleC), fixed(2*(1-kr)*kr/(1-kr-kb)*scaleC)
	clip := func(v int32) byte { return byte(min(max((v+one/2)>>16, 0), 255)) }

	p := New(y.width, y.height)
	bands(y.height, 1+1<<17/y.width, func(from, to int) {
		var rows [2][]byte
		for i := range rows {
			rows[i] = make([]byte, y.width+1)
			for x := range rows[i] {
				rows[i][x] = 128
			}
		}
		for line := from; line < to; line++ {
			for i := 1; i < len(planes); i++ {
				c := planes[i]
				near := line / down
				far := near
				if down == 2 {
					far = min(max(near-1+line%2*2, 0), c.height-1)
				}
				a, b := c.pix[near*c.width:][:c.width], c.pix[far*c.width:][:c.width]
				if across == 1 {
					copy(rows[i-1], a)
				} else {
					bilinear(rows[i-1][:y.width], a, b)
				}
			}
			dst := p.Pix[3*line*y.width:][:3*y.width]
			for x, l := range y.pix[line*y.width:][:y.width] {
				base := (int32(l) - black) * gain
				cb, cr := int32(rows[0][x])-128, int32(rows[1][x])-128
				dst[3*x] = clip(base + red*cr)
				dst[3*x+1] = clip(base - greenCb*cb - greenCr*cr)
				dst[3*x+2] = clip(base + blue*cb)
			}
		}
	})
	return p
}

// bilinear doubles a row as libyuv does: samples at the edges count alone.
func bilinear(out, near, far []byte) {
	column := func(i int) int { return 3*int(near[i]) + int(far[i]) }
	out[0] = byte((column(0) + 2) >> 2)
	for x := 1; x < len(out); x++ {
		i := (x - 1) / 2
		if x == len(out)-1 {
			out[x] = byte((column(x/2) + 2) >> 2)
		} else if x%2 == 1 {
			out[x] = byte((3*column(i) + column(i+1) + 8) >> 4)
		} else {
			out[x] = byte((column(i) + 3*column(i+1) + 8) >> 4)
		}
	}
}
