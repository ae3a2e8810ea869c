package tokenizer

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
)

// whole is what is asked of a tokenizer.json, which holds a tokenizer of any kind.
type whole struct {
	path             string
	tokens           []addedToken
	normalizer       json.RawMessage // nil if there is none
	kind             string          // of its model, and so are the others
	prefix, suffix   string
	fallback, ignore bool
	ids              map[string]int64
	merges           []pair
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

// readWhole reads tokenizer.json of a checkpoint's folder.
func readWhole(dir string) (*whole, error) {
	path := filepath.Join(dir, "tokenizer.json")
	data, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	// In Gemma's, which is by far the largest, a token takes 130 bytes and a merge 60.
	w := &whole{path: path, ids: make(map[string]int64, len(data)/128)}
	s := &scanner{data: string(data)}
	s.object(func(key string) {
		switch key {
		case "added_tokens":
			s.into(&w.tokens)
		case "normalizer":
			s.into(&w.normalizer)
		case "model":
			s.object(func(key string) {
				switch key {
				case "type":
					s.into(&w.kind)
				case "byte_fallback":
					s.into(&w.fallback)
				case "ignore_merges":
					s.into(&w.ignore)
				case "continuing_subword_prefix":
					s.into(&w.prefix)
				case "end_of_word_suffix":
					s.into(&w.suffix)
				case "vocab":
					s.object(func(token string) { w.ids[token] = s.integer() })
				case "merges":
					w.merges = make([]pair, 0, len(data)/64)
					s.array(func() { w.merges = append(w.merges, s.merge()) })
				default:
					s.into(nil)
				}
			})
		default:
			s.into(nil)
		}
	})
	if s.err != nil {
		return nil, fmt.Errorf("%s: %w", path, s.err)
	}
	return w, nil
}

// normalizerInto reads the settings of the normalizer.
func (w *whole) normalizerInto(v any) error {
	if w.normalizer == nil {
		return nil
	}
	return json.Unmarshal(w.normalizer, v)
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
