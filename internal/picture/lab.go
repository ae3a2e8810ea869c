package picture

import (
	"math"
	"sync"
)

// labNodes are the places along each axis at which labTable is exact.
const labNodes = 33

// labTable is sRGB, in 16 bits, at 33 x 33 x 33 places of CIE L*a*b* (D50): what Little CMS, and so
// Pillow, interpolates between. At the edge of sRGB that differs from the exact conversion by up to 22 levels.
var labTable = sync.OnceValue(func() *[labNodes * labNodes * labNodes][3]uint16 {
	var table [labNodes * labNodes * labNodes][3]uint16
	f := func(t float64) float64 {
		if t > 24.0/116 {
			return t * t * t
		}
		return 108.0 / 841 * (t - 16.0/116)
	}
	// The inverse of sRGB's primaries as adapted to D50.
	toRGB := [3][3]float64{{3.1338561, -1.6168667, -0.4906146}, {-0.9787684, 1.9161415, 0.0334540}, {0.0719453, -0.2289914, 1.4052427}}
	for i := range table {
		node := func(n int) float64 { return math.Floor(float64(n)*65535/(labNodes-1)+0.5) / 257 } // 0 to 255
		l, a, b := node(i/labNodes/labNodes)*100/255, node(i/labNodes%labNodes)-128, node(i%labNodes)-128
		y := (l + 16) / 116
		xyz := [3]float64{0.9642 * f(y+a/500), f(y), 0.8249 * f(y-b/200)}
		for c, m := range toRGB {
			v := min(max(m[0]*xyz[0]+m[1]*xyz[1]+m[2]*xyz[2], 0), 1)
			if v <= 0.0031308 {
				v *= 12.92
			} else {
				v = 1.055*math.Pow(v, 1/2.4) - 0.055
			}
			table[i][c] = uint16(v*65535 + 0.5)
		}
	}
	return &table
})

// labToRGB interpolates in the tetrahedron of four nodes around a colour. a and b are signed.
func labToRGB(out []byte, l, a, b byte) {
	table := labTable()
	var rest [3]int32
	steps := [3]int{labNodes * labNodes, labNodes, 1}
	at := 0
	for i, v := range [3]byte{l, a ^ 128, b ^ 128} {
		fixed := int32(v) * 257 * (labNodes - 1)
		fixed += (fixed + 0x7fff) / 0xffff
		at += int(fixed>>16) * steps[i]
		if rest[i] = fixed & 0xffff; v == 255 {
			steps[i] = 0
		}
	}
	// From the node at the corner along the axes, the one with the largest rest first.
	order := [3]int{0, 1, 2}
	for _, pair := range [3][2]int{{0, 1}, {1, 2}, {0, 1}} {
		if i, j := pair[0], pair[1]; rest[order[i]] < rest[order[j]] {
			order[i], order[j] = order[j], order[i]
		}
	}
	corner := table[at]
	var sum [3]int64
	for _, axis := range order {
		before := table[at]
		at += steps[axis]
		for c := range sum {
			sum[c] += (int64(table[at][c]) - int64(before[c])) * int64(rest[axis])
		}
	}
	for c := range sum {
		s := sum[c] + 0x8001
		v := int64(corner[c]) + (s+s>>16)>>16
		out[c] = byte((v*65281 + 8388608) >> 24) // of 16 bits the nearest of 8
	}
}
