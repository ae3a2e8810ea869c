package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
)

func init() {
	register(Format{
		Name: "pnm", Title: "PNM", Extensions: []string{".ppm", ".pgm", ".pbm", ".pnm", ".pam"}, MediaType: "image/x-portable-anymap", Alpha: true, Lossless: true,
		matches: matchesPNM,
		inspect: inspectPNM, decode: decodePNM,
	})
}

// pnmHeader is what one of Netpbm's files says: PBM, PGM and PPM, each as text (P1 to P3) and as bytes (P4 to P6), and
// PAM (P7).
type pnmHeader struct {
	kind          byte // '1' to '7'
	width, height int
	samples       int // of a pixel: grey, or red, green and blue, and alpha
	white         int // the largest value of a sample
	offset        int // of the pixels
}

func isPNMSpace(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' }

// matchesPNM asks for a number after the letters, so that a text that begins with them is none.
func matchesPNM(head []byte) bool {
	if len(head) < 4 || head[0] != 'P' || head[1] < '1' || head[1] > '7' || !isPNMSpace(head[2]) {
		return false
	}
	if head[1] == '7' { // "P7 332" is the thumbnail of another program
		return head[2] == '\n'
	}
	rest := bytes.TrimLeft(head[2:], " \t\n\v\f\r")
	return len(rest) > 0 && (rest[0] == '#' || rest[0] >= '0' && rest[0] <= '9')
}

// pnmText walks the words of a file.
type pnmText struct {
	data []byte
	at   int
}

// word returns the next word and takes the one space after it; nil at the end of the file. A comment goes from # to the
// end of its line, and may stand inside a word.
func (t *pnmText) word() []byte {
	const longest = 32
	var word []byte
	for ; t.at < len(t.data); t.at++ {
		switch c := t.data[t.at]; {
		case c == '#':
			for t.at < len(t.data) && t.data[t.at] != '\n' && t.data[t.at] != '\r' {
				t.at++
			}
		case isPNMSpace(c):
			if len(word) > 0 {
				t.at++
				return word
			}
		case len(word) == longest:
			return word
		default:
			word = append(word, c)
		}
	}
	return word
}

var errNoNumber = errors.New("no number of that size")

// number returns the next word as a number of at most largest; the error is io.EOF where there is no word.
func (t *pnmText) number(largest int) (n int, err error) {
	word := t.word()
	if len(word) == 0 {
		return 0, io.EOF
	}
	for _, c := range word {
		if c < '0' || c > '9' {
			return 0, errNoNumber
		}
		if n = 10*n + int(c-'0'); n > largest {
			return 0, errNoNumber
		}
	}
	return n, nil
}

func readPNMHeader(src *source) (h pnmHeader, err error) {
	h.kind = src.data[1]
	text := &pnmText{src.data, 2}
	if h.kind == '7' {
		return readPAMHeader(src, text)
	}
	field := func(what string, largest int) (n int) {
		n, bad := text.number(largest)
		if err == nil && bad == errNoNumber {
			err = src.corrupt("bad %s in the header", what)
		} else if err == nil {
			err = bad
		}
		return n
	}
	h.width, h.height, h.white = field("width", math.MaxInt32), field("height", math.MaxInt32), 1
	h.samples = map[byte]int{'3': 3, '6': 3}[h.kind]
	h.samples = max(1, h.samples)
	if h.kind != '1' && h.kind != '4' {
		if h.white = field("largest value", 65535); err == nil && h.white == 0 {
			err = src.corrupt("bad largest value in the header")
		}
	}
	if err == nil && text.at >= len(src.data) {
		err = src.truncated()
	}
	h.offset = text.at
	return h, err
}

// readPAMHeader reads lines of a name and a value until ENDHDR.
func readPAMHeader(src *source, text *pnmText) (h pnmHeader, err error) {
	h.kind = '7'
	kind := []byte(nil)
	for {
		word := text.word()
		if word == nil {
			return h, src.truncated()
		}
		to := map[string]*int{"WIDTH": &h.width, "HEIGHT": &h.height, "DEPTH": &h.samples, "MAXVAL": &h.white}[string(word)]
		switch {
		case to != nil:
			if *to, err = text.number(math.MaxInt32); err != nil {
				return h, src.corrupt("bad number in the header")
			}
		case string(word) == "TUPLTYPE":
			kind = text.word()
		case string(word) == "ENDHDR":
			h.offset = text.at
			known := map[string]int{"BLACKANDWHITE": 1, "GRAYSCALE": 1, "RGB": 3, "BLACKANDWHITE_ALPHA": 2, "GRAYSCALE_ALPHA": 2, "RGB_ALPHA": 4}
			if need, ok := known[string(kind)]; kind != nil && (!ok || h.samples != need) || h.samples < 1 || h.samples > 4 {
				return h, src.unsupported("tuples of %d samples that are neither grey nor RGB are not supported", h.samples)
			}
			if h.white < 1 || h.white > 65535 {
				return h, src.corrupt("bad largest value in the header")
			}
			return h, nil
		default:
			return h, src.corrupt("a line in the header that is not defined")
		}
	}
}

func inspectPNM(src *source) (Info, error) {
	h, err := readPNMHeader(src)
	if err != nil {
		return Info{}, err
	}
	return turned("pnm", h.width, h.height, upAndUndated), src.lim.check("pnm", h.width, h.height)
}

func decodePNM(src *source, _ Info) (*Picture, error) {
	h, err := readPNMHeader(src)
	if err != nil {
		return nil, err
	}
	body, row := src.data[h.offset:], h.width*h.samples
	switch {
	case h.kind == '4':
		row = (h.width + 7) / 8
	case h.kind == '1': // digits need nothing between them
	case h.kind < '4':
		row = 2*row - 1
	case h.white > 255:
		row *= 2
	}
	if len(body)/h.height < row { // of text it is the least
		return nil, src.truncated()
	}
	// Values are scaled and rounded as Pillow does.
	level := make([]byte, h.white+1)
	for v := range level {
		level[v] = byte(math.RoundToEven(float64(v) / float64(h.white) * 255))
	}
	next := pnmSamples(src, h)
	p := New(h.width, h.height)
	if h.samples == 2 || h.samples == 4 {
		p.Alpha = make([]byte, h.width*h.height)
	}
	values := make([]int, h.width*h.samples)
	for y := range h.height {
		if y%64 == 0 {
			err = src.stopped()
		}
		if err == nil {
			err = next(values)
		}
		if err != nil {
			p.Release()
			return nil, err
		}
		dst := p.Pix[3*y*h.width:][:3*h.width]
		for x := range h.width {
			pixel := values[x*h.samples:][:h.samples]
			for c := range 3 {
				if h.samples < 3 {
					dst[3*x+c] = level[pixel[0]]
				} else {
					dst[3*x+c] = level[pixel[c]]
				}
			}
			if p.Alpha != nil {
				p.Alpha[y*h.width+x] = level[pixel[h.samples-1]]
			}
		}
	}
	return p, nil
}

// pnmSamples returns a function that fills one row of samples after the other, none above white. In PBM 1 is black.
func pnmSamples(src *source, h pnmHeader) func(values []int) error {
	text := &pnmText{src.data, h.offset}
	rest := src.data[h.offset:]
	switch {
	case h.kind == '1':
		return func(values []int) error {
			for i := range values {
				bit := text.digit()
				if bit == 0 {
					return src.truncated()
				}
				if bit != '0' && bit != '1' {
					return src.corrupt("a bit that is neither 0 nor 1")
				}
				values[i] = int('1' - bit)
			}
			return nil
		}
	case h.kind < '4':
		return func(values []int) error {
			for i := range values {
				v, err := text.number(h.white)
				if err == errNoNumber {
					return src.corrupt("a sample that is no number of at most %d", h.white)
				}
				if err != nil {
					return err
				}
				values[i] = v
			}
			return nil
		}
	case h.kind == '4':
		return func(values []int) error {
			for i := range values {
				values[i] = int(^rest[i/8] >> (7 - i%8) & 1)
			}
			rest = rest[(len(values)+7)/8:]
			return nil
		}
	case h.white > 255:
		return func(values []int) error {
			for i := range values {
				values[i] = min(h.white, int(binary.BigEndian.Uint16(rest[2*i:])))
			}
			rest = rest[2*len(values):]
			return nil
		}
	}
	return func(values []int) error {
		for i := range values {
			values[i] = min(h.white, int(rest[i]))
		}
		rest = rest[len(values):]
		return nil
	}
}

// digit returns the next character that is no space and in no comment, 0 at the end.
func (t *pnmText) digit() byte {
	for t.at < len(t.data) {
		c := t.data[t.at]
		t.at++
		switch {
		case c == '#':
			for t.at < len(t.data) && t.data[t.at] != '\n' && t.data[t.at] != '\r' {
				t.at++
			}
		case !isPNMSpace(c):
			return max(c, 1)
		}
	}
	return 0
}
