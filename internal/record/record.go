package record

import "fmt"

// Hash is the SHA-256 of a file's bytes.
type Hash = [32]byte

// Repaired is what Repair did and what it could not do.
type Repaired struct {
	Done     []string // what was rebuilt, and what was removed: a line each
	Problems []string // what is still wrong, as Verify returns it
}

func (r *Repaired) Add(format string, args ...any) {
	r.Done = append(r.Done, fmt.Sprintf(format, args...))
}
