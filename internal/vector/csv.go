package vector

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/table"
)

// CSV is a table of embeddings.
type CSV struct {
	Names   []string
	Sources []string // what stands in a column of paths or addresses; nil when there is none
	Rows    Matrix
	Columns api.Understood // without the file
}

// ReadCSV reads embeddings: the values either in one column, as Python prints an array or
// a list ("features", "embedding", or whichever column has brackets), or in a column each,
// numbered one after another in their titles. Names are in the column called name, else in
// the first that can be one: not pandas' unnamed index, nor a class. Columns that were said go
// before all that. Rows in errors count from 1, without the header.
func ReadCSV(r io.Reader, said api.Columns) (CSV, error) {
	t, err := readCSV(r, said)
	if err != nil {
		return CSV{}, fmt.Errorf("%w: CSV: %w", ErrFile, err)
	}
	return t, nil
}

func readCSV(r io.Reader, said api.Columns) (t CSV, err error) {
	c, err := table.NewReader(r, table.Options{Several: true})
	if err != nil {
		return t, err
	}
	first, err := c.Read()
	if err == io.EOF {
		return t, errors.New("the file is empty")
	}
	if err != nil {
		return t, err
	}
	first = slices.Clone(first)
	record, line := first, c.Line()
	var header []string
	if isHeader(first) {
		header = first
		record, err = c.Read()
		if line = c.Line(); err == io.EOF {
			return t, errors.New("there is a header and no row below it")
		}
	}
	cols := columns{decimalComma: c.Separator != ','}
	if err == nil && len(record) == len(first) {
		if err := cols.find(header, record, said); err != nil {
			return t, err
		}
	}
	t.Columns = c.Describe("")
	cols.describe(header, &t.Columns)
	var values []float32
	for row := 1; err != io.EOF; row++ {
		if err == nil && len(record) != len(first) {
			err = fmt.Errorf("it has %d columns, the first line has %d", len(record), len(first))
		}
		name := ""
		if err == nil {
			// A substring would keep the whole row in memory.
			name = strings.Clone(record[cols.name])
			switch {
			case strings.TrimSpace(name) == "":
				err = errors.New("it has no name")
			case !utf8.ValidString(name):
				err = errors.New("its name is not UTF-8: save the file as UTF-8")
			}
		}
		before := len(values)
		if err == nil {
			if n := cols.missing(record); n > 0 {
				values = append(values, slices.Repeat([]float32{float32(math.NaN())}, n)...)
			} else {
				values, err = cols.values(values, record)
			}
		}
		if dim := len(values) - before; err == nil && row > 1 && dim != t.Rows.Dim {
			err = fmt.Errorf("it has %d values, the rows above have %d", dim, t.Rows.Dim)
		}
		if err != nil {
			return t, fmt.Errorf("row %d (%.60q, line %d): %w", row, name, line, err)
		}
		t.Rows.Dim = len(values) - before
		t.Names = append(t.Names, name)
		if cols.source >= 0 {
			t.Sources = append(t.Sources, strings.Clone(record[cols.source]))
		}
		record, err = c.Read()
		line = c.Line()
	}
	t.Rows.Parts = [][]float32{values}
	return t, nil
}

// isHeader reports whether the first line names columns. pandas names columns of
// numbers 0, 1, 2 …; others begin with 1, under a title for names.
func isHeader(first []string) bool {
	numbers, counting, from := 0, true, 0
	if len(first) > 1 && strings.TrimSpace(first[1]) == "1" && (strings.TrimSpace(first[0]) == "" || table.Known(first[0])) {
		from = 1
	}
	for _, field := range first[1:] {
		if isPrinted(field) {
			return false
		}
		if isNumber(field) {
			counting = counting && strings.TrimSpace(field) == strconv.Itoa(from+numbers)
			numbers++
		}
	}
	return numbers == 0 || counting
}

func isNumber(field string) bool {
	_, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
	return err == nil || errors.Is(err, strconv.ErrRange)
}

// number is isNumber, also of one with a decimal comma where those can be.
func (c columns) number(field string) bool {
	return isNumber(field) || c.decimalComma && isNumber(strings.Replace(field, ",", ".", 1))
}

// columns says what stands where. Values are in the column printed, or else in
// the columns numbers.
type columns struct {
	name, source, printed int // -1 means none
	numbers               []int
	decimalComma          bool
}

var printedTitles = []string{"features", "feature", "embedding", "embeddings", "vector", "vectors", "emb", "featurevector"}

