package akin

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/collection"
)

// Whatever a filter says, it is ready to be used, or told what is wrong with it.
func FuzzFilters(f *testing.F) {
	f.Add("2024", "2024-07-31T12:00:00+02:00", "img_*", "red")
	f.Add("2024-7", "", "**/[a-z]*.png", "a;b")
	f.Fuzz(func(t *testing.T, after, before, name, tag string) {
		filter := Filter{After: after, Before: before, Names: []string{name}, Tags: []string{tag}}
		conditions, err := filter.conditions()
		if err == nil && len(conditions) < 2 {
			t.Errorf("%+v is %d conditions", filter, len(conditions))
		}
		if m, err := parseMoment(after); err == nil && after == "" != (m == moment{}) && m.seconds != 0 {
			t.Errorf("%q is %+v", after, m)
		}
		if clean, err := collection.CleanTag(tag); err == nil {
			if again, err := collection.CleanTag(clean); err != nil || again != clean {
				t.Errorf("%q is cleaned to %q, and that to %q, %v", tag, clean, again, err)
			}
		}
	})
}

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
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "x.map")
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		if places := readMap(path); len(places) > len(data) {
			t.Errorf("%d places in %d bytes", len(places), len(data))
		}
	})
}
