package local

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unsafe"

	"github.com/akin-search/akin/internal/record"
)

// Pictures are the pictures of a snapshot, by id. They lie where a list of them was
// mapped, so that opening a collection reads only those that someone asks for.
type Pictures struct {
	ids    []int64
	starts []uint64 // 2n+1: where the name and the source of each begin in text, and where the last ends
	text   []byte
	sides  []int32 // 2n: the width and height of each, 0 where it is not known; nil where nobody has read them
	stamps stamps  // nil where nobody has read them
	row    []int32 // of each in the space; nil without a space
	rows   int     // of the space
}

// Len is how many there are.
func (p *Pictures) Len() int { return len(p.ids) }

// At returns picture i.
func (p *Pictures) At(i int) record.Picture {
	out := p.Borrow(i)
	out.Name, out.Source = strings.Clone(out.Name), strings.Clone(out.Source)
	return out
}

// Borrow returns picture i with strings that are valid until the snapshot is closed.
func (p *Pictures) Borrow(i int) record.Picture {
	return record.Picture{ID: p.ids[i], Name: p.string(2 * i), Source: p.string(2*i + 1), Row: p.Row(i)}
}

// ID returns the id of picture i.
func (p *Pictures) ID(i int) int64 { return p.ids[i] }

// Row returns the row of picture i in the space, or -1.
func (p *Pictures) Row(i int) int {
	if p.row == nil || uint32(p.row[i]) >= uint32(p.rows) {
		return -1
	}
	return int(p.row[i])
}

// All returns every picture, as Borrow does.
func (p *Pictures) All() iter.Seq2[int, record.Picture] {
	return func(yield func(int, record.Picture) bool) {
		for i := range p.ids {
			if !yield(i, p.Borrow(i)) {
				return
			}
		}
	}
}

func (p *Pictures) names() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range p.ids {
			if !yield(p.string(2 * i)) {
				return
			}
		}
	}
}

func (p *Pictures) string(i int) string {
	from, to := p.starts[i], p.starts[i+1]
	if from >= to || to > uint64(len(p.text)) { // also of a damaged list
		return ""
	}
	return unsafe.String(&p.text[from], to-from)
}

// Index is where the picture of an id stands.
func (p *Pictures) Index(id int64) (int, bool) { return slices.BinarySearch(p.ids, id) }

// finder returns Index for ids that mostly come in order.
func (p *Pictures) finder() func(id int64) (int, bool) {
	next := 0
	return func(id int64) (int, bool) {
		i, ok := next, next < len(p.ids) && p.ids[next] == id
		if !ok {
			i, ok = p.Index(id)
		}
		if ok {
			next = i + 1
		}
		return i, ok
	}
}

// picturesQuery returns some thousand pictures a row: id, lengths of name and source in
// bytes, and both. A value of its own for each costs three times as much.
const picturesQuery = `
SELECT group_concat(text, '') FROM (
	SELECT id / 4096 AS part, printf('%d %d %d ', id, length(CAST(name AS BLOB)), length(CAST(source AS BLOB))) || name || source AS text
	FROM picture WHERE content IS NOT NULL ORDER BY id
) GROUP BY part`

