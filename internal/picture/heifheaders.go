package picture

// bitReader reads numbers of some bits, most significant first. Behind the end it gives zeros and says so.
type bitReader struct {
	b    []byte
	at   int
	over bool
}

func (r *bitReader) bits(n int) int {
	v := 0
	for range n {
		v <<= 1
		if i := r.at >> 3; i < len(r.b) {
			v |= int(r.b[i]>>(7-r.at&7)) & 1
		} else {
			r.over = true
		}
		r.at++
	}
	return v
}

func (r *bitReader) bit() bool { return r.bits(1) == 1 }

func (r *bitReader) skip(n int) { r.bits(n) }

// golomb reads an Exp-Golomb number, H.265's ue(v).
func (r *bitReader) golomb() int {
	zeros := 0
	for !r.bit() {
		if zeros++; zeros > 31 || r.over {
			r.over = true
			return 0
		}
	}
	return 1<<zeros - 1 + r.bits(zeros)
}

// av1Header reads the sequence header among the first OBUs (AV1 bitstream specification, 5.3 to 5.5).
func av1Header(obus []byte) *coded {
	for len(obus) > 1 {
		kind, extended, sized := obus[0]>>3&15, obus[0]&4 != 0, obus[0]&2 != 0
		head := 1
		if extended {
			head++
		}
		size := uint64(len(obus)) - 1
		if sized {
			size = 0
			for i := 0; ; i++ {
				if head >= len(obus) || i == 8 {
					return nil
				}
				b := obus[head]
				head++
				size |= uint64(b&0x7f) << (7 * i)
				if b&0x80 == 0 {
					break
				}
			}
		}
		if head > len(obus) {
			return nil
		}
		body := obus[head:]
		if kind == 1 { // OBU_SEQUENCE_HEADER
			return av1Sequence(body)
		}
		if size >= uint64(len(body)) {
			return nil
		}
		obus = body[size:]
	}
	return nil
}

func av1Sequence(b []byte) *coded {
	r := &bitReader{b: b}
	profile := r.bits(3)
	r.skip(1) // still_picture
	reduced := r.bit()
	if reduced {
		r.skip(5)
	} else {
		delayBits, hasModel := 0, false
		if r.bit() { // timing_info
			r.skip(64)
			if r.bit() {
				r.golomb() // uvlc is the same code
			}
			if hasModel = r.bit(); hasModel {
				delayBits = r.bits(5) + 1
				r.skip(32 + 5 + 5)
			}
		}
		hasDelay := r.bit()
		for range r.bits(5) + 1 {
			r.skip(12)
			if r.bits(5) > 7 {
				r.skip(1)
			}
			if hasModel && r.bit() {
				r.skip(2*delayBits + 1)
			}
			if hasDelay && r.bit() {
				r.skip(4)
			}
		}
	}
	widthBits, heightBits := r.bits(4)+1, r.bits(4)+1
	c := &coded{width: r.bits(widthBits) + 1, height: r.bits(heightBits) + 1, bits: 8}
	if !reduced && r.bit() {
		r.skip(4 + 3)
	}
	r.skip(3)
	if !reduced {
		r.skip(4)
		order := r.bit()
		if order {
			r.skip(2)
		}
		if r.bit() || r.bit() { // screen content tools are chosen by the picture, or forced
			if !r.bit() {
				r.skip(1)
			}
		}
		if order {
			r.skip(3)
		}
	}
	r.skip(3)

	if r.bit() {
		if c.bits = 10; profile == 2 && r.bit() {
			c.bits = 12
		}
	}
	grey := profile != 1 && r.bit()
	c.colour = cicp{2, 2, 2, false}
	if r.bit() {
		c.colour.primaries, c.colour.transfer, c.colour.matrix = r.bits(8), r.bits(8), r.bits(8)
	}
	switch {
	case grey:
		c.colour.full = r.bit()
	case c.colour.primaries == 1 && c.colour.transfer == 13 && c.colour.matrix == 0:
		c.colour.full, c.chroma = true, 3
	default:
		c.colour.full = r.bit()
		switch {
		case profile == 0:
			c.chroma = 1
		case profile == 1:
			c.chroma = 3
		case c.bits < 12:
			c.chroma = 2
		default:
			c.chroma = 3
			if r.bit() {
				if c.chroma = 2; r.bit() {
					c.chroma = 1
				}
			}
		}
	}
	if r.over {
		return nil
	}
	return c
}

