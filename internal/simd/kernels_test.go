//go:build purego || !amd64

package simd

func each(do func()) { do() }
