//go:build unix

package term

import (
	"os"

	"golang.org/x/sys/unix"
)

func windowSize(f *os.File) size {
	ws, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return size{}
	}
	return size{cols: int(ws.Col), rows: int(ws.Row), xpixels: int(ws.Xpixel), ypixels: int(ws.Ypixel)}
}

// enableSequences says whether escape sequences work.
func enableSequences(*os.File) bool { return true }
