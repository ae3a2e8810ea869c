//go:build !unix && !windows

package term

import "os"

func windowSize(*os.File) size { return size{} }

func enableSequences(*os.File) bool { return false }
