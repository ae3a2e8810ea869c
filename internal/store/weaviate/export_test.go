package weaviate

import "time"

// WithoutSyncIndexes runs f while commits leave the indexes as Weaviate leaves them.
func WithoutSyncIndexes(f func()) {
	skipSyncIndexes = true
	defer func() { skipSyncIndexes = false }()
	f()
}

// CallTime is how long one try may take.
const CallTime = callTime

// SetPatience makes all tries of one call end after so long, and gives what it was.
func SetPatience(d time.Duration) (before time.Duration) {
	before, patience = patience, d
	return before
}
