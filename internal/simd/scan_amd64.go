//go:build !purego

package simd

import "golang.org/x/sys/cpu"

var hasVNNI = hasAVX2 && cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ &&
	cpu.X86.HasAVX512VL && cpu.X86.HasAVX512VNNI

func panelSums(q []int8, panels []uint8, out []int32) {
	switch count := len(out) / PanelRows; {
	case hasVNNI:
		panelSumsVNNI(&q[0], &panels[0], &out[0], len(q), count)
	case hasAVX2:
		panelSumsAVX2(&q[0], &panels[0], &out[0], len(q), count)
	default:
		panelSumsGo(q, panels, out)
	}
}

func reach(sums []int32, slack []float32, scale, weight, limit float32, out []uint16) {
	switch {
	case hasVNNI:
		reachAVX512(&sums[0], &slack[0], scale, weight, limit, &out[0], len(out))
	case hasAVX2:
		reachAVX2(&sums[0], &slack[0], scale, weight, limit, &out[0], len(out))
	default:
		reachGo(sums, slack, scale, weight, limit, out)
	}
}

func wideDots(q []int16, rows []uint8, out []int32) {
	switch {
	case hasVNNI:
		wideDotsVNNI(&q[0], &rows[0], &out[0], len(q), len(out))
	case hasAVX2:
		wideDotsAVX2(&q[0], &rows[0], &out[0], len(q), len(out))
	default:
		wideDotsGo(q, rows, out)
	}
}

func tileMost() int {
	if hasVNNI || !hasAVX2 {
		return 127
	}
	return 31 // 4 * 31 * 255 are 16 bits
}

func tileDots(qs []int8, rows []uint8, out []int32) {
	n, count := len(qs)/TileQueries, len(out)/TileQueries
	switch {
	case hasVNNI:
		tileDotsVNNI(&qs[0], &rows[0], &out[0], n, count/4)
	case hasAVX2:
		tileDotsAVX2(&qs[0], &rows[0], &out[0], n, count/2)
	default:
		tileDotsGo(qs, rows, out)
	}
}

func wideDotsAt(q []int16, rows []uint8, at []uint32, out []int32) {
	switch {
	case hasVNNI:
		wideDotsAtVNNI(&q[0], &rows[0], &at[0], &out[0], len(q), len(at))
	case hasAVX2:
		wideDotsAtAVX2(&q[0], &rows[0], &at[0], &out[0], len(q), len(at))
	default:
		wideDotsAtGo(q, rows, at, out)
	}
}

func product(a, b, out []float32, n, width int) {
	if !hasAVX2 {
		productGo(a, b, out, n, width)
		return
	}
	four, one, columns, oneColumns := productAVX2, productOneAVX2, 16, 64
	if hasVNNI {
		four, one, columns, oneColumns = productAVX512, productOneAVX512, 64, 64
	}
	rows := len(out) / width
	i := 0
	for ; i+4 <= rows; i += 4 {
		for j := 0; j < width; j += columns {
			four(&a[i*n], &b[j], &out[i*width+j], n, n, width, width)
		}
	}
	for ; i < rows; i++ {
		for j := 0; j < width; j += oneColumns {
			one(&a[i*n], &b[j], &out[i*width+j], n, n, width, width)
		}
	}
}

func ask(p []uint32) { prefetch(&p[0], (len(p)+15)/16) }
