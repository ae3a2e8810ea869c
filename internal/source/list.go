package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/frame"
	"github.com/akin-search/akin/internal/table"
)

const (
	listRows  = 1000    // of a list are looked at before any is taken
	listBytes = 8 << 20 // and no more than this
	listFiles = 100     // of them are looked for on disk
)

// walkList reads a list: rows with a column of paths or addresses, and perhaps of names and
// of tags with semicolons between them; or text lines of a path or address. Which column is
// which its titles tell, else what lies on disk. Relative paths are relative to the list.
func walkList(ctx context.Context, path, ext string, o Options, fn func(Item) error) error {
	f, err := o.fence.open(path)
	if err != nil {
		return fmt.Errorf("read list: %w", err)
	}
	defer f.Close()
	if frame.Is(ext) {
		l, err := newFrameList(f, path, o)
		if err != nil {
			return fmt.Errorf("read list %s: %w", path, err)
		}
		return l.walk(ctx, fn)
	}
	options := table.Options{Plain: ext == ".txt", Comments: ext == ".txt"}
	if ext == ".tsv" {
		options.Prefer = '\t'
	}
	in, err := table.NewReader(f, options)
	if err != nil {
		return fmt.Errorf("read list %s: %w", path, err)
	}
	l := &list{path: path, in: in, lines: in.Lines, o: o, columns: listColumns{path: 0, name: -1, tags: -1}}
	return l.walk(ctx, fn)
}

// walk finds out what the columns are, and emits the rows.
func (l *list) walk(ctx context.Context, fn func(Item) error) error {
	head, err := l.head(ctx)
	if err != nil {
		return err
	}
	f, isTyped := l.in.(*frameRows)
	isCOCO := isTyped && f.table.Format == "COCO"
	if isCOCO {
		if err := l.findFolder(head); err != nil {
			return fmt.Errorf("read list %s: %w", l.path, err)
		}
	}
	if len(head) > 0 {
		if l.columns, err = l.understand(head); err != nil {
			if l.o.fence != nil { // its titles may be the text of any file
				err = errors.New("no column of it is plainly one of paths")
			}
			return fmt.Errorf("read list %s: %w", l.path, err)
		}
		if isCOCO && l.o.Columns[table.Name] == "" {
			l.columns.name = -1 // its ids are numbers: file names say more
		}
		if isTyped {
			f.table.Keep(l.columns.path, l.columns.name, l.columns.tags)
		}
		l.tell(head[0])
		if l.columns.titled {
			l.row, head = 1, head[1:]
		}
	}
	for _, r := range head {
		if err := l.emit(ctx, r, fn); err != nil {
			return err
		}
	}
	for {
		r, err := l.read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = l.emit(ctx, r, fn)
		}
		if err != nil {
			return err
		}
	}
}

// rows are those of a text or a typed table.
type rows interface {
	Read() ([]string, error)
	Line() int
	Describe(file string) api.Understood
}

// list is one that is being read.
type list struct {
	path    string
	folder  string // that relative paths are relative to; "" is the list's
	in      rows
	lines   bool // each line is an entry as it is
	typed   bool // the first row is one of titles, whatever they say
	o       Options
	columns listColumns
	row     int
}

// listColumns says what stands where; -1 means nowhere.
type listColumns struct {
	path, name, tags int
	titled           bool // the first row has their titles
}

// record is a row and the line that it begins in.
type listRow struct {
	fields []string
	line   int
}

func (l *list) read() (listRow, error) {
	fields, err := l.in.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("read list %s: %w", l.path, err)
	}
	return listRow{slices.Clone(fields), l.in.Line()}, err
}

// head reads the rows that tell what the columns are.
func (l *list) head(ctx context.Context) ([]listRow, error) {
	var head []listRow
	for bytes := 0; len(head) < listRows && bytes < listBytes; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := l.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		for _, field := range r.fields {
			bytes += len(field)
		}
		head = append(head, r)
	}
	return head, nil
}

