package model

// windows are squares of a grid of patches, row by row, whose corner is shifted down and to the right.
// What they leave out at the top and at the left is in the last ones, with what is there.
type windows struct {
	side, shift   int
	rows, columns int  // of the grid
	padFirst      bool // a grid that they do not divide is padded before it is shifted
}

// across and down are how many windows a row and a column have.
func (w windows) across() int { return (w.columns + w.side - 1) / w.side }
func (w windows) down() int   { return (w.rows + w.side - 1) / w.side }
func (w windows) count() int  { return w.across() * w.down() }

// each calls f for each patch of each window, with its row and column in the shifted grid.
func (w windows) each(f func(row, column int)) {
	for i := range w.count() {
		for j := range w.side * w.side {
			f(i/w.across()*w.side+j/w.side, i%w.across()*w.side+j%w.side)
		}
	}
}

// order returns the places of patches, window by window; -1 stands for padding.
func (w windows) order() (places []int, padded bool) {
	w.each(func(row, column int) {
		row, column = w.place(row, w.rows, w.down()), w.place(column, w.columns, w.across())
		if row < 0 || column < 0 {
			places, padded = append(places, -1), true
		} else {
			places = append(places, row*w.columns+column)
		}
	})
	return places, padded
}

// place returns where a row or column of the shifted grid is in the grid, or -1 if it is padding.
func (w windows) place(shifted, length, count int) int {
	if w.padFirst {
		if at := (shifted + w.shift) % (count * w.side); at < length {
			return at
		}
		return -1
	}
	if shifted >= length {
		return -1
	}
	return (shifted + w.shift) % length
}

// mask is added to the scores of shifted windows, (windows, side², side²): it keeps patches apart that
// come from opposite edges of the grid.
func (w windows) mask() []float32 {
	// The reference has -100. Its exponential is a denormal number, which the products of attention take
	// a hundred times as long for as for zero.
	const apart = -1000
	region := func(at, count int) int {
		switch end := count * w.side; {
		case at < end-w.side:
			return 0
		case at < end-w.shift:
			return 1
		}
		return 2
	}
	var regions []int
	w.each(func(row, column int) {
		regions = append(regions, 3*region(row, w.down())+region(column, w.across()))
	})
	t := w.side * w.side
	mask := make([]float32, 0, w.count()*t*t)
	for i := 0; i < len(regions); i += t {
		for _, a := range regions[i : i+t] {
			for _, b := range regions[i : i+t] {
				if a == b {
					mask = append(mask, 0)
				} else {
					mask = append(mask, apart)
				}
			}
		}
	}
	return mask
}
