package tokenizer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// BERT is BERT's WordPiece tokenizer (Devlin et al. 2018, https://arxiv.org/abs/1810.04805): words of small letters
// without accents, divided into the longest known pieces from the left. The definition is transformers' BertTokenizer.
// It is safe for concurrent use.
//
// Ids begin with that of [CLS] and finish with that of [SEP]; transformers pads them with that of [PAD], which is 0 in
// BERT's own vocabularies.
type BERT struct {
	ids           map[string]int64
	cls, sep, unk int64
	special       added // found before anything is done to the text
	cased         bool  // letters stay as they are
	accents       bool  // and their marks
	whole         bool  // Chinese characters are no words of their own
}

// OpenBERT reads vocab.txt of a checkpoint's folder or, without that, tokenizer.json; and tokenizer_config.json and
// special_tokens_map.json if there are.
func OpenBERT(dir string) (*BERT, error) {
	t, err := readBERT(dir)
	if err != nil {
		return nil, fmt.Errorf("read tokenizer: %w", err)
	}
	return t, nil
}

func readBERT(dir string) (*BERT, error) {
	t := &BERT{ids: map[string]int64{}, special: added{}}
	c := bertConfig{DoLowerCase: true, ChineseChars: true}
	path := filepath.Join(dir, "vocab.txt")
	data, err := readSmall(path)
	if errors.Is(err, os.ErrNotExist) {
		if w, other := readWhole(dir); !errors.Is(other, os.ErrNotExist) {
			if other == nil {
				path, other = w.path, t.take(w, &c)
			}
			err = other
		}
	}
	if err != nil {
		return nil, err
	}
	if len(t.ids) == 0 {
		for i, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
			t.ids[strings.TrimSuffix(line, "\r")] = int64(i)
		}
	}
	if err := readSpecials(dir, &c); err != nil {
		return nil, err
	}
	t.cased, t.whole = !c.DoLowerCase, !c.ChineseChars
	t.accents = t.cased
	if c.StripAccents != nil {
		t.accents = !*c.StripAccents
	}
	if err := t.know(c); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

func (t *BERT) take(w *whole, c *bertConfig) error {
	var normalizer struct {
		Lowercase    *bool `json:"lowercase"`
		StripAccents *bool `json:"strip_accents"`
		ChineseChars *bool `json:"handle_chinese_chars"`
	}
	err := w.normalizerInto(&normalizer)
	if err == nil && w.kind != "WordPiece" {
		err = fmt.Errorf("its model is %q; BERT's is WordPiece", w.kind)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", w.path, err)
	}
	c.StripAccents = normalizer.StripAccents
	if normalizer.Lowercase != nil {
		c.DoLowerCase = *normalizer.Lowercase
	}
	if normalizer.ChineseChars != nil {
		c.ChineseChars = *normalizer.ChineseChars
	}
	t.ids = w.ids
	for _, a := range w.tokens {
		t.ids[a.Content] = a.ID
		c.Extra = append(c.Extra, specialName(a.Content))
	}
	if err := checkIDs(t.ids); err != nil {
		return fmt.Errorf("%s: %w", w.path, err)
	}
	return nil
}

// bertConfig is what is asked of a checkpoint's configuration.
type bertConfig struct {
	DoLowerCase  bool          `json:"do_lower_case"`
	StripAccents *bool         `json:"strip_accents"`
	ChineseChars bool          `json:"tokenize_chinese_chars"`
	CLS          specialName   `json:"cls_token"`
	SEP          specialName   `json:"sep_token"`
	UNK          specialName   `json:"unk_token"`
	PAD          specialName   `json:"pad_token"`
	MASK         specialName   `json:"mask_token"`
	BOS          specialName   `json:"bos_token"`
	EOS          specialName   `json:"eos_token"`
	Additional   []specialName `json:"additional_special_tokens"`
	Extra        []specialName `json:"extra_special_tokens"`
}

// know takes the special tokens up. Those that a vocabulary lacks follow it, as BLIP's [DEC] and [ENC].
func (t *BERT) know(c bertConfig) error {
	next := int64(len(t.ids))
	names := []string{c.UNK.or("[UNK]"), c.SEP.or("[SEP]"), c.PAD.or("[PAD]"), c.CLS.or("[CLS]"), c.MASK.or("[MASK]")}
	for _, n := range append([]specialName{c.BOS, c.EOS}, append(c.Additional, c.Extra...)...) {
		if n != "" {
			names = append(names, string(n))
		}
	}
	for i, name := range names {
		if _, ok := t.ids[name]; !ok {
			if i < 2 || i == 3 {
				return fmt.Errorf("there is no %s", name)
			}
			t.ids[name] = next
			next++
		}
		if !utf8.ValidString(name) || name == "" {
			return fmt.Errorf("a special token is called %q", name)
		}
		t.special.add(name)
	}
	t.unk, t.sep, t.cls = t.ids[names[0]], t.ids[names[1]], t.ids[names[3]]
	return nil
}

// Encode returns the ids of a text between those of [CLS] and [SEP]: at most limit of them, both always among them.
func (t *BERT) Encode(text string, limit int) ([]int64, error) {
	if len(text) > textLimit {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLong, len(text))
	}
	return t.encode(text, limit), nil
}

