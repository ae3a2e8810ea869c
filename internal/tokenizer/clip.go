// Package tokenizer turns text into the token ids that a text encoder was trained
// with.
package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

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

// OpenCLIP reads vocab.json and merges.txt of a checkpoint's folder or, without those, tokenizer.json.
func OpenCLIP(dir string) (*CLIP, error) {
	t := &CLIP{bytePairs: bytePairs{ids: map[string]int64{}}}
	if err := t.read(dir); err != nil {
		return nil, fmt.Errorf("read tokenizer: %w", err)
	}
	return t, nil
}

func (t *CLIP) read(dir string) error {
	vocabulary := filepath.Join(dir, "vocab.json")
	data, err := readSmall(vocabulary)
	if errors.Is(err, os.ErrNotExist) {
		if w, other := readWhole(dir); !errors.Is(other, os.ErrNotExist) {
			if other == nil {
				other = t.take(w)
			}
			return other
		}
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, &t.ids); err != nil {
		return fmt.Errorf("%s: %w", vocabulary, err)
	}
	if err := t.check(); err != nil {
		return fmt.Errorf("%s: %w", vocabulary, err)
	}
	return t.readMerges(filepath.Join(dir, "merges.txt"))
}

// check looks whether there is an id for everything that a text can be divided into.
func (t *CLIP) check() error {
	var ok bool
	if t.start, ok = t.ids[startOfText]; !ok {
		return fmt.Errorf("there is no %s", startOfText)
	}
	if t.end, ok = t.ids[endOfText]; !ok {
		return fmt.Errorf("there is no %s", endOfText)
	}
	for b := range 256 {
		for _, suffix := range []string{"", endOfWord} {
			if _, ok := t.ids[string(letters[b])+suffix]; !ok {
				return fmt.Errorf("there is no token for the byte %d", b)
			}
		}
	}
	return checkIDs(t.ids)
}

func (t *CLIP) readMerges(path string) error {
	data, err := readSmall(path)
	if err != nil {
		return err
	}
	var merges []pair
	for i, line := range strings.Split(string(data), "\n") {
		if line = strings.TrimSuffix(line, "\r"); line == "" || i == 0 && strings.Contains(line, "#version:") {
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

func (t *CLIP) take(w *whole) error {
	if w.kind != "BPE" || w.suffix != endOfWord {
		return fmt.Errorf("%s: it is another tokenizer than CLIP's", w.path)
	}
	t.ids = w.ids
	for _, a := range w.tokens {
		t.ids[a.Content] = a.ID
	}
	err := t.check()
	if err == nil {
		err = t.learn(w.merges)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", w.path, err)
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
			for _, word := range unicode16.words(plain) {
				if len(ids) >= limit {
					break
				}
				ids = append(ids, t.merge(lettersOf(word))...)
			}
		}
	}
	return append(ids[:min(len(ids), limit-1)], t.end), nil
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