func (l *list) emit(ctx context.Context, r listRow, fn func(Item) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.row++
	field := func(at int) string {
		if at < 0 || at >= len(r.fields) {
			return ""
		}
		return strings.TrimSpace(r.fields[at])
	}
	from, name := field(l.columns.path), field(l.columns.name)
	number := l.row
	if l.lines {
		if number = r.line; from == "" || strings.HasPrefix(from, "#") {
			return nil
		}
	}
	var it Item
	err := errors.New("it names no path or address")
	if from != "" {
		it, err = l.listed(name, from)
	}
	if err == nil {
		err = l.o.fence.check(it)
	}
	if err == nil && !utf8.ValidString(name) {
		err = fmt.Errorf("its name %q is not UTF-8: save the list as UTF-8", name)
	}
	if err != nil {
		l.o.row(l.path, number, from, err)
		return nil
	}
	for t := range strings.SplitSeq(field(l.columns.tags), ";") {
		if t = strings.TrimSpace(t); t != "" {
			it.Tags = append(it.Tags, t)
		}
	}
	return fn(it)
}

// row reports a row that gives no picture.
func (o Options) row(list string, row int, item string, err error) {
	if o.Row != nil {
		o.Row(list, row, item, err)
		return
	}
	o.Problem(fmt.Sprintf("%s, row %d", list, row), err)
}

func (l *list) tell(first listRow) {
	if l.o.Understood == nil {
		return
	}
	u := l.in.Describe(l.path)
	var header []string
	if l.columns.titled {
		header = first.fields
	}
	if header != nil || len(first.fields) > 1 {
		u.Path, u.Name, u.Tags = table.Title(header, l.columns.path), table.Title(header, l.columns.name), table.Title(header, l.columns.tags)
	}
	if rel, err := filepath.Rel(filepath.Dir(l.path), l.folder); err == nil && l.folder != "" {
		u.Path += " in " + filepath.ToSlash(rel)
	}
	if u.Notable() {
		l.o.Understood(u)
	}
}

// understand finds the columns: those that were said, else those that titles tell, of which
// the one counts whose values are there; else the only one whose values are.
func (l *list) understand(head []listRow) (listColumns, error) {
	first := head[0].fields
	c := listColumns{path: -1, name: -1, tags: -1}
	rest := head[1:]
	if l.lines {
		c.path = 0
		_, isTitle := l.place(strings.TrimSpace(first[0]))
		c.titled = table.Rank(table.Path, first[0]) >= 0 && isTitle != onDisk && len(rest) > 0
		return c, l.mustList(head)
	}
	said := false
	for role, at := range map[api.ColumnRole]*int{table.Path: &c.path, table.Name: &c.name, table.Tags: &c.tags} {
		i, byTitle, err := table.Find(l.o.Columns, role, first)
		if err != nil {
			return c, err
		}
		*at = i
		c.titled = c.titled || byTitle
		said = said || i >= 0
	}
	width := len(first)
	for _, r := range rest {
		width = max(width, len(r.fields))
	}
	width = min(width, 64)
	looks := make([]column, width)
	for i := range looks {
		looks[i] = l.look(rest, i)
	}
	var titles []int // of paths
	for i, t := range first {
		if i < width && table.Rank(table.Path, t) >= 0 {
			titles = append(titles, i)
		}
	}
	known := len(titles) > 0 || len(first) > 1 && slices.ContainsFunc(first, table.Known)
	if c.path < 0 {
		var err error
		if c.path, err = choose(looks, titles, first); err != nil {
			return c, err
		}
	}
	if c.path < 0 && len(rest) == 0 || c.path < 0 && width == 1 { // the only row, or column
		one := make([]column, width)
		for i := range one {
			one[i] = l.look(head, i)
		}
		var err error
		if c.path, err = choose(one, nil, first); err != nil {
			return c, err
		}
		if c.path < 0 && width == 1 {
			c.path = 0
			if err := l.mustList(head); err != nil {
				return c, err
			}
		}
	}
	if c.path < 0 {
		return c, unsure(fmt.Sprintf("no column has files or addresses that are there: it has %s", table.List(first)), first)
	}
	switch {
	case c.titled:
	case l.typed:
		c.titled = true
	case known:
		_, kind := l.place(field(first, c.path))
		c.titled = kind == noPlace || table.Rank(table.Path, field(first, c.path)) >= 0
	default:
		// Titles that nobody knows stand over a column of files, and are none.
		_, kind := l.place(field(first, c.path))
		c.titled = kind == noPlace && c.path < width && looks[c.path].works() >= 0.5
	}
	if c.titled {
		if c.name < 0 {
			c.name = nameColumn(first, c.path, rest)
		}
		if c.tags < 0 {
			c.tags = slices.IndexFunc(first, func(t string) bool { return table.Rank(table.Tags, t) >= 0 })
		}
	} else if c.name < 0 && width > 1 && !said {
		if c.name = 0; c.path == 0 {
			c.name = 1
		}
		if width > 2 && !distinct(head, c.name) {
			c.name = -1
		}
	}
	return c, nil
}

