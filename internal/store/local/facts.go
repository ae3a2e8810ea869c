package local

import (
	"context"
	"fmt"

	"github.com/akin-search/akin/internal/record"
)

// facts are what pictures are sorted by, and by their dates filtered: four numbers a picture, in a list of all.
type facts []int64

const factsEach = 4

func (f facts) bytes(i int) int64 { return f[factsEach*i] } // of the file

func (f facts) written(i int) int64 { return f[factsEach*i+1] } // nanoseconds since 1970

func (f facts) taken(i int) record.Taken {
	return record.Taken{Clock: f[factsEach*i+2], Zone: f[factsEach*i+3]}
}

// factsQuery returns some thousand pictures a row: id, bytes, nanoseconds since 1970 of the last write, bytes of the camera's
// date, and that.
const factsQuery = `
SELECT group_concat(text, '') FROM (
	SELECT p.id / 4096 AS part, p.id || ' ' || p.size || ' ' || p.mtime || ' ' || length(CAST(%[1]s AS BLOB)) || ' ' || %[1]s AS text
	FROM picture p JOIN content c ON c.id = p.content ORDER BY p.id
) GROUP BY part`

// facts returns those of the snapshot's pictures: out of their list, else from the database.
func (s *Snapshot) facts(ctx context.Context) (f facts, err error) {
	if s.Pictures.facts != nil {
		return s.Pictures.facts, nil
	}
	err = s.c.read(ctx, func(tx *readTx) error {
		f, err = s.c.readFacts(ctx, tx, &s.Pictures)
		return err
	})
	return f, err
}

func (c *Collection) readFacts(ctx context.Context, tx *readTx, p *Pictures) (facts, error) {
	version, err := c.version(tx)
	if err != nil {
		return nil, err
	}
	taken := `coalesce(c.taken, '')`
	if version < 2 {
		taken = `''`
	}
	out := make(facts, factsEach*p.Len())
	for i := range p.Len() {
		out[factsEach*i+2], out[factsEach*i+3] = record.NoDate, record.NoDate
	}
	at := p.finder()
	return out, eachRow(ctx, tx, fmt.Sprintf(factsQuery, taken), func(scan func(...any) error) error {
		var group string
		if err := scan(&group); err != nil {
			return err
		}
		for len(group) > 0 {
			n, rest, err := numbers[[4]int](group)
			if err != nil || n[3] < 0 || n[3] > len(rest) {
				return fmt.Errorf("%w: the dates of pictures", record.ErrDamaged)
			}
			if i, ok := at(int64(n[0])); ok {
				taken := record.ParseTaken(rest[:n[3]])
				copy(out[factsEach*i:], facts{int64(n[1]), int64(n[2]), taken.Clock, taken.Zone})
			}
			group = rest[n[3]:]
		}
		return nil
	})
}
