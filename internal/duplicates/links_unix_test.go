//go:build unix

package duplicates

import (
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/disk/disktest"
	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/record"
)

func TestLinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	disktest.FollowsNoLink(t, "signatures", func(dir string) error {
		s, err := openSignatures(dir)
		if err != nil {
			return err
		}
		hash := record.Hash{0xab}
		s.put(hash, &copies.Signature{})
		if _, ok := s.get(hash); !ok {
			t.Error("a signature is not kept in memory")
		}
		return s.Close()
	})
	disktest.FollowsNoLink(t, "signatures.pairs", func(dir string) error {
		p := &pairFile{path: filepath.Join(dir, "signatures.pairs"), pending: []byte("a record")}
		p.flush()
		return nil
	})
	disktest.FollowsNoLink(t, "signatures.calibration", func(dir string) error {
		calibrationCache{path: filepath.Join(dir, "signatures.calibration"), key: "k"}.write(nil)
		return nil
	})
}