func (t *BERT) encode(text string, limit int) []int64 {
	ids := []int64{t.cls}
	t.special.divide(text, func(plain, token string) bool {
		for _, word := range bertWords(t.normal(plain)) {
			if len(ids) >= limit {
				return false
			}
			ids = append(ids, t.pieces(word)...)
		}
		if token != "" {
			ids = append(ids, t.ids[token])
		}
		return len(ids) < limit
	})
	return append(ids[:min(len(ids), limit-1)], t.sep)
}

// normal is a text without controls, with Chinese characters apart, without marks and in small letters.
func (t *BERT) normal(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case r == '\t', r == '\n', r == '\r':
			out.WriteByte(' ')
		case r == 0, r == utf8.RuneError, unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co) && !unicode.Is(youngFormat, r):
		case unicode.IsSpace(r):
			out.WriteByte(' ')
		case !t.whole && isChinese(r):
			out.WriteRune(' ')
			out.WriteRune(r)
			out.WriteRune(' ')
		default:
			out.WriteRune(r)
		}
	}
	text = out.String()
	if !t.accents {
		text = withoutMarks(text)
	}
	if !t.cased {
		text = lower(text)
	}
	return text
}

func withoutMarks(text string) string {
	out := make([]rune, 0, len(text))
	for _, r := range text {
		parts := string(r)
		if r != 0x11938 { // it came with Unicode 13, later than the reference's table
			parts = norm.NFD.String(parts)
		}
		for _, r := range parts {
			if !isOldMark(r) {
				out = append(out, r)
			}
		}
	}
	return string(out)
}

func isOldMark(r rune) bool {
	return unicode.Is(unicode.Mn, r) && !unicode.Is(youngMarks, r) || r == 0x1734 // which Unicode 14 made another kind of
}

func isOldPunctuation(r rune) bool {
	switch {
	case r < 0x80:
		return unicode.IsPunct(r) || unicode.IsSymbol(r)
	case r == 0x166d, r == 0x111c9: // which were punctuation once
		return true
	}
	return unicode.IsPunct(r) && !unicode.Is(youngPunctuation, r)
}

// isChinese is as BERT has it: the fourth last block begins 256 characters late.
func isChinese(r rune) bool {
	return r >= 0x4e00 && r <= 0x9fff || r >= 0x3400 && r <= 0x4dbf || r >= 0x20000 && r <= 0x2a6df || r >= 0x2a700 && r <= 0x2b73f ||
		r >= 0x2b740 && r <= 0x2b81f || r >= 0x2b920 && r <= 0x2ceaf || r >= 0xf900 && r <= 0xfaff || r >= 0x2f800 && r <= 0x2fa1f
}

// bertWords are what spaces and punctuation divide a text into; each punctuation mark is one.
func bertWords(text string) []string {
	var out []string
	start := -1
	for i, r := range text {
		space, mark := unicode.IsSpace(r), isOldPunctuation(r)
		if (space || mark) && start >= 0 {
			out, start = append(out, text[start:i]), -1
		}
		switch {
		case mark:
			out = append(out, string(r))
		case !space && start < 0:
			start = i
		}
	}
	if start >= 0 {
		out = append(out, text[start:])
	}
	return out
}

// longestWord is how many characters a word may have; longer ones are unknown.
const longestWord = 100

// pieces are the longest tokens that a word begins with, one after another, or unk if it has any other part.
func (t *BERT) pieces(word string) []int64 {
	if utf8.RuneCountInString(word) > longestWord {
		return []int64{t.unk}
	}
	var ids []int64
	for rest, prefix := word, ""; rest != ""; prefix = "##" {
		n := len(rest)
		for ; n > 0; n-- {
			if n < len(rest) && !utf8.RuneStart(rest[n]) {
				continue
			}
			if id, ok := t.ids[prefix+rest[:n]]; ok {
				ids = append(ids, id)
				break
			}
		}
		if n == 0 {
			return []int64{t.unk}
		}
		rest = rest[n:]
	}
	return ids
}

// CLIPA is the tokenizer of CLIPA's models in open_clip: BERT's, of texts that were repaired before, in which [SEP] is 0
// (HFTokenizer of open_clip_torch 3.3.0 with strip_sep_token). It is safe for concurrent use.
//
// Ids begin with that of [CLS]. The 0 of [SEP] at their end is left out: it is as open_clip pads them, with 0 up to the
// context length, where the last place is always 0.
type CLIPA struct{ bert *BERT }

// OpenCLIPA reads the files that OpenBERT reads.
func OpenCLIPA(dir string) (*CLIPA, error) {
	bert, err := OpenBERT(dir)
	if err != nil {
		return nil, err
	}
	return &CLIPA{bert}, nil
}

// Encode returns the ids of a text after that of [CLS]: fewer than limit, for the last place is that of [SEP].
func (t *CLIPA) Encode(text string, limit int) ([]int64, error) {
	text, err := clean(text)
	if err != nil {
		return nil, err
	}
	ids := t.bert.encode(text, limit) // which may have grown
	for i, id := range ids {
		if id == t.bert.sep {
			ids[i] = 0
		}
	}
	return ids[:len(ids)-1], nil
}
