package local

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/crc32c"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
)

// Whatever lies in a segment's header, it is damaged or says what was written.
func FuzzHeaders(f *testing.F) {
	small := vecHeader(record.Space{Dim: 4, Fingerprint: "f", PerSegment: 5})
	f.Add(small)
	f.Add(small[:headerBytes-1])
	f.Add(vecHeader(record.Space{Dim: 4, Fingerprint: "f", PerSegment: oldPerSegment(4)}))
	f.Add(vecHeader(record.Space{Dim: maxDim, Fingerprint: strings.Repeat("f", maxFingerprint), PerSegment: maxRows}))
	f.Add(vecHeader(record.Space{PerSegment: 1}))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, ok := parseHeader(data)
		if ok && !bytes.Equal(vecHeader(s), data[:headerBytes]) {
			t.Errorf("read as %+v", s)
		}
	})
}

// Whatever lies in a segment's records, reading it gives rows or an error.
func FuzzRecords(f *testing.F) {
	f.Add(blockRecord([]record.Hash{{1}, {2}}, bytesOf(make([]float32, 8))))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		r := bytes.NewReader(data)
		for {
			hashes, crc, err := readRecord(r, 1000)
			if err != nil {
				break
			}
			if n := len(hashes); n < 1 || n > 1000 || recordHeader+n*len(record.Hash{})+4 > len(data) {
				t.Errorf("%d rows with checksum %d out of %d bytes", n, crc, len(data))
			}
		}
	})
}

// Whatever lies in a list of pictures, it is passed over or can be read from end to end.
func FuzzLists(f *testing.F) {
	dir := f.TempDir()
	path := filepath.Join(dir, picturesList)
	const generation = "0123456789abcdef"
	ids, starts, text := []int64{1, 5}, []uint64{0, 3, 10, 13, 20}, []byte("one/p/1.pngtwo/p/2.png")
	if err := writeList(disk.OS, path, generation, bytesOf(ids), bytesOf(starts), text); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole[listHeadBytes:], uint64(16), uint64(40), uint64(22))
	f.Fuzz(func(t *testing.T, body []byte, a, b, c uint64) {
		h := listHead{Magic: listMagic, Sizes: [5]uint64{a, b, c}, Body: crc32c.Sum(body)}
		copy(h.Generation[:], generation)
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, picturesList), append(h.encode(), body...), 0o666); err != nil {
			t.Fatal(err)
		}
		p, unmap := (&Collection{dir: dir}).openPictures(generation)
		if p == nil {
			return
		}
		defer unmap()
		n := 0
		for _, picture := range p.All() {
			n += len(picture.Name) + len(picture.Source)
		}
		if p.Len() > len(body)/8 || p.Len() == 0 && n > 0 {
			t.Errorf("%d pictures with %d bytes of text in %d bytes", p.Len(), n, len(body))
		}
		_, _ = p.Index(int64(a))
	})
}

// What SQLite groups is cut into numbers, or refused.
func FuzzNumbers(f *testing.F) {
	f.Add("12 3 4 rest")
	f.Add("-1 99999999999999999999 ")
	f.Fuzz(func(t *testing.T, text string) {
		if _, rest, err := numbers[[3]int](text); err == nil && len(rest) >= len(text) {
			t.Errorf("%q leaves %q", text, rest)
		}
	})
}
