package tokenizer

import (
	"fmt"
	"strings"
)

// Gemma is the tokenizer of SigLIP 2: Gemma's, of texts in small letters. A text is one
// word, its spaces are "▁", and what the vocabulary does not have becomes bytes. The
// definition is transformers' Siglip2Tokenizer; an end follows and no start, as in the
// training (big_vision, eos="sticky"). It is safe for concurrent use.
type Gemma struct {
	bytePieces
	end int64
	// special are found before anything is done to the text, longest and leftmost first,
	// by their first byte; normal afterwards.
	special, normal added
}

// added are tokens that texts are divided at.
type added map[byte][]string

func (a added) add(token string) { a[token[0]] = append(a[token[0]], token) }

// OpenGemma reads tokenizer.json of a checkpoint's folder.
func OpenGemma(dir string) (*Gemma, error) {
	w, err := readWhole(dir)
	if err != nil {
		return nil, fmt.Errorf("read tokenizer: %w", err)
	}
	t := &Gemma{bytePieces: bytePieces{bytePairs: bytePairs{ids: w.ids}}, special: added{}, normal: added{}}
	if err := t.take(w); err != nil {
		return nil, fmt.Errorf("read tokenizer: %s: %w", w.path, err)
	}
	return t, nil
}

func (t *Gemma) take(w *whole) error {
	var normalizer struct{ Type, Content string }
	if err := w.normalizerInto(&normalizer); err != nil {
		return err
	}
	if normalizer.Type != "Replace" || normalizer.Content != space || w.kind != "BPE" || !w.fallback || w.prefix != "" || w.suffix != "" || w.ignore {
		return fmt.Errorf("it is another tokenizer than Gemma's, and akin knows no other of this kind")
	}
	if err := t.know(w.tokens); err != nil {
		return err
	}
	return t.learn(w.merges)
}

// know takes the added tokens up, and looks whether all that is needed is there.
func (t *Gemma) know(tokens []addedToken) error {
	for _, a := range tokens {
		if a.Content == "" || a.SingleWord || a.Left || a.Right {
			return fmt.Errorf("the token %q takes its neighbours along, which akin does not know", a.Content)
		}
		if t.has(a.Content) && t.ids[a.Content] != a.ID {
			return fmt.Errorf("the token %q has the ids %d and %d", a.Content, t.ids[a.Content], a.ID)
		}
		t.ids[a.Content] = a.ID
		to := t.special
		if a.Normalized {
			to = t.normal
		}
		to.add(a.Content)
	}
	if err := checkIDs(t.ids); err != nil {
		return err
	}
	for _, token := range []string{endOfGemma, unknown} {
		if !t.has(token) {
			return fmt.Errorf("there is no %s", token)
		}
	}
	t.end = t.ids[endOfGemma]
	t.findBytes()
	return nil
}

const (
	space = "▁" // stands for one

	endOfGemma = "<eos>"
)

// Encode returns the ids of a text and of its end: at most limit of them, the end always
// among them.
func (t *Gemma) Encode(text string, limit int) ([]int64, error) {
	if len(text) > textLimit {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLong, len(text))
	}
	var ids []int64
	t.special.divide(text, func(plain, token string) bool {
		plain = strings.ReplaceAll(lower(plain), " ", space)
		t.normal.divide(plain, func(plain, token string) bool {
			ids = append(ids, t.merge(t.parts(plain))...)
			if token != "" {
				ids = append(ids, t.ids[token])
			}
			return len(ids) < limit
		})
		if token != "" {
			ids = append(ids, t.ids[token])
		}
		return len(ids) < limit
	})
	return append(ids[:min(len(ids), limit-1)], t.end), nil
}

// divide returns each stretch of plain text with the token that follows it, "" at the
// end, until f has enough.
func (a added) divide(text string, f func(plain, token string) bool) {
	start := 0
	for i := 0; i < len(text); {
		longest := ""
		for _, token := range a[text[i]] {
			if len(token) > len(longest) && strings.HasPrefix(text[i:], token) {
				longest = token
			}
		}
		if longest == "" {
			i++
			continue
		}
		if !f(text[start:i], longest) {
			return
		}
		i += len(longest)
		start = i
	}
	f(text[start:], "")
}
