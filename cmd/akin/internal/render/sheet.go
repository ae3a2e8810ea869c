package render

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
)

// sheet writes CSV, safe to open in a spreadsheet where that was asked for.
type sheet struct {
	*csv.Writer
	safe bool
}

func (o *Output) sheet(w io.Writer) sheet { return sheet{csv.NewWriter(w), o.Spreadsheet} }

// Write writes a row.
func (s sheet) Write(row []string) error {
	if s.safe {
		safe := make([]string, len(row))
		for i, cell := range row {
			safe[i] = Harmless(cell)
		}
		row = safe
	}
	return s.Writer.Write(row)
}

// Harmless puts a ' before a cell that a spreadsheet would run as a formula, as OWASP advises
// against CSV injection: a picture can be called =HYPERLINK("http://…"). Numbers stay as they are.
func Harmless(cell string) string {
	if strings.IndexAny(cell, "=+-@\t\r\n") != 0 && !strings.HasPrefix(cell, "＝") && !strings.HasPrefix(cell, "＋") && !strings.HasPrefix(cell, "－") && !strings.HasPrefix(cell, "＠") {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return "'" + cell
}
