package term

import (
	"bufio"
	"io"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/mattn/go-runewidth"
)

// Table is rows under headers, aligned by display width. On a terminal the widest cells are
// shortened to fit, but never so far that two different ones look the same; where they cannot be read any more, each row
// is written below itself instead. Elsewhere nothing is shortened or coloured.
type Table struct {
	Columns []Column
	rows    [][]Cell
}

// Column is one column of a table.
type Column struct {
	Header string
	Right  bool // aligned at the right, as numbers are
	Whole  bool // never shortened
	Screen bool // only on a terminal: bars and other ornaments
	Spare  bool // repeats what other columns identify: shortened first, and left out on a terminal where those do not fit
	Wrap   bool // sentences, in the last column: on a terminal they go on below themselves
}

// Cell is one field of a table.
type Cell struct {
	Text  string
	Style Style
}

const (
	columnGap = "  "
	readable  = 12 // cells by which a name is recognisable
	leastCut  = 6  // a column is not shortened below this many cells

	recognisable = 20 // cells that a name and its path need to be worth showing both
)

// Add appends a row of plain cells.
func (t *Table) Add(cells ...string) {
	row := make([]Cell, len(cells))
	for i, c := range cells {
		row[i].Text = c
	}
	t.AddCells(row...)
}

// AddCells appends a row. Cells without a column are dropped, and columns without a cell stay
// empty.
func (t *Table) AddCells(cells ...Cell) { t.rows = append(t.rows, cells) }

// Write writes the table.
func (t *Table) Write(to *Terminal) error {
	w := to.widths()
	var columns []int // shown
	for i, c := range t.Columns {
		if to.TTY || !c.Screen {
			columns = append(columns, i)
		}
	}
	if len(columns) == 0 {
		return nil
	}
	header := make([]Cell, len(t.Columns))
	named := false
	for i, c := range t.Columns {
		header[i] = Cell{Text: c.Header, Style: Faint}
		named = named || c.Header != ""
	}
	rows := t.rows
	if named {
		rows = append([][]Cell{header}, rows...)
	}
	widths := t.measure(w, columns)
	lefts := make([]float64, len(t.Columns)) // the share of a shortened cell that its beginning gets
	if to.TTY {
		var legible bool
		if columns, legible = t.layOut(w, to, widths, columns); !legible {
			return t.stack(to, w)
		}
		for _, c := range columns {
			lefts[c], _ = t.cut(w, to.ellipsis(), c, widths[c])
		}
	}
	out := bufio.NewWriter(to.W)
	for _, row := range rows {
		var line strings.Builder
		pending := 0 // spaces, written only when something follows
		for i, c := range columns {
			if i > 0 {
				pending += len(columnGap)
			}
			s := text(row, c)
			if below := strings.Split(WrapText(s, widths[c]), "\n"); to.TTY && t.Columns[c].Wrap && len(below) > 1 {
				at := 0
				for _, before := range columns[:i] {
					at += widths[before] + len(columnGap)
				}
				s = strings.Join(below, "\n"+strings.Repeat(" ", at))
				line.WriteString(strings.Repeat(" ", pending) + to.Paint(s, row[c].Style))
				continue
			}
			if to.TTY {
				s = shortenAt(w, s, widths[c], lefts[c], to.ellipsis())
			}
			space := widths[c] - w.StringWidth(s)
			if t.Columns[c].Right {
				pending += space
				space = 0
			}
			if s != "" {
				line.WriteString(strings.Repeat(" ", pending))
				pending = 0
				if to.TTY && to.Unicode {
					s = isolate(s)
				}
				if c < len(row) {
					s = to.Paint(s, row[c].Style)
				}
				line.WriteString(s)
			}
			pending += space
		}
		line.WriteByte('\n')
		if _, err := io.WriteString(out, line.String()); err != nil {
			return err
		}
	}
	return out.Flush()
}

// Fits reports whether a terminal shows the table as rows that can be read.
func (t *Table) Fits(to *Terminal) bool {
	if !to.TTY {
		return true
	}
	w := to.widths()
	var columns []int
	for c := range t.Columns {
		columns = append(columns, c)
	}
	_, legible := t.layOut(w, to, t.measure(w, columns), columns)
	return legible
}

// measure returns the width of each column that is shown, with its header.
func (t *Table) measure(w *runewidth.Condition, columns []int) []int {
	widths := make([]int, len(t.Columns))
	for _, c := range columns {
		widths[c] = w.StringWidth(Clean(t.Columns[c].Header))
		for _, row := range t.rows {
			widths[c] = max(widths[c], w.StringWidth(text(row, c)))
		}
	}
	return widths
}

