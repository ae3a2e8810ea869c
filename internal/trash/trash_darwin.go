package trash

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/akin-search/akin/internal/disk"
)

// ToTrash plans to move a file into the Finder's trash: that of the home folder, or of the
// volume. The Finder cannot put such a file back by itself; it lies there to be dragged out.
func ToTrash(on disk.FS, from string) (*Move, error) {
	dir, err := PlannedTrash(from)
	if err != nil {
		return nil, err
	}
	if err := disk.MkdirAll(on, dir, 0o700); err != nil {
		return nil, fmt.Errorf("move %s to the trash: %w: %w", from, ErrNoTrash, err)
	}
	to, err := free(func(name string) string { return filepath.Join(dir, name) }, filepath.Base(from))
	if err != nil {
		return nil, fmt.Errorf("move %s to the trash: %w", from, err)
	}
	return &Move{From: from, To: to, On: on}, nil
}

// PlannedTrash is the trash that ToTrash would use.
func PlannedTrash(from string) (string, error) {
	if rest, ok := strings.CutPrefix(from, "/Volumes/"); ok {
		volume, _, _ := strings.Cut(rest, "/")
		return filepath.Join("/Volumes", volume, ".Trashes", strconv.Itoa(os.Getuid())), nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".Trash"), err
}
