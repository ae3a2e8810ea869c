package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"
	"path/filepath"
	"testing"
)

// withChecksums makes the checksum of every chunk right, so that what is changed is looked at.
func withChecksums(data []byte) []byte {
	data = bytes.Clone(data)
	for at := 8; at+12 <= len(data); {
		size := int(binary.BigEndian.Uint32(data[at:]))
		if size > len(data)-at-12 {
			break
		}
		binary.BigEndian.PutUint32(data[at+8+size:], crc32.ChecksumIEEE(data[at+4:at+8+size]))
		at += 12 + size
	}
	return data
}

// sameAsGo reports whether the reader gives what image/png gives, where that gives anything.
func sameAsGo(t *testing.T, data []byte) {
	t.Helper()
	config, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil || config.Width*config.Height > 1<<20 {
		return
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return
	}
	want, err := fromImage(m)
	if err != nil {
		t.Fatal(err)
	}
	want.dropOpaque()
	src := &source{ctx: t.Context(), data: data, lim: Limits{}.filled(), format: "png"}
	p, err := decodePNG(src, Info{})
	if err != nil {
		t.Fatalf("image/png reads it: %v", err)
	}
	p.dropOpaque()
	if !bytes.Equal(p.Pix, want.Pix) {
		t.Error("other colours than image/png gives")
	}
	if !bytes.Equal(p.Alpha, want.Alpha) {
		t.Errorf("another alpha than image/png gives: %v, want %v", p.Alpha, want.Alpha)
	}
}

// image/png is an independent reader of what both take.
func FuzzPNG(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "cases", "png_*.png"))
	if err != nil || len(files) == 0 {
		f.Fatal("no files: ", err)
	}
	for _, file := range files {
		f.Add(readGolden(f, file))
	}
	f.Fuzz(func(t *testing.T, data []byte) { sameAsGo(t, withChecksums(data)) })
}

func TestWhatGoWritesIsReadAlike(t *testing.T) {
	t.Parallel()
	p, _, err := Decode(t.Context(), readGolden(t, filepath.Join("testdata", "cases", "png_rgba8.png")), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	m := image.NewNRGBA(image.Rect(0, 0, p.Width, p.Height))
	for i, a := range p.Alpha {
		copy(m.Pix[4*i:], p.Pix[3*i:3*i+3])
		m.Pix[4*i+3] = a
	}
	for _, level := range []png.CompressionLevel{png.NoCompression, png.BestSpeed, png.BestCompression} {
		var b bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: level}).Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		sameAsGo(t, b.Bytes())
	}
}
