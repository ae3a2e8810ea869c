package picture

import (
	"hash/fnv"
	"io"
)

// kinds is raised where a kind of file begins to be read whose format was read before, such as RAW files without a preview.
const kinds = 2

// Reads is a number of what this program reads, which another set of formats or kinds has not: a file that was refused as
// of none of them is worth another try where it differs.
func Reads() uint32 {
	h := fnv.New32a()
	for _, f := range Formats() {
		_, _ = io.WriteString(h, f.Name+"\x00")
	}
	_, _ = h.Write([]byte{kinds})
	return h.Sum32()
}
