package local

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/akin-search/akin/internal/record"
)

// sidesQuery returns some thousand pictures a row: id, width and height.
const sidesQuery = `
SELECT group_concat(text, '') FROM (
	SELECT p.id / 4096 AS part, printf('%d %d %d ', p.id, c.width, c.height) AS text
	FROM picture p JOIN content c ON c.id = p.content ORDER BY p.id
) GROUP BY part`

// readSides returns the sides of a list of pictures, as Pictures has them.
func readSides(ctx context.Context, tx *readTx, p *Pictures) ([]int32, error) {
	sides := make([]int32, 2*p.Len())
	const what = "the sides of pictures"
	err := eachNumber(ctx, tx, sidesQuery, what, func(n [3]int) error {
		if n[1] < 0 || n[1] > maxSide || n[2] < 0 || n[2] > maxSide {
			return fmt.Errorf("%w: %s", record.ErrDamaged, what)
		}
		if i, ok := p.Index(int64(n[0])); ok {
			sides[2*i], sides[2*i+1] = int32(n[1]), int32(n[2])
		}
		return nil
	})
	return sides, err
}

// Sides returns the widths and heights of some pictures, by id: from their list, else from the database. 0 is not known.
func (c *Collection) Sides(ctx context.Context, ids []int64) (map[int64][2]int, error) {
	out := make(map[int64][2]int, len(ids))
	s, err := c.Catalog(ctx)
	if err != nil {
		return out, err
	}
	defer s.Close()
	if p := &s.Pictures; p.sides != nil {
		for _, id := range ids {
			if i, ok := p.Index(id); ok {
				out[id] = [2]int{int(p.sides[2*i]), int(p.sides[2*i+1])}
			}
		}
		return out, nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return out, err
	}
	err = c.read(ctx, func(tx *readTx) error {
		return eachRow(ctx, tx, `SELECT p.id, c.width, c.height FROM picture p JOIN content c ON c.id = p.content WHERE p.id IN (SELECT value FROM json_each(?))`,
			func(scan func(...any) error) error {
				var id int64
				var w, h int
				err := scan(&id, intoSide{&w}, intoSide{&h})
				out[id] = [2]int{w, h}
				return err
			}, string(list))
	})
	return out, err
}
