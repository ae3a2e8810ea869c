package disk

import (
	"io/fs"
	"os"
)

// noFollow has no counterpart among the flags of Windows: isLink asks instead.
const noFollow = 0

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err != nil || info.Mode()&(fs.ModeSymlink|fs.ModeIrregular) != 0
}
