package term

import (
	"bufio"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
)

// stack writes each row as a heading, which is its first cells up to what it is called, and below it the others with
// their headers.
func (t *Table) stack(to *Terminal, w *runewidth.Condition) error {
	const indent = "  "
	width := to.Width()
	out := bufio.NewWriter(to.W)
	for _, row := range t.rows {
		var heading []string
		at := 0
		for ; at < len(t.Columns); at++ {
			if s := text(row, at); s != "" && !t.Columns[at].Screen {
				heading = append(heading, s)
			}
			if c := t.Columns[at]; !c.Right && !c.Screen && c.Header != "" {
				at++
				break
			}
		}
		// Longer than a line, it goes on in the next: shortened, it could be another one's.
		_, _ = io.WriteString(out, to.Paint(t.shown(to, strings.Join(heading, columnGap)), Bold)+"\n")
		line, used := "", 0
		flush := func() {
			if line != "" {
				_, _ = io.WriteString(out, indent+line+"\n")
			}
			line, used = "", 0
		}
		for c := at; c < len(t.Columns); c++ {
			s, column := text(row, c), t.Columns[c]
			if s == "" || column.Screen {
				continue
			}
			if column.Wrap {
				flush()
				for _, l := range strings.Split(WrapText(s, width-len(indent)), "\n") {
					_, _ = io.WriteString(out, indent+l+"\n")
				}
				continue
			}
			label := ""
			if column.Header != "" {
				label = Clean(column.Header) + " "
			}
			if column.Spare {
				s = shorten(w, s, max(leastCut, width-len(indent)-w.StringWidth(label)), to.ellipsis())
			}
			need := w.StringWidth(label) + w.StringWidth(s)
			if used > 0 && used+len(columnGap)+need > width-len(indent) {
				flush()
			}
			if used > 0 {
				line, used = line+columnGap, used+len(columnGap)
			}
			line += to.Paint(label, Faint) + to.Paint(t.shown(to, s), row[c].Style)
			used += need
		}
		flush()
	}
	return out.Flush()
}

// shown keeps a right-to-left text in its place.
func (t *Table) shown(to *Terminal, s string) string {
	if to.Unicode {
		return isolate(s)
	}
	return s
}
