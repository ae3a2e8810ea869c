package tokenizer

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// unigram divides texts into the most probable pieces (Kudo 2018, https://arxiv.org/abs/1804.10959). The definition is
// sentencepiece 0.2.3: normalizer.cc, and EncodeOptimized of unigram_model.cc, in whose 32 bits ties are as they are.
type unigram struct {
	*sentencePieces
	sorted []int32 // the pieces that are found in texts, by their bytes
	user   []int32 // those of them that are always found
	unk    float32 // the score of an unknown character
	max    float32
}

// longestPiece is more bytes than any real piece has: those that were learned have at most 16 characters.
const longestPiece = 256

func newUnigram(m *sentencePieces) (*unigram, error) {
	if !m.unigram {
		return nil, errors.New("it is of byte pairs, and akin knows only unigrams of this kind")
	}
	t := &unigram{sentencePieces: m, max: 0x1p-126} // FLT_MIN, which every real score is below
	least := float32(math.MaxFloat32)
	for id, p := range m.pieces {
		switch p.kind {
		case normalPiece:
			least, t.max = min(least, p.score), max(t.max, p.score)
		case userPiece:
			t.user = append(t.user, int32(id))
		case unusedPiece:
		default:
			continue
		}
		if len(p.text) > longestPiece {
			return nil, fmt.Errorf("%w: piece %d has %d bytes", errPieces, id, len(p.text))
		}
		t.sorted = append(t.sorted, int32(id))
	}
	const penalty = 10
	t.unk = least - penalty
	byText := func(a, b int32) int { return strings.Compare(m.pieces[a].text, m.pieces[b].text) }
	slices.SortFunc(t.sorted, byText)
	slices.SortFunc(t.user, byText)
	return t, nil
}

// each calls f with every one of some sorted pieces that a text begins with, the shortest first.
func (t *unigram) each(sorted []int32, text string, f func(id int32, length int)) {
	for n := 0; n < len(text) && len(sorted) > 0; n++ {
		from := sort.Search(len(sorted), func(i int) bool { return t.pieces[sorted[i]].text[n] >= text[n] })
		to := from + sort.Search(len(sorted)-from, func(i int) bool { return t.pieces[sorted[from+i]].text[n] > text[n] })
		if sorted = sorted[from:to]; len(sorted) > 0 && len(t.pieces[sorted[0]].text) == n+1 {
			f(sorted[0], n+1)
			sorted = sorted[1:]
		}
	}
}

// normal is a text as the pieces have it.
func (t *unigram) normal(text string) string {
	escaped := " "
	if t.escape {
		escaped = space
	}
	var out strings.Builder
	wasSpace := t.removeExtra
	for begun := false; text != ""; {
		replaced, n := t.replaced(text)
		text = text[n:]
		if !begun {
			if t.removeExtra && replaced == " " {
				continue
			}
			begun = true
			if t.dummyPrefix && !t.suffix {
				out.WriteString(escaped)
			}
		}
		if wasSpace {
			replaced = strings.TrimLeft(replaced, " ")
		}
		if replaced != "" {
			wasSpace = t.removeExtra && strings.HasSuffix(replaced, " ")
			out.WriteString(strings.ReplaceAll(replaced, " ", escaped))
		}
	}
	whole := out.String()
	if t.removeExtra {
		for strings.HasSuffix(whole, escaped) {
			whole = strings.TrimSuffix(whole, escaped)
		}
	}
	if whole != "" && t.dummyPrefix && t.suffix {
		whole += escaped
	}
	return whole
}

// replaced is what the beginning of a text becomes, and its length.
func (t *unigram) replaced(text string) (string, int) {
	longest := 0
	t.each(t.user, text, func(_ int32, n int) { longest = n })
	if longest > 0 {
		return text[:longest], longest
	}
	if r, n := t.chars.longest(text); n > 0 {
		return r, n
	}
	r, n := utf8.DecodeRuneInString(text)
	return string(r), n
}

// divide returns the pieces of a text that is normal. An unknown piece is what the text has there.
func (t *unigram) divide(text string) []string {
	// The best way to each byte: its score, and the last piece on it.
	type step struct {
		score float32
		id    int32
		from  int32 // where the piece begins; -1 where no way leads
	}
	best := make([]step, len(text)+1)
	for i := range best {
		best[i].from = -1
	}
	for at := 0; at < len(text); {
		here := best[at].score
		_, char := utf8.DecodeRuneInString(text[at:])
		single := false
		take := func(id int32, n int, score float32) {
			to := &best[at+n]
			if score += here; to.from < 0 || score > to.score {
				*to = step{score, id, int32(at)}
			}
		}
		t.each(t.sorted, text[at:], func(id int32, n int) {
			switch p := t.pieces[id]; p.kind {
			case unusedPiece:
				return
			case userPiece:
				take(id, n, float32(n)*t.max-0.1)
			default:
				take(id, n, p.score)
			}
			single = single || n == char
		})
		if !single {
			take(int32(t.unknown), char, t.unk)
		}
		at += char
	}
	var pieces []string
	for end := len(text); end > 0; {
		s := best[end]
		if s.id == int32(t.unknown) && !t.fallback {
			// What is unknown is one piece, however long it is.
			for s.from > 0 && best[s.from].id == int32(t.unknown) {
				s.from = best[s.from].from
			}
		}
		part := text[s.from:end]
		if s.id == int32(t.unknown) && t.fallback {
			for _, b := range slices.Backward([]byte(part)) {
				pieces = append(pieces, fmt.Sprintf("<0x%02X>", b))
			}
		} else {
			pieces = append(pieces, part)
		}
		end = int(s.from)
	}
	slices.Reverse(pieces)
	return pieces
}
