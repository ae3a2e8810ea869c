package render

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/akin-search/akin/api"
)

// Query is a query as a person would write it.
func Query(q api.Query) string {
	var b strings.Builder
	for i, t := range q {
		name := t.Picture
		if t.Text != "" {
			name = strconv.Quote(t.Text)
		}
		if t.Crop != nil {
			name += " [" + t.Crop.String() + "]"
		}
		weight := math.Abs(t.Weight)
		switch {
		case t.Weight < 0 && i == 0:
			b.WriteString("- ")
		case t.Weight < 0:
			b.WriteString(" - ")
		case i > 0:
			b.WriteString(" + ")
		}
		if weight != 1 {
			fmt.Fprintf(&b, "%g × ", weight)
		}
		b.WriteString(name)
	}
	return b.String()
}
