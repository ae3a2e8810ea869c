package render

import (
	"fmt"
	"strings"

	"github.com/akin-search/akin/api"
)

// Import writes how many embeddings were read, and how many pictures they matched.
func (o *Output) Import(r api.ImportReport) error {
	before := ""
	if r.Unchanged > 0 {
		before = fmt.Sprintf(", %d stored before", r.Unchanged)
	}
	return o.Linef("%s of %s imported into %s: %d matched%s, %s%s",
		Count(r.Rows, "embedding"), Count(r.Dim, "dimension"), r.Model, r.Matched, matchWords(r), Count(r.New, "new name"), before)
}

// matchWords says how pictures were matched, unless all were by name.
func matchWords(r api.ImportReport) string {
	var parts []string
	for _, by := range []struct {
		n    int
		word string
	}{{r.MatchedBy.Path, "path"}, {r.MatchedBy.File, "file name"}, {r.MatchedBy.Name, "name"}} {
		if by.n > 0 {
			parts = append(parts, fmt.Sprintf("%d by %s", by.n, by.word))
		}
	}
	if r.MatchedBy.Name == r.Matched {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
