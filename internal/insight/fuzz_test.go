package insight

import (
	"strings"
	"testing"
)

// Whatever a file of groups holds, it gives labels or an error.
func FuzzReadLabels(f *testing.F) {
	f.Add("name,group\nChad,tricolour\nRomania,tricolour\n")
	f.Add("a,b\n\"c")
	f.Fuzz(func(t *testing.T, text string) {
		labels, err := ReadLabels(strings.NewReader(text))
		if err == nil && len(labels) == 0 {
			t.Errorf("%d labels and %v", len(labels), err)
		}
	})
}
