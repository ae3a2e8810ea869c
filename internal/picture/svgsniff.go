package picture

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
)

// matchesSVG looks into gzip as well. A cut-off head is enough.
func matchesSVG(head []byte) bool {
	if !bytes.HasPrefix(head, []byte("\x1f\x8b")) {
		return isSVG(head)
	}
	z, err := gzip.NewReader(bytes.NewReader(head))
	if err != nil {
		return false
	}
	start, _ := io.ReadAll(io.LimitReader(z, 64<<10))
	return isSVG(start)
}

// isSVG looks for the root element after declarations and comments.
func isSVG(head []byte) bool {
	text := string(xmlASCII(head[:min(len(head), 64<<10)]))
	for {
		text = strings.TrimLeft(text, " \t\r\n")
		skip := ""
		switch {
		case strings.HasPrefix(text, "<?"):
			skip = "?>"
		case strings.HasPrefix(text, "<!--"):
			skip = "-->"
		case strings.HasPrefix(text, "<!DOCTYPE svg"):
			skip = ">"
			if open, end := strings.IndexByte(text, '['), strings.IndexByte(text, '>'); open >= 0 && open < end {
				skip = "]"
			}
		case strings.HasPrefix(text, "]"), strings.HasPrefix(text, ">"): // the end of a DOCTYPE with entities
			text = text[1:]
			continue
		case strings.HasPrefix(text, "<"):
			name, _, _ := strings.Cut(text[1:min(len(text), 40)], " ")
			name = strings.TrimRight(strings.TrimSpace(name), "/>\r\n\t")
			if i := strings.IndexAny(name, "\r\n\t>/"); i >= 0 {
				name = name[:i]
			}
			return name == "svg" || strings.HasSuffix(name, ":svg")
		default:
			return false
		}
		_, rest, found := strings.Cut(text, skip)
		if !found {
			return false
		}
		text = rest
	}
}

// xmlASCII returns a document's beginning as far as it is ASCII, whatever it is encoded in: UTF-8, UTF-16 and UTF-32 in either
// order, with a byte order mark or, as XML lets them be told, by the zeros around the first "<". Other characters
// become question marks: names of elements and what stands around them are ASCII here.
func xmlASCII(head []byte) []byte {
	width, at := 1, 0 // bytes of a unit, and which of them is the low one
	for _, e := range []struct {
		start     string
		width, at int
		mark      bool
	}{
		{"\xff\xfe\x00\x00", 4, 0, true}, {"\x00\x00\xfe\xff", 4, 3, true}, {"\xff\xfe", 2, 0, true}, {"\xfe\xff", 2, 1, true}, {"\xef\xbb\xbf", 1, 0, true},
		{"<\x00\x00\x00", 4, 0, false}, {"\x00\x00\x00<", 4, 3, false}, {"<\x00", 2, 0, false}, {"\x00<", 2, 1, false},
	} {
		if bytes.HasPrefix(head, []byte(e.start)) {
			width, at = e.width, e.at
			if e.mark {
				head = head[len(e.start):]
			}
			break
		}
	}
	if width == 1 {
		return head
	}
	out := make([]byte, 0, len(head)/width)
	for ; len(head) >= width; head = head[width:] {
		c := head[at]
		for i, b := range head[:width] {
			if i != at && b != 0 {
				c = '?'
			}
		}
		out = append(out, c)
	}
	return out
}
