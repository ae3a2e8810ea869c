package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// testdata/heif/make.py makes pictures of every matrix, range, chroma and depth, turned, cut, see-through
// and in tiles; expected.npz is what Pillow (AVIF) and pillow-heif (HEIC) make of them.
func TestHEIFAsPillow(t *testing.T) {
	t.Parallel()
	for name, want := range expectedPixels(t, "heif", 150) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, info, err := Decode(t.Context(), readGolden(t, filepath.Join("testdata", "heif", name)), Limits{})
			if errors.Is(err, ErrNoDecoder) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			if p.Width != want.Shape[1] || p.Height != want.Shape[0] || info.Width != p.Width || info.Height != p.Height {
				t.Fatalf("%d x %d (%d x %d in the header), want %d x %d", p.Width, p.Height, info.Width, info.Height, want.Shape[1], want.Shape[0])
			}
			channels, worst, worstAlpha := want.Shape[2], 0, 0
			if (channels == 4) != (p.Alpha != nil) {
				t.Fatalf("%d channels, alpha %v", channels, p.Alpha != nil)
			}
			for i, v := range want.Uint8() {
				if c := i % channels; c < 3 {
					worst = max(worst, int(apart(p.Pix[i/channels*3+c], v)))
				} else {
					worstAlpha = max(worstAlpha, int(apart(p.Alpha[i/channels], v)))
				}
			}
			if worst > 3 || worstAlpha > 0 {
				t.Errorf("colours are off by up to %d, alpha by %d", worst, worstAlpha)
			}
		})
	}
}

// av1Bits writes numbers of some bits.
type av1Bits struct {
	b []byte
	n int
}

func (w *av1Bits) put(v, bits int) {
	for i := bits - 1; i >= 0; i-- {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(v>>i&1) << (7 - w.n%8)
		w.n++
	}
}

// resized returns an AVIF whose sequence header tells another size, while its ispe stays.
func resized(t testing.TB, data []byte, width, height int) []byte {
	at := bytes.Index(data, []byte("mdat")) + 4
	obu := data[at:]
	if obu[0] == 0x12 { // a temporal delimiter
		at, obu = at+2, obu[2:]
	}
	if obu[0] != 0x0a || av1Sequence(obu[2:]) == nil {
		t.Fatalf("no sequence header in % x", obu[:8])
	}
	r := &bitReader{b: obu[2:]}
	w := &av1Bits{}
	copied := func(n int) int { v := r.bits(n); w.put(v, n); return v }
	copied(3 + 1)
	if copied(1) == 0 {
		t.Fatal("not the header of a still picture")
	}
	copied(5)
	widthBits, heightBits := r.bits(4)+1, r.bits(4)+1
	r.skip(widthBits + heightBits)
	w.put(15, 4)
	w.put(15, 4)
	w.put(width-1, 16)
	w.put(height-1, 16)
	for r.at < 8*int(obu[1]) {
		copied(1)
	}
	out := append([]byte{0x0a, byte(len(w.b))}, w.b...)
	rest := data[at+2+int(obu[1]):]
	file := append(append(bytes.Clone(data[:at]), out...), rest...)
	// The item is as much longer.
	grown := len(out) - 2 - int(obu[1])
	old := binary.BigEndian.AppendUint32(nil, uint32(len(data)-bytes.Index(data, []byte("mdat"))-4))
	if i := bytes.Index(file, old); i > 0 {
		binary.BigEndian.PutUint32(file[i:], binary.BigEndian.Uint32(old)+uint32(grown))
	}
	mdat := bytes.Index(file, []byte("mdat")) - 4
	binary.BigEndian.PutUint32(file[mdat:], uint32(len(file)-mdat))
	return file
}

// The size that a file shows is not the size that has to be decoded.
func TestWhatIsCodedIsHeldToTheLimit(t *testing.T) {
	t.Parallel()
	small := readGolden(t, filepath.Join("testdata", "heif", "6_f_444_8.avif"))
	if _, _, err := Decode(t.Context(), small, Limits{}); errors.Is(err, ErrNoDecoder) {
		t.Skip(err)
	}
	huge := resized(t, small, 22000, 22000)
	start := time.Now()
	info, err := Inspect(huge, Limits{})
	if err != nil && !errors.Is(err, ErrTooLarge) {
		t.Errorf("Inspect: %+v, %v", info, err)
	}
	_, _, err = Decode(t.Context(), huge, Limits{})
	if !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "484000000 pixels are coded in it") {
		t.Errorf("error %v", err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	// Below the limit it is decoded, or fails, in the memory that its coded size needs.
	if _, _, err := Decode(t.Context(), resized(t, small, 4000, 4000), Limits{}); err == nil {
		t.Error("a picture of 4000 x 4000 out of the data of 32 x 24")
	}
}

func TestHeadersOfCodedPictures(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]coded{ // as avifenc and x265 were asked for
		"9_l_422_10.avif":       {32, 24, 10, 2, cicp{9, 13, 9, false}},
		"0_f_444_8.avif":        {32, 24, 8, 3, cicp{1, 13, 0, true}},
		"6_f_420_12.avif":       {32, 24, 12, 1, cicp{6, 13, 6, true}},
		"7_l_400_8.avif":        {32, 24, 8, 0, cicp{1, 13, 7, false}},
		"grid.avif":             {64, 64, 8, 3, cicp{1, 13, 1, true}},
		"1_l_444_8.heic":        {32, 24, 8, 3, cicp{1, 13, 1, false}},
		"9_f_420_12.heic":       {32, 24, 12, 1, cicp{9, 13, 9, true}},
		"nocolr_7_f_420_8.heic": {32, 24, 8, 1, cicp{1, 13, 7, true}},
	} {
		h := readHEIF(readGolden(t, filepath.Join("testdata", "heif", name)), name[len(name)-4:])
		if h == nil {
			t.Errorf("%s is not understood", name)
			continue
		}
		if h.chroma != want.chroma || h.colour != want.colour || h.largest < int64(want.width*want.height) {
			t.Errorf("%s: chroma %d, %+v, %d pixels; want %+v", name, h.chroma, h.colour, h.largest, want)
		}
	}
}

// Boxes come from strangers. Whatever they say, they are read in time and memory that their size bounds.
func FuzzHEIFBoxes(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "heif", "*.*i[fc]"))
	if err != nil || len(files) < 100 {
		f.Fatal(len(files), err)
	}
	for _, file := range files {
		f.Add(readGolden(f, file))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, format := range []string{"avif", "heic"} {
			h := readHEIF(data, format)
			if h == nil {
				continue
			}
			if h.chroma < 0 || h.chroma > 3 || h.largest <= 0 {
				t.Errorf("%+v", h)
			}
			if w, hh, ok := h.shown(100, 80); ok && (w < 1 || hh < 1 || w > 100 || hh > 100) {
				t.Errorf("100 x 80 is shown as %d x %d", w, hh)
			}
		}
	})
}
