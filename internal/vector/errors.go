package vector

import "fmt"

// A ValuesColumnError reports that two columns, or runs of columns, can be the values of a table.
type ValuesColumnError struct{ A, B, Column string }

func (e *ValuesColumnError) Error() string {
	return fmt.Sprintf("the columns %s and %s can both be the values", e.A, e.B)
}