// find goes by what was said, then by the header, if there is one, and by the first row
// below.
func (c *columns) find(header, row []string, said api.Columns) error {
	c.name, c.source, c.printed = -1, -1, -1
	titles := header
	if titles == nil {
		titles = make([]string, len(row))
	}
	for role, at := range map[api.ColumnRole]*int{table.Name: &c.name, table.Path: &c.source} {
		i, _, err := table.Find(said, role, titles)
		if err != nil {
			return err
		}
		*at = i
	}
	name := c.name
	if name < 0 {
		name = c.findName(titles, row, header != nil)
	}
	if err := c.findValues(titles, row, name, header != nil, said); err != nil {
		return err
	}
	c.name = name
	isValue := func(i int) bool { return i == c.printed || slices.Contains(c.numbers, i) }
	if isValue(c.name) {
		return fmt.Errorf("column %s has values, and no column is left for names", table.Title(header, c.name))
	}
	for i := range row {
		if c.source < 0 && i != c.name && !isValue(i) && !c.number(row[i]) && isSource(titles[i], row[i]) {
			c.source = i
		}
	}
	return nil
}

// noNames are titles of columns that say something of a picture, and not what it is called.
var noNames = strings.Fields("index idx unnamed:0 row split fold set label labels class classname classid target category cluster group width height size bytes score")

// findName returns the column of names: the one called so; else the first, unless another one
// tells more clearly what the pictures are called.
func (c *columns) findName(titles, row []string, titled bool) int {
	isPrintedColumn := func(i int) bool {
		return isPrinted(row[i]) || slices.Contains(printedTitles, table.Plainly(titles[i]))
	}
	if !titled {
		return 0
	}
	best, worth := 0, -1
	for i, title := range titles {
		plain := table.Plainly(title)
		w := 0
		rank, path := table.Rank(table.Name, title), table.Rank(table.Path, title)
		switch {
		case isPrintedColumn(i):
			continue
		case plain == "" || slices.Contains(noNames, plain):
			// pandas' index has no title. It is the names where nothing else is.
			w = 1
		case plain == "name" || plain == "names":
			w = 100
		case rank >= 0 && (plain == "id" || plain == "key" || plain == "uid" || plain == "uuid"):
			w = 3
		case rank >= 0 && (plain == "text" || plain == "caption" || plain == "description" || plain == "alt"):
			w = 2
		case rank >= 0:
			w = 20
		case path >= 0 && !c.number(row[i]):
			w = 10
		case i == 0 && !c.number(row[i]):
			w = 30 // of a title that nobody knows, and of text: the first is what names stand in
		case i == 0:
			w = 2
		case i == 1 && best == 0 && worth <= 1 && !c.number(row[i]):
			w = 15 // behind pandas' index
		default:
			continue
		}
		if w > worth {
			best, worth = i, w
		}
	}
	return best
}

// numberedTitle parts e12 into e and 12.
func numberedTitle(title string) (word string, number int, ok bool) {
	title = strings.ToLower(strings.TrimSpace(title))
	word = strings.TrimRight(title, "0123456789")
	number, err := strconv.Atoi(title[len(word):])
	return word, number, err == nil
}

// run is columns beside each other that are numbered one after another.
type run struct {
	word        string
	first, last int
}

