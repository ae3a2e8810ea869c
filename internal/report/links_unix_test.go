//go:build unix

package report

import (
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/disk/disktest"
	"github.com/akin-search/akin/internal/insight/layout"
)

func TestLinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	disktest.FollowsNoLinkedFolder(t, "maps", func(dir string) error {
		return writeMap(filepath.Join(dir, "maps", "a.map"), []mapKey{{}}, []layout.Point{{}})
	})
}
