package api

// Repaired is the answer to Repair.
type Repaired struct {
	Done     []string `json:"repaired"` // what was rebuilt, and what was given up: a line each
	Problems []string `json:"problems"` // what is still wrong, as Verify returns it
	Reindex  bool     `json:"reindex,omitempty" doc:"Embeddings are missing that indexing makes again"`
	Reimport []string `json:"reimport,omitempty" doc:"Models whose embeddings are missing and must be imported again"`
}
