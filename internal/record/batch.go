package record

import (
	"errors"
	"fmt"

	"github.com/akin-search/akin/internal/vector"
)

// Stored is all that a collection knows of a picture.
type Stored struct {
	ID int64
	Put
	Tags    []string
	Vectors map[int64][]float32 // unit, by space; those that were asked for and are there
}

// Put is a picture as it was found: with its content, or with the reason why it
// could not be read.
type Put struct {
	ID     int64  // of a new picture; 0 takes the next one
	Name   string // "" makes one of the source
	Source string
	Root   string
	Size   int64
	Mtime  int64 // nanoseconds since 1970
	Hash   Hash
	Format string
	Width  int
	Height int
	Taken  string // when, as the file tells: 2006-01-02T15:04:05, then +02:00 where it tells the zone; or ""
	Error  string // not "" when the picture could not be read
}

// Embedding is the vector of a content, of any length but 0, as a model gives it.
type Embedding struct {
	Space  int64
	Hash   Hash
	Vector []float32
	Unit   bool // it is a unit vector as it was stored before, to be kept bit by bit
}

// Batch is what becomes true at once.
type Batch struct {
	Puts       []Put         // by source: new pictures, and changes to known ones
	Embeddings []Embedding   // of contents that are known or among Puts
	Move       map[int64]Put // by picture: to a source that no picture has
	Remove     []int64       // pictures to forget
}

// Normalize makes v, which is the embedding's vector, one of unit length.
func (e Embedding) Normalize(v []float32) error {
	if e.Unit {
		if n := vector.Dot(v, v); !(n > 1-1e-4 && n < 1+1e-4) {
			return fmt.Errorf("is no unit vector: its length is the root of %g", n)
		}
		return nil
	}
	if !vector.Normalize(v) {
		return errors.New("is zero or not finite: it has no direction")
	}
	return nil
}
