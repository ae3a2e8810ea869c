package record

import (
	"errors"
	"fmt"

	"github.com/akin-search/akin/internal/vector"
)

// Stored is all that a collection stores of a picture.
type Stored struct {
	ID int64
	Put
	Tags    []string
	Vectors map[int64][]float32 // unit vectors by space: those that were asked for and exist
}

// Put is a picture as it was found: with its content, or with the reason why it could not be read.
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
	Taken  string // as the file says: 2006-01-02T15:04:05, then +02:00 where it has a zone; or ""
	Error  string // not "" when the picture could not be read
	// Metadata is what the file and its sidecar say; nil when nobody read that.
	Metadata *Metadata
}

// OwnName is the name that a picture has where no other has it: the one that was asked for, or one made of the source.
func (p Put) OwnName() string {
	if p.Name != "" {
		return p.Name
	}
	return NameFor(p.Source, func(string) bool { return false })
}

// Embedding is the vector of a content, of any length but 0.
type Embedding struct {
	Space  int64
	Hash   Hash
	Vector []float32
	Unit   bool // it is a stored unit vector, to be stored again bit for bit
}

// Batch is what one commit stores.
type Batch struct {
	Puts       []Put         // by source: new pictures, and changes to known ones
	Embeddings []Embedding   // of contents that are known or among Puts
	Move       map[int64]Put // by picture: to a source that no picture has
	Remove     []int64       // pictures to forget
}

// Normalize scales v, which is the embedding's vector, to unit length.
func (e Embedding) Normalize(v []float32) error {
	if e.Unit {
		if n := vector.Dot(v, v); !(n > 1-1e-4 && n < 1+1e-4) {
			return fmt.Errorf("is not a unit vector: its squared length is %g", n)
		}
		return nil
	}
	if !vector.Normalize(v) {
		return errors.New("is zero or not finite")
	}
	return nil
}
