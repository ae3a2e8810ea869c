package insight

import (
	_ "embed"
	"strings"
)

//go:embed words.txt
var words string

// Words are what pictures are called by, where nobody says other words.
func Words() []string { return strings.Split(strings.TrimSpace(words), "\n") }

// Call gives each group of pictures the word that is nearer to it than to pictures in general, by
// the most: texts and pictures are never very near, and some words are to all pictures nearer
// than others. groups and all are means of unit vectors, (dim); words are unit vectors. -1 stands
// for none.
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
