// Package table reads the texts that people keep lists in: lines, or rows of fields with
// commas, semicolons, tabs or bars between them, in UTF-8 or UTF-16, with any line ends,
// with or without a row of titles. Quotes are read as Python's csv module reads them
// (which pandas follows), separators found out as a person would: by what divides every row
// alike, and by titles that are known.
package table

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// recordLimit bounds one row, in bytes: more is a quote that was left open.
const recordLimit = 64 << 20

// ErrRow says that a row cannot be read.
var ErrRow = errors.New("a row that cannot be read")

// Options say what is known of a text. The zero value finds all of it out.
type Options struct {
	Separator rune // between fields; 0: found out; None: each line is one field
	Prefer    rune // the separator where several are as likely; 0 means a comma
	// Several says that rows have two or more fields, so that there is a separator.
	Several bool
	// Plain says that the text is one of lines, each as it is, unless its first line is a row
	// of two or more titles of which some are known.
	Plain    bool
	Comments bool // lines that begin with # are left out, and what is blank before them
	Zeros    bool // zero bytes may end entries: see Decode
}

// None is the separator of a text whose rows have one field.
const None rune = -1

// Reader reads the rows of a text.
type Reader struct {
	Encoding  Encoding
	Separator rune // None where each row is one field
	Lines     bool // each line is given as it is, also empty ones
	Titled    bool // the first row has two or more fields, and a title that is known among them

	in      *bufio.Reader
	options Options
	line    int    // lines that were read
	start   int    // the line that the last row began in
	text    []byte // of the row being read
	field   []byte // all fields, one behind the other
	ends    []int
	fields  []string
}

// NewReader begins to read a text.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	in, encoding, err := Decode(r, o.Zeros)
	if err != nil {
		return nil, err
	}
	t := &Reader{Encoding: encoding, Separator: o.Separator, in: in, options: o}
	head, err := in.Peek(sample)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if sep, length := declared(head); sep != 0 && !o.Plain { // Excel's own first line
		_, _ = in.Discard(length)
		t.line++
		if o.Separator == 0 {
			t.Separator = sep
		}
	}
	if t.Separator == 0 {
		t.Separator, t.Titled = sniff(head, len(head) == sample, o)
	} else {
		t.Titled = titled(head, t.Separator, o)
	}
	if o.Plain && !t.Titled {
		t.Separator, t.Lines = None, true
	}
	return t, nil
}

// declared reads the line sep=; that Excel writes and understands.
func declared(head []byte) (sep rune, length int) {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	text := bytes.TrimSuffix(line, []byte("\r"))
	if len(text) == 5 && bytes.EqualFold(text[:4], []byte("sep=")) && strings.ContainsRune(",;\t|", rune(text[4])) {
		return rune(text[4]), min(len(line)+1, len(head))
	}
	return 0, 0
}

// Line is the line that the last row began in, from 1.
func (t *Reader) Line() int { return t.start }

// Read returns the fields of the next row, which are others' after the next call; io.EOF ends.
// Empty lines are no rows, but where Lines says so.
func (t *Reader) Read() ([]string, error) {
	for {
		t.text = t.text[:0]
		err := t.readLine()
		t.start = t.line
		switch {
		case err != nil:
			return nil, err
		case t.Lines:
			t.fields = append(t.fields[:0], string(t.text))
			return t.fields, nil
		case len(t.text) == 0:
			continue
		case t.options.Comments && t.text[0] == '#':
			continue
		}
		return t.split()
	}
}

// readLine adds a line to text, without its end: \n, \r\n or \r.
func (t *Reader) readLine() error {
	any := false
	for {
		if _, err := t.in.Peek(1); err != nil {
			if errors.Is(err, io.EOF) && any {
				t.line++
				return nil
			}
			return err
		}
		any = true
		chunk, _ := t.in.Peek(t.in.Buffered())
		end := bytes.IndexByte(chunk, '\n')
		if end < 0 {
			end = len(chunk)
		}
		if i := bytes.IndexByte(chunk[:end], '\r'); i >= 0 {
			end = i
		}
		if len(t.text)+end > recordLimit {
			return fmt.Errorf("%w: line %d: it is longer than %d MB: is a quote left open?", ErrRow, t.start, recordLimit>>20)
		}
		t.text = append(t.text, chunk[:end]...)
		if end == len(chunk) {
			_, _ = t.in.Discard(end)
			continue
		}
		isReturn := chunk[end] == '\r'
		_, _ = t.in.Discard(end + 1)
		if isReturn {
			if next, _ := t.in.Peek(1); len(next) == 1 && next[0] == '\n' {
				_, _ = t.in.Discard(1)
			}
		}
		t.line++
		return nil
	}
}

// split makes fields of text, and reads on where a quote goes over a line's end.
func (t *Reader) split() ([]string, error) {
	t.field, t.ends = t.field[:0], t.ends[:0]
	at := 0
	for {
		rest := t.text[at:]
		begin := at + len(rest) - len(bytes.TrimLeft(rest, " "))
		if begin < len(t.text) && t.text[begin] == '"' {
			end, err := t.quoted(begin + 1)
			if err != nil {
				return nil, err
			}
			at = end
		}
		// What follows a closing quote belongs to the field, as Python has it; blanks do not.
		end := len(t.text)
		if t.Separator != None {
			if i := bytes.IndexByte(t.text[at:], byte(t.Separator)); i >= 0 {
				end = at + i
			}
		}
		if after := t.text[at:end]; at == 0 || t.text[at-1] != '"' || len(bytes.TrimSpace(after)) > 0 {
			t.field = append(t.field, after...)
		}
		t.ends = append(t.ends, len(t.field))
		if end == len(t.text) {
			break
		}
		at = end + 1
	}
	all := string(t.field)
	t.fields = t.fields[:0]
	from := 0
	for _, end := range t.ends {
		t.fields = append(t.fields, all[from:end])
		from = end
	}
	return t.fields, nil
}

// quoted adds what is between quotes to field, and returns the place behind the closing one.
func (t *Reader) quoted(at int) (int, error) {
	for {
		i := bytes.IndexByte(t.text[at:], '"')
		if i < 0 {
			t.field = append(append(t.field, t.text[at:]...), '\n')
			t.text = append(t.text, '\n')
			at = len(t.text)
			if err := t.readLine(); err != nil {
				if errors.Is(err, io.EOF) {
					err = fmt.Errorf("%w: line %d: a quote opens and is never closed", ErrRow, t.start)
				}
				return 0, err
			}
			continue
		}
		t.field = append(t.field, t.text[at:at+i]...)
		at += i + 1
		if at == len(t.text) || t.text[at] != '"' {
			return at, nil
		}
		t.field = append(t.field, '"')
		at++
	}
}
