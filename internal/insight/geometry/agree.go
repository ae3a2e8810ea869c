package geometry

import (
	"math"

	"github.com/akin-search/akin/internal/parallel"
)

const (
	window      = 5   // pixels to each side of a window's middle
	stride      = 3   // between windows
	shifts      = 2   // pixels that a window may be off
	leastDetail = 8   // standard deviation, of 255: less is no structure
	agrees      = 0.8 // correlation of a window that shows the same
	differs     = 0.5 // and of one that does not
)

// verdict is what a window says.
type verdict uint8

const (
	silent verdict = iota // outside, or without structure
	doubtful
	agreed
	differed
)

// agreement is what the windows of two pictures that lie on one another say.
type agreement struct {
	common
	columns, rows int
	windows       []verdict // (rows, columns)
}

// at is the middle of a window, in pixels of what is common.
func (g agreement) at(column, row int) (x, y int) {
	return column*stride + window + shifts, row*stride + window + shifts
}

// compare compares two pictures that lie on one another, window by window: a window agrees if its brightness goes up and down
// together in both, whatever the light. It may be off a little, as paper is not flat.
func (c common) compare() agreement {
	return c.windowed(func(x, y int) verdict {
		if !c.whole(x, y, window+shifts) || max(c.deviation(c.a, x, y), c.deviation(c.b, x, y)) < leastDetail {
			return silent
		}
		return c.judge(x, y, 0, 0)
	})
}

// windowed judges every window.
func (c common) windowed(judge func(x, y int) verdict) agreement {
	const reach = window + shifts
	g := agreement{common: c, columns: max(0, (c.width-2*reach+stride-1)/stride), rows: max(0, (c.height-2*reach+stride-1)/stride)}
	g.windows = make([]verdict, g.columns*g.rows)
	parallel.Each(g.rows, func(row int) {
		for column := range g.columns {
			g.windows[row*g.columns+column] = judge(g.at(column, row))
		}
	})
	return g
}

// judge compares a window of a with those of b that lie around dx, dy beside it.
func (c common) judge(x, y, dx, dy int) verdict {
	best := c.correlation(x, y, dx, dy)
	for j := -shifts; j <= shifts && best < agrees; j++ {
		for i := -shifts; i <= shifts; i++ {
			best = max(best, c.correlation(x, y, dx+i, dy+j))
		}
	}
	switch {
	case best >= agrees:
		return agreed
	case best < differs:
		return differed
	}
	return doubtful
}

// whole reports whether both pictures show something in all of a window.
func (c common) whole(x, y, reach int) bool {
	at := func(x, y int) int32 { return c.gaps[y*(c.width+1)+x] }
	left, top, right, bottom := x-reach, y-reach, x+reach+1, y+reach+1
	return at(right, bottom)-at(left, bottom)-at(right, top)+at(left, top) == 0
}

const windowPixels = (2*window + 1) * (2*window + 1)

// deviation is the standard deviation of a window's pixels.
func (c common) deviation(p []float32, x, y int) float64 {
	var sum, squares float64
	for dy := -window; dy <= window; dy++ {
		for _, v := range p[(y+dy)*c.width+x-window:][:2*window+1] {
			sum += float64(v)
			squares += float64(v) * float64(v)
		}
	}
	return math.Sqrt(max(0, squares/windowPixels-sum/windowPixels*sum/windowPixels))
}

// correlation is that of a window of a with the one of b that lies dx, dy beside it; -1 where that is none.
func (c common) correlation(x, y, dx, dy int) float64 {
	if x+dx < window || y+dy < window || x+dx >= c.width-window || y+dy >= c.height-window {
		return -1
	}
	var sa, sb, saa, sbb, sab float64
	for j := -window; j <= window; j++ {
		ra := c.a[(y+j)*c.width+x-window:][:2*window+1]
		rb := c.b[(y+j+dy)*c.width+x+dx-window:][:2*window+1]
		for i, v := range ra {
			va, vb := float64(v), float64(rb[i])
			sa += va
			sb += vb
			saa += va * va
			sbb += vb * vb
			sab += va * vb
		}
	}
	va, vb := saa-sa*sa/windowPixels, sbb-sb*sb/windowPixels
	if va < windowPixels || vb < windowPixels { // one has no structure, and the other does
		return 0
	}
	return (sab - sa*sb/windowPixels) / math.Sqrt(va*vb)
}

const (
	leastWindows  = 12    // that agree
	mostDifferent = 0.004 // of the windows that agree or differ
	mostTogether  = 5     // windows that differ side by side: a word, a number
)

// everywhere reports whether the pictures agree wherever they lie on one another, so that one shows a part of the other.
func (g agreement) everywhere() bool {
	same, _ := g.count(func(int, int) bool { return true })
	return same >= leastWindows && !g.denies()
}

// denies reports whether more windows differ than by chance, or several side by side.
func (g agreement) denies() bool {
	same, different := g.count(func(int, int) bool { return true })
	return float64(different) > mostDifferent*float64(same+different) || g.largest(differed, 1) > mostTogether
}

// count counts the windows that agree and differ where in holds.
func (g agreement) count(in func(column, row int) bool) (same, different int) {
	for i, v := range g.windows {
		if v != agreed && v != differed || !in(i%g.columns, i/g.columns) {
			continue
		}
		if v == agreed {
			same++
		} else {
			different++
		}
	}
	return same, different
}

// largest is the size of the largest group of windows of a verdict that lie at most so many windows apart.
func (g agreement) largest(of verdict, near int) int {
	most := 0
	for _, group := range g.groups(of, near) {
		most = max(most, len(group))
	}
	return most
}

// groups are the windows of a verdict, in groups of those that lie at most so many windows apart.
func (g agreement) groups(of verdict, near int) (groups [][]int) {
	seen := make([]bool, len(g.windows))
	for first, v := range g.windows {
		if v != of || seen[first] {
			continue
		}
		seen[first] = true
		group := []int{first}
		for next := 0; next < len(group); next++ {
			column, row := group[next]%g.columns, group[next]/g.columns
			for r := max(0, row-near); r <= min(g.rows-1, row+near); r++ {
				for c := max(0, column-near); c <= min(g.columns-1, column+near); c++ {
					if i := r*g.columns + c; g.windows[i] == of && !seen[i] {
						seen[i] = true
						group = append(group, i)
					}
				}
			}
		}
		groups = append(groups, group)
	}
	return groups
}
