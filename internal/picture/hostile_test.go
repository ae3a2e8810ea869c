package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// tiffOf writes a little-endian file with one directory; each value is a LONG unless it says otherwise.
func tiffOf(body []byte, entries ...tiffEntry) []byte {
	b := append([]byte("II*\x00\x00\x00\x00\x00"), body...)
	for i, e := range entries {
		if e.values == nil {
			continue
		}
		entries[i].value = uint32(len(b))
		for _, v := range e.values {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(entries)))
	for _, e := range entries {
		b = binary.LittleEndian.AppendUint16(b, e.tag)
		b = binary.LittleEndian.AppendUint16(b, 4)
		b = binary.LittleEndian.AppendUint32(b, max(1, e.count, uint32(len(e.values))))
		b = binary.LittleEndian.AppendUint32(b, e.value)
	}
	return append(b, 0, 0, 0, 0)
}

type tiffEntry struct {
	tag    uint16
	value  uint32
	count  uint32
	values []uint32
}

func pngChunk(kind string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, kind...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func pngOf(width, height int, depth, colour, interlaced byte, chunks ...[]byte) []byte {
	head := binary.BigEndian.AppendUint32(nil, uint32(width))
	head = binary.BigEndian.AppendUint32(head, uint32(height))
	head = append(head, depth, colour, 0, 0, interlaced)
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", head), slices.Concat(chunks...), pngChunk("IEND", nil))
}

func deflated(n int) []byte {
	var b bytes.Buffer
	z, _ := zlib.NewWriterLevel(&b, 9)
	zero := make([]byte, 1<<16)
	for ; n > 0; n -= len(zero) {
		z.Write(zero[:min(n, len(zero))])
	}
	z.Close()
	return b.Bytes()
}

// askingMuch are small files that ask for much. None has many pixels that are there.
func askingMuch() map[string][]byte {
	files := map[string][]byte{}
	size := func(w, h uint32) []tiffEntry { return []tiffEntry{{tag: 256, value: w}, {tag: 257, value: h}} }
	grey := []tiffEntry{{tag: 258, value: 8}, {tag: 262, value: 1}}
	tile := func(w, h uint32, offsets int) []tiffEntry {
		return []tiffEntry{{tag: 322, value: w}, {tag: 323, value: h}, {tag: 324, values: make([]uint32, offsets)}, {tag: 325, values: slices.Repeat([]uint32{1000}, offsets)}}
	}
	for _, compression := range []uint32{1, 2, 3, 4, 5, 6, 7, 8, 32773, 34925, 50000, 50001} {
		kind := []tiffEntry{{tag: 259, value: compression}}
		name := "tiff_compression_" + strconv.Itoa(int(compression))
		files[name+"_tile_1025x1e8"] = tiffOf(make([]byte, 100_000), slices.Concat(size(1, 1e8), grey, kind, tile(1025, 1e8, 1))...)
		files[name+"_tile_1e8x1025"] = tiffOf(make([]byte, 100_000), slices.Concat(size(1, 1), grey, kind, tile(1e8, 1025, 1))...)
		files[name+"_wide_pixels"] = tiffOf(make([]byte, 100_000), slices.Concat(size(1e8, 1), kind,
			[]tiffEntry{{tag: 258, value: 16}, {tag: 262, value: 5}, {tag: 277, value: 16}, {tag: 273, value: 8}, {tag: 279, value: 100_000}})...)
		files[name+"_tall"] = tiffOf(make([]byte, 1000), slices.Concat(size(1, 1e8), grey, kind, []tiffEntry{{tag: 273, value: 8}, {tag: 279, value: 1000}})...)
	}
	// The first value is what one reader takes, the second what another does.
	files["tiff_two_widths"] = tiffOf(make([]byte, 64), slices.Concat([]tiffEntry{{tag: 256, values: []uint32{8, 12_000}}, {tag: 257, values: []uint32{8, 12_000}}},
		grey, []tiffEntry{{tag: 273, value: 8}, {tag: 279, value: 64}})...)
	files["tiff_many_values"] = tiffOf(nil, tiffEntry{tag: 256, value: 8, count: 1 << 31}, tiffEntry{tag: 257, value: 8})
	z, _ := zstd.NewWriter(nil, zstd.WithWindowSize(1<<27))
	files["tiff_zstd_window"] = tiffOf(z.EncodeAll(make([]byte, 1<<20), nil), slices.Concat(size(64, 64), grey, []tiffEntry{{tag: 259, value: 50000}, {tag: 273, value: 8}, {tag: 279, value: 1000}})...)
	dictionary := append([]byte("\xfd7zXZ\x00\x00\x01abcd\x02\x00\x21\x01\x28\x00\x00\x00crc."), 0x01, 0, 0, 0)
	files["tiff_xz_dictionary"] = tiffOf(dictionary, slices.Concat(size(64, 64), grey, []tiffEntry{{tag: 259, value: 34925}, {tag: 273, value: 8}, {tag: 279, value: 1000}})...)
	overlap := make([]uint32, 20_000)
	files["tiff_old_jpeg_strips"] = tiffOf(make([]byte, 100_000), slices.Concat(size(1, 20_000),
		[]tiffEntry{{tag: 259, value: 6}, {tag: 258, value: 8}, {tag: 278, value: 1}, {tag: 273, values: overlap}, {tag: 279, values: slices.Repeat([]uint32{100_000}, 20_000)},
			{tag: 519, values: []uint32{8, 8, 8}}, {tag: 520, values: []uint32{8, 8, 8}}, {tag: 521, values: []uint32{8, 8, 8}}})...)

	files["png_size"] = pngOf(13000, 13000, 16, 6, 1, pngChunk("IDAT", deflated(1<<20)))
	files["png_idat_bomb"] = pngOf(1, 1, 8, 2, 0, pngChunk("IDAT", deflated(128<<20)))
	texts := slices.Repeat(pngChunk("zTXt", append([]byte("Raw profile type exif\x00\x00"), deflated(1<<20)...)), 1000)
	files["png_texts"] = pngOf(8, 8, 8, 2, 0, texts, pngChunk("IDAT", deflated(8*25)))
	files["png_text_bomb"] = pngOf(8, 8, 8, 2, 0, pngChunk("zTXt", append([]byte("Raw profile type exif\x00\x00"), deflated(128<<20)...)), pngChunk("IDAT", deflated(8*25)))

	files["gif_canvas"] = []byte("GIF89a\xe0\x2e\xe0\x2e\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")
	files["gif_frame"] = []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\xe0\x2e\xe0\x2e\x00\x02\x02D\x01\x00;")
	frame := "VP8L\x0e\x00\x00\x00\x2f\x00\x00\x00\x00\x07\xd0\xff\xfe\xf7\xbf\xff\x81\x88"
	canvas := "VP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xc7\x32\x00\xc7\x32\x00" + "ANMF\x26\x00\x00\x00" + strings.Repeat("\x00", 16) + frame
	files["webp_canvas"] = append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(4+len(canvas))), "WEBP"+canvas...)
	files["jpeg_size"] = []byte("\xff\xd8\xff\xdb\x00\x43\x00" + strings.Repeat("\x01", 64) + "\xff\xc2\x00\x11\x08\x32\xc8\x32\xc8\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00\xff\xda\x00\x0c\x03\x01\x00\x02\x00\x03\x00\x00\x00\x00\xff\xd9")
	files["tiff_old_jpeg_size"] = tiffOf(files["jpeg_size"], slices.Concat(size(0x32c8, 0x32c8),
		[]tiffEntry{{tag: 259, value: 6}, {tag: 258, value: 8}, {tag: 513, value: 8}})...)
	files["bmp_size"] = []byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00\xc8\x32\x00\x00\xc8\x32\x00\x00\x01\x00\x20\x00" + strings.Repeat("\x00", 40))
	files["bmp_runs"] = []byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x04\x00\x00\x28\x00\x00\x00\xc8\x32\x00\x00\xc8\x32\x00\x00\x01\x00\x08\x00\x01\x00\x00\x00" + strings.Repeat("\x00", 1100))

	files["pnm_size"] = []byte("P6 13000 13000 255\n")
	files["pnm_text"] = []byte("P3 13000 13000 65535\n" + strings.Repeat("1 ", 1000))
	files["pnm_comment"] = []byte("P1 9 9 #" + strings.Repeat("#", 1<<20))
	files["pnm_word"] = []byte("P2 " + strings.Repeat("9", 1<<20))
	files["pam_lines"] = []byte("P7\n" + strings.Repeat("WIDTH 13000\nHEIGHT 13000\nDEPTH 4\nMAXVAL 65535\n", 10_000) + "ENDHDR\n")
	files["qoi_size"] = []byte("qoif\x00\x00\x32\xc8\x00\x00\x32\xc8\x04\x00" + strings.Repeat("\xfd", 1000))
	tga := "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xc8\x32\xc8\x32\x20\x28"
	files["tga_size"] = []byte(tga[:2] + "\x02" + tga[2:] + strings.Repeat("\xff", 1000))
	files["tga_runs"] = []byte(tga[:2] + "\x0a" + tga[2:] + strings.Repeat("\xff", 1000))
	entries := strings.Repeat("\x00\x00\x00\x00\x01\x00\x20\x00\x10\x00\x00\x00\x16\x00\x10\x00", 65535)
	files["ico_entries"] = []byte("\x00\x00\x01\x00\xff\xff" + entries + "\x28\x00\x00\x00\x00\x00\x00\x00")
	files["ico_bmp"] = []byte("\x00\x00\x01\x00\x01\x00\x00\x00\x00\x00\x01\x00\x20\x00\x2c\x00\x00\x00\x16\x00\x00\x00" +
		"\x28\x00\x00\x00\xc8\x32\x00\x00\x90\x65\x00\x00\x01\x00\x20\x00" + strings.Repeat("\x00", 28))
	files["ico_png"] = append([]byte("\x00\x00\x01\x00\x01\x00\x00\x00\x00\x00\x01\x00\x20\x00\xff\x00\x00\x00\x16\x00\x00\x00"), append(pngOf(13000, 13000, 16, 6, 1, pngChunk("IDAT", deflated(1<<16))), make([]byte, 255)...)...)
	head := "\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x32\xc8\x00\x00\x32\xc8\x00\x10\x00\x04" + strings.Repeat("\x00", 12)
	files["psd_size"] = []byte("8BPS\x00\x01" + head + "\x00\x00")
	files["psd_runs"] = []byte("8BPS\x00\x01" + head + "\x00\x01" + strings.Repeat("\x00\x02", 4*13000) + strings.Repeat("\x81\xff", 4*13000))
	files["psb_lengths"] = []byte("8BPS\x00\x02" + head[:28] + strings.Repeat("\xff", 64))
	files["psb_runs"] = []byte("8BPS\x00\x02" + head + "\x00\x00\x00\x00\x00\x01" + strings.Repeat("\xff\xff\xff\xff", 4*13000))
	files["psd_resources"] = []byte("8BPS\x00\x01" + head[:24] + "\x00\x01\x00\x00" + strings.Repeat("8BIM\x04\x22\x00\x00\x00\x00\x00\x00", 5461) + strings.Repeat("\x00", 20))

	window := "\x00\x00\x00\x00\x00\x00\x00\x00\xc7\x32\x00\x00\xc7\x32\x00\x00"
	exr := func(packing, more string) string {
		return "v/1\x01\x02\x00\x00\x00channels\x00chlist\x00\x13\x00\x00\x00Y\x00\x02\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00" +
			"compression\x00compression\x00\x01\x00\x00\x00" + packing + "dataWindow\x00box2i\x00\x10\x00\x00\x00" + window + more + "\x00"
	}
	files["exr_size"] = []byte(exr("\x03", "") + strings.Repeat("\x00", 8*1000))
	files["exr_zip"] = append([]byte(exr("\x03", "")+strings.Repeat("\x00", 8*813)), deflated(600<<20)...)
	files["exr_piz"] = []byte(exr("\x04", "") + strings.Repeat("\xa0\x00\x00\x00\x00\x00\x00\x00", 100_000))
	files["exr_tiles"] = []byte(strings.Replace(exr("\x03", "tiles\x00tiledesc\x00\x09\x00\x00\x00\xff\xff\xff\x7f\xff\xff\xff\x7f\x00"), "\x02\x00\x00\x00ch", "\x02\x02\x00\x00ch", 1) + strings.Repeat("\xa0\x00", 400_000))
	files["exr_channels"] = []byte("v/1\x01\x02\x00\x00\x00channels\x00chlist\x00\x00\x00\x10\x00" + strings.Repeat("Y\x00\x02\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00", 70_000))
	return files
}

