package vector

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxArrays = 10_000
	maxText   = 64 << 10 // characters of one text in an array of texts
	// unpackedTimes is how many times its size an array may unpack to. Zeros, which are no embeddings, pack better.
	unpackedTimes = 100
)

// ReadNPZ reads the headers of the arrays in NumPy's archive, as np.savez and np.savez_compressed write it. limitBytes
// bounds what an array takes in the file and in memory.
func ReadNPZ(r io.ReaderAt, size, limitBytes int64) ([]Array, error) {
	fail := func(err error) ([]Array, error) { return nil, fmt.Errorf("%w: .npz: %w", ErrFile, err) }
	z, err := zip.NewReader(r, size)
	if err != nil {
		return fail(err)
	}
	if len(z.File) > maxArrays {
		return fail(fmt.Errorf("it has %d arrays, more than the %d allowed", len(z.File), maxArrays))
	}
	var all []Array
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok || f.Mode().IsDir() {
			continue
		}
		a, err := npzArray(f, limitBytes)
		if err != nil {
			return fail(fmt.Errorf("array %.60s: %w", name, err))
		}
		a.Name = name
		all = append(all, a)
	}
	if len(all) == 0 {
		return fail(errors.New("it holds no array"))
	}
	return all, nil
}

// errEncrypted is of a member that only a password opens. archive/zip does not look: it would unpack noise.
var errEncrypted = errors.New("it is encrypted: write the archive without a password")

const encryptedFlag = 1 << 0 // of a member's general purpose flags, in APPNOTE 4.4.4; with AES, too

func npzArray(f *zip.File, limitBytes int64) (Array, error) {
	if f.Flags&encryptedFlag != 0 {
		return Array{}, errEncrypted
	}
	if f.Method != zip.Store {
		limitBytes = min(limitBytes, unpackedTimes*int64(min(f.CompressedSize64, 1<<40))+1<<20)
	}
	open := func() (io.ReadCloser, error) { return f.Open() }
	in, err := open()
	if err != nil {
		return Array{}, err
	}
	defer in.Close()
	h, err := readHeader(in)
	if err != nil {
		return Array{}, fmt.Errorf("header: %w", err)
	}
	a := Array{Type: h.descr, Shape: h.shape}
	if strings.HasPrefix(strings.TrimLeft(h.descr, "|<>="), "O") {
		return a, nil // pickled: never executed
	}
	again := func(read func(io.Reader) error) error {
		in, err := open()
		if err != nil {
			return err
		}
		defer in.Close()
		return read(in)
	}
	if _, err := kindOf(h.descr); err == nil {
		a.matrix = func() (m Matrix, err error) {
			err = again(func(r io.Reader) error {
				m, err = readNPY(r, limitBytes)
				return err
			})
			return m, err
		}
	}
	if width, order, ok := textOf(h.descr); ok && len(h.shape) == 1 {
		a.texts = func() (texts []string, err error) {
			err = again(func(r io.Reader) error {
				if _, err := readHeader(r); err != nil {
					return err
				}
				texts, err = readTexts(r, width, order, h.shape[0], limitBytes)
				return err
			})
			return texts, err
		}
	}
	return a, nil
}

// textOf reads the type of an array of texts: "<U12" is 12 characters in UTF-32, "|S12" 12 bytes, which have no order.
func textOf(descr string) (width int, order binary.ByteOrder, ok bool) {
	if len(descr) < 2 {
		return 0, nil, false
	}
	width, err := strconv.Atoi(descr[2:])
	switch descr[:2] {
	case "<U":
		order = binary.LittleEndian
	case ">U":
		order = binary.BigEndian
	case "|S":
	default:
		return 0, nil, false
	}
	return width, order, err == nil && width >= 0
}

// readTexts reads texts of a width, which zeros fill up.
func readTexts(r io.Reader, width int, order binary.ByteOrder, n, limitBytes int64) ([]string, error) {
	size := int64(width)
	if order != nil {
		size *= 4
	}
	if n > 0 && (width == 0 || width > maxText) { // of no width: as many as it says, out of no bytes
		return nil, fmt.Errorf("texts of %d characters are no names", width)
	}
	if n > limitBytes/max(16, size) {
		return nil, fmt.Errorf("%d texts of %d characters are more than the limit of %d bytes", n, width, limitBytes)
	}
	texts := make([]string, 0, min(n, 64<<10)) // the rest as it arrives
	b := make([]byte, size)
	for range n {
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, truncated(err)
		}
		text, err := textIn(b, order)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", len(texts)+1, err)
		}
		texts = append(texts, text)
	}
	return texts, nil
}

func textIn(b []byte, order binary.ByteOrder) (string, error) {
	if order == nil {
		text := string(bytes.TrimRight(b, "\x00"))
		if !utf8.ValidString(text) {
			return "", errors.New("its bytes are not UTF-8")
		}
		return text, nil
	}
	var text []byte
	end := len(b)
	for end > 0 && order.Uint32(b[end-4:]) == 0 {
		end -= 4
	}
	for c := range slices.Chunk(b[:end], 4) {
		v := order.Uint32(c)
		if v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
			return "", fmt.Errorf("%#x is no character", v)
		}
		text = utf8.AppendRune(text, rune(v))
	}
	return string(text), nil
}
