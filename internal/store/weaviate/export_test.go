package weaviate

import "time"

// Unsettled makes commits end as Weaviate ends them while f runs.
func Unsettled(f func()) {
	settles = false
	defer func() { settles = true }()
	f()
}

// CallTime is how long one try may take.
const CallTime = callTime

// SetPatience makes all tries of one call end after so long, and gives what it was.
func SetPatience(d time.Duration) (before time.Duration) {
	before, patience = patience, d
	return before
}
