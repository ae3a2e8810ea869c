package simd

import "slices"

// PanelRows are the rows of a panel.
//
// A panel holds its rows' bytes in quads: bytes 0…3 of each row, then bytes 4…7 of
// each, and so on. Byte b of row r lies at b/4*64 + r*4 + b%4.
const PanelRows = 16

// PanelSums fills out with the dot products of q and the rows of panels, which are
// unsigned bytes below 128. len(q) is a multiple of 16 and at most 65536; there are
// len(out) rows, a multiple of PanelRows.
func PanelSums(q []int8, panels []uint8, out []int32) {
	if len(q) == 0 || len(out) == 0 {
		clear(out)
		return
	}
	panelSums(q, panels[:len(q)*len(out)], out)
}

func panelSumsGo(q []int8, panels []uint8, out []int32) {
	for at := 0; at < len(out); at += PanelRows {
		panel := panels[at*len(q):][:PanelRows*len(q)]
		for r := range PanelRows {
			sum := int32(0)
			for b, x := range q {
				sum += int32(x) * int32(panel[b/4*64+r*4+b%4])
			}
			out[at+r] = sum
		}
	}
}

// Reach reports which rows can reach a limit: bit r%16 of out[r/16] says whether
// scale·sums[r] + weight·slack[r] >= limit, in float32. There are PanelRows·len(out)
// rows.
func Reach(sums []int32, slack []float32, scale, weight, limit float32, out []uint16) {
	if len(out) > 0 {
		reach(sums[:PanelRows*len(out)], slack[:PanelRows*len(out)], scale, weight, limit, out)
	}
}

func reachGo(sums []int32, slack []float32, scale, weight, limit float32, out []uint16) {
	for i := range out {
		bits := uint16(0)
		for r, sum := range sums[i*PanelRows:][:PanelRows] {
			// A conversion keeps compilers from fusing product and sum.
			bound := float32(scale*float32(sum)) + float32(weight*slack[i*PanelRows+r])
			if bound >= limit {
				bits |= 1 << r
			}
		}
		out[i] = bits
	}
}

// WideDots fills out with the dot products of q and rows of as many bytes, modulo 2^32.
// len(q) is a multiple of 64.
func WideDots(q []int16, rows []uint8, out []int32) {
	if len(q) == 0 || len(out) == 0 {
		clear(out)
		return
	}
	wideDots(q, rows[:len(q)*len(out)], out)
}

func wideDotsGo(q []int16, rows []uint8, out []int32) {
	for i := range out {
		sum := int32(0)
		for j, x := range rows[i*len(q):][:len(q)] {
			sum += int32(x) * int32(q[j])
		}
		out[i] = sum
	}
}

// WideDotsAt is WideDots of the rows that at numbers.
func WideDotsAt(q []int16, rows []uint8, at []uint32, out []int32) {
	if len(q) == 0 || len(at) == 0 {
		clear(out)
		return
	}
	_ = rows[(int(slices.Max(at))+1)*len(q)-1]
	wideDotsAt(q, rows, at, out[:len(at)])
}

func wideDotsAtGo(q []int16, rows []uint8, at []uint32, out []int32) {
	for i, r := range at {
		wideDotsGo(q, rows[int(r)*len(q):][:len(q)], out[i:i+1])
	}
}

// Ask has memory brought near that will be read soon.
func Ask(p []uint32) {
	if len(p) > 0 {
		ask(p)
	}
}

// TileQueries are the queries of a tile.
const TileQueries = 4

// TileMost is the greatest magnitude of a query's byte in TileDots. Without VNNI four products
// are added in 16 bits before they are widened, and so it is less than a byte's.
func TileMost() int { return tileMost() }

// TileDots fills out, (TileQueries, rows), with the dot products of qs, (TileQueries, n),
// and rows of bytes, (rows, n). n is a multiple of 64 and at most 65536, rows one of 4.
func TileDots(qs []int8, rows []uint8, out []int32) {
	if len(qs) == 0 || len(out) == 0 {
		clear(out)
		return
	}
	tileDots(qs, rows[:len(qs)/TileQueries*(len(out)/TileQueries)], out)
}

func tileDotsGo(qs []int8, rows []uint8, out []int32) {
	n, count := len(qs)/TileQueries, len(out)/TileQueries
	for i := range TileQueries {
		for j := range count {
			sum := int32(0)
			for k, x := range qs[i*n:][:n] {
				sum += int32(x) * int32(rows[j*n+k])
			}
			out[i*count+j] = sum
		}
	}
}

// Columns is what the width of Product's b and out is a multiple of.
const Columns = 64

// Product fills out, (rows, width), with the matrix product of a, (rows, n), and b,
// (n, width). Sums are float32, in the order of n: each is within n·2^-23 times the
// sum of its terms' magnitudes.
func Product(a, b, out []float32, n, width int) {
	if n <= 0 || width <= 0 || width%Columns != 0 {
		clear(out)
		return
	}
	rows := len(out) / width
	product(a[:rows*n], b[:n*width], out, n, width)
}

func productGo(a, b, out []float32, n, width int) {
	clear(out)
	for i := range len(out) / width {
		sums := out[i*width:][:width]
		for k, x := range a[i*n:][:n] {
			for j, y := range b[k*width:][:width] {
				sums[j] += x * y
			}
		}
	}
}
