package picture

// The exact integer inverse transform of libjpeg (jidctint.c, "islow"): Loeffler,
// Ligtenberg and Moschytz' algorithm with constants of 13 bits.
const (
	fix0298631336 = 2446
	fix0390180644 = 3196
	fix0541196100 = 4433
	fix0765366865 = 6270
	fix0899976223 = 7373
	fix1175875602 = 9633
	fix1501321110 = 12299
	fix1847759065 = 15137
	fix1961570560 = 16069
	fix2053119869 = 16819
	fix2562915447 = 20995
	fix3072711026 = 25172
)

// transform turns one block of coefficients into 8 x 8 samples at out.
func transform(block *[64]int16, quant *[64]uint16, out []byte, stride int) {
	var work [64]int32
	for i := range 8 {
		if block[8+i]|block[16+i]|block[24+i]|block[32+i]|block[40+i]|block[48+i]|block[56+i] == 0 {
			v := int32(block[i]) * int32(quant[i]) << 2
			for j := 0; j < 64; j += 8 {
				work[j+i] = v
			}
			continue
		}
		c := func(j int) int32 { return int32(block[8*j+i]) * int32(quant[8*j+i]) }
		e0, e1, e2, e3, o0, o1, o2, o3 := butterflies(c(0), c(1), c(2), c(3), c(4), c(5), c(6), c(7))
		const half = 1 << 10
		work[i], work[56+i] = (e0+o3+half)>>11, (e0-o3+half)>>11
		work[8+i], work[48+i] = (e1+o2+half)>>11, (e1-o2+half)>>11
		work[16+i], work[40+i] = (e2+o1+half)>>11, (e2-o1+half)>>11
		work[24+i], work[32+i] = (e3+o0+half)>>11, (e3-o0+half)>>11
	}
	for i := range 8 {
		w := (*[8]int32)(work[8*i:])
		o := (*[8]byte)(out[i*stride:])
		e0, e1, e2, e3, o0, o1, o2, o3 := butterflies(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7])
		const half = 1<<17 + 128<<18
		o[0], o[7] = clamp((e0+o3+half)>>18), clamp((e0-o3+half)>>18)
		o[1], o[6] = clamp((e1+o2+half)>>18), clamp((e1-o2+half)>>18)
		o[2], o[5] = clamp((e2+o1+half)>>18), clamp((e2-o1+half)>>18)
		o[3], o[4] = clamp((e3+o0+half)>>18), clamp((e3-o0+half)>>18)
	}
}

// flat is the transform, of any size, of a block with nothing but its first coefficient.
func flat(dc int16, quant *[64]uint16, out []byte, stride, side int) {
	sample := clamp((int32(dc)*int32(quant[0])<<2+16)>>5 + 128)
	if side < 8 {
		for i := range side {
			row := out[i*stride:][:side]
			for x := range row {
				row[x] = sample
			}
		}
		return
	}
	v := uint64(sample)
	v |= v << 8
	v |= v << 16
	v |= v << 32
	for i := range 8 {
		o := (*[8]byte)(out[i*stride:])
		o[0], o[1], o[2], o[3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
		o[4], o[5], o[6], o[7] = byte(v>>32), byte(v>>40), byte(v>>48), byte(v>>56)
	}
}

func clamp(v int32) byte {
	if uint32(v) > 255 {
		return byte(^(v >> 31))
	}
	return byte(v)
}

// butterflies is the one-dimensional transform up to its last additions: the
// even part in e, the odd part in o.
func butterflies(c0, c1, c2, c3, c4, c5, c6, c7 int32) (e0, e1, e2, e3, o0, o1, o2, o3 int32) {
	z1 := (c2 + c6) * fix0541196100
	t2, t3 := z1-c6*fix1847759065, z1+c2*fix0765366865
	t0, t1 := (c0+c4)<<13, (c0-c4)<<13
	e0, e3, e1, e2 = t0+t3, t0-t3, t1+t2, t1-t2

	z1, z2, z3, z4 := c7+c1, c5+c3, c7+c3, c5+c1
	z5 := (z3 + z4) * fix1175875602
	o0, o1, o2, o3 = c7*fix0298631336, c5*fix2053119869, c3*fix3072711026, c1*fix1501321110
	z1, z2 = -z1*fix0899976223, -z2*fix2562915447
	z3, z4 = z5-z3*fix1961570560, z5-z4*fix0390180644
	return e0, e1, e2, e3, o0 + z1 + z3, o1 + z2 + z4, o2 + z2 + z3, o3 + z1 + z4
}
