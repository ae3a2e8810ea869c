package picture

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// refused are files of every kind that is sound by some standard and not decoded, and damaged ones, as
// docs/reference/formats.md lists them. bytes of others' files are cut or changed.
func refused(t *testing.T) map[string][]byte {
	read := func(name string) []byte { return readGolden(t, filepath.Join("testdata", "cases", name)) }
	// entry changes the value of a tag of a little-endian file of testdata.
	entry := func(data []byte, tag uint16, value uint32) []byte {
		data = bytes.Clone(data)
		at := int(binary.LittleEndian.Uint32(data[4:]))
		for i := range int(binary.LittleEndian.Uint16(data[at:])) {
			if e := data[at+2+12*i:]; binary.LittleEndian.Uint16(e) == tag {
				binary.LittleEndian.PutUint32(e[8:], value)
				return data
			}
		}
		t.Fatalf("no tag %d", tag)
		return nil
	}
	replace := func(data []byte, old, with string) []byte {
		if !bytes.Contains(data, []byte(old)) {
			t.Fatalf("no %q in the file", old)
		}
		return bytes.Replace(data, []byte(old), []byte(with), 1)
	}
	psd := func(mode, depth, packing string) []byte {
		return []byte("8BPS\x00\x01" + strings.Repeat("\x00", 6) + "\x00\x03\x00\x00\x00\x02\x00\x00\x00\x02" + depth + mode + strings.Repeat("\x00", 12) + packing + strings.Repeat("\x00", 64))
	}
	exr := readGolden(t, filepath.Join("testdata", "exr", "zip_half.exr"))
	png, jpeg, gif := read("png_rgb8.png"), read("jfif_1_9.jpg"), read("plain.gif")
	ihdr := func(at int, b byte) []byte {
		body := bytes.Clone(png[16:29])
		body[at] = b
		return slices.Concat(png[:8], pngChunk("IHDR", body), png[33:])
	}
	sof := bytes.Index(jpeg, []byte("\xff\xc0"))
	frame := func(at int, b byte) []byte {
		data := bytes.Clone(jpeg)
		data[sof+at] = b
		return data
	}
	grey, rgb := read("grey8.tif"), read("lzw.tif")
	bmp := read("bmp_32_plain.bmp")
	idat := bytes.Index(png, []byte("IDAT"))
	badPixels := bytes.Clone(png)
	badPixels[idat+20] ^= 1
	return map[string][]byte{
		"PNG: Apple's variant":                              slices.Concat(png[:8], pngChunk("CgBI", []byte("\x50\x00\x20\x02")), png[8:]),
		"PNG: a colour type that is not defined":            ihdr(9, 5),
		"PNG: a filter method that is not defined":          ihdr(11, 64),
		"PNG: palette colours without a palette":            replace(read("png_palette8.png"), "PLTE", "pLTE"),
		"PNG: a critical chunk does not match its checksum": badPixels,
		"PNG: pixels are cut":                               png[:len(png)-60],
		"JPEG: 12 bits a sample":                            frame(4, 12),
		"JPEG: lossless, or hierarchical":                   frame(1, 0xc5),
		"JPEG: arithmetic coding, without libjpeg-turbo":    frame(1, 0xc9),
		"JPEG: two components":                              replace(replace(jpeg, string(jpeg[sof:sof+19]), string(jpeg[sof:sof+3])+"\x0e"+string(jpeg[sof+4:sof+9])+"\x02"+string(jpeg[sof+10:sof+16])), "\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11", "\xff\xda\x00\x0a\x02\x01\x00\x02\x11"),
		"JPEG: the height comes after the pixels":           replace(jpeg, string(jpeg[sof+4:sof+7]), "\x08\x00\x00"),
		"JPEG: pixels are cut":                              jpeg[:len(jpeg)-100],
		"GIF: a first code size above 12":                   replace(gif, string(gif[len(gif)-len(gif[bytes.IndexByte(gif[13+48:], ',')+13+48+10:]):][:1]), "\x0d"),
		"GIF: pixels are cut":                               gif[:len(gif)-60],
		"GIF: no frame":                                     append(bytes.Clone(gif[:13+48]), ';'),
		"WebP: pixels are cut":                              read("exif.webp")[:200],
		"BMP: JPEG or PNG inside":                           replace(bmp, string(bmp[28:34]), "\x20\x00\x04\x00\x00\x00"),
		"BMP: 64 bits a pixel":                              replace(bmp, string(bmp[28:34]), "\x40\x00\x00\x00\x00\x00"),
		"TIFF: LERC":                                        entry(rgb, 259, 34887),
		"TIFF: JPEG 2000":                                   entry(rgb, 259, 34712),
		"TIFF: JPEG XL":                                     entry(rgb, 259, 50002),
		"TIFF: JBIG":                                        entry(rgb, 259, 34661),
		"TIFF: SGI's LogLuv":                                entry(entry(rgb, 259, 34676), 262, 32845),
		"TIFF: ThunderScan":                                 entry(rgb, 259, 32809),
		"TIFF: a compression that nobody knows":             entry(rgb, 259, 4242),
		"TIFF: a mask":                                      entry(grey, 262, 4),
		"TIFF: floating point of 24 bits":                   entry(read("float32.tif"), 258, 24),
		"TIFF: L*a*b* of 16 bits":                           tiffOf(make([]byte, 64), tiffEntry{tag: 256, value: 2}, tiffEntry{tag: 257, value: 2}, tiffEntry{tag: 258, value: 16}, tiffEntry{tag: 262, value: 8}, tiffEntry{tag: 277, value: 3}, tiffEntry{tag: 273, value: 8}, tiffEntry{tag: 279, value: 24}),
		"TIFF: samples of different depths":                 tiffOf(make([]byte, 64), tiffEntry{tag: 256, value: 2}, tiffEntry{tag: 257, value: 2}, tiffEntry{tag: 258, values: []uint32{5, 6, 5}}, tiffEntry{tag: 262, value: 2}, tiffEntry{tag: 277, value: 3}, tiffEntry{tag: 273, value: 8}, tiffEntry{tag: 279, value: 24}),
		"TIFF: strips or tiles are missing":                 tiffOf(nil, tiffEntry{tag: 256, value: 2}, tiffEntry{tag: 257, value: 2}, tiffEntry{tag: 258, value: 8}, tiffEntry{tag: 262, value: 1}),
		"TIFF: pixels are cut":                              tiffOf(make([]byte, 3), tiffEntry{tag: 256, value: 2}, tiffEntry{tag: 257, value: 2}, tiffEntry{tag: 258, value: 8}, tiffEntry{tag: 262, value: 1}, tiffEntry{tag: 273, value: 100_000}, tiffEntry{tag: 279, value: 4}),
		"PNM: pixels are cut":                               read("p6.ppm")[:100],
		"PNM: a PAM file of other tuples":                   replace(read("rgba.pam"), "RGB_ALPHA", "CMYK"),
		"PNM: a sample above the largest":                   []byte("P2 2 1 9\n8 10\n"),
		"QOI: pixels are cut":                               read("rgba.qoi")[:100],
		"OpenEXR: B44, DWA":                                 replace(exr, "compression\x00\x01\x00\x00\x00\x03", "compression\x00\x01\x00\x00\x00\x08"),
		"OpenEXR: several parts":                            replace(exr, "v/1\x01\x02\x00", "v/1\x01\x02\x10"),
		"OpenEXR: deep pictures":                            replace(exr, "v/1\x01\x02\x00", "v/1\x01\x02\x08"),
		"OpenEXR: no colours":                               replace(exr, "R\x00\x01\x00", "X\x00\x01\x00"),
		"OpenEXR: pixels are cut":                           exr[:1000],
		"TGA: pixels are cut":                               read("tga_grey.tga")[:100],
		"ICO: the picture lies outside of the file":         read("32.ico")[:200],
		"ICO: neither PNG nor BMP":                          replace(read("32.ico"), string(read("32.ico")[22:26]), "none"),
		"PSD: layers, but no picture of them together":      replace(read("odd_names.psd"), "\x00\x00\x00\x01\x01", "\x00\x00\x00\x01\x00"),
		"PSD: ZIP":                             psd("\x00\x03", "\x00\x08", "\x00\x02"),
		"PSD: 32 bits a channel":               psd("\x00\x03", "\x00\x20", "\x00\x00"),
		"PSD: multichannel":                    psd("\x00\x07", "\x00\x08", "\x00\x00"),
		"PSD: pixels are cut":                  read("rgb_raw.psd")[:200],
		"a GIMP file":                          []byte("gimp xcf v011\x00"),
		"no picture":                           []byte("#!/bin/sh\n"),
		"an empty file":                        {},
		"more pixels than the limit":           pngOf(100_000, 100_000, 8, 2, 0, pngChunk("IDAT", deflated(8))),
		"a side of more than a million pixels": pngOf(2_000_000, 2, 8, 2, 0, pngChunk("IDAT", deflated(8))),
	}
}

// Not parallel: the messages are those of the decoder in Go, which every machine has.
func TestTheTableOfRefusedKindsIsTrue(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "reference", "formats.md"))
	if err != nil {
		t.Fatal(err)
	}
	withSystemJPEG(t, false)
	files := refused(t)
	rows := map[string]string{}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) == 2 && strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			rows[strings.TrimSpace(cells[0])] = strings.Trim(strings.TrimSpace(cells[1]), "`")
		}
	}
	for what, message := range rows {
		if files[what] == nil && what != "an empty file" {
			t.Errorf("no file for %q (%q)", what, message)
		}
	}
	for what, data := range files {
		_, _, err := Decode(t.Context(), data, Limits{})
		if err == nil {
			t.Errorf("%s: it is decoded", what)
			continue
		}
		if rows[what] != err.Error() {
			t.Errorf("docs/reference/formats.md lacks the line\n| %s | `%s` |", what, err)
		}
	}
}
