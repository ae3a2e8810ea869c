package source

import (
	"os"
	"path/filepath"
	"strings"
)

// sidecarLimit is more than any program writes into a sidecar.
const sidecarLimit = 1 << 20

// Sidecar reads the XMP file that belongs to a picture: a.jpg.xmp, as darktable and digiKam call it, else a.xmp, as Lightroom does.
// It is nil where there is none that can be read.
func Sidecar(path string) []byte {
	if IsAddress(path) {
		return nil
	}
	for _, name := range []string{path + ".xmp", strings.TrimSuffix(path, filepath.Ext(path)) + ".xmp"} {
		info, err := os.Lstat(name)
		if err != nil || !info.Mode().IsRegular() || info.Size() > sidecarLimit {
			continue
		}
		if data, err := os.ReadFile(name); err == nil {
			return data
		}
	}
	return nil
}
