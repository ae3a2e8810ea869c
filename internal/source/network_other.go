//go:build !linux

package source

// onNetwork cannot be told here: such folders need Poll.
func onNetwork(string) bool { return false }
