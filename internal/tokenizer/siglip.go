package tokenizer

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// SigLIP is the tokenizer of the first SigLIP: unigrams of SentencePiece, of texts in small letters without punctuation.
// The definition is transformers' SiglipTokenizer. It is safe for concurrent use.
//
// Ids finish with that of </s>; transformers pads them with the same up to 64, and the model does not mask the padding.
type SigLIP struct {
	unigram *unigram
	cased   bool
	unk     string
	end     int64
	special added // found before anything is done to the text, with the spaces around them
}

// OpenSigLIP reads spiece.model of a checkpoint's folder, and tokenizer_config.json if there is one.
func OpenSigLIP(dir string) (*SigLIP, error) {
	t, err := readSigLIP(dir)
	if err != nil {
		return nil, fmt.Errorf("read tokenizer: %w", err)
	}
	return t, nil
}

func readSigLIP(dir string) (*SigLIP, error) {
	path := filepath.Join(dir, "spiece.model")
	data, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	m, err := parseSentencePieces(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	u, err := newUnigram(m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	c := struct {
		DoLowerCase bool        `json:"do_lower_case"`
		UNK         specialName `json:"unk_token"`
		EOS         specialName `json:"eos_token"`
		PAD         specialName `json:"pad_token"`
	}{DoLowerCase: true}
	if err := readSpecials(dir, &c); err != nil {
		return nil, err
	}
	t := &SigLIP{unigram: u, cased: !c.DoLowerCase, unk: c.UNK.or(unknown), special: added{}}
	for _, name := range []string{t.unk, c.EOS.or("</s>"), c.PAD.or("</s>")} {
		id, ok := m.ids[name]
		if !ok {
			return nil, fmt.Errorf("%s: there is no %s", path, name)
		}
		t.special.add(name)
		if name == c.EOS.or("</s>") {
			t.end = id
		}
	}
	return t, nil
}

// Encode returns the ids of a text and of its end: at most limit of them, the end always among them.
func (t *SigLIP) Encode(text string, limit int) ([]int64, error) {
	if len(text) > textLimit {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLong, len(text))
	}
	pieces := t.pieces(space + strings.ReplaceAll(text, space, " "))
	ids := make([]int64, 0, min(len(pieces), limit)+1)
	for _, p := range pieces {
		if len(ids) == limit-1 {
			break
		}
		id, ok := t.unigram.ids[p]
		if !ok {
			id = t.unigram.unknown
		}
		ids = append(ids, id)
	}
	if len(ids) > 0 && ids[len(ids)-1] == t.end {
		return ids, nil // the text says so itself
	}
	return append(ids, t.end), nil
}

func (t *SigLIP) pieces(text string) []string {
	var pieces []string
	afterToken := false
	t.special.divide(text, func(plain, token string) bool {
		if afterToken {
			plain = strings.TrimLeftFunc(plain, isPythonSpace)
		}
		if token != "" {
			plain = strings.TrimRightFunc(plain, isPythonSpace)
		}
		if plain != "" {
			pieces = append(pieces, t.divide(plain)...)
		}
		if token != "" {
			pieces = append(pieces, token)
		}
		afterToken = true
		return true
	})
	if len(pieces) > 1 && pieces[0] == space && slices.Contains(t.special[pieces[1][0]], pieces[1]) {
		pieces = pieces[1:]
	}
	return pieces
}

// divide returns the pieces of a text as they are after unk, whose own are cut off: so SentencePiece puts its space
// before that, and not before the text.
func (t *SigLIP) divide(text string) []string {
	pieces := t.unigram.divide(t.unigram.normal(t.unk + t.canonical(text)))
	if n := len(t.unigram.divide(t.unigram.normal(t.unk))); len(pieces) >= n {
		pieces = pieces[n:]
	}
	return pieces
}

const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

// canonical is a text in small letters, without ASCII's punctuation, with one space between words.
func (t *SigLIP) canonical(text string) string {
	if !t.cased {
		text = lowerOfPython(text)
	}
	return oneSpaced(withoutPunctuation(text))
}

// withoutPunctuation is a text without ASCII's.
func withoutPunctuation(text string) string {
	return strings.Map(func(r rune) rune {
		if r <= unicode.MaxASCII && strings.ContainsRune(punctuation, r) {
			return -1
		}
		return r
	}, text)
}
