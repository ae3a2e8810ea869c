package hub

import (
	"fmt"
	"os"
	"path/filepath"
)

// room returns an error early if a folder's disk has less than need bytes free.
func (h *Hub) room(dir string, need int64) error {
	look := h.free
	if look == nil {
		look = free
	}
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir) // it is yet to be made
	}
	if have, ok := look(dir); ok && have < need {
		return fmt.Errorf("%.1f GB are to be fetched, and the disk of %s has %.1f GB free: make room", float64(need)/1e9, dir, float64(have)/1e9)
	}
	return nil
}

// paced syncs a file each time that a fixed number of bytes was written.
type paced struct {
	*os.File
	at, every int64
}

func (w *paced) Write(b []byte) (n int, err error) {
	for len(b) > 0 && err == nil {
		var m int
		m, err = w.WriteAt(b[:min(int64(len(b)), w.every-w.at%w.every)], w.at)
		n, w.at, b = n+m, w.at+int64(m), b[m:]
		if err == nil && w.at%w.every == 0 {
			err = w.Sync()
		}
	}
	return n, err
}

// sure is how much of a file that was found with that size is what was written, even
// when the power failed: what lies behind a mark was written after all before it was
// synced.
func (w *paced) sure(size int64) int64 { return max(0, size-1) / w.every * w.every }
