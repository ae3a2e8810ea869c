//go:build unix

package duplicates

import (
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/disk/disktest"
	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/record"
	"github.com/gofrs/flock"
	"golang.org/x/sys/unix"
)

func TestLinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	disktest.FollowsNoLink(t, "signatures", func(dir string) error {
		s, err := openSignatures(dir)
		if err != nil {
			return err
		}
		hash := record.Hash{0xab}
		s.put(hash, &copies.Signature{Width: 1, Height: 1})
		if _, ok := s.get(hash); !ok {
			t.Error("a signature is not kept in memory")
		}
		return s.close()
	})
	disktest.FollowsNoLink(t, "signatures.pairs", func(dir string) error {
		p, err := openEvidence(dir)
		if err != nil {
			return err
		}
		key := keyOf(record.Hash{1}, record.Hash{2}, 0)
		if p.put(key, evidence.Evidence{}); p.unwritten[key.record()] == nil {
			t.Error("evidence is not kept in memory")
		}
		return p.close()
	})
	disktest.FollowsNoLink(t, "signatures.calibration", func(dir string) error {
		calibrationCache{path: filepath.Join(dir, "signatures.calibration"), key: "k"}.write(nil)
		return nil
	})
}

// A file that cannot be read leaves no lock behind.
func TestAFailedOpenUnlocks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "records")
	if err := unix.Mkfifo(path, 0o666); err != nil {
		t.Skip(err)
	}
	if _, err := openRecords(dir, "records", testFormat); err == nil {
		t.Skip("a pipe is read as a file here")
	}
	lock := flock.New(path, flock.SetFlag(disk.Lock))
	if ok, err := lock.TryLock(); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	must(t, lock.Unlock())
}
