package simd

import "math/bits"

// CodesPerBlock is how many codes of 128 bits a block has: the low halves of all of them, then the high ones.
const CodesPerBlock = 8

// NearCodes reports which codes differ from a query's in at most limit bits: bit i of out[q*n+b] is of code i of block b, of n. A query
// is its low half and its high one; len(blocks) is 16n and len(out) is n*len(queries)/2.
func NearCodes(queries, blocks []uint64, limit int, out []uint8) {
	if n := len(blocks) / (2 * CodesPerBlock); n > 0 && len(queries) > 0 {
		nearCodes(queries, blocks[:2*CodesPerBlock*n], limit, out[:len(queries)/2*n])
	}
}

func nearCodesGo(queries, blocks []uint64, limit int, out []uint8) {
	at := 0
	for q := 0; q < len(queries); q += 2 {
		for b := 0; b < len(blocks); b += 2 * CodesPerBlock {
			block, near := blocks[b:][:2*CodesPerBlock], uint8(0)
			for i := range CodesPerBlock {
				if bits.OnesCount64(block[i]^queries[q])+bits.OnesCount64(block[CodesPerBlock+i]^queries[q+1]) <= limit {
					near |= 1 << i
				}
			}
			out[at] = near
			at++
		}
	}
}