// mustList refuses a text of which no line names a picture: it is prose, and each line would be an error of its own.
func (l *list) mustList(head []listRow) error {
	looked := 0
	for _, r := range head[:min(len(head), listFiles)] {
		line := strings.TrimSpace(r.fields[0])
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		looked++
		if _, kind := l.place(line); kind != noPlace {
			return nil
		}
	}
	if looked < 3 {
		return nil // too little to judge by: their own errors say more
	}
	return fmt.Errorf("it is no list of pictures: none of its first %d lines names a file or an address", looked)
}

func unsure(reason string, titles []string) error {
	e := &ColumnError{Reason: reason, Column: "1"}
	if len(titles) > 0 && strings.TrimSpace(titles[0]) != "" {
		e.Column = strings.TrimSpace(titles[0])
	}
	return e
}

func field(fields []string, at int) string {
	if at < 0 || at >= len(fields) {
		return ""
	}
	return strings.TrimSpace(fields[at])
}

// kind is what a text can be taken for.
type kind int

const (
	noPlace kind = iota
	byLook       // it ends as pictures' names do
	address
	onDisk
)

// column is what the values of one are, as shares of those that are not empty.
type column struct {
	onDisk, address, byLook float64
	places                  []string // of the values that were looked at
}

// works is the share of values that are there, or are addresses.
func (c column) works() float64 { return c.onDisk + c.address }

// place reports what a value is.
func (l *list) place(value string) (string, kind) {
	if IsAddress(value) {
		return value, address
	}
	if value == "" || len(value) > 4096 || strings.ContainsAny(value, "\n\x00") {
		return value, noPlace
	}
	if at, info, err := l.find(value); err == nil && info.Mode().IsRegular() && l.o.fence.check(Item{Source: at}) == nil {
		return at, onDisk
	}
	if IsPictureName(value) {
		return value, byLook
	}
	return value, noPlace
}

// look looks at some values of a column.
func (l *list) look(rows []listRow, at int) (c column) {
	step := max(1, len(rows)/listFiles)
	n := 0.0
	for i := 0; i < len(rows); i += step {
		value := field(rows[i].fields, at)
		if value == "" {
			c.places = append(c.places, "")
			continue
		}
		place, kind := l.place(value)
		n++
		switch kind {
		case onDisk:
			c.onDisk++
		case address:
			c.address++
		case byLook:
			c.byLook++
		}
		c.places = append(c.places, place)
	}
	if n > 0 {
		c.onDisk, c.address, c.byLook = c.onDisk/n, c.address/n, c.byLook/n
	}
	return c
}

