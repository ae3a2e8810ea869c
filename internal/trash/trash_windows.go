package trash

import (
	"fmt"

	"github.com/akin-search/akin/internal/disk"
)

// ToTrash refuses: only the Explorer can put files into the recycle bin so that they can be restored.
func ToTrash(_ disk.FS, from string) (*Move, error) {
	_, err := PlannedTrash(from)
	return nil, err
}

// PlannedTrash refuses as well.
func PlannedTrash(from string) (string, error) {
	return "", fmt.Errorf("move %s to the recycle bin: %w on Windows", from, ErrNoTrash)
}