// hevcHeader reads the sequence parameter set in a decoder configuration (ISO/IEC 14496-15, 8.3.2; ITU-T H.265, 7.3.2.2).
func hevcHeader(configuration []byte) *coded {
	if len(configuration) < 23 {
		return nil
	}
	f := fields{configuration[22:], true}
	for range f.number(1) {
		kind := f.number(1) & 63
		for range f.number(2) {
			unit := f.take(int(f.number(2)))
			if !f.ok {
				return nil
			}
			if kind == 33 && len(unit) > 2 {
				return hevcSequence(unit[2:])
			}
		}
	}
	return nil
}

func hevcSequence(escaped []byte) *coded {
	var b []byte
	for i, v := range escaped {
		if v == 3 && i >= 2 && escaped[i-1] == 0 && escaped[i-2] == 0 {
			continue
		}
		b = append(b, v)
	}
	r := &bitReader{b: b}
	r.skip(4)
	layers := r.bits(3)
	r.skip(1 + 96)
	var profiles, levels [8]bool
	for i := range layers {
		profiles[i], levels[i] = r.bit(), r.bit()
	}
	if layers > 0 {
		r.skip(2 * (8 - layers))
	}
	for i := range layers {
		if profiles[i] {
			r.skip(88)
		}
		if levels[i] {
			r.skip(8)
		}
	}
	r.golomb()
	c := &coded{chroma: r.golomb()}
	if c.chroma > 3 || c.chroma == 3 && r.bit() { // planes that are coded one by one
		return nil
	}
	c.width, c.height = r.golomb(), r.golomb()
	if r.bit() { // the conformance window
		for range 4 {
			r.golomb()
		}
	}
	c.bits = 8 + max(r.golomb(), r.golomb())
	orderBits := r.golomb() + 4
	first := layers
	if r.bit() {
		first = 0
	}
	for i := first; i <= layers; i++ {
		r.golomb()
		r.golomb()
		r.golomb()
	}
	for range 6 {
		r.golomb()
	}
	if r.bit() && r.bit() {
		r.scalingLists()
	}
	r.skip(2)
	if r.bit() { // PCM
		r.skip(8)
		r.golomb()
		r.golomb()
		r.skip(1)
	}
	c.colour = cicp{2, 2, 2, false}
	if r.over || c.width <= 0 || c.height <= 0 || c.width > 1<<20 || c.height > 1<<20 || c.bits > 16 {
		return nil
	}
	if !r.pictureSets() {
		return c
	}
	if r.bit() { // long-term pictures
		for range min(r.golomb(), 33) {
			r.skip(orderBits + 1)
		}
	}
	r.skip(2)
	if r.bit() { // VUI
		if r.bit() && r.bits(8) == 255 {
			r.skip(32)
		}
		if r.bit() {
			r.skip(1)
		}
		if r.bit() {
			r.skip(3)
			colour := cicp{2, 2, 2, r.bit()}
			if r.bit() {
				colour.primaries, colour.transfer, colour.matrix = r.bits(8), r.bits(8), r.bits(8)
			}
			if !r.over {
				c.colour = colour
			}
		}
	}
	return c
}

func (r *bitReader) scalingLists() {
	for size := range 4 {
		step := 1
		if size == 3 {
			step = 3
		}
		for matrix := 0; matrix < 6; matrix += step {
			if !r.bit() {
				r.golomb()
				continue
			}
			if size > 1 {
				r.golomb()
			}
			for range min(64, 1<<(4+size<<1)) {
				r.golomb()
			}
		}
	}
}

// pictureSets passes the short-term reference picture sets; stills hardly have any.
func (r *bitReader) pictureSets() bool {
	count := r.golomb()
	if count > 64 {
		return false
	}
	pictures := 0
	for i := range count {
		if i > 0 && r.bit() { // made from the one before
			r.skip(1)
			r.golomb()
			kept := 0
			for range pictures + 1 {
				if used := r.bit(); used || r.bit() {
					kept++
				}
			}
			pictures = kept
			continue
		}
		negative, positive := r.golomb(), r.golomb()
		if negative > 16 || positive > 16 || r.over {
			return false
		}
		for range negative + positive {
			r.golomb()
			r.skip(1)
		}
		pictures = negative + positive
	}
	return !r.over
}
