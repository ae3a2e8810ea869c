package main

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// sheetFlag registers --spreadsheet, for commands that write CSV.
func (a *app) sheetFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&a.spreadsheet, "spreadsheet", false, "in CSV: put a ' before text that a spreadsheet takes for a formula")
}

// sheet writes CSV, safe to be opened in a spreadsheet where that was asked for.
type sheet struct {
	*csv.Writer
	safe bool
}

func (a *app) sheet(w io.Writer) sheet { return sheet{csv.NewWriter(w), a.spreadsheet} }

// Write writes a row.
func (s sheet) Write(row []string) error {
	if s.safe {
		safe := make([]string, len(row))
		for i, cell := range row {
			safe[i] = harmless(cell)
		}
		row = safe
	}
	return s.Writer.Write(row)
}

// harmless puts a ' before a cell that a spreadsheet takes for a formula, as OWASP's page on
// CSV injection has it. A picture can be called =HYPERLINK("http://…"). Numbers stay.
func harmless(cell string) string {
	if strings.IndexAny(cell, "=+-@\t\r\n") != 0 && !strings.HasPrefix(cell, "＝") && !strings.HasPrefix(cell, "＋") && !strings.HasPrefix(cell, "－") && !strings.HasPrefix(cell, "＠") {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return "'" + cell
}
