package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// jpegOf returns a JPEG file that is red at the left and blue at the right.
func jpegOf(t *testing.T, width, height int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.Set(x, y, color.RGBA{R: uint8(255 * (1 - 2*x/width)), B: uint8(255 * (2 * x / width)), A: 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// directory is the tags of one directory of a raw file, and a file that two of them point to.
type directory struct {
	tags     map[uint16]uint32
	at, size uint16 // tags of the place and size of data
	data     []byte
}

// rawFile writes a little-endian TIFF file whose first directory has the others below it, as DNG and NEF files have.
func rawFile(dirs ...directory) []byte {
	out := []byte("II*\x00\x08\x00\x00\x00")
	order := binary.LittleEndian
	size := func(d directory, subs int) int {
		n := len(d.tags)
		if d.data != nil {
			n += 2
		}
		if subs > 0 {
			n++
		}
		return 2 + 12*n + 4
	}
	subs := len(dirs) - 1
	places := []int{8}
	at := 8 + size(dirs[0], subs)
	for _, d := range dirs[1:] {
		places = append(places, at)
		at += size(d, 0)
	}
	list := at // of the directories below, where there are several
	at += 4 * subs
	for i, d := range dirs {
		entries := map[uint16][2]uint32{}
		for k, v := range d.tags {
			entries[k] = [2]uint32{1, v}
		}
		if d.data != nil {
			entries[d.at], entries[d.size] = [2]uint32{1, uint32(at)}, [2]uint32{1, uint32(len(d.data))}
			at += len(d.data)
		}
		if i == 0 && subs > 0 {
			value := uint32(list)
			if subs == 1 {
				value = uint32(places[1])
			}
			entries[tagSubDirectories] = [2]uint32{uint32(subs), value}
		}
		var keys []uint16
		for k := range entries {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		out = order.AppendUint16(out, uint16(len(keys)))
		for _, k := range keys {
			out = order.AppendUint16(out, k)
			out = order.AppendUint16(out, 4)
			out = order.AppendUint32(out, entries[k][0])
			out = order.AppendUint32(out, entries[k][1])
		}
		out = order.AppendUint32(out, 0)
	}
	for _, p := range places[1:] {
		out = order.AppendUint32(out, uint32(p))
	}
	for _, d := range dirs {
		out = append(out, d.data...)
	}
	return out
}

// dng is a raw file as Adobe's converter writes them: a thumbnail first, below it the samples and a preview.
func dng(preview []byte) []byte {
	thumbnail := directory{map[uint16]uint32{256: 16, 257: 12, 258: 8, 259: 1, 262: 2, 277: 3, 274: 6, 50706: 0x00000401}, 273, 279, bytes.Repeat([]byte{9}, 16*12*3)}
	samples := directory{map[uint16]uint32{256: 4000, 257: 3000, 258: 16, 259: 7, 262: colourFilterArray}, 273, 279, []byte("\xff\xd8\xff\xc3lossless")}
	dirs := []directory{thumbnail, samples}
	if preview != nil {
		dirs = append(dirs, directory{map[uint16]uint32{256: 640, 257: 480, 259: 7, 262: 6}, 273, 279, preview})
	}
	return rawFile(dirs...)
}

func TestRawFilesAreReadByTheirPreview(t *testing.T) {
	t.Parallel()
	preview := jpegOf(t, 640, 480)
	raf := make([]byte, 84)
	copy(raf, "FUJIFILMCCD-RAW ")
	raf = binary.BigEndian.AppendUint32(raf, 92)
	raf = binary.BigEndian.AppendUint32(raf, uint32(len(preview)))
	for _, c := range []struct {
		name          string
		data          []byte
		width, height int
		why           string
	}{
		{"DNG", dng(preview), 480, 640, "turned as the first directory says"},
		{"NEF", rawFile(
			directory{map[uint16]uint32{256: 160, 257: 120, 259: 1, 262: 2}, 273, 279, make([]byte, 100)},
			directory{map[uint16]uint32{254: 1}, 513, 514, preview},
			directory{map[uint16]uint32{256: 4000, 257: 3000, 259: 34713, 262: colourFilterArray}, 273, 279, []byte("compressed")}), 640, 480, "the preview has tags of its own"},
		{"RAF", append(raf, preview...), 640, 480, "the header has the place"},
	} {
		info, err := Inspect(c.data, Limits{})
		if err != nil || info.Format != "raw" || info.Width != c.width || info.Height != c.height {
			t.Errorf("%s: %+v, %v: %s", c.name, info, err, c.why)
			continue
		}
		p, _, err := Decode(t.Context(), c.data, Limits{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		corner := p.Pix[:3]
		if c.name == "DNG" { // orientation 6: the left side is the top
			if last := p.Pix[len(p.Pix)-3:]; last[2] < 200 || last[0] > 50 {
				t.Errorf("%s: the bottom is %v", c.name, last)
			}
		}
		if corner[0] < 200 || corner[2] > 50 {
			t.Errorf("%s: the corner is %v", c.name, corner)
		}
	}
}

// A thumbnail is not taken for the picture: LibRaw is asked for the samples, which are none here.
func TestRawFilesWithoutAPreviewOrSamplesAreRefused(t *testing.T) {
	t.Parallel()
	for _, data := range [][]byte{dng(nil), dng(jpegOf(t, 160, 120)), []byte("\x00\x00\x00\x18ftypcrx \x00\x00\x00\x00"), []byte("IIRO\x08\x00\x00\x00"), []byte("IIU\x00\x08\x00\x00\x00")} {
		for _, read := range []func() error{
			func() error { _, err := Inspect(data, Limits{}); return err },
			func() error { _, _, err := Decode(t.Context(), data, Limits{}); return err },
		} {
			if err := read(); !isNoPicture(err) || strings.Count(err.Error(), "RAW") != 1 {
				t.Errorf("%.12q: %v", data, err)
			}
		}
	}
}

// isNoPicture reports whether a raw file is refused, be LibRaw there or not.
func isNoPicture(err error) bool {
	return errors.Is(err, ErrFormat) || errors.Is(err, ErrNoDecoder) || errors.Is(err, ErrCorrupt)
}

// What dcraw_emu makes of the samples: see testdata/samples/make.py.
func TestSamplesOfRawFilesAreReadByLibRaw(t *testing.T) {
	t.Parallel()
	if _, err := Inspect(readGolden(t, filepath.Join("testdata", "samples", "upright.dng")), Limits{}); errors.Is(err, ErrNoDecoder) {
		t.Skip(err)
	}
	for name, want := range map[string]Info{
		"upright": {Format: "raw", Width: 96, Height: 64, Orientation: 1, Shot: Shot{Camera: "Example Sensor 1"}},
		"turned":  {Format: "raw", Width: 64, Height: 96, Orientation: 1, Shot: Shot{Camera: "Example Sensor 1"}},
	} {
		data := readGolden(t, filepath.Join("testdata", "samples", name+".dng"))
		p, info, err := Decode(t.Context(), data, Limits{})
		if err != nil || info != want {
			t.Fatalf("%s: %+v, %v", name, info, err)
		}
		expected, _, err := Decode(t.Context(), readGolden(t, filepath.Join("testdata", "samples", name+".ppm")), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if most := farthest(p.Pix, expected.Pix); most > 0 || p.Width != expected.Width || p.Alpha != nil {
			t.Errorf("%s: %d x %d pixels differ by up to %d", name, p.Width, p.Height, most)
		}
		if _, err := Inspect(data, Limits{Pixels: 6000}); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: in 6000 pixels: %v", name, err)
		}
		for n := 0; n < len(data); n += 97 {
			if _, _, err := Decode(t.Context(), data[:n], Limits{}); err == nil {
				t.Errorf("%s: %d of %d bytes are read", name, n, len(data))
			}
		}
	}
}

func farthest(a, b []byte) (most int) {
	if len(a) != len(b) {
		return 256
	}
	for i := range a {
		most = max(most, int(a[i])-int(b[i]), int(b[i])-int(a[i]))
	}
	return most
}

// Directories that point to each other end the walk.
func TestRawDirectoriesInACircle(t *testing.T) {
	t.Parallel()
	data := dng(nil)
	at := binary.LittleEndian.Uint32(data[4:])
	end := at + 2 + 12*uint32(binary.LittleEndian.Uint16(data[at:]))
	binary.LittleEndian.PutUint32(data[end:], at)
	if _, err := Inspect(data, Limits{}); !isNoPicture(err) {
		t.Error(err)
	}
}

// Places, sizes and counts that lie, and files that end early, are errors or other previews, and read nothing else.
func TestRawFilesThatLie(t *testing.T) {
	t.Parallel()
	preview := jpegOf(t, 640, 480)
	file := dng(preview)
	head := len(file) - len(preview)
	for at := 8; at < head; at += 2 {
		for _, lie := range []uint32{0, 1, 1 << 31, 1<<32 - 1, uint32(len(file)), uint32(len(file) - 1)} {
			changed := slices.Clone(file)
			binary.LittleEndian.PutUint32(changed[at:], lie)
			if info, err := Inspect(changed, Limits{}); err == nil && info.Format == "raw" && info.Width*info.Height != 640*480 {
				t.Errorf("%d at %d: %+v", lie, at, info)
			}
		}
	}
	for size := 0; size < head+2000; size += 1 + size/head*100 {
		if _, _, err := Decode(t.Context(), file[:size], Limits{}); err == nil {
			t.Errorf("%d of %d bytes are read", size, len(file))
		}
	}
}

// However many tags directories claim to have, few are kept of each: there may be 32 of 65535.
func TestFewTagsOfRawDirectoriesAreKept(t *testing.T) {
	t.Parallel()
	many := directory{map[uint16]uint32{256: 16, 257: 12, 262: 2}, 273, 279, []byte("samples")}
	for tag := range uint16(2000) {
		many.tags[20000+tag] = 1
	}
	f, err := openTIFF(&source{ctx: t.Context(), data: rawFile(many, many, many), format: "tiff"})
	if err != nil {
		t.Fatal(err)
	}
	all := f.allDirectories()
	if len(all) != 3 {
		t.Errorf("%d directories", len(all))
	}
	for i, tags := range all {
		if len(tags) > len(rawTags) || len(tags) < 3 {
			t.Errorf("directory %d: %d tags", i, len(tags))
		}
	}
}

func TestPicturesOfOtherProgramsAreNamed(t *testing.T) {
	t.Parallel()
	for signature, want := range map[string]string{
		"FOVb": "a raw file (X3F)", "DDS \x7c": "a texture (DDS)", "gimp xcf v011": "a GIMP file (XCF)", "PF\n8 8\n-1\n": "PFM",
	} {
		if _, err := Inspect([]byte(signature+strings.Repeat("\x00", 64)), Limits{}); err == nil || err.Error() != "not a picture that akin knows: it seems to be "+want {
			t.Errorf("%q: %v", signature, err)
		}
	}
}