func (c *columns) findValues(titles, row []string, name int, titled bool, said api.Columns) error {
	if i, byTitle, err := table.Find(said, table.Values, titles); err == nil && i >= 0 {
		if isPrinted(row[i]) || !c.number(row[i]) {
			c.printed = i
			return nil
		}
		last := i
		word, _, numbered := numberedTitle(titles[i])
		for next := i + 1; next < len(row) && c.number(row[next]) && next != name; next++ {
			if w, _, ok := numberedTitle(titles[next]); byTitle && (ok != numbered || w != word) {
				break
			}
			last = next
		}
		c.span(i, last)
		return nil
	} else if err != nil {
		return err
	}
	var lists, titledLists []int
	for i := range row {
		isTitled := slices.Contains(printedTitles, table.Plainly(titles[i]))
		if i != name && (isTitled || isPrinted(row[i])) {
			lists = append(lists, i)
			if isTitled {
				titledLists = append(titledLists, i)
			}
		}
	}
	if len(titledLists) > 0 {
		lists = titledLists
	}
	if len(lists) > 1 {
		return &ValuesColumnError{A: table.Title(titles, lists[0]), B: table.Title(titles, lists[1]), Column: table.Title(titles, lists[0])}
	}
	if len(lists) == 1 {
		c.printed = lists[0]
		return nil
	}
	var runs []run
	var numbers []int // columns of numbers that are not numbered
	for i := range row {
		if i == name {
			continue
		}
		word, n, ok := numberedTitle(titles[i])
		if ok && titled {
			if k := len(runs) - 1; k >= 0 && runs[k].last == i-1 && runs[k].word == word {
				if _, before, _ := numberedTitle(titles[i-1]); n == before+1 {
					runs[k].last = i
					continue
				}
			}
			runs = append(runs, run{word, i, i})
			continue
		}
		if c.number(row[i]) {
			numbers = append(numbers, i)
		}
	}
	length := func(r run) int { return r.last - r.first + 1 }
	about := func(r run) bool { return slices.Contains(noNames, strings.Trim(r.word, " _-.")) }
	runs = slices.DeleteFunc(runs, func(r run) bool { return about(r) && (length(r) == 1 || len(runs) > 1 || len(numbers) > 0) })
	slices.SortStableFunc(runs, func(a, b run) int { return length(b) - length(a) })
	if len(runs) > 0 && length(runs[0]) == 1 { // a1, b1, c: titles of their own
		for _, r := range runs {
			if c.number(row[r.first]) {
				numbers = append(numbers, r.first)
			}
		}
		runs = nil
		slices.Sort(numbers)
	}
	switch {
	case len(runs) > 0:
		if r := runs[0]; len(runs) > 1 && length(runs[1]) == length(r) {
			return &ValuesColumnError{
				A: titles[r.first] + " to " + titles[r.last], B: titles[runs[1].first] + " to " + titles[runs[1].last], Column: titles[r.first],
			}
		}
		c.span(runs[0].first, runs[0].last)
	case len(numbers) > 0:
		of := slices.DeleteFunc(slices.Clone(numbers), func(i int) bool { return slices.Contains(noNames, table.Plainly(titles[i])) })
		if len(of) > 0 {
			numbers = of
		}
		// Whatever stands between two columns of values ought to be one.
		c.span(numbers[0], numbers[len(numbers)-1])
	default:
		return errors.New(`no column has numbers or is called "features"`)
	}
	return nil
}

func (c *columns) span(first, last int) {
	for i := first; i <= last; i++ {
		c.numbers = append(c.numbers, i)
	}
}

// describe names the columns; without a header by their numbers.
func (c columns) describe(header []string, u *api.Understood) {
	if c.printed < 0 && len(c.numbers) == 0 {
		return
	}
	u.Name, u.Path = table.Title(header, c.name), table.Title(header, c.source)
	if c.printed >= 0 {
		u.Values = table.Title(header, c.printed)
		return
	}
	u.Values = table.Title(header, c.numbers[0])
	if len(c.numbers) > 1 {
		u.Values += " to " + table.Title(header, c.numbers[len(c.numbers)-1])
	}
}

func isSource(title, field string) bool {
	for _, word := range []string{"path", "file", "url", "address", "image", "source"} {
		if strings.Contains(strings.ToLower(title), word) {
			return true
		}
	}
	return strings.TrimSpace(title) == "" && strings.ContainsAny(field, `/\\`)
}

