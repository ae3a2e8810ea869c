package api

// Repaired is the answer to Repair.
type Repaired struct {
	Done     []string `json:"repaired"` // what was rebuilt, and what was given up: a line each
	Problems []string `json:"problems"` // what is still wrong, as Verify returns it
}
