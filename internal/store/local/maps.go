package local

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"path/filepath"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/glob"
)

// Maps of pictures are stored in DIR/maps by who lays them out, positions and clusters. They are derived, and each file
// ends with the SHA-256 of the rest.

var errMapDamaged = errors.New("its checksum does not match")

// eachMap calls f with the path of every file of a map.
func (c *Collection) eachMap(f func(path string) error) error {
	for _, pattern := range []string{"*.map", "*.clusters"} {
		files, err := glob.Files(filepath.Join(c.dir, "maps"), pattern)
		if absent(err) != nil {
			return err
		}
		for _, path := range files {
			if err := f(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkMap reads a whole file of a map.
func checkMap(path string) error {
	data, err := disk.Read(path)
	if err != nil {
		return absent(err)
	}
	at := len(data) - sha256.Size
	if at < 0 {
		return errMapDamaged
	}
	if sum := sha256.Sum256(data[:at]); !bytes.Equal(sum[:], data[at:]) {
		return errMapDamaged
	}
	return nil
}
