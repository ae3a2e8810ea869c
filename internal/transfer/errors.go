package transfer

import (
	"fmt"

	"github.com/akin-search/akin/internal/table"
)

// A NoRowNamesError reports that a file of vectors, which has no names itself, came without a file of names.
type NoRowNamesError struct {
	File   string
	Arrays []string // that it has, where it has several
}

func (e *NoRowNamesError) Error() string {
	if e.Arrays != nil {
		return fmt.Sprintf("import %s: which of its arrays has the names of the rows? It has %s", e.File, table.List(e.Arrays))
	}
	return fmt.Sprintf("import %s: its rows have no names", e.File)
}

// A FormatError reports that a file of embeddings has a format that is not read.
type FormatError struct{ File, Format string }

func (e *FormatError) Error() string {
	return fmt.Sprintf("import %s: %s is not read", e.File, e.Format)
}

// A NameColumnError reports that it cannot be told which column of a table has the names.
type NameColumnError struct {
	File    string
	Columns []string // titles, or the values of the first row
}

func (e *NameColumnError) Error() string {
	return fmt.Sprintf("read names: %s: which column has the names? It has %s", e.File, table.List(e.Columns))
}
