package picture

import (
	"encoding/binary"
	"iter"
)

// chunks walks PNG chunks (length, name, body, 4 bytes of checksum) or, with the
// name first and bodies padded to even length, RIFF chunks. A body that runs past the end is
// cut; after it the walk ends.
func chunks(data []byte, order binary.ByteOrder, checksum int) iter.Seq2[string, []byte] {
	riff := checksum == 0
	return func(yield func(string, []byte) bool) {
		for len(data) >= 8 {
			name, size := string(data[4:8]), uint64(order.Uint32(data))
			next := 8 + size + uint64(checksum)
			if riff {
				name, size = string(data[:4]), uint64(order.Uint32(data[4:]))
				next = 8 + size + size&1
			}
			body := data[8:min(8+size, uint64(len(data)))]
			if !yield(name, body) {
				return
			}
			data = data[min(next, uint64(len(data))):]
		}
	}
}
