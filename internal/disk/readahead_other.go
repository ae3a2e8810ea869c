//go:build !linux

package disk

import "os"

// ReadAhead does nothing here: it is for Linux, whose system reads mapped files in small pieces.
func ReadAhead(*os.File, int64, int64) {}
