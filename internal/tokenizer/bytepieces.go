package tokenizer

import (
	"fmt"
	"slices"
)

// bytePieces are byte pairs that fall back to tokens of single bytes.
type bytePieces struct {
	bytePairs
	bytes [256]string // the token of each byte, or ""
}

const unknown = "<unk>"

// findBytes looks for the tokens of bytes; those of letters that are tokens themselves may be missing.
func (t *bytePieces) findBytes() {
	for b := range t.bytes {
		if token := fmt.Sprintf("<0x%02X>", b); t.has(token) {
			t.bytes[b] = token
		}
	}
}

// parts are a text's characters, or the bytes of those that are no tokens, or, one for a
// whole stretch, unknown.
func (t *bytePieces) parts(text string) []string {
	var out []string
	for _, r := range text {
		char := string(r) // U+FFFD for what is no UTF-8
		if t.has(char) {
			out = append(out, char)
			continue
		}
		bytes := make([]string, len(char))
		for i := range bytes {
			bytes[i] = t.bytes[char[i]]
		}
		switch {
		case !slices.Contains(bytes, ""):
			out = append(out, bytes...)
		case len(out) == 0 || out[len(out)-1] != unknown:
			out = append(out, unknown)
		}
	}
	return out
}
