package term

import (
	"bufio"
	"io"
	"math"
	"slices"
	"strings"
)

// Table is rows under headers, aligned by display width. On a terminal the widest cells are
// shortened in their middle to fit; elsewhere nothing is shortened or coloured.
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
	text := func(row []Cell, column int) string {
		if column < len(row) {
			return Clean(row[column].Text)
		}
		return ""
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
	widths := make([]int, len(t.Columns))
	for _, row := range rows {
		for _, c := range columns {
			widths[c] = max(widths[c], w.StringWidth(text(row, c)))
		}
	}
	if to.TTY {
		columns = t.squeeze(widths, columns, to.Width())
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
			if to.TTY {
				s = shorten(w, s, widths[c], to.ellipsis())
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

// squeeze narrows the widest columns until all fit into width cells, and drops ornaments before names
// become unreadable.
func (t *Table) squeeze(widths, columns []int, width int) []int {
	cuttable := func(c int) bool { return !t.Columns[c].Whole && !t.Columns[c].Right && !t.Columns[c].Screen }
	need := func(least int) int {
		total := len(columnGap) * (len(columns) - 1)
		for _, c := range columns {
			if cuttable(c) {
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
	for total := need(math.MaxInt); total > width; total-- {
		widest := -1
		for _, c := range columns {
			if cuttable(c) && widths[c] > leastCut && (widest < 0 || widths[c] > widths[widest]) {
				widest = c
			}
		}
		if widest < 0 {
			break // wrapped lines are better than lost numbers
		}
		widths[widest]--
	}
	return columns
}
