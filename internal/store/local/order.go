package local

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sort"
	"strconv"

	"github.com/akin-search/akin/internal/record"
)

// Orders that pictures can be listed in. What several have in common is told apart by id, so every order is total.
const (
	ByAge    = "added"  // to the collection
	ByName   = "name"   // as people count: img2 before img10; case and diacritics do not matter
	ByDate   = "date"   // as Dates has it, by the clock at the camera
	ByBytes  = "size"   // of the file
	ByPixels = "pixels" // width times height
)

// Order is the pictures of a snapshot in one order. It does not change, and may be used when the snapshot is closed.
type Order struct {
	sorted  []int32 // by their index in Pictures; those without a value come last, whatever the direction
	valued  int     // how many have one
	numbers []int64 // of each picture, or nil where names are compared
	names   *TypedNames
	ids     []int64
}

// unvalued marks a picture without a value.
const unvalued = record.NoDate

// Order returns the pictures in an order, which is made once until someone commits.
func (s *Snapshot) Order(ctx context.Context, by string) (*Order, error) {
	s.orders.making.Lock()
	defer s.orders.making.Unlock()
	known, before := s.orders.get(by)
	if known != nil {
		return known, nil
	}
	o := &Order{ids: slices.Clone(s.Pictures.ids)} // they may be mapped
	switch by {
	case ByAge:
		o.numbers = o.ids
	case ByName:
		o.names = s.TypedNames()
	case ByDate:
		dates, err := s.Dates(ctx)
		if err != nil {
			return nil, err
		}
		o.numbers = dates.Clock
	case ByBytes, ByPixels:
		var err error
		if o.numbers, err = s.sizes(ctx, by); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("pictures have no order by %q", by)
	}
	o.sort(before)
	s.orders.put(by, o)
	return o, nil
}

// pixelsQuery returns the ids and the pixels of some thousand pictures in each row.
const pixelsQuery = `
SELECT group_concat(text, '') FROM (
	SELECT p.id / 4096 AS part, p.id || ' ' || (c.width * c.height) || ' ' AS text
	FROM picture p JOIN content c ON c.id = p.content ORDER BY p.id
) GROUP BY part`

// sizes returns the sizes of the pictures: unvalued is not known.
func (s *Snapshot) sizes(ctx context.Context, by string) ([]int64, error) {
	sizes := make([]int64, s.Pictures.Len())
	for i := range sizes {
		sizes[i] = unvalued
	}
	if by == ByBytes {
		f, err := s.stamps(ctx)
		if err != nil {
			return nil, err
		}
		for i := range sizes {
			if bytes := f.bytes(i); bytes > 0 {
				sizes[i] = bytes
			}
		}
		return sizes, nil
	}
	if sides := s.Pictures.sides; sides != nil {
		for i := range sizes {
			if pixels := int64(sides[2*i]) * int64(sides[2*i+1]); pixels > 0 {
				sizes[i] = pixels
			}
		}
		return sizes, nil
	}
	at := s.Pictures.finder()
	err := s.c.read(ctx, func(tx *readTx) error {
		return eachNumber(ctx, tx, pixelsQuery, "the sizes of pictures", func(n [2]int) error {
			if i, ok := at(int64(n[0])); ok && n[1] > 0 {
				sizes[i] = int64(n[1])
			}
			return nil
		})
	})
	return sizes, err
}

// sort sorts the pictures. Those that are as they were in an order of before, if there is one, are sorted already.
func (o *Order) sort(before *Order) {
	if before == nil {
		before = &Order{}
	}
	kept, rest := o.since(before)
	slices.SortFunc(rest, o.compare)
	o.sorted = make([]int32, 0, len(o.ids))
	for _, i := range kept {
		for len(rest) > 0 && o.compare(rest[0], i) < 0 {
			o.sorted, rest = append(o.sorted, rest[0]), rest[1:]
		}
		o.sorted = append(o.sorted, i)
	}
	o.sorted = append(o.sorted, rest...)
	o.valued = len(o.sorted)
	if o.names != nil {
		return
	}
	o.valued, _ = slices.BinarySearchFunc(o.sorted, 0, func(i int32, _ int) int {
		if o.numbers[i] == unvalued {
			return 1
		}
		return -1
	})
}

