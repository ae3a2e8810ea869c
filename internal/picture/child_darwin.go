//go:build cgo

package picture

import "os"

// widen is for Linux: here the system makes pipes wider by itself.
func widen(*os.File) {}
