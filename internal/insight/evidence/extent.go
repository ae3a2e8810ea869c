package evidence

import "math"

// ordered maps a value to an integer with the same order, for which processors find the maximum without a
// branch. valueOf is its inverse.
func ordered(v float32) int32 { return flip(int32(math.Float32bits(v))) }

func valueOf(i int32) float32 { return math.Float32frombits(uint32(flip(i))) }

func flip(i int32) int32 { return i ^ i>>31&math.MaxInt32 }

// extent returns the range of the values within two pixels.
func (p plane) extent() plane {
	most, least := make([]int32, p.w*p.h), make([]int32, p.w*p.h) // of each row
	keys := make([]int32, p.w+4)                                  // of a row, with its ends twice more
	for y := range p.h {
		for x, v := range p.row(y) {
			keys[x+2] = ordered(v)
		}
		keys[0], keys[1] = keys[2], keys[2]
		keys[p.w+2], keys[p.w+3] = keys[p.w+1], keys[p.w+1]
		hi, lo := most[y*p.w:][:p.w], least[y*p.w:][:p.w]
		for x := range hi {
			v := keys[x : x+5 : x+5]
			hi[x] = max(v[0], v[1], v[2], v[3], v[4])
			lo[x] = min(v[0], v[1], v[2], v[3], v[4])
		}
	}
	out := newPlane(p.w, p.h)
	for y := range p.h {
		row := func(of []int32, k int) []int32 { return of[min(max(y+k, 0), p.h-1)*p.w:][:p.w] }
		to := out.row(y)[:p.w]
		a, b, c, d, e := row(most, -2), row(most, -1), row(most, 0), row(most, 1), row(most, 2)
		for x := range to {
			to[x] = valueOf(max(a[x], b[x], c[x], d[x], e[x]))
		}
		a, b, c, d, e = row(least, -2), row(least, -1), row(least, 0), row(least, 1), row(least, 2)
		for x := range to {
			to[x] -= valueOf(min(a[x], b[x], c[x], d[x], e[x]))
		}
	}
	return out
}

// blocks returns the contrast within each block and those around it, a pixel for each block.
func (p plane) blocks() plane {
	w, h := (p.w+blockSide-1)/blockSide, (p.h+blockSide-1)/blockSide
	most, least := make([]int32, w*h), make([]int32, w*h)
	for i := range most {
		most[i], least[i] = math.MinInt32, math.MaxInt32
	}
	for y := range p.h {
		row := p.row(y)
		hi, lo := most[y/blockSide*w:][:w], least[y/blockSide*w:][:w]
		for b := range hi {
			top, bottom := hi[b], lo[b]
			for _, v := range row[b*blockSide : min((b+1)*blockSide, p.w)] {
				k := ordered(v)
				top, bottom = max(top, k), min(bottom, k)
			}
			hi[b], lo[b] = top, bottom
		}
	}
	out := newPlane(w, h)
	for y := range h {
		for x := range w {
			hi, lo := int32(math.MinInt32), int32(math.MaxInt32)
			for j := max(0, y-1); j <= min(h-1, y+1); j++ {
				for i := max(0, x-1); i <= min(w-1, x+1); i++ {
					hi, lo = max(hi, most[j*w+i]), min(lo, least[j*w+i])
				}
			}
			out.v[y*w+x] = valueOf(hi) - valueOf(lo)
		}
	}
	return out
}
