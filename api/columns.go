package api

import "github.com/akin-search/akin/internal/table"

// Columns say which column of a list or a table has what in: by its title, without regard to
// case, or its number from 1.
type Columns = table.Columns

// What columns have in.
const (
	PathColumn   = table.Path   // a picture's path or address
	NameColumn   = table.Name   // its name
	TagsColumn   = table.Tags   // its tags, with semicolons between them
	ValuesColumn = table.Values // the values of an embedding: as text, or the first of their columns
)

// Understood tells how a list's or a table's columns were taken.
type Understood = table.Understood

// ParseColumns reads "path=COLUMN,name=COLUMN", for the roles that are allowed.
func ParseColumns(text string, roles ...table.Role) (Columns, error) {
	return table.ParseColumns(text, roles...)
}
