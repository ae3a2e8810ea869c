//go:build !purego

package simd

import "golang.org/x/sys/cpu"

var hasBitCount = hasVNNI && cpu.X86.HasAVX512VPOPCNTDQ

func nearCodes(queries, blocks []uint64, limit int, out []uint8) {
	count, n := len(queries)/2, len(blocks)/(2*CodesPerBlock)
	switch {
	case hasBitCount:
		nearCodesAVX512(&queries[0], &blocks[0], &out[0], count, n, limit)
	case hasAVX2:
		nearCodesAVX2(&queries[0], &blocks[0], &out[0], count, n, limit)
	default:
		nearCodesGo(queries, blocks, limit, out)
	}
}
