package space

import (
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
)

// Whatever a filter says, it is ready to be used, or told what is wrong with it.
func FuzzFilters(f *testing.F) {
	f.Add("2024", "2024-07-31T12:00:00+02:00", "img_*", "red")
	f.Add("2024-7", "", "**/[a-z]*.png", "a;b")
	f.Fuzz(func(t *testing.T, after, before, name, tag string) {
		filter := api.Filter{After: after, Before: before, Names: []string{name}, Tags: []string{tag}}
		conditions, err := conditions(filter)
		if err == nil && len(conditions) < 2 {
			t.Errorf("%+v is %d conditions", filter, len(conditions))
		}
		if m, err := parseMoment(after); err == nil && after == "" != (m == moment{}) && m.seconds != 0 {
			t.Errorf("%q is %+v", after, m)
		}
		if clean, err := record.CleanTag(tag); err == nil {
			if again, err := record.CleanTag(clean); err != nil || again != clean {
				t.Errorf("%q is cleaned to %q, and that to %q, %v", tag, clean, again, err)
			}
		}
	})
}
