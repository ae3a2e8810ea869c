package api

// StoredVectors says where the embeddings of a model lie on disk, for programs on the same machine that map them
// instead of copying them. Nothing there may be written to.
type StoredVectors struct {
	Model string       `json:"model"`
	Dim   int          `json:"dim"`
	Files []VectorFile `json:"files"` // rows are numbered through all of them, from 0
	// Names are the pictures that have an embedding, in the order of the collection, and Rows the row of each. Files
	// with the same bytes share a row, and rows of forgotten pictures have no picture.
	Names []string `json:"names"`
	Rows  []int    `json:"rows"`
}

// VectorFile is a file with unit vectors: Rows times Dim float32, little-endian, without gaps.
type VectorFile struct {
	Path   string `json:"path"`
	Offset int64  `json:"offset"` // of the first, in bytes
	Rows   int    `json:"rows"`
}
