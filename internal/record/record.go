package record

import "fmt"

// Hash is the SHA-256 of a file's bytes.
type Hash = [32]byte

// Repaired tells what Repair did and what it could not do.
type Repaired struct {
	Done     []string // what was made again, and what was given up: a line each
	Problems []string // what is wrong still, as Verify gives it
}

func (r *Repaired) Add(format string, args ...any) {
	r.Done = append(r.Done, fmt.Sprintf(format, args...))
}
