package local

import (
	"hash/maphash"
	"math/bits"
)

// nameTable finds pictures by their names: a hash table with open addressing, of nothing but the pictures' indices. The
// names stay where they are mapped. A Go map of them would take six times the memory, which the garbage
// collector would read again and again.
type nameTable struct {
	seed  maphash.Seed
	slots []uint32 // index + 1, or 0 for none; a power of two of them, at most three quarters of which are taken
}

func newNameTable(p *Pictures) *nameTable {
	n := uint64(p.Len())
	t := &nameTable{maphash.MakeSeed(), make([]uint32, 1<<bits.Len64(n+n/3))}
	for i := range p.Len() {
		at := t.slot(p.string(2 * i))
		for t.slots[at] != 0 {
			at = t.after(at)
		}
		t.slots[at] = uint32(i) + 1
	}
	return t
}

// slot is where the search for a name begins.
func (t *nameTable) slot(name string) uint64 {
	return maphash.String(t.seed, name) & uint64(len(t.slots)-1)
}

func (t *nameTable) after(slot uint64) uint64 { return (slot + 1) & uint64(len(t.slots)-1) }

// find returns the index of the picture of a name.
func (t *nameTable) find(p *Pictures, name string) (int, bool) {
	for at := t.slot(name); t.slots[at] != 0; at = t.after(at) {
		if i := int(t.slots[at]) - 1; p.string(2*i) == name {
			return i, true
		}
	}
	return 0, false
}
