package insight

import (
	_ "embed"
	"strings"
)

//go:embed words.txt
var words string

// Words returns the default words for naming groups of pictures.
func Words() []string { return strings.Split(strings.TrimSpace(words), "\n") }

// NameGroups returns for each group of pictures the index of the word that is closer to the group than to pictures
// in general, by the largest margin, or -1. The comparison is relative because texts and pictures are
// never very close, and some words are closer to all pictures than others. groups and all are means of
// unit vectors, (dim); words are unit vectors.
func NameGroups(groups [][]float64, all []float64, words [][]float32) []int {
	out := make([]int, len(groups))
	for g, mean := range groups {
		out[g] = -1
		most := 0.
		for w, word := range words {
			nearer := 0.
			for d, x := range word {
				nearer += float64(x) * (mean[d] - all[d])
			}
			if nearer > most {
				most, out[g] = nearer, w
			}
		}
	}
	return out
}
