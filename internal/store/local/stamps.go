package local

import (
	"context"
	"fmt"

	"github.com/akin-search/akin/internal/record"
)

// stamps are what pictures are sorted by, and by their dates filtered: four numbers a picture, in a list of all.
type stamps []int64

const stampsEach = 4

func (f stamps) bytes(i int) int64 { return f[stampsEach*i] } // of the file

func (f stamps) written(i int) int64 { return f[stampsEach*i+1] } // nanoseconds since 1970

func (f stamps) taken(i int) record.Taken {
	return record.Taken{Clock: f[stampsEach*i+2], Zone: f[stampsEach*i+3]}
}

// stampsQuery returns some thousand pictures a row: id, bytes, nanoseconds since 1970 of the last write, bytes of the camera's
// date, and that.
const stampsQuery = `
SELECT group_concat(text, '') FROM (
	SELECT p.id / 4096 AS part, p.id || ' ' || p.size || ' ' || p.mtime || ' ' || length(CAST(%[1]s AS BLOB)) || ' ' || %[1]s AS text
	FROM picture p JOIN content c ON c.id = p.content ORDER BY p.id
) GROUP BY part`

// stamps returns those of the snapshot's pictures: out of their list, else from the database.
func (s *Snapshot) stamps(ctx context.Context) (f stamps, err error) {
	if s.Pictures.stamps != nil {
		return s.Pictures.stamps, nil
	}
	err = s.c.read(ctx, func(tx *readTx) error {
		f, err = s.c.readStamps(ctx, tx, &s.Pictures)
		return err
	})
	return f, err
}

func (c *Collection) readStamps(ctx context.Context, tx *readTx, p *Pictures) (stamps, error) {
	version, err := c.version(tx)
	if err != nil {
		return nil, err
	}
	taken := `coalesce(c.taken, '')`
	if version < 2 {
		taken = `''`
	}
	out := make(stamps, stampsEach*p.Len())
	for i := range p.Len() {
		out[stampsEach*i+2], out[stampsEach*i+3] = record.NoDate, record.NoDate
	}
	at := p.finder()
	return out, eachRow(ctx, tx, fmt.Sprintf(stampsQuery, taken), func(scan func(...any) error) error {
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
				copy(out[stampsEach*i:], stamps{int64(n[1]), int64(n[2]), taken.Clock, taken.Zone})
			}
			group = rest[n[3]:]
		}
		return nil
	})
}
