//go:build unix

package thumbnail

import (
	"testing"

	"github.com/akin-search/akin/internal/disk/disktest"
)

func TestLinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	disktest.FollowsNoLink(t, "thumbs/64/ab/a.png", func(dir string) error {
		return write(dir, []byte("a thumbnail"), "thumbs", "64", "ab", "a.png")
	})
	for _, folder := range []string{"thumbs", "thumbs/64"} {
		disktest.FollowsNoLinkedFolder(t, folder, func(dir string) error { return write(dir, nil, "thumbs", "64", "a.png") })
	}
}
