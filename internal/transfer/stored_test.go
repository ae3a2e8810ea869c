package transfer

import (
	"encoding/binary"
	"math"
	"os"
	"testing"
)

// Who reads the files as told gets the vectors that an export has.
func TestStoredVectorsAreThoseOfAnExport(t *testing.T) {
	t.Parallel()
	c, _ := indexedAs(t, "a.png", "b.png", "c.png")
	exported, err := Export(t.Context(), c, "own")
	must(t, err)
	stored, err := Stored(t.Context(), c, "own")
	must(t, err)
	if stored.Model != "own" || stored.Dim != 2 || len(stored.Files) != 1 || len(stored.Names) != 3 || len(stored.Rows) != 3 {
		t.Fatalf("%+v", stored)
	}
	file := stored.Files[0]
	data, err := os.ReadFile(file.Path)
	must(t, err)
	for i, row := range stored.Rows {
		if stored.Names[i] != exported.Names[i] {
			t.Errorf("picture %d is %s, exported as %s", i, stored.Names[i], exported.Names[i])
		}
		for j, want := range exported.Vector(i) {
			at := file.Offset + int64(4*(row*stored.Dim+j))
			if got := math.Float32frombits(binary.LittleEndian.Uint32(data[at:])); got != want {
				t.Errorf("%s[%d] is %v, exported as %v", stored.Names[i], j, got, want)
			}
		}
	}
}
