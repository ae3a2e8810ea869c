package features

import (
	"encoding/binary"
	"unsafe"

	"github.com/akin-search/akin/internal/crc32c"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/simd"
)

// The file is a head of 64 bytes, and a record for each picture: a head of 64 bytes, blocks of codes, and places, with zeros
// behind up to a multiple of 64. It is derived: a record that is damaged is made again.
//
//	0  "akinfeat"              magic
//	8  format                  uint32
//
//	0  "FEAT"                  magic
//	4  CRC-32C of bytes 8…63   uint32
//	8  content hash            32 bytes
//	40 width, height           uint32 each, of the upright picture
//	48 keypoints               uint32
//	52 CRC-32C of the rest     uint32
const (
	headBytes = 64
	fileMagic = "akinfeat"
	format    = 1
	recMagic  = "FEAT"
)

func fileHead() []byte {
	head := make([]byte, headBytes)
	copy(head, fileMagic)
	binary.LittleEndian.PutUint32(head[8:], format)
	return head
}

// entry is a record of the file.
type entry struct {
	hash          record.Hash
	at            int // of its blocks
	width, height int
	codes         int
	sum           uint32
}

func (e entry) blockBytes() int { return blocksOf(e.codes) * blockBytes }
func (e entry) bodyBytes() int {
	return (e.blockBytes() + e.codes*placeBytes + headBytes - 1) / headBytes * headBytes
}
func (e entry) end() int { return e.at + e.bodyBytes() }

// appendRecord writes the record of a content.
func appendRecord(out []byte, hash record.Hash, f *Features) []byte {
	e := entry{codes: len(f.Codes)}
	start := len(out)
	out = append(out, make([]byte, headBytes+e.blockBytes())...)
	body := out[start+headBytes:]
	for i, c := range f.Codes {
		block := body[i/simd.CodesPerBlock*blockBytes:]
		binary.LittleEndian.PutUint64(block[8*(i%simd.CodesPerBlock):], c[0])
		binary.LittleEndian.PutUint64(block[8*(simd.CodesPerBlock+i%simd.CodesPerBlock):], c[1])
	}
	for _, p := range f.Points {
		out = f.appendPlace(out, p)
	}
	out = append(out, make([]byte, headBytes+e.bodyBytes()-(len(out)-start))...)
	head, body := out[start:start+headBytes], out[start+headBytes:]
	copy(head, recMagic)
	copy(head[8:], hash[:])
	for i, v := range []uint32{uint32(f.Width), uint32(f.Height), uint32(e.codes), crc32c.Sum(body)} {
		binary.LittleEndian.PutUint32(head[40+4*i:], v)
	}
	binary.LittleEndian.PutUint32(head[4:], crc32c.Sum(head[8:]))
	return out
}

// readHead reads the head of the record at a place of the file; ok is false where there is none, or it is damaged or cut off.
func readHead(data []byte, at int) (e entry, ok bool) {
	if at+headBytes > len(data) || string(data[at:at+4]) != recMagic {
		return e, false
	}
	head := data[at : at+headBytes]
	number := func(i int) int { return int(binary.LittleEndian.Uint32(head[i:])) }
	if crc32c.Sum(head[8:]) != binary.LittleEndian.Uint32(head[4:]) {
		return e, false
	}
	e = entry{hash: record.Hash(head[8:40]), at: at + headBytes, width: number(40), height: number(44), codes: number(48), sum: uint32(number(52))}
	return e, e.codes <= Most && e.end() <= len(data)
}

// entries reads the heads of all records. Of bytes that are none it looks for the next one; whole is false where there is one. What is behind
// the last is what a process that was killed had begun.
func entries(data []byte) (out []entry, whole bool) {
	if len(data) < headBytes || string(data[:headBytes]) != string(fileHead()) {
		return nil, false
	}
	whole = true
	end := headBytes
	for at := headBytes; at < len(data); {
		e, ok := readHead(data, at)
		if !ok {
			at += headBytes
			continue
		}
		whole = whole && at == end
		out = append(out, e)
		end = e.end()
		at = end
	}
	return out, whole
}

// sound reports whether a record is as it was written.
func (e entry) sound(data []byte) bool { return crc32c.Sum(data[e.at:e.end()]) == e.sum }

// blocks are the codes of a record, where they lie.
func (e entry) blocks(data []byte) []uint64 {
	if e.codes == 0 {
		return nil
	}
	return unsafe.Slice((*uint64)(unsafe.Pointer(&data[e.at])), e.blockBytes()/8)
}

// features reads a record.
func (e entry) features(data []byte) *Features {
	f := &Features{}
	f.Width, f.Height = e.width, e.height
	blocks, places := e.blocks(data), data[e.at+e.blockBytes():]
	for i := range e.codes {
		block := blocks[i/simd.CodesPerBlock*blockWords:]
		f.Codes = append(f.Codes, [2]uint64{block[i%simd.CodesPerBlock], block[simd.CodesPerBlock+i%simd.CodesPerBlock]})
		f.Points = append(f.Points, f.place(places[placeBytes*i:]))
	}
	return f
}
