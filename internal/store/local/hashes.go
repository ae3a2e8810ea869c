package local

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/akin-search/akin/internal/record"
)

// hashesQuery returns some thousand pictures a row: the id and the content's hash of each.
const hashesQuery = `
SELECT group_concat(p.id || ' ' || hex(c.hash) || ' ', '')
FROM picture p JOIN content c ON c.id = p.content GROUP BY p.id / 4096`

// Hashes returns the content of each picture of the snapshot, by its index in Pictures. It is not to be changed.
func (s *Snapshot) Hashes(ctx context.Context) ([]record.Hash, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hashes != nil {
		return s.hashes, nil
	}
	hashes := make([]record.Hash, s.Pictures.Len())
	find := s.Pictures.finder()
	err := s.c.read(ctx, func(tx *readTx) error {
		return eachRow(ctx, tx, hashesQuery, func(scan func(...any) error) error {
			var group string
			if err := scan(&group); err != nil {
				return err
			}
			for group != "" {
				id, rest, _ := strings.Cut(group, " ")
				digits, rest, _ := strings.Cut(rest, " ")
				n, err := strconv.ParseInt(id, 10, 64)
				hash, bad := hex.DecodeString(digits)
				if err != nil || bad != nil || len(hash) != len(record.Hash{}) {
					return fmt.Errorf("%w: the contents of pictures", record.ErrDamaged)
				}
				if i, ok := find(n); ok {
					hashes[i] = record.Hash(hash)
				}
				group = rest
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	s.hashes = hashes
	return hashes, nil
}
