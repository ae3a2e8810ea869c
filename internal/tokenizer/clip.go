// Package tokenizer turns text into the token ids that a text encoder was trained
// with.
package tokenizer

import (
	"bufio"
	"container/heap"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	startOfText = "<|startoftext|>"
	endOfText   = "<|endoftext|>"
	fileLimit   = 64 << 20 // more than any vocabulary has
)

// CLIP is CLIP's tokenizer: lower case, words, bytes, and byte pairs merged
// (Sennrich et al. 2016, https://arxiv.org/abs/1508.07909). The definition is
// transformers' CLIPTokenizerFast. It is safe for concurrent use.
type CLIP struct {
	ids        map[string]int64
	ranks      map[pair]int // of merges: the lower is done first
	start, end int64
}

type pair struct{ left, right string }

// OpenCLIP reads vocab.json and merges.txt of a checkpoint's folder.
func OpenCLIP(dir string) (*CLIP, error) {
	t := &CLIP{ids: map[string]int64{}, ranks: map[pair]int{}}
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
	s := bufio.NewScanner(strings.NewReader(string(data)))
	for line := 1; s.Scan(); line++ {
		if s.Text() == "" || line == 1 && strings.HasPrefix(s.Text(), "#version") {
			continue
		}
		left, right, ok := strings.Cut(s.Text(), " ")
		if _, known := t.ids[left+right]; !ok || !known {
			return fmt.Errorf("%s: line %d: %q merges into no token", path, line, s.Text())
		}
		if _, twice := t.ranks[pair{left, right}]; !twice {
			t.ranks[pair{left, right}] = len(t.ranks)
		}
	}
	return s.Err()
}

func readSmall(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > fileLimit {
		err = fmt.Errorf("%s: it has %d bytes", path, info.Size())
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// ErrTooLong marks a text that is no query: it has more than a mebibyte.
var ErrTooLong = errors.New("the text is too long")

// Encode gives the ids of a text between those of its start and its end: at most
// limit of them, the end always among them.
func (t *CLIP) Encode(text string, limit int) ([]int64, error) {
	if len(text) > 1<<20 {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLong, len(text))
	}
	ids := []int64{t.start}
	// The names of the special tokens stand for them: the end's as it is written, the
	// start's in capitals as well.
	for i, part := range strings.Split(text, endOfText) {
		if i > 0 {
			ids = append(ids, t.end)
		}
		for i, plain := range strings.Split(lower(norm.NFC.String(part)), startOfText) {
			if i > 0 {
				ids = append(ids, t.start)
			}
			for _, word := range words(plain) {
				if len(ids) >= limit {
					break
				}
				ids = append(ids, t.merge(word)...)
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
		case unicode.IsLetter(r):
			return 1
		case unicode.IsNumber(r):
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

// lower makes letters small one by one, as Unicode's default does: a final sigma is
// no exception, and the one letter that becomes two does.
func lower(s string) string {
	return strings.ReplaceAll(strings.Map(func(r rune) rune {
		if r == 'İ' {
			return r
		}
		return unicode.ToLower(r)
	}, s), "İ", "i\u0307")
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

// piece is a part of a word; a merged one takes the place of its left half, and its
// right half is dead.
type piece struct {
	text       string
	left, next int // neighbours; -1 at the ends
	dead       bool
}

// merge splits a word into tokens: from single bytes on, the neighbours with the
// lowest rank are merged, the leftmost of equals first.
func (t *CLIP) merge(word string) []int64 {
	pieces := make([]piece, len(word))
	for i := range len(word) {
		pieces[i] = piece{text: string(letters[word[i]]), left: i - 1, next: i + 1}
	}
	last := len(pieces) - 1
	pieces[last].text += endOfWord
	pieces[last].next = -1
	var queue candidates
	add := func(i int) {
		if i < 0 || pieces[i].next < 0 {
			return
		}
		p := pair{pieces[i].text, pieces[pieces[i].next].text}
		if rank, ok := t.ranks[p]; ok {
			heap.Push(&queue, candidate{rank, i, p})
		}
	}
	for i := range pieces {
		add(i)
	}
	for queue.Len() > 0 {
		c := heap.Pop(&queue).(candidate)
		a := &pieces[c.at]
		if a.dead || a.next < 0 || a.text != c.pair.left || pieces[a.next].text != c.pair.right {
			continue // one of them was merged meanwhile
		}
		b := &pieces[a.next]
		a.text += b.text
		b.dead = true
		if a.next = b.next; a.next >= 0 {
			pieces[a.next].left = c.at
		}
		add(a.left)
		add(c.at)
	}
	var ids []int64
	for i := 0; i >= 0; i = pieces[i].next {
		ids = append(ids, t.ids[pieces[i].text])
	}
	return ids
}

// candidate is a pair that could be merged.
type candidate struct {
	rank, at int
	pair     pair
}

type candidates []candidate

func (c candidates) Len() int { return len(c) }
func (c candidates) Less(i, j int) bool {
	return c[i].rank < c[j].rank || c[i].rank == c[j].rank && c[i].at < c[j].at
}
func (c candidates) Swap(i, j int) { c[i], c[j] = c[j], c[i] }
func (c *candidates) Push(x any)   { *c = append(*c, x.(candidate)) }
func (c *candidates) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}
