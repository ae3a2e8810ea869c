package picture

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"net/http"
	"slices"
	"strings"
)

// Sniff tells the format by a file's first bytes (a kilobyte is enough for all
// but SVG files with long comments), or gives "".
func Sniff(head []byte) string {
	has := func(prefix string) bool { return bytes.HasPrefix(head, []byte(prefix)) }
	switch {
	case has("\x89PNG\r\n\x1a\n"):
		return "png"
	case has("\xff\xd8\xff"):
		return "jpeg"
	case has("GIF87a"), has("GIF89a"):
		return "gif"
	case has("RIFF") && len(head) >= 12 && string(head[8:12]) == "WEBP":
		return "webp"
	case has("BM") && len(head) >= 18 &&
		slices.Contains([]uint32{12, 40, 52, 56, 64, 108, 124}, binary.LittleEndian.Uint32(head[14:])):
		return "bmp"
	case has("II*\x00"), has("MM\x00*"), has("II+\x00"), has("MM\x00+"), has("MM*\x00"), has("II\x00*"):
		return "tiff"
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return sniffBrands(head)
	case has("\x1f\x8b"):
		if z, err := gzip.NewReader(bytes.NewReader(head)); err == nil {
			start, _ := io.ReadAll(io.LimitReader(z, 64<<10)) // a cut-off head is enough
			if isSVG(start) {
				return "svg"
			}
		}
	case isSVG(head):
		return "svg"
	}
	return ""
}

func sniffBrands(head []byte) string {
	size := min(int64(binary.BigEndian.Uint32(head)), int64(len(head)), 512)
	format := ""
	for at := int64(8); at+4 <= size; at += 4 {
		if at == 12 { // the minor version stands between the major and the compatible brands
			continue
		}
		switch string(head[at : at+4]) {
		case "avif", "avis":
			return "avif"
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
			format = "heic"
		}
	}
	return format
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

// xmlASCII gives a document's beginning as far as it is ASCII, whatever it is encoded in: UTF-8, UTF-16 and UTF-32 in either
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

// seems says what a file that is no picture seems to be, if that can be told. Its bytes stay
// unsaid: the error may be read by who may not read the file.
func seems(data []byte) string {
	kind, _, _ := strings.Cut(http.DetectContentType(data), ";")
	switch kind {
	case "application/octet-stream":
		return ""
	case "text/plain":
		kind = "text"
	}
	return ": it seems to be " + kind
}
