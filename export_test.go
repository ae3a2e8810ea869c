package akin

import "time"

// CommitOften makes Index commit after every few pictures, so that a kill finds
// more moments to strike.
func CommitOften() { commitRows, commitTime = 5, 20*time.Millisecond }
