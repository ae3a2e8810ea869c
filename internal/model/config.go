package model

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// configLimit is more than any config has.
const configLimit = 16 << 20

// readerOf reads the JSON files of a checkpoint's folder.
func readerOf(dir string) reader {
	return func(name string) ([]byte, error) { return readJSON(dir, name) }
}

func readJSON(dir, name string) ([]byte, error) {
	path := filepath.Join(dir, name)
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return []byte("{}"), nil
	}
	if err == nil && info.Size() > configLimit {
		err = fmt.Errorf("it has %d bytes", info.Size())
	}
	if err != nil {
		return nil, fmt.Errorf("its %s: %w", name, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("its %s: %w", name, err)
	}
	return data, nil
}