// layOut narrows columns to a terminal's width, and reports whether they can still be read.
func (t *Table) layOut(w *runewidth.Condition, to *Terminal, widths, columns []int) (shown []int, legible bool) {
	width := to.Width()
	sentence := width / 3 // cells that sentences need to be read
	full := slices.Clone(widths)
	last := columns[len(columns)-1]
	if t.Columns[last].Wrap {
		width -= min(sentence, widths[last]) + len(columnGap)
		columns = columns[:len(columns)-1]
	}
	if len(columns) > 0 {
		columns = t.squeeze(w, to.ellipsis(), widths, columns, width)
	}
	total := -len(columnGap)
	legible = true
	for _, c := range columns {
		total += widths[c] + len(columnGap)
		legible = legible && (!t.cuttable(c) || widths[c] >= min(readable, full[c]))
	}
	legible = legible && total <= width
	if t.Columns[last].Wrap {
		const lines = 3 // that a sentence may take beside short cells
		widths[last] = min(full[last], max(sentence, to.Width()-total-len(columnGap)))
		legible = legible && full[last] <= lines*widths[last]
		columns = append(columns, last)
	}
	return columns, legible
}

// text returns a cell as it is written in full.
func text(row []Cell, column int) string {
	if column < len(row) {
		return Clean(row[column].Text)
	}
	return ""
}

// squeeze narrows columns until all fit into width cells. Ornaments and empty columns go first, then spare columns;
// last, names are shortened, as far as they can be told apart.
func (t *Table) squeeze(w *runewidth.Condition, ellipsis string, widths, columns []int, width int) []int {
	need := func(least int) int {
		total := len(columnGap) * (len(columns) - 1)
		for _, c := range columns {
			if t.cuttable(c) {
				total += min(widths[c], least)
			} else {
				total += widths[c]
			}
		}
		return total
	}
	if need(readable) > width {
		columns = slices.DeleteFunc(columns, func(c int) bool { return t.Columns[c].Screen })
	}
	if need(math.MaxInt) > width {
		columns = slices.DeleteFunc(columns, t.empty)
	}
	// narrow cuts the widest columns, none below its least width, and reports whether all fit now.
	narrow := func(least func(c int) int) bool {
		leasts := make(map[int]int, len(columns))
		for _, c := range columns {
			leasts[c] = widths[c]
			if t.cuttable(c) {
				leasts[c] = least(c)
			}
		}
		total := need(math.MaxInt)
		for ; total > width; total-- {
			widest := -1
			for _, c := range columns {
				if widths[c] > leasts[c] && (widest < 0 || widths[c] > widths[widest]) {
					widest = c
				}
			}
			if widest < 0 {
				return false
			}
			widths[widest]--
		}
		return true
	}
	spare := func(c int) bool { return t.Columns[c].Spare }
	full := slices.Clone(widths)
	if slices.ContainsFunc(columns, spare) && !narrow(func(c int) int {
		if spare(c) {
			return min(recognisable, full[c])
		}
		return max(min(recognisable, full[c]), t.distinct(w, ellipsis, c, full[c]))
	}) {
		columns = slices.DeleteFunc(columns, spare)
		copy(widths, full)
	}
	narrow(func(c int) int { return t.distinct(w, ellipsis, c, widths[c]) }) // if this is too wide: wrapped lines are better than lost names
	return columns
}

func (t *Table) cuttable(c int) bool {
	return !t.Columns[c].Whole && !t.Columns[c].Right && !t.Columns[c].Screen
}

// empty reports whether no row has anything in a column.
func (t *Table) empty(c int) bool {
	return !slices.ContainsFunc(t.rows, func(row []Cell) bool { return text(row, c) != "" })
}

// distinct returns the least width to which a column can be cut with different cells still different.
func (t *Table) distinct(w *runewidth.Condition, ellipsis string, c, width int) int {
	least := min(leastCut, width)
	return least + sort.Search(width-least, func(more int) bool {
		_, ok := t.cut(w, ellipsis, c, least+more)
		return ok
	})
}

// cut returns where to shorten a column's cells, as the share that their beginning gets, and whether different
// cells stay different so. The middle goes unless that is what tells them apart.
func (t *Table) cut(w *runewidth.Condition, ellipsis string, c, width int) (left float64, ok bool) {
	for _, left := range []float64{0.5, 0.25, 0.75, 0, 1} {
		if t.toldApart(w, ellipsis, c, width, left) {
			return left, true
		}
	}
	return 0.5, false
}

func (t *Table) toldApart(w *runewidth.Condition, ellipsis string, c, width int, left float64) bool {
	shown := make(map[string]string, len(t.rows))
	for _, row := range t.rows {
		full := text(row, c)
		short := shortenAt(w, full, width, left, ellipsis)
		if other, used := shown[short]; used && other != full {
			return false
		}
		shown[short] = full
	}
	return true
}
