//go:build unix

package trash

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/disk/disktest"
)

func TestLinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	disktest.FollowsNoLink(t, "removed.journal", func(dir string) error {
		j, _, err := OpenJournal(disk.OS, filepath.Join(dir, "removed.journal"))
		if !errors.Is(err, disk.ErrLink) {
			t.Errorf("the journal: %v", err)
			return j.Close()
		}
		return nil
	})
}
