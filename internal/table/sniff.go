package table

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

const (
	separators = ",;\t|"
	sniffRows  = 50
)

// division is how a separator divides the first rows.
type division struct {
	separator rune
	rows      [][]string
}

// divide reads the rows of a text's beginning; what is cut off at its end is left out.
func divide(head []byte, cut bool, separator rune, o Options) division {
	d := division{separator: separator}
	if cut {
		if end := bytes.LastIndexAny(head, "\r\n"); end >= 0 {
			head = head[:end]
		}
	}
	t := &Reader{Separator: separator, options: o}
	t.in, _, _ = Decode(io.MultiReader(bytes.NewReader(head)), true)
	for len(d.rows) < sniffRows {
		fields, err := t.Read()
		if err != nil {
			break
		}
		d.rows = append(d.rows, append([]string(nil), fields...))
	}
	return d
}

// several is the share of rows that have two or more fields.
func (d division) several() float64 {
	n := 0
	for _, row := range d.rows {
		if len(row) > 1 {
			n++
		}
	}
	return float64(n) / float64(max(1, len(d.rows)))
}

// alike is the share of rows that have as many fields as most, and how many that are.
func (d division) alike() (share float64, fields int) {
	counts := map[int]int{}
	for _, row := range d.rows {
		counts[len(row)]++
	}
	most := 0
	for n, count := range counts {
		if count > most || count == most && n > fields {
			most, fields = count, n
		}
	}
	return float64(most) / float64(max(1, len(d.rows))), fields
}

// numbers is the share of fields that are numbers, where those with a decimal comma are.
func (d division) numbers() float64 {
	numbers, all := 0, 0
	for _, row := range d.rows {
		for _, field := range row {
			all++
			field = strings.TrimSpace(field)
			if d.separator != ',' {
				field = strings.Replace(field, ",", ".", 1)
			}
			if _, err := strconv.ParseFloat(field, 64); err == nil {
				numbers++
			}
		}
	}
	return float64(numbers) / float64(max(1, all))
}

// tidy is the share of fields that do not begin with a blank, as words behind a comma in a
// sentence do.
func (d division) tidy() float64 {
	tidy, all := 0, 0
	for _, row := range d.rows {
		for _, field := range row[1:] {
			all++
			if !strings.HasPrefix(field, " ") {
				tidy++
			}
		}
	}
	return float64(tidy) / float64(max(1, all))
}

// likely is how likely a separator is where several divide every row alike: text has tabs
// and bars more seldom than commas, and semicolons stand between tags.
func (d division) likely(fields int, o Options) float64 {
	switch d.separator {
	case o.Prefer:
		return 1000
	case '\t':
		return 100
	case ',':
		return 10 + float64(fields)
	case '|':
		return 9.5 + float64(fields)
	}
	return 5
}

func (d division) titled() bool { return len(d.rows) > 0 && len(d.rows[0]) > 1 && anyKnown(d.rows[0]) }

func titled(head []byte, separator rune, o Options) bool {
	return separator != None && divide(head, len(head) == sample, separator, o).titled()
}

// sniff finds the separator of a text by its beginning, and reports whether its first row has
// titles that are known. Titles count most; then what divides nearly every row into as many
// fields; then what divides nearly every row, as lists of different lengths are.
func sniff(head []byte, cut bool, o Options) (separator rune, isTitled bool) {
	var all []division
	for _, s := range separators {
		all = append(all, divide(head, cut, s, o))
	}
	best, bestScore := None, [4]float64{}
	for _, d := range all {
		share, fields := d.alike()
		several := d.several()
		var score [4]float64
		switch {
		case d.titled():
			score = [4]float64{3, float64(len(d.rows[0])), share, d.likely(fields, o)}
		case fields > 1 && share >= 0.9:
			score = [4]float64{2, min(d.tidy(), 0.9), d.numbers(), d.likely(fields, o)}
		case several >= 0.9 || several > 0 && o.Several:
			score = [4]float64{1, several, 0, d.likely(fields, o)}
		default:
			continue
		}
		if less(bestScore, score) {
			best, bestScore = d.separator, score
		}
	}
	if best == None && o.Several {
		best = ','
	}
	return best, bestScore[0] == 3
}

func less(a, b [4]float64) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}
