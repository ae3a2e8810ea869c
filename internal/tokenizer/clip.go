// Package tokenizer turns text into the token ids that a text encoder was trained
// with.
package tokenizer

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/akin-search/akin/internal/ftfy"
)

const (
	startOfText = "<|startoftext|>"
	endOfText   = "<|endoftext|>"
)

// CLIP is CLIP's tokenizer: lower case, words, bytes, and byte pairs merged
// (Sennrich et al. 2016, https://arxiv.org/abs/1508.07909). The definition is
// transformers' CLIPTokenizerFast. It is safe for concurrent use.
type CLIP struct {
	bytePairs
	start, end int64
}

// OpenCLIP reads vocab.json and merges.txt of a checkpoint's folder.
func OpenCLIP(dir string) (*CLIP, error) {
	t := &CLIP{bytePairs: bytePairs{ids: map[string]int64{}}}
	if err := t.readVocabulary(filepath.Join(dir, "vocab.json")); err != nil {
		return nil, fmt.Errorf("read tokenizer: %w", err)
	}
	if err := t.readMerges(filepath.Join(dir, "merges.txt")); err != nil {
		return nil, fmt.Errorf("read tokenizer: %w", err)
	}
	return t, nil
}

func (t *CLIP) readVocabulary(path string) error {
	data, err := readSmall(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, &t.ids); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var ok bool
	if t.start, ok = t.ids[startOfText]; !ok {
		return fmt.Errorf("%s: there is no %s", path, startOfText)
	}
	if t.end, ok = t.ids[endOfText]; !ok {
		return fmt.Errorf("%s: there is no %s", path, endOfText)
	}
	for b := range 256 {
		for _, suffix := range []string{"", endOfWord} {
			if _, ok := t.ids[string(letters[b])+suffix]; !ok {
				return fmt.Errorf("%s: there is no token for the byte %d", path, b)
			}
		}
	}
	return nil
}

func (t *CLIP) readMerges(path string) error {
	data, err := readSmall(path)
	if err != nil {
		return err
	}
	var merges []pair
	for i, line := range strings.Split(string(data), "\n") {
		if line = strings.TrimSuffix(line, "\r"); line == "" || i == 0 && strings.HasPrefix(line, "#version") {
			continue
		}
		left, right, _ := strings.Cut(line, " ")
		merges = append(merges, pair{left, right})
	}
	if err := t.learn(merges); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// Encode returns the ids of a text between those of its start and its end: at most
// limit of them, the end always among them.
func (t *CLIP) Encode(text string, limit int) ([]int64, error) {
	if len(text) > textLimit {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLong, len(text))
	}
	ids := []int64{t.start}
	// The names of the special tokens stand for them: the end's as it is written, the
	// start's in capitals as well.
	for i, part := range strings.Split(text, endOfText) {
		if i > 0 {
			ids = append(ids, t.end)
		}
		for i, plain := range strings.Split(lower(ftfy.Composed(part)), startOfText) {
			if i > 0 {
				ids = append(ids, t.start)
			}
			for _, word := range words(plain) {
				if len(ids) >= limit {
					break
				}
				ids = append(ids, t.merge(lettersOf(word))...)
			}
		}
	}
	return append(ids[:min(len(ids), limit-1)], t.end), nil
}

var contractions = []string{"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}

// words are what the pattern
//
//	's|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+
//
// finds.
func words(text string) []string {
	var out []string
	runes := []rune(text)
	kind := func(r rune) int {
		switch {
		case unicode.IsSpace(r):
			return 0
		case unicode.In(r, unicode.Letter, youngLetters):
			return 1
		case unicode.In(r, unicode.Number, youngNumbers):
			return 2
		}
		return 3
	}
next:
	for i := 0; i < len(runes); {
		if runes[i] == '\'' {
			for _, c := range contractions {
				if n := len(c); i+n <= len(runes) && string(runes[i:i+n]) == c {
					out = append(out, c)
					i += n
					continue next
				}
			}
		}
		k, end := kind(runes[i]), i+1
		for k != 2 && end < len(runes) && kind(runes[end]) == k {
			end++
		}
		if k != 0 {
			out = append(out, string(runes[i:end]))
		}
		i = end
	}
	return out
}

const endOfWord = "</w>"

// letters are what stands for each byte in a vocabulary: itself where it can be
// seen, else a letter from 256 on (GPT-2's bytes_to_unicode).
var letters = func() (table [256]rune) {
	next := rune(256)
	for b := range 256 {
		if r := rune(b); r >= '!' && r <= '~' || r >= '¡' && r <= '¬' || r >= '®' && r <= 'ÿ' {
			table[b] = r
			continue
		}
		table[b] = next
		next++
	}
	return table
}()

// lettersOf are a word's bytes as letters, the last of them as the word's end.
func lettersOf(word string) []string {
	out := make([]string, len(word))
	for i := range len(word) {
		out[i] = string(letters[word[i]])
	}
	out[len(out)-1] += endOfWord
	return out
}
