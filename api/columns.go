package api

import (
	"slices"
	"strings"
)

// ColumnRole is what a column of a list or a table holds.
type ColumnRole string

// The roles of columns.
const (
	PathColumn   ColumnRole = "path"   // a picture's path or address
	NameColumn   ColumnRole = "name"   // its name
	GroupColumn  ColumnRole = "group"  // the group it belongs to
	TagsColumn   ColumnRole = "tags"   // its tags, separated by semicolons
	ValuesColumn ColumnRole = "values" // the values of an embedding: as text, or the first of their columns
)

// Columns map roles to columns where a list's titles do not tell: each by its title, without regard
// to case, or by its number from 1.
type Columns map[ColumnRole]string

// ParseColumns reads "path=COLUMN,name=COLUMN". The roles are those allowed.
func ParseColumns(text string, roles ...ColumnRole) (Columns, error) {
	c := Columns{}
	for part := range strings.SplitSeq(text, ",") {
		name, column, ok := strings.Cut(part, "=")
		role, column := ColumnRole(strings.TrimSpace(name)), strings.TrimSpace(column)
		if !ok || column == "" || !slices.Contains(roles, role) {
			var forms []string
			for _, r := range roles {
				forms = append(forms, string(r)+"=COLUMN")
			}
			return nil, Invalidf("%q: want %s, a column's title or its number from 1", part, strings.Join(forms, " or "))
		}
		if c[role] != "" {
			return nil, Invalidf("%s is given twice", role)
		}
		c[role] = column
	}
	return c, nil
}

// Understood reports how the columns of a list or a table were taken: each by its title, or its
// number from 1 where there are no titles.
type Understood struct {
	File      string `json:"file"`
	Encoding  string `json:"encoding,omitempty"`  // where it is not UTF-8
	Separator string `json:"separator,omitempty"` // ",", ";", "tab" or "|"
	Path      string `json:"path,omitempty"`      // the column of paths or addresses
	Name      string `json:"name,omitempty"`      // of names
	Tags      string `json:"tags,omitempty"`      // of tags
	Values    string `json:"values,omitempty"`    // of numbers: one, or "the first to the last"
}

// Notable reports whether a person should see how the file was read: it has columns, or an encoding
// other than UTF-8.
func (u Understood) Notable() bool {
	return u.Path != "" || u.Name != "" || u.Tags != "" || u.Values != "" || u.Encoding != ""
}

// String describes it in words, without the file.
func (u Understood) String() string {
	var parts []string
	for _, p := range []struct{ what, column string }{{"paths", u.Path}, {"names", u.Name}, {"tags", u.Tags}, {"values", u.Values}} {
		if p.column != "" {
			parts = append(parts, p.what+" from column "+p.column)
		}
	}
	if u.Separator != "" && u.Separator != "," {
		parts = append(parts, map[string]string{";": "semicolons", "tab": "tabs", "|": "bars"}[u.Separator]+" between columns")
	}
	if u.Encoding != "" {
		parts = append(parts, u.Encoding)
	}
	return strings.Join(parts, ", ")
}
