package picture

// A JPEG file can be decoded at a half, a quarter or an eighth of its size: each block of coefficients becomes
// 4 x 4, 2 x 2 or 1 x 1 samples by a transform of that size (libjpeg's jidctred.c, "reduced size output"). Pixels
// equal those that Pillow makes after Image.draft.

// jpegScale is what both sides are divided by so that no less than width x height remains, as Image.draft chooses it.
func jpegScale(info Info, width, height int) int {
	scale := 8
	for scale > 1 && (info.Width/max(width, 1) < scale || info.Height/max(height, 1) < scale) {
		scale /= 2
	}
	return scale
}

func divideUp(n, by int) int { return (n + by - 1) / by }

// reduce divides the sides of the picture, and says how large each part's blocks become: as large as those of the
// first, or larger where chroma then needs less interpolation (jpeg_calc_output_dimensions in jdmaster.c). h and v
// are the largest sampling factors.
func (f *jpegFile) reduce(h, v, scale int) {
	least := 8 / scale
	for _, p := range f.parts {
		for p.side = least; p.side < 8 && h*least%(2*p.side*p.h) == 0 && v*least%(2*p.side*p.v) == 0; {
			p.side *= 2
		}
		p.width, p.height = divideUp(f.width*p.h*p.side, 8*h), divideUp(f.height*p.v*p.side, 8*v)
		p.horizontally, p.vertically = h*least/(p.h*p.side), v*least/(p.v*p.side)
		p.repeated = p.repeated || least == 1
	}
	f.width, f.height = divideUp(f.width, scale), divideUp(f.height, scale)
}

const (
	fix0211164243 = 1730
	fix0509795579 = 4176
	fix0601344887 = 4926
	fix0720959822 = 5906
	fix0850430095 = 6967
	fix1061594337 = 8697
	fix1272758580 = 10426
	fix1451774981 = 11893
	fix2172734803 = 17799
	fix3624509785 = 29692
)

// transform4 turns one block of coefficients into 4 x 4 samples. The fifth row and column do not count.
func transform4(block *[64]int16, quant *[64]uint16, out []byte, stride int) {
	var work [4][8]int32
	for i := range 8 {
		if i == 4 {
			continue
		}
		c1, c2, c3, c5, c6, c7 := block[8+i], block[16+i], block[24+i], block[40+i], block[48+i], block[56+i]
		first := int32(block[i]) * int32(quant[i])
		if c1|c2|c3|c5|c6|c7 == 0 {
			work[0][i], work[1][i], work[2][i], work[3][i] = first<<2, first<<2, first<<2, first<<2
			continue
		}
		outer, inner, odd0, odd1 := halves(first, int32(c1)*int32(quant[8+i]), int32(c2)*int32(quant[16+i]), int32(c3)*int32(quant[24+i]),
			int32(c5)*int32(quant[40+i]), int32(c6)*int32(quant[48+i]), int32(c7)*int32(quant[56+i]))
		const half = 1 << 11
		work[0][i], work[3][i] = (outer+odd0+half)>>12, (outer-odd0+half)>>12
		work[1][i], work[2][i] = (inner+odd1+half)>>12, (inner-odd1+half)>>12
	}
	for i := range 4 {
		w, o := &work[i], (*[4]byte)(out[i*stride:])
		outer, inner, odd0, odd1 := halves(w[0], w[1], w[2], w[3], w[5], w[6], w[7])
		const half = 1<<18 + 128<<19
		o[0], o[3] = clamp((outer+odd0+half)>>19), clamp((outer-odd0+half)>>19)
		o[1], o[2] = clamp((inner+odd1+half)>>19), clamp((inner-odd1+half)>>19)
	}
}

// halves is the one-dimensional transform to four values up to its last additions.
func halves(c0, c1, c2, c3, c5, c6, c7 int32) (outer, inner, odd0, odd1 int32) {
	even := c2*fix1847759065 - c6*fix0765366865
	odd0 = -c7*fix0509795579 - c5*fix0601344887 + c3*fix0899976223 + c1*fix2562915447
	odd1 = -c7*fix0211164243 + c5*fix1451774981 - c3*fix2172734803 + c1*fix1061594337
	return c0<<14 + even, c0<<14 - even, odd0, odd1
}

// transform2 turns one block of coefficients into 2 x 2 samples. Of rows and columns only the first and the odd ones
// count.
func transform2(block *[64]int16, quant *[64]uint16, out []byte, stride int) {
	top0, bottom0 := column2(block, quant, 0)
	top1, bottom1 := column2(block, quant, 1)
	top3, bottom3 := column2(block, quant, 3)
	top5, bottom5 := column2(block, quant, 5)
	top7, bottom7 := column2(block, quant, 7)
	const half = 1<<19 + 128<<20
	o := (*[2]byte)(out)
	even, odd := top0<<15, oddPair(top1, top3, top5, top7)
	o[0], o[1] = clamp((even+odd+half)>>20), clamp((even-odd+half)>>20)
	o = (*[2]byte)(out[stride:])
	even, odd = bottom0<<15, oddPair(bottom1, bottom3, bottom5, bottom7)
	o[0], o[1] = clamp((even+odd+half)>>20), clamp((even-odd+half)>>20)
}

func column2(block *[64]int16, quant *[64]uint16, i int) (top, bottom int32) {
	i &= 7
	c1, c3, c5, c7 := block[8+i], block[24+i], block[40+i], block[56+i]
	even := int32(block[i]) * int32(quant[i])
	if c1|c3|c5|c7 == 0 {
		return even << 2, even << 2
	}
	odd := oddPair(int32(c1)*int32(quant[8+i]), int32(c3)*int32(quant[24+i]), int32(c5)*int32(quant[40+i]), int32(c7)*int32(quant[56+i]))
	const half = 1 << 12
	return (even<<15 + odd + half) >> 13, (even<<15 - odd + half) >> 13
}

// oddPair is the odd part of the one-dimensional transform to two values.
func oddPair(c1, c3, c5, c7 int32) int32 {
	return c1*fix3624509785 - c3*fix1272758580 + c5*fix0850430095 - c7*fix0720959822
}
