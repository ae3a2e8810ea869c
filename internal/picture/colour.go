package picture

// leastSpan is how many levels a picture must span for its brightness to be stretched: below, it is noise.
const leastSpan = seenLevels

// Uncoloured returns the picture with its shapes and without its colours, for comparing marks that come in any colour: its
// brightness (Pillow's convert("L")), stretched from black to white, and turned into its negative where its edge is dark, so
// that what stands on it is dark. The picture must have been flattened. The caller may release it.
func (p *Picture) Uncoloured() *Picture {
	q := New(p.Width, p.Height)
	low, high := 255, 0
	for i := 0; i+2 < len(p.Pix); i += 3 {
		v := brightness(p.Pix[i : i+3 : i+3])
		low, high = min(low, v), max(high, v)
		q.Pix[i] = byte(v)
	}
	var levels [256]byte
	for v := range levels {
		levels[v] = byte(v)
		if span := high - low; span >= leastSpan && v >= low && v <= high {
			levels[v] = byte((255*(v-low) + span/2) / span)
		}
	}
	if q.darkEdge(&levels) {
		for v := range levels {
			levels[v] = 255 - levels[v]
		}
	}
	for i := 0; i+2 < len(q.Pix); i += 3 {
		v := levels[q.Pix[i]]
		q.Pix[i], q.Pix[i+1], q.Pix[i+2] = v, v, v
	}
	return q
}

// brightness is ITU-R 601's luma as Pillow computes it.
func brightness(c []byte) int {
	return (int(c[0])*19595 + int(c[1])*38470 + int(c[2])*7471 + 0x8000) >> 16
}

// darkEdge reports whether the outermost pixels are rather dark than light; only the red of Pix is set, before its levels.
func (p *Picture) darkEdge(levels *[256]byte) bool {
	sum, count := 0, 0
	add := func(x, y int) {
		sum += int(levels[p.Pix[3*(y*p.Width+x)]])
		count++
	}
	for x := range p.Width {
		add(x, 0)
		add(x, p.Height-1)
	}
	for y := range p.Height {
		add(0, y)
		add(p.Width-1, y)
	}
	return 2*sum < 255*count
}
