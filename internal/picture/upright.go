package picture

import (
	"runtime"
	"sync"
)

// upright applies an EXIF orientation. It returns p back, or releases it.
func upright(p *Picture, orientation int) *Picture {
	alpha, onWhite := uprightAlpha(p, orientation), p.OnWhite
	p = uprightColours(p, orientation)
	p.Alpha, p.OnWhite = alpha, onWhite
	return p
}

// uprightAlpha returns the alpha of p as it lies after the orientation.
func uprightAlpha(p *Picture, orientation int) []byte {
	if p.Alpha == nil || orientation < 2 || orientation > 8 {
		return p.Alpha
	}
	width, height := p.Width, p.Height
	if orientation >= 5 {
		width, height = height, width
	}
	alpha := make([]byte, len(p.Alpha))
	for y := range height {
		for x := range width {
			fx, fy := x, y // where it is stored
			if orientation >= 5 {
				fx, fy = y, x
			}
			if orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8 {
				fx = p.Width - 1 - fx
			}
			if orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7 {
				fy = p.Height - 1 - fy
			}
			alpha[y*width+x] = p.Alpha[fy*p.Width+fx]
		}
	}
	return alpha
}

func uprightColours(p *Picture, orientation int) *Picture {
	switch orientation {
	case 2:
		mirrorRows(p)
		return p
	case 3:
		flipRows(p)
		mirrorRows(p)
		return p
	case 4:
		flipRows(p)
		return p
	case 5, 6, 7, 8:
		q := New(p.Height, p.Width)
		// Counted from the stored picture: 5 is the plain transpose, 6 reads the
		// stored rows from the last to the first, 8 the columns, 7 both.
		transpose(q, p, orientation == 6 || orientation == 7, orientation == 7 || orientation == 8)
		p.Release()
		return q
	}
	return p
}

func mirrorRows(p *Picture) {
	stride := 3 * p.Width
	bands(p.Height, 1+1<<20/max(stride, 1), func(from, to int) {
		for y := from; y < to; y++ {
			row := p.Pix[y*stride : (y+1)*stride]
			for i, j := 0, stride-3; i < j; i, j = i+3, j-3 {
				row[i], row[j] = row[j], row[i]
				row[i+1], row[j+1] = row[j+1], row[i+1]
				row[i+2], row[j+2] = row[j+2], row[i+2]
			}
		}
	})
}

func flipRows(p *Picture) {
	stride := 3 * p.Width
	spare := make([]byte, stride)
	for i, j := 0, p.Height-1; i < j; i, j = i+1, j-1 {
		a, b := p.Pix[i*stride:(i+1)*stride], p.Pix[j*stride:(j+1)*stride]
		copy(spare, a)
		copy(a, b)
		copy(b, spare)
	}
}

// transpose sets q[x][y] = p[y][x], reading p's rows or columns from the end
// where told. It goes by blocks whose rows and columns both stay in the first
// cache: 32 destination rows of 32 pixels are 3 KB in 64 lines.
func transpose(q, p *Picture, rowsBack, columnsBack bool) {
	const block = 32
	ps, qs := 3*p.Width, 3*q.Width
	step, start := ps, 0
	if rowsBack {
		step, start = -ps, (p.Height-1)*ps
	}
	bands(q.Height, block, func(from, to int) {
		for y0 := from; y0 < to; y0 += block {
			for x0 := 0; x0 < q.Width; x0 += block {
				n := min(block, q.Width-x0)
				for y := y0; y < min(y0+block, to); y++ {
					column := y
					if columnsBack {
						column = p.Width - 1 - y
					}
					dst := q.Pix[y*qs+3*x0:][:3*n]
					at := start + x0*step + 3*column
					for i := 0; i+2 < len(dst); i += 3 {
						s := p.Pix[at : at+3 : at+3]
						dst[i], dst[i+1], dst[i+2] = s[0], s[1], s[2]
						at += step
					}
				}
			}
		}
	})
}

// bands runs f over 0..n in parallel, in bands that are multiples of grain.
func bands(n, grain int, f func(from, to int)) {
	workers := min(runtime.GOMAXPROCS(0), (n+grain-1)/grain)
	if workers <= 1 {
		f(0, n)
		return
	}
	size := ((n+workers-1)/workers + grain - 1) / grain * grain
	var wait sync.WaitGroup
	for from := size; from < n; from += size {
		wait.Go(func() { f(from, min(from+size, n)) })
	}
	f(0, min(size, n))
	wait.Wait()
}