// readPictures reads the list of pictures from the database.
func readPictures(ctx context.Context, tx *readTx) (*Pictures, error) {
	type place struct{ at, name, source int }
	p := &Pictures{}
	var places []place
	err := eachRow(ctx, tx, picturesQuery, func(scan func(...any) error) error {
		var group string
		if err := scan(&group); err != nil {
			return err
		}
		for len(group) > 0 {
			n, rest, err := numbers[[3]int](group)
			if err != nil || n[1] < 0 || n[2] < 0 || n[1] > len(rest) || n[2] > len(rest)-n[1] {
				return fmt.Errorf("%w: the list of pictures", record.ErrDamaged)
			}
			p.ids = append(p.ids, int64(n[0]))
			places = append(places, place{len(p.text), n[1], n[2]})
			p.text = append(p.text, rest[:n[1]+n[2]]...)
			group = rest[n[1]+n[2]:]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	// The order within a group is as SQLite likes it.
	if !slices.IsSorted(p.ids) {
		sort.Sort(byID[place]{p.ids, places})
		text := make([]byte, 0, len(p.text))
		for i, at := range places {
			places[i].at = len(text)
			text = append(text, p.text[at.at:at.at+at.name+at.source]...)
		}
		p.text = text
	}
	p.starts = make([]uint64, 0, 2*len(places)+1)
	for _, at := range places {
		p.starts = append(p.starts, uint64(at.at), uint64(at.at+at.name))
	}
	p.starts = append(p.starts, uint64(len(p.text)))
	return p, nil
}

// eachNumber calls f with the numbers of each picture, its id first, of which a query returns some thousand in each row. what
// they are is for errors.
func eachNumber[T [1]int | [2]int | [3]int](ctx context.Context, tx *readTx, query, what string, f func(n T) error, args ...any) error {
	return eachRow(ctx, tx, query, func(scan func(...any) error) error {
		var group string
		if err := scan(&group); err != nil {
			return err
		}
		for len(group) > 0 {
			n, rest, err := numbers[T](group)
			if err != nil {
				return fmt.Errorf("%w: %s", record.ErrDamaged, what)
			}
			group = rest
			if err := f(n); err != nil {
				return err
			}
		}
		return nil
	}, args...)
}

// numbers reads as many numbers, each with a blank after it.
func numbers[T [1]int | [2]int | [3]int | [4]int](text string) (out T, rest string, err error) {
	for i := range len(out) {
		number, after, ok := strings.Cut(text, " ")
		n, err := strconv.Atoi(number)
		if !ok || err != nil {
			return out, "", record.ErrDamaged
		}
		out[i], text = n, after
	}
	return out, text, nil
}

// byID sorts what belongs to ids with them.
type byID[T any] struct {
	ids    []int64
	values []T
}

func (b byID[T]) Len() int { return len(b.ids) }

func (b byID[T]) Less(i, j int) bool { return b.ids[i] < b.ids[j] }

func (b byID[T]) Swap(i, j int) {
	b.ids[i], b.ids[j] = b.ids[j], b.ids[i]
	b.values[i], b.values[j] = b.values[j], b.values[i]
}

// rowList says which pictures the rows of a space are of. Several pictures share a row
// when their files have the same bytes.
type rowList struct {
	covered int      // pictures that have a row
	row     []int32  // picture → its row, or -1
	first   []int32  // row → the first of its pictures, or -1
	next    []int32  // picture → the next one of its row, or -1
	keep    []uint64 // bitmap of the rows that have a picture
}

// rowsQuery returns the ids and rows of some thousand pictures in each row.
const rowsQuery = `
SELECT group_concat(text, '') FROM (
	SELECT p.id / 4096 AS part, p.id || ' ' || e.row || ' ' AS text
	FROM picture p JOIN embedding e ON e.content = p.content AND e.space = ? ORDER BY p.id
) GROUP BY part`

// readRows reads the list of a space's rows from the database.
func readRows(ctx context.Context, tx *readTx, space record.Space, p *Pictures) (*rowList, error) {
	l := &rowList{
		row: make([]int32, p.Len()), first: make([]int32, space.Rows), next: make([]int32, p.Len()),
		keep: make([]uint64, (space.Rows+63)/64),
	}
	for i := range l.row {
		l.row[i] = -1
	}
	for i := range l.first {
		l.first[i] = -1
	}
	at := 0
	err := eachNumber(ctx, tx, rowsQuery, "the list of rows", func(n [2]int) error {
		id, row := int64(n[0]), n[1]
		if at++; at >= p.Len() || p.ids[at] != id { // they come in order, but for those without a row
			var ok bool
			if at, ok = p.Index(id); !ok {
				return fmt.Errorf("%w: the list of rows", record.ErrDamaged)
			}
		}
		if row < 0 || row >= space.Rows {
			return fmt.Errorf("%w: picture %s has row %d of %d", record.ErrDamaged, p.string(2*at), row, space.Rows)
		}
		l.row[at] = int32(row)
		l.covered++
		return nil
	}, space.ID)
	if err != nil {
		return nil, err
	}
	for i := len(l.row) - 1; i >= 0; i-- {
		l.next[i] = -1
		if row := l.row[i]; row >= 0 {
			l.next[i], l.first[row] = l.first[row], int32(i)
			l.keep[row/64] |= 1 << (row % 64)
		}
	}
	return l, nil
}

// of returns the pictures of a row, by their index, in order.
func (l *rowList) of(row int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := l.first[row]; uint(i) < uint(len(l.next)); {
			if !yield(int(i)) {
				return
			}
			if next := l.next[i]; next > i { // as it always is, but in a damaged list
				i = next
			} else {
				return
			}
		}
	}
}
