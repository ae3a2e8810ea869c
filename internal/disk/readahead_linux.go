package disk

import (
	"os"

	"golang.org/x/sys/unix"
)

// readAheadStep is what Linux reads for one request at least, by its defaults; of a longer one it may leave
// out the rest.
const readAheadStep = 128 << 10

// ReadAhead makes the system read a part of a file into memory that others will read or have mapped. Mapped
// pages are otherwise read one small piece after another, as they are touched. It returns before the last piece is
// there. What cannot be read is the next reader's error.
func ReadAhead(f *os.File, offset, length int64) {
	for end := offset + length; offset < end; offset += readAheadStep {
		if unix.Fadvise(int(f.Fd()), offset, min(readAheadStep, end-offset), unix.FADV_WILLNEED) != nil {
			return
		}
	}
}
