package table

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// Encoding is how a text's letters are written as bytes, as its mark or its zero bytes tell.
type Encoding string

// The encodings that are read. UTF8 is also what is said of bytes that are no UTF-8 in truth: they
// are given as they are, for a file may be called by any bytes.
const (
	UTF8    Encoding = "UTF-8"
	UTF16LE Encoding = "UTF-16LE"
	UTF16BE Encoding = "UTF-16BE"
	UTF32LE Encoding = "UTF-32LE"
	UTF32BE Encoding = "UTF-32BE"
)

// sample is how much of a text is looked at before it is read, in bytes.
const sample = 64 << 10

// ErrText says that a file holds no text.
var ErrText = errors.New("it is no text")

// Decode returns a text as UTF-8 without a byte order mark. A text of zero bytes is refused,
// unless zeros says that they stand between its entries, and it is not plainly UTF-16.
func Decode(r io.Reader, zeros bool) (*bufio.Reader, Encoding, error) {
	in := bufio.NewReaderSize(r, sample)
	head, err := in.Peek(sample)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, "", err
	}
	for _, m := range []struct {
		mark string
		as   Encoding
	}{ // UTF-32LE's begins with UTF-16LE's
		{"\xef\xbb\xbf", UTF8}, {"\xff\xfe\x00\x00", UTF32LE}, {"\x00\x00\xfe\xff", UTF32BE}, {"\xff\xfe", UTF16LE}, {"\xfe\xff", UTF16BE},
	} {
		if bytes.HasPrefix(head, []byte(m.mark)) {
			_, _ = in.Discard(len(m.mark))
			return decoded(in, m.as), m.as, nil
		}
	}
	zero := bytes.IndexByte(head, 0)
	if zero < 0 {
		return in, UTF8, nil
	}
	if as, plain := unmarked(head, zeros); plain {
		return decoded(in, as), as, nil
	}
	if zeros {
		return in, UTF8, nil
	}
	return nil, "", fmt.Errorf("%w: byte %d is zero, and it is no UTF-16", ErrText, zero+1)
}

func decoded(in *bufio.Reader, as Encoding) *bufio.Reader {
	var e encoding.Encoding
	switch as {
	case UTF16LE:
		e = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case UTF16BE:
		e = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case UTF32LE:
		e = utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
	case UTF32BE:
		e = utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)
	default:
		return in
	}
	return bufio.NewReaderSize(e.NewDecoder().Reader(in), sample)
}

// unmarked tells UTF-16 without a mark: read in one order of bytes, a text has many letters,
// digits, separators and line ends of ASCII and nothing that no text has; read in
// the other, next to none. Entries with zero bytes between them can look alike where each
// is a single letter: then there must be a line end.
func unmarked(head []byte, zeros bool) (Encoding, bool) {
	count := func(low int) (ascii, ends int, sound bool) {
		for i := 0; i+1 < len(head); i += 2 {
			u := uint16(head[i+low]) | uint16(head[i+1-low])<<8
			switch {
			case u == '\n' || u == '\r':
				ends++
				ascii++
			case u == '\t' || u >= ' ' && u < 0x7f:
				ascii++
			case u < ' ' || u >= 0xfffe || u == 0x0a00: // no letter, but \n the other way round
				return 0, 0, false
			case utf16.IsSurrogate(rune(u)):
				pair := i+3 < len(head) && utf16.DecodeRune(rune(u), rune(uint16(head[i+2+low])|uint16(head[i+3-low])<<8)) != 0xfffd
				if !pair && i+3 < len(head) {
					return 0, 0, false
				}
				i += 2
			}
		}
		return ascii, ends, true
	}
	if len(head)%2 != 0 && len(head) < sample {
		return "", false
	}
	little, littleEnds, littleSound := count(0)
	big, bigEnds, bigSound := count(1)
	plain := func(n, other, ends int, sound, otherSound bool) bool {
		return sound && n > 0 && (!otherSound || n >= 4*other) && (!zeros || ends > 0)
	}
	switch {
	case plain(little, big, littleEnds, littleSound, bigSound):
		return UTF16LE, true
	case plain(big, little, bigEnds, bigSound, littleSound):
		return UTF16BE, true
	}
	return "", false
}
