package record

import "fmt"

// Hash is the SHA-256 of a file's bytes.
type Hash = [32]byte

// Repaired is what Repair did and what it could not do.
type Repaired struct {
	Done     []string // what was rebuilt, and what was removed: a line each
	Problems []string // what is still wrong, as Verify returns it
	Reindex  bool     // embeddings are missing that indexing makes again
	Reimport []string // models whose embeddings are missing and cannot be made again
}

// Join adds what another one did; its Problems are the ones that are left.
func (r *Repaired) Join(later Repaired) {
	r.Done = append(r.Done, later.Done...)
	r.Problems = append(r.Problems, later.Problems...)
	r.Reindex = r.Reindex || later.Reindex
	r.Reimport = append(r.Reimport, later.Reimport...)
}

func (r *Repaired) Add(format string, args ...any) {
	r.Done = append(r.Done, fmt.Sprintf(format, args...))
}
