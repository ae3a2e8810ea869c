package tokenizer

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/akin-search/akin/internal/ftfy"
)

// Simple is open_clip's SimpleTokenizer: CLIP's, of texts that were repaired before. It differs from transformers' CLIP
// tokenizer in that, in the names of the special tokens, and in the letters it knows. The definition is
// open_clip/tokenizer.py of open_clip_torch 3.3.0 with its default cleaning ("lower"). It is safe for concurrent use.
//
// Ids begin with that of the start and finish with that of the end; open_clip pads them with 0. The embedding is of the
// first end, so where a text names one, what follows is left out (open_clip leaves it in the row).
type Simple struct{ clip *CLIP }

// OpenSimple reads vocab.json and merges.txt of a checkpoint's folder or, without those, tokenizer.json.
func OpenSimple(dir string) (*Simple, error) {
	clip, err := OpenCLIP(dir)
	if err != nil {
		return nil, err
	}
	return &Simple{clip}, nil
}

// What stands for the special tokens in a text. In vocabularies they have the names of package clip.
const simpleStart, simpleEnd = "<start_of_text>", "<end_of_text>"

// Encode returns the ids of a text between those of its start and its end: at most limit of them, the end always
// among them.
func (t *Simple) Encode(text string, limit int) ([]int64, error) {
	text, err := clean(text)
	if err != nil {
		return nil, err
	}
	ids := []int64{t.clip.start}
	for _, word := range unicode18.words(lowerOfPython(text), simpleStart, simpleEnd) {
		if len(ids) >= limit || word == simpleEnd {
			break
		}
		if word == simpleStart {
			ids = append(ids, t.clip.start)
			continue
		}
		ids = append(ids, t.clip.merge(lettersOf(word))...)
	}
	return append(ids[:min(len(ids), limit-1)], t.clip.end), nil
}

// clean repairs a text and makes each run of white space one space (open_clip's basic_clean and whitespace_clean).
func clean(text string) (string, error) {
	if len(text) > textLimit {
		return "", fmt.Errorf("%w: %d bytes", ErrTooLong, len(text))
	}
	text, err := ftfy.Fix(text)
	if err != nil {
		return "", err
	}
	return oneSpaced(ftfy.UnescapeHTML(ftfy.UnescapeHTML(text))), nil
}

// oneSpaced is a text whose runs of what Python calls white space are one space, and none at its ends.
func oneSpaced(text string) string { return strings.Join(strings.FieldsFunc(text, isPythonSpace), " ") }

func isPythonSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// lowerOfPython is Python's str.lower: as lower, with a final sigma where a word ends with one.
func lowerOfPython(s string) string {
	if !strings.ContainsRune(s, 'Σ') {
		return lower(s)
	}
	runes := []rune(s)
	for i, r := range runes {
		if r == 'Σ' && casedNext(runes, i, -1) && !casedNext(runes, i, 1) {
			runes[i] = 'ς'
		}
	}
	return lower(string(runes))
}

// casedNext reports whether the next character in a direction, of those that are not passed over, is a letter that can
// be small or capital.
func casedNext(runes []rune, i, step int) bool {
	for i += step; i >= 0 && i < len(runes) && caseIgnorable(runes[i]); i += step {
	}
	return i >= 0 && i < len(runes) && unicode.In(runes[i], unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

func caseIgnorable(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) ||
		strings.ContainsRune("'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a", r)
}
