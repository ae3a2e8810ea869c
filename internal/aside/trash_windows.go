package aside

import "fmt"

// ToTrash refuses: only the Explorer can put files into the recycle bin so that they can be restored.
func ToTrash(from string) (*Move, error) {
	_, err := PlannedTrash(from)
	return nil, err
}

// PlannedTrash refuses as well.
func PlannedTrash(from string) (string, error) {
	return "", fmt.Errorf("move %s to the recycle bin: %w on Windows; move it to a folder instead", from, ErrNoTrash)
}
