package space

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
)

// A link in the place of the regions is not followed, to be read or written.
func TestALinkInThePlaceOfTheRegionsIsNotFollowed(t *testing.T) {
	t.Parallel()
	dir, other := filepath.Join(t.TempDir(), "c.akin"), t.TempDir()
	c, err := Open(t.Context(), dir, models.Options{Home: home.Dir(t.TempDir())})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if found, err := c.OpenRegions(true); found != nil || err != nil {
		t.Fatalf("none yet: %v, %v", found, err)
	}
	if err := os.Symlink(other, filepath.Join(dir, "regions")); err != nil {
		t.Skip(err)
	}
	for _, readOnly := range []bool{true, false} {
		if _, err := c.OpenRegions(readOnly); !errors.Is(err, record.ErrDamaged) {
			t.Errorf("read only %v: %v", readOnly, err)
		}
	}
	if files, err := os.ReadDir(other); err != nil || len(files) > 0 {
		t.Errorf("where it leads: %v, %v", files, err)
	}
}
