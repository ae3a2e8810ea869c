package crc32c

import (
	"bytes"
	"testing"
)

// The values are those of RFC 3720, appendix B.4.
func TestSum(t *testing.T) {
	ascending := make([]byte, 32)
	for i := range ascending {
		ascending[i] = byte(i)
	}
	for _, c := range []struct {
		of   string
		data []byte
		want uint32
	}{
		{"32 bytes of zeros", make([]byte, 32), 0x8a9136aa},
		{"32 bytes of ones", bytes.Repeat([]byte{0xff}, 32), 0x62a8ab43},
		{"32 ascending bytes", ascending, 0x46dd794e},
	} {
		h := New()
		h.Write(c.data)
		if got := Sum(c.data); got != c.want || h.Sum32() != c.want || Update(Sum(c.data[:7]), c.data[7:]) != c.want {
			t.Errorf("%s: %08x, want %08x", c.of, got, c.want)
		}
	}
}
