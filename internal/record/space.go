package record

import (
	"fmt"
	"strings"
)

// Space is one model's vectors.
type Space struct {
	ID          int64
	Model       string
	Fingerprint string
	Dim         int
	Folder      string // below DIR/spaces
	PerSegment  int    // rows of a full segment there
	Rows        int    // on disk
	Covered     int    // pictures that have an embedding here
}

// Imported reports whether another program made the vectors.
func (s Space) Imported() bool { return strings.HasPrefix(s.Fingerprint, importedFingerprint) }

const importedFingerprint = "imported/"

// ImportedFingerprint stands for the fingerprint of a model that akin does not run.
func ImportedFingerprint(dim int) string { return fmt.Sprint(importedFingerprint, dim) }

// Active returns the active space of every model, which searches use: the one that covers the most pictures, and of
// equals the newest. They are in the order in which they were made.
func Active(spaces []Space) []Space {
	best := map[string]int{}
	var order []string
	for i, s := range spaces {
		b, ok := best[s.Model]
		if !ok {
			order = append(order, s.Model)
		}
		if !ok || s.Covered >= spaces[b].Covered {
			best[s.Model] = i
		}
	}
	out := make([]Space, len(order))
	for i, model := range order {
		out[i] = spaces[best[model]]
	}
	return out
}