// since returns the pictures that have the value of before, in its order, and the rest.
func (o *Order) since(before *Order) (kept, rest []int32) {
	now := make([]int32, len(before.ids)) // where each picture of before is, or -1
	i := 0
	for j, id := range before.ids { // ids ascend in both
		for ; i < len(o.ids) && o.ids[i] < id; i++ {
			rest = append(rest, int32(i))
		}
		now[j] = -1
		if i < len(o.ids) && o.ids[i] == id {
			if o.equal(i, before, j) {
				now[j] = int32(i)
			} else {
				rest = append(rest, int32(i))
			}
			i++
		}
	}
	for ; i < len(o.ids); i++ {
		rest = append(rest, int32(i))
	}
	for _, j := range before.sorted {
		if now[j] >= 0 {
			kept = append(kept, now[j])
		}
	}
	return kept, rest
}

// equal reports whether a picture has the value that another one has in another order.
func (o *Order) equal(i int, other *Order, j int) bool {
	if o.names != nil {
		return o.names.At(i) == other.names.At(j)
	}
	return o.numbers[i] == other.numbers[j]
}

// compare compares two pictures in ascending order.
func (o *Order) compare(a, b int32) int {
	if o.names != nil {
		return cmp.Or(compareNames(o.names.At(int(a)), o.names.At(int(b))), cmp.Compare(a, b)) // ids ascend with the index
	}
	x, y := o.numbers[a], o.numbers[b]
	if (x == unvalued) != (y == unvalued) {
		return cmp.Compare(y, x) // without a value, last
	}
	return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
}

// Key returns what a picture is sorted by, as After takes it.
func (o *Order) Key(i int) string {
	switch {
	case o.names != nil:
		return o.names.At(i)
	case o.numbers[i] == unvalued:
		return ""
	}
	return strconv.FormatInt(o.numbers[i], 10)
}

// All yields the pictures, or with down those with the greatest values first.
func (o *Order) All(down bool) iter.Seq[int] { return o.from(0, down) }

// After yields the pictures that come after one with that key and id, which may be gone.
func (o *Order) After(key string, id int64, down bool) (iter.Seq[int], error) {
	value := int64(unvalued)
	if o.names == nil && key != "" {
		var err error
		if value, err = strconv.ParseInt(key, 10, 64); err != nil {
			return nil, err
		}
	}
	// compare compares picture i with what is sought, in ascending order.
	compare := func(i int) (c int) {
		if o.names != nil {
			c = compareNames(o.names.At(i), key)
		} else if x := o.numbers[i]; (x == unvalued) != (value == unvalued) {
			return cmp.Compare(value, x) * sign(!down)
		} else {
			c = cmp.Compare(x, value)
		}
		return cmp.Or(c, cmp.Compare(o.ids[i], id))
	}
	first := sort.Search(len(o.sorted), func(at int) bool { return compare(o.at(at, down))*sign(!down) > 0 })
	return o.from(first, down), nil
}

func sign(positive bool) int {
	if positive {
		return 1
	}
	return -1
}

// at returns the picture at a place of the order.
func (o *Order) at(place int, down bool) int {
	switch {
	case !down:
		return int(o.sorted[place])
	case place < o.valued:
		return int(o.sorted[o.valued-1-place])
	}
	return int(o.sorted[len(o.sorted)-1-(place-o.valued)])
}

func (o *Order) from(first int, down bool) iter.Seq[int] {
	return func(yield func(int) bool) {
		for place := first; place < len(o.sorted); place++ {
			if !yield(o.at(place, down)) {
				return
			}
		}
	}
}

// compareNames compares names as people order them: runs of digits by the number that they are.
func compareNames(a, b string) int {
	for a != "" && b != "" {
		if isDigit(a[0]) && isDigit(b[0]) {
			x, restA := leadingNumber(a)
			y, restB := leadingNumber(b)
			if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
				return c
			}
			if c := cmp.Compare(len(a)-len(restA), len(b)-len(restB)); c != 0 && restA == restB {
				return c // 7 before 07
			}
			a, b = restA, restB
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// leadingNumber returns the digits that a text begins with, without zeros in front, and the rest.
func leadingNumber(text string) (digits, rest string) {
	end := 0
	for end < len(text) && isDigit(text[end]) {
		end++
	}
	first := 0
	for first < end-1 && text[first] == '0' {
		first++
	}
	return text[first:end], text[end:]
}