// values appends the values of one record.
func (c columns) values(values []float32, record []string) ([]float32, error) {
	if c.printed >= 0 {
		return appendPrinted(values, record[c.printed])
	}
	for _, i := range c.numbers {
		field := strings.TrimSpace(record[i])
		if c.decimalComma {
			field = strings.Replace(field, ",", ".", 1)
		}
		var err error
		if values, err = appendNumber(values, field); err != nil {
			return values, fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return values, nil
}

// wrapped is what Python writes around an array or a number: array([…], dtype=float32),
// tensor([…]), np.float32(0.5).
var (
	wrapped = regexp.MustCompile(`^\s*(?:(?:np|numpy|torch|jnp|tf)\.)?(?:array|asarray|tensor|Tensor|Array)\(`)
	scalar  = regexp.MustCompile(`^(?:(?:np|numpy|torch|jnp)\.)?(?:float|float_|float16|float32|float64|bfloat16|int|int8|int16|int32|int64|tensor|array)\(`)
	typed   = regexp.MustCompile(`^\s*(?:,\s*[a-z_]+\s*=\s*[^,\[\]()]*(?:\([^()]*\))?)*\s*\)\s*$`)
)

// isPrinted says that a field begins as an array does.
func isPrinted(field string) bool {
	field = strings.TrimSpace(field)
	if m := wrapped.FindString(field); m != "" {
		field = field[len(m):]
	}
	return strings.HasPrefix(field, "[") || strings.HasPrefix(field, "(") && strings.Contains(field, ",")
}

// appendPrinted reads an array as NumPy prints it, "[[ 1.5 -2e-3\n 0. ]]", or a
// list or tuple as Python and JSON do, also of NumPy 2's "np.float32(1.5)" and within "array(…)".
func appendPrinted(values []float32, text string) ([]float32, error) {
	if strings.Contains(text, "...") || strings.Contains(text, "…") {
		return values, errors.New("its array was printed shortened (...), so values are lost; print it after numpy.set_printoptions(threshold=sys.maxsize), or write a .npy file")
	}
	open, closed, before := 0, 0, len(values)
	text = strings.TrimSpace(text)
	if m := wrapped.FindString(text); m != "" {
		end := strings.LastIndexAny(text, "])")
		if i := strings.LastIndexByte(text, ']'); i >= 0 {
			end = i
		}
		if end < len(m) || !typed.MatchString(text[end+1:]) {
			return values, errors.New("the brackets of its array do not match")
		}
		text = strings.TrimSpace(text[len(m) : end+1])
	}
	for ; text != ""; text = strings.TrimLeft(text, " \t\r\n,") {
		switch text[0] {
		case '[', '(':
			if open++; len(values) > before {
				return values, errors.New("its array has several rows; write one picture a row")
			}
			text = text[1:]
		case ']', ')':
			closed++
			text = text[1:]
		default:
			if closed > 0 {
				return values, errors.New("something follows its array")
			}
			m := scalar.FindString(text)
			number := text[len(m):]
			end := strings.IndexAny(number, " \t\r\n,[]()")
			if end < 0 {
				end = len(number)
			}
			var err error
			if values, err = appendNumber(values, number[:end]); err != nil {
				return values, err
			}
			if text = number[end:]; m != "" {
				if !strings.HasPrefix(text, ")") {
					return values, fmt.Errorf("%.40q is not a number", m+number[:end])
				}
				text = text[1:]
			}
		}
	}
	if open != closed {
		return values, errors.New("the brackets of its array do not match")
	}
	if len(values) == before {
		return values, errors.New("it has no values")
	}
	return values, nil
}

// missing returns how many values a row has if all are NaN, as those of a picture that could not be embedded, else 0.
// pandas leaves the cells of NaN empty.
func (c columns) missing(record []string) int {
	isNaN := func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), "nan") }
	if c.printed >= 0 {
		n := 0
		for s := range strings.FieldsFuncSeq(record[c.printed], func(r rune) bool { return strings.ContainsRune("[](), \t\r\n", r) }) {
			if !isNaN(s) { // at the first value of nearly all rows
				return 0
			}
			n++
		}
		return n
	}
	for _, i := range c.numbers {
		if s := record[i]; !isNaN(s) && strings.TrimSpace(s) != "" {
			return 0
		}
	}
	return len(c.numbers)
}

func appendNumber(values []float32, field string) ([]float32, error) {
	v, err := strconv.ParseFloat(field, 32)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return values, fmt.Errorf("%.40q is not a number", field)
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return values, fmt.Errorf("%.40q is not a finite number", field)
	}
	return append(values, float32(v)), nil
}

// WriteCSV writes a name and then the values of its row, a column each, in as
// many digits as it takes to read the same float32 again.
func WriteCSV(w io.Writer, names []string, m Matrix) error {
	if err := m.check(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	if len(names) != m.Rows() {
		return fmt.Errorf("write CSV: %d names for %d rows", len(names), m.Rows())
	}
	c := csv.NewWriter(w)
	record := make([]string, 1+max(0, m.Dim))
	record[0] = "name"
	for j := range m.Dim {
		record[1+j] = "e" + strconv.Itoa(j)
	}
	err := c.Write(record)
	i := 0
	for row := range m.All() {
		if err != nil {
			break
		}
		name := names[i]
		i++
		record[0] = name
		for j, v := range row {
			if v-v != 0 {
				return fmt.Errorf("write CSV: row %d (%q) has a value that is not finite", i, name)
			}
			record[1+j] = strconv.FormatFloat(float64(v), 'g', -1, 32)
		}
		err = c.Write(record)
	}
	c.Flush()
	if err = errors.Join(err, c.Error()); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}
