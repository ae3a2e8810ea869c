package record

import "strings"

// About is what is stored of a picture, and which spaces have an embedding of it.
type About struct {
	Format        string
	Width, Height int
	Size          int64
	Mtime         int64 // nanoseconds since 1970; 0 of an address
	Taken         string
	Hash          Hash
	Tags          []string
	Spaces        []int64   // that have an embedding of it
	Metadata      *Metadata // nil where it is not stored
}

// Root is a folder or list that was indexed, and its number of pictures.
type Root struct {
	Path     string
	Pictures int
}

// IsImported reports whether a picture came with embeddings and without a file.
func IsImported(source string) bool { return strings.HasPrefix(source, "import:") }

// Picture is a picture in a snapshot.
type Picture struct {
	ID     int64
	Name   string
	Source string
	Row    int // of the space; -1 when it has no embedding there
}

// Known is what the collection stores of one source.
type Known struct {
	ID      int64
	Size    int64
	Mtime   int64 // nanoseconds since 1970
	Content int64 // 0 when the file could not be read
	Failed  bool
}

// File is what the collection stores of a picture's file.
type File struct {
	Hash          Hash
	Size          int64
	Mtime         int64 // nanoseconds since 1970
	Format        string
	Width, Height int
	Added         int64 // increases with time: the picture with the smaller value was added first
}

// Info counts the pictures.
type Info struct {
	Pictures int // that could be read
	Failures []Failure
}

// Failure is a file that could not be read, and why.
type Failure struct{ Source, Error string }

// ImportedSource is the source of a picture that came with imported embeddings
// and has no file.
func ImportedSource(name string) string { return "import:" + name }
