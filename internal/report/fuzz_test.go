package report

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/api"
)

// Whatever lies where a map was kept, it is read as places or passed over.
func FuzzMaps(f *testing.F) {
	path := filepath.Join(f.TempDir(), "x.map")
	if err := writeMap(path, nil, nil); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	if err := (&mapping{}).writeClusters(path, [32]byte{}, &api.Map{}, nil); err != nil {
		f.Fatal(err)
	}
	if whole, err = os.ReadFile(path); err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "x.map")
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		if c := readClusters(path); c != nil && len(c.labels)+len(c.named) > len(data) {
			t.Errorf("%d nodes in %d clusters in %d bytes", len(c.labels), len(c.named), len(data))
		}
		if places := readMap(path); len(places) > len(data) {
			t.Errorf("%d places in %d bytes", len(places), len(data))
		}
	})
}
