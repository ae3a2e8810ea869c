package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// makeTIFF writes a file of one uncompressed strip a plane.
func makeTIFF(order binary.AppendByteOrder, width, height, colours, depth, samples, planar int, pixels []byte) []byte {
	strips := 1
	if planar == 2 {
		strips = samples
	}
	b := []byte("II*\x00\x08\x00\x00\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*\x00\x00\x00\x08")
	}
	entries := []struct{ tag, value int }{
		{256, width}, {257, height}, {258, depth}, {259, 1}, {262, colours}, {273, 0}, {277, samples}, {278, height}, {279, 0}, {284, planar},
	}
	list := 8 + 2 + 12*len(entries) + 4 // where offsets and counts lie if they are several
	start := list + 8*strips
	size := len(pixels) / strips
	b = order.AppendUint16(b, uint16(len(entries)))
	for _, e := range entries {
		count, value := 1, e.value
		switch {
		case e.tag == 273 && strips > 1:
			count, value = strips, list
		case e.tag == 279 && strips > 1:
			count, value = strips, list+4*strips
		case e.tag == 273:
			value = start
		case e.tag == 279:
			value = size
		}
		b = order.AppendUint16(b, uint16(e.tag))
		b = order.AppendUint16(b, 4)
		b = order.AppendUint32(b, uint32(count))
		b = order.AppendUint32(b, uint32(value))
	}
	b = order.AppendUint32(b, 0)
	for i := range strips {
		b = order.AppendUint32(b, uint32(start+i*size))
	}
	for range strips {
		b = order.AppendUint32(b, uint32(size))
	}
	return append(b, pixels...)
}

func TestTIFFOfAllColours(t *testing.T) {
	t.Parallel()
	little, big := binary.AppendByteOrder(binary.LittleEndian), binary.AppendByteOrder(binary.BigEndian)
	for _, c := range []struct {
		why                             string
		order                           binary.AppendByteOrder
		colours, depth, samples, planar int
		pixels, want                    []byte // 2 x 1
	}{
		{"inks", little, 5, 8, 4, 1, []byte{0, 255, 0, 0, 0, 0, 0, 255}, []byte{255, 0, 255, 0, 0, 0}},
		{"inks of 16 bits", big, 5, 16, 4, 1, []byte{0, 9, 255, 9, 0, 9, 0, 9, 0, 9, 0, 9, 0, 9, 255, 9}, []byte{255, 0, 255, 0, 0, 0}},
		{"planes one after the other", little, 2, 8, 3, 2, []byte{1, 2, 3, 4, 5, 6}, []byte{1, 3, 5, 2, 4, 6}},
		{"a fourth sample of no stated meaning", big, 2, 8, 4, 1, []byte{1, 2, 3, 9, 4, 5, 6, 9}, []byte{1, 2, 3, 4, 5, 6}},
		{"grey with alpha", little, 1, 8, 2, 1, []byte{7, 0, 8, 255}, []byte{7, 7, 7, 8, 8, 8}},
		{"white is zero, with alpha", little, 0, 8, 2, 1, []byte{0, 0, 255, 0}, []byte{255, 255, 255, 0, 0, 0}},
		{"grey of 16 bits", little, 1, 16, 1, 1, []byte{1, 200, 2, 100}, []byte{200, 200, 200, 100, 100, 100}},
	} {
		data := makeTIFF(c.order, 2, 1, c.colours, c.depth, c.samples, c.planar, c.pixels)
		p, _, err := Decode(t.Context(), data, Limits{})
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		if !bytes.Equal(p.Pix, c.want) {
			t.Errorf("%s: %v, want %v", c.why, p.Pix, c.want)
		}
		if _, _, err := Decode(t.Context(), data[:len(data)-1], Limits{}); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s, cut: error %v, want ErrCorrupt", c.why, err)
		}
	}
}

func TestJPEGInsideOfTIFF(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("testdata", "jpeg_inside.tiff"))
	if err != nil {
		t.Fatal(err)
	}
	p, info, err := Decode(t.Context(), data, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if info.Format != "tiff" || p.Width != 45 || p.Height != 35 {
		t.Errorf("%+v", info)
	}
}
