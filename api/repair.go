package api

// Repaired tells what Repair did, and what it could not do.
type Repaired struct {
	Done     []string `json:"repaired"` // what was made again, and what was given up: a line each
	Problems []string `json:"problems"` // what is wrong still, as Verify gives it
}
