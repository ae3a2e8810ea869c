package space

import (
	"context"

	"github.com/akin-search/akin/internal/record"
)

// Contents are the distinct contents of some pictures, in the order of the pictures.
type Contents struct {
	Hashes   []record.Hash
	Pictures [][]int // of each, by their index in Space.Pictures
}

// Contents returns the contents of the pictures that are wanted, by their index. What was imported without a picture has none.
func (v *Space) Contents(ctx context.Context, wanted func(i int) bool) (out Contents, err error) {
	hashes, err := v.Hashes(ctx)
	if err != nil {
		return out, err
	}
	number := make(map[record.Hash]int, len(hashes))
	for i, h := range hashes {
		if !wanted(i) || record.IsImported(v.Pictures.Borrow(i).Source) {
			continue
		}
		n, ok := number[h]
		if !ok {
			n = len(out.Hashes)
			number[h] = n
			out.Hashes, out.Pictures = append(out.Hashes, h), append(out.Pictures, nil)
		}
		out.Pictures[n] = append(out.Pictures[n], i)
	}
	return out, nil
}