// Not parallel: it counts allocated bytes.
func TestHostileFilesCostLittle(t *testing.T) {
	for name, data := range askingMuch() {
		for _, system := range []bool{true, false} {
			if !system && !strings.HasPrefix(name, "jpeg") {
				continue
			}
			t.Run(name+map[bool]string{true: "", false: " in Go"}[system], func(t *testing.T) {
				withSystemJPEG(t, system)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				start := time.Now()
				p, _, err := Decode(t.Context(), data, Limits{Time: 10 * time.Second})
				took := time.Since(start)
				runtime.ReadMemStats(&after)
				p.Release()
				if name == "tiff_two_widths" && !errors.Is(err, ErrCorrupt) {
					t.Errorf("two sizes are taken for one: %v", err)
				}
				// What comes out of a library is no finding of this package.
				if err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrFormat) {
					t.Errorf("error %v is none of this package's", err)
				}
				if used, most := after.TotalAlloc-before.TotalAlloc, uint64(64<<20+8*len(data)); used > most {
					t.Errorf("%d bytes were allocated for a file of %d, most is %d (%v)", used, len(data), most, err)
				}
				if took > 2*time.Second {
					t.Errorf("it took %v (%v)", took, err)
				}
			})
		}
	}
}

// The memory of a decoding follows the picture's size, whatever the file asks for beside.
func TestDecodingHoldsWhatCostSays(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join("testdata", "cases", "*.*"))
	own, _ := filepath.Glob(filepath.Join("testdata", "*.jpg"))
	for _, file := range slices.Concat(files, own) {
		if ext := filepath.Ext(file); ext == ".npz" || ext == ".md" {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		info, err := Inspect(data, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		p, _, err := Decode(t.Context(), data, Limits{})
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		p.Release()
		// Small pictures pay for tables and buffers.
		if used, most := int64(after.TotalAlloc-before.TotalAlloc), Cost(data, info)+6<<20; used > most {
			t.Errorf("%s: %d bytes were allocated, Cost and 6 MB are %d", file, used, most)
		}
	}
}

// An interlaced picture of 16 bits and alpha was once held as 16 bits, row by row of each pass.
func TestInterlacedPNGOf16BitsHoldsNoSecondPicture(t *testing.T) {
	const width, height = 4000, 2500
	data := pngOf(width, height, 16, 6, 1, pngChunk("IDAT", deflated(8*width*height+2*height+8)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p, info, err := Decode(t.Context(), data, Limits{})
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	p.Release()
	used, most := int64(after.TotalAlloc-before.TotalAlloc), Cost(data, info)+3*width*height/8+4<<20 // the pool's classes are an eighth apart
	if used > most {
		t.Errorf("%d bytes were allocated, want at most %d", used, most)
	}
	if least := int64(4 * width * height); Cost(data, info) < least+int64(len(data)) {
		t.Errorf("the cost is %d, want the picture's %d and the file", Cost(data, info), least)
	}
}
