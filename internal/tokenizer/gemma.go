package tokenizer

import (
	"fmt"
	"path/filepath"
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

// OpenGemma reads tokenizer.json of a checkpoint's folder.
func OpenGemma(dir string) (*Gemma, error) {
	path := filepath.Join(dir, "tokenizer.json")
	data, err := readSmall(path)
	if err != nil {
		return nil, fmt.Errorf("read tokenizer: %w", err)
	}
	t, err := parseGemma(data)
	if err != nil {
		return nil, fmt.Errorf("read tokenizer: %s: %w", path, err)
	}
	return t, nil
}

func parseGemma(data []byte) (*Gemma, error) {
	t := &Gemma{bytePieces: bytePieces{bytePairs: bytePairs{ids: make(map[string]int64, 1<<18)}}, special: added{}, normal: added{}}
	var normalizer struct{ Type, Content string }
	var tokens []addedToken
	var merges []pair
	var kind, prefix, suffix string
	var fallback, ignore bool
	s := &scanner{data: string(data)}
	s.object(func(key string) {
		switch key {
		case "added_tokens":
			s.into(&tokens)
		case "normalizer":
			s.into(&normalizer)
		case "model":
			s.object(func(key string) {
				switch key {
				case "type":
					s.into(&kind)
				case "byte_fallback":
					s.into(&fallback)
				case "ignore_merges":
					s.into(&ignore)
				case "continuing_subword_prefix":
					s.into(&prefix)
				case "end_of_word_suffix":
					s.into(&suffix)
				case "vocab":
					s.object(func(token string) { t.ids[token] = s.integer() })
				case "merges":
					merges = make([]pair, 0, 1<<19)
					s.array(func() { merges = append(merges, s.merge()) })
				default:
					s.into(nil)
				}
			})
		default:
			s.into(nil)
		}
	})
	if s.err != nil {
		return nil, s.err
	}
	if normalizer.Type != "Replace" || normalizer.Content != space || kind != "BPE" || !fallback || prefix != "" || suffix != "" || ignore {
		return nil, fmt.Errorf("it is another tokenizer than Gemma's, and akin knows no other of this kind")
	}
	if err := t.know(tokens); err != nil {
		return nil, err
	}
	return t, t.learn(merges)
}

// merge reads "left right", or ["left","right"].
func (s *scanner) merge() pair {
	if s.next() == '"' {
		left, right, ok := strings.Cut(s.text(), " ")
		if !ok {
			s.fail("a merge of %q alone", left)
		}
		return pair{left, right}
	}
	var parts [2]string
	n := 0
	s.array(func() {
		text := s.text()
		if n < 2 {
			parts[n] = text
		}
		n++
	})
	if n != 2 {
		s.fail("a merge of %d", n)
	}
	return pair{parts[0], parts[1]}
}

// addedToken is one as the file has it.
type addedToken struct {
	ID         int64  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	Left       bool   `json:"lstrip"`
	Right      bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
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
		to[a.Content[0]] = append(to[a.Content[0]], a.Content)
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
