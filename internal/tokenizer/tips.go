package tokenizer

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// TIPS is the tokenizer of TIPSv2: byte pairs of SentencePiece, of texts in small letters; what the vocabulary does not
// have becomes bytes. The definition is transformers' Tipsv2Tokenizer: unlike SentencePiece itself it merges in the order
// of the pieces, and normalises grapheme by grapheme. It is safe for concurrent use.
//
// Ids have neither a start nor an end, so those of an empty text are none; transformers pads them with 0 (<pad>), and the
// model masks the padding.
type TIPS struct {
	bytePieces
	chars   charsmap
	cased   bool
	special added // found before anything is done to the text
}

// OpenTIPS reads tokenizer.model of a checkpoint's folder, and tokenizer_config.json if there is one.
func OpenTIPS(dir string) (*TIPS, error) {
	t, err := readTIPS(dir)
	if err != nil {
		return nil, fmt.Errorf("read tokenizer: %w", err)
	}
	return t, nil
}

func readTIPS(dir string) (*TIPS, error) {
	path := filepath.Join(dir, "tokenizer.model")
	data, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	m, err := parseSentencePieces(data)
	if err == nil && (m.unigram || !m.fallback) {
		err = errors.New("it is another tokenizer than TIPSv2's: not of byte pairs with bytes to fall back to")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	c := struct {
		DoLowerCase bool        `json:"do_lower_case"`
		UNK         specialName `json:"unk_token"`
		PAD         specialName `json:"pad_token"`
	}{DoLowerCase: true}
	if err := readSpecials(dir, &c); err != nil {
		return nil, err
	}
	t := &TIPS{bytePieces: bytePieces{bytePairs: bytePairs{ids: m.ids}}, chars: m.chars, cased: !c.DoLowerCase, special: added{}}
	t.findBytes()
	if i := slices.Index(t.bytes[:], ""); i >= 0 {
		return nil, fmt.Errorf("%s: there is no token for the byte %d", path, i)
	}
	names := map[string]bool{c.UNK.or(unknown): true, c.PAD.or("<pad>"): true}
	for _, p := range m.pieces {
		if p.kind == controlPiece || p.kind == userPiece {
			names[p.text] = true
		}
	}
	for name := range names {
		if !t.has(name) {
			return nil, fmt.Errorf("%s: there is no %s", path, name)
		}
		t.special.add(name)
	}
	return t, nil
}

// Encode returns the ids of a text, at most limit of them.
func (t *TIPS) Encode(text string, limit int) ([]int64, error) {
	if len(text) > textLimit {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLong, len(text))
	}
	var ids []int64
	t.special.divide(text, func(plain, token string) bool {
		for _, word := range strings.FieldsFunc(t.normal(plain), unicode.IsSpace) {
			for _, part := range spaced(word) {
				if len(ids) >= limit {
					return false
				}
				ids = append(ids, t.merge(t.parts(part))...)
			}
		}
		if token != "" {
			ids = append(ids, t.ids[token])
		}
		return len(ids) < limit
	})
	return ids[:min(len(ids), limit)], nil
}

// normal is a text in small letters, with the characters that the model replaces replaced. A grapheme of a few bytes is
// replaced as a whole by what its beginning stands for, as transformers' normaliser does.
func (t *TIPS) normal(text string) string {
	text = string([]rune(text)) // U+FFFD for what is no UTF-8
	if !t.cased {
		text = lower(text)
	}
	var out strings.Builder
	for g := graphemes.FromString(text); g.Next(); {
		whole := g.Value()
		if len(whole) < 6 {
			if r, ok := t.chars.shortest(whole); ok {
				out.WriteString(r)
				continue
			}
		}
		for _, r := range whole {
			char := string(r)
			if r, ok := t.chars.shortest(char); ok {
				char = r
			}
			out.WriteString(char)
		}
	}
	return out.String()
}

// spaced are a word's parts, each with the "▁" before it that it begins with.
func spaced(word string) []string {
	if !strings.HasPrefix(word, space) {
		word = space + word
	}
	var parts []string
	for start := 0; start < len(word); {
		end := strings.Index(word[start+len(space):], space)
		if end < 0 {
			return append(parts, word[start:])
		}
		end += start + len(space)
		parts = append(parts, word[start:end])
		start = end
	}
	return parts
}