// choose returns the column of paths, or -1 where none is one. With titles that say so it is
// one of those, the clearest of which the values are there; where two are there that are
// not the same files, nobody can know.
func choose(looks []column, titled []int, first []string) (int, error) {
	of := titled
	rank := func(i int) int { return table.Rank(table.Path, first[i]) }
	none := func(is func(column) bool, of []int) bool {
		return !slices.ContainsFunc(of, func(i int) bool { return is(looks[i]) })
	}
	all := make([]int, len(looks))
	for i := range all {
		all[i] = i
	}
	hasAny := func(c column) bool { return c.works()+c.byLook > 0 }
	if len(titled) == 0 || none(hasAny, titled) && !none(func(c column) bool { return c.works() >= 0.9 }, all) {
		of = all
	}
	for _, is := range []func(column) bool{
		func(c column) bool { return c.onDisk >= 0.5 },
		func(c column) bool { return c.works() >= 0.5 },
		func(c column) bool { return c.works()+c.byLook >= 0.5 },
		func(c column) bool { return len(titled) > 0 && hasAny(c) },
	} {
		var fit []int
		for _, i := range of {
			if is(looks[i]) {
				fit = append(fit, i)
			}
		}
		if len(fit) == 0 {
			continue
		}
		best := fit[0]
		if len(titled) > 0 && rank(best) >= 0 {
			best = slices.MinFunc(fit, func(a, b int) int { return rank(a) - rank(b) })
		}
		for _, i := range fit {
			if i == best || slices.Equal(looks[i].places, looks[best].places) {
				continue
			}
			if looks[i].address >= 0.5 && looks[best].address >= 0.5 && len(titled) > 0 {
				continue // of two addresses the title decides: image_url before url
			}
			titles := first
			if slices.Contains(looks[best].places, field(first, best)) || IsPictureName(field(first, best)) {
				titles = nil // the first row is of pictures too
			}
			return -1, unsure(fmt.Sprintf("the columns %s are both of pictures", both(titles, best, i)), []string{title(titles, best)})
		}
		return best, nil
	}
	if len(titled) > 0 { // none is there: each row tells so
		return slices.MinFunc(titled, func(a, b int) int { return rank(a) - rank(b) }), nil
	}
	return -1, nil
}

func both(titles []string, a, b int) string {
	return title(titles, min(a, b)) + " and " + title(titles, max(a, b))
}

func title(titles []string, at int) string {
	if t := field(titles, at); t != "" {
		return fmt.Sprintf("%.40s", t)
	}
	return strconv.Itoa(at + 1)
}

// nameColumn finds the column of names by its title. What says more of a picture than its name
// (a caption, a class) is one only where no two are the same.
func nameColumn(titles []string, path int, rows []listRow) int {
	best, rank := -1, 0
	for i, t := range titles {
		r := table.Rank(table.Name, t)
		if r < 0 || i == path || best >= 0 && r >= rank {
			continue
		}
		if table.Plainly(t) == "name" || distinct(rows, i) {
			best, rank = i, r
		}
	}
	return best
}

// distinct says that no two values of a column are the same, and none is a long text.
func distinct(rows []listRow, at int) bool {
	seen := map[string]bool{}
	for _, r := range rows {
		v := field(r.fields, at)
		if v == "" {
			continue
		}
		if seen[v] || len(v) > 1000 {
			return false
		}
		seen[v] = true
	}
	return true
}

// find looks for a file that a list names: as it is written, else with what other systems write
// between folders, or without the quotes that were copied with it.
func (l *list) find(from string) (string, os.FileInfo, error) {
	folder := l.folder
	if folder == "" {
		folder = filepath.Dir(l.path)
	}
	at := func(from string) string {
		if filepath.IsAbs(from) {
			return filepath.Clean(from)
		}
		return filepath.Join(folder, from)
	}
	place := at(from)
	info, err := Stat(place)
	if err == nil {
		return place, info, nil
	}
	for _, other := range []string{strings.ReplaceAll(from, `\`, "/"), unquoted(from)} {
		if other == from {
			continue
		}
		if info, err := Stat(at(other)); err == nil {
			return at(other), info, nil
		}
	}
	return place, nil, err
}

func unquoted(s string) string {
	if len(s) > 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

func (l *list) listed(name, from string) (Item, error) {
	if IsAddress(from) {
		return Item{Source: from, Name: name, Root: l.path, Address: true}, nil
	}
	place, info, err := l.find(from)
	if err != nil && !utf8.ValidString(from) {
		err = fmt.Errorf("%w; the list is not UTF-8: save it as UTF-8", err)
	}
	if err != nil {
		return Item{}, err
	}
	if !info.Mode().IsRegular() {
		return Item{}, fmt.Errorf("%s is no file", place)
	}
	return Item{Source: place, Name: name, Root: l.path, Size: info.Size(), ModTime: info.ModTime()}, nil
}
