//go:build !linux

package runtime

func trim() {}
