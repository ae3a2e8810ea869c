package term

import (
	"os"

	"golang.org/x/sys/windows"
	"golang.org/x/term"
)

func windowSize(f *os.File) size {
	cols, rows, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return size{}
	}
	return size{cols: cols, rows: rows}
}

// enableSequences says whether escape sequences work; consoles before Windows
// Terminal have to be asked for them.
func enableSequences(f *os.File) bool {
	var mode uint32
	h := windows.Handle(f.Fd())
	if windows.GetConsoleMode(h, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
