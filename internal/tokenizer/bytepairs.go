package tokenizer

import (
	"container/heap"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"unicode/utf8"
)

const (
	fileLimit = 64 << 20 // more than any vocabulary has
	textLimit = 1 << 20  // more than any query has
)

// ErrTooLong marks a text that is no query: it has more than a mebibyte.
var ErrTooLong = errors.New("the text is too long")

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

// checkIDs refuses ids that no table of embeddings can have.
func checkIDs(ids map[string]int64) error {
	for token, id := range ids {
		if id < 0 || id > math.MaxInt32 {
			return fmt.Errorf("the token %q has the id %d", token, id)
		}
	}
	return nil
}

// bytePairs merges neighbours into tokens (Sennrich et al. 2016,
// https://arxiv.org/abs/1508.07909).
type bytePairs struct {
	ids   map[string]int64
	ranks map[pair]int64 // of merges: the lower is done first; nil where the ids say that
}

type pair struct{ left, right string }

// has reports whether there is such a token.
func (t *bytePairs) has(token string) bool {
	_, ok := t.ids[token]
	return ok
}

// learn takes merges, those to be done first first; of equals the first counts.
func (t *bytePairs) learn(merges []pair) error {
	t.ranks = make(map[pair]int64, len(merges))
	for rank, p := range slices.Backward(merges) {
		if !t.has(p.left + p.right) {
			return fmt.Errorf("%q and %q merge into no token", p.left, p.right)
		}
		t.ranks[p] = int64(rank)
	}
	return nil
}

// rank returns when a pair is merged, if it is.
func (t *bytePairs) rank(p pair) (int64, bool) {
	if t.ranks != nil {
		rank, ok := t.ranks[p]
		return rank, ok
	}
	// The order in which SentencePiece learned the tokens; of the ways to make one, that with the shortest left part.
	id, ok := t.ids[p.left+p.right]
	return id<<24 | int64(utf8.RuneCountInString(p.left)), ok
}

// piece is a part of a word; a merged one takes the place of its left half, and its
// right half is dead.
type piece struct {
	text       string
	left, next int // neighbours; -1 at the ends
	dead       bool
}

// merge returns the tokens of a word from its smallest parts on: the neighbours with the
// lowest rank are merged, the leftmost of equals first.
func (t *bytePairs) merge(parts []string) []int64 {
	if len(parts) == 0 {
		return nil
	}
	pieces := make([]piece, len(parts))
	for i, text := range parts {
		pieces[i] = piece{text: text, left: i - 1, next: i + 1}
	}
	pieces[len(pieces)-1].next = -1
	var queue candidates
	add := func(i int) {
		if i < 0 || pieces[i].next < 0 {
			return
		}
		p := pair{pieces[i].text, pieces[pieces[i].next].text}
		if rank, ok := t.rank(p); ok {
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
	rank int64
	at   int
	pair pair
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
