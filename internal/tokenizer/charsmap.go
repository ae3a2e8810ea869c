package tokenizer

import (
	"encoding/binary"
	"errors"
)

// charsmap replaces characters as a SentencePiece model says (precompiled_charsmap): a double array (Aoe 1989, as in
// Darts) finds the key that a text begins with, and its value is where in values the replacement begins.
type charsmap struct {
	units  []uint32
	values string // each ends with a zero
}

var errCharsmap = errors.New("its table of characters is broken")

func parseCharsmap(data []byte) (charsmap, error) {
	if len(data) == 0 {
		return charsmap{}, nil
	}
	if len(data) < 4 {
		return charsmap{}, errCharsmap
	}
	size := uint64(binary.LittleEndian.Uint32(data))
	if data = data[4:]; size%4 != 0 || size == 0 || size > uint64(len(data)) {
		return charsmap{}, errCharsmap
	}
	m := charsmap{units: make([]uint32, size/4), values: string(data[size:])}
	for i := range m.units {
		m.units[i] = binary.LittleEndian.Uint32(data[4*i:])
	}
	return m, m.check()
}

// check looks whether all that can be reached from the root is there. Branches may share what follows them.
func (m charsmap) check() error {
	seen := make([]bool, len(m.units))
	next := []uint32{0}
	for len(next) > 0 {
		unit := m.units[next[len(next)-1]]
		base := next[len(next)-1] ^ offset(unit)
		next = next[:len(next)-1]
		if unit&(1<<8) != 0 { // a key ends here
			if uint64(base) >= uint64(len(m.units)) || uint64(m.units[base]&^(1<<31)) >= uint64(len(m.values)) {
				return errCharsmap
			}
		}
		for label := uint32(1); label < 256; label++ {
			child := base ^ label
			if uint64(child) >= uint64(len(m.units)) || m.units[child]&(1<<31|0xff) != label || seen[child] {
				continue
			}
			seen[child] = true
			next = append(next, child)
		}
	}
	return nil
}

func offset(unit uint32) uint32 { return unit >> 10 << (unit & (1 << 9) >> 6) }

// each calls f with the length and the replacement of each key that a text begins with, the shortest first, until f
// has enough.
func (m charsmap) each(text string, f func(length int, replacement string) bool) {
	if len(m.units) == 0 {
		return
	}
	at := offset(m.units[0])
	for i := range len(text) {
		at ^= uint32(text[i])
		if text[i] == 0 || uint64(at) >= uint64(len(m.units)) || m.units[at]&(1<<31|0xff) != uint32(text[i]) {
			return
		}
		unit := m.units[at]
		at ^= offset(unit)
		if unit&(1<<8) != 0 {
			start := int(m.units[at] &^ (1 << 31))
			end := start
			for end < len(m.values) && m.values[end] != 0 {
				end++
			}
			if !f(i+1, m.values[start:end]) {
				return
			}
		}
	}
}

// shortest returns the replacement of the shortest key that a text begins with.
func (m charsmap) shortest(text string) (replacement string, ok bool) {
	m.each(text, func(_ int, r string) bool {
		replacement, ok = r, true
		return false
	})
	return replacement, ok
}

// longest returns the replacement of the longest key that a text begins with, and the key's length; 0 for none.
func (m charsmap) longest(text string) (replacement string, length int) {
	m.each(text, func(n int, r string) bool {
		replacement, length = r, n
		return true
	})
	return replacement, length
}
