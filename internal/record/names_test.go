package record_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/record"
)

func TestClosestNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed, names, want string
		why                string
	}{
		{"Chda", "Chad Mali China", "Chad", "two letters that changed places are one mistake"},
		{"tulp", "tulip rose", "tulip", "a letter is missing"},
		{"efficientnet", "clip-vit-base efficientnet-lite0 efficientnet-b0-large", "efficientnet-lite0 efficientnet-b0-large", "only the beginning was typed"},
		{"efficientnet", "efficientnet-b7 efficientnet-lite0", "efficientnet-b7 efficientnet-lite0", "the same, where one is short"},
		{"chad", "Chad", "Chad", "case is no mistake"},
		{"Xyzzy", "Chad Mali", "", "nothing is like it"},
		{"x", "y z", "", "one wrong letter of one"},
		{"clip-vit-bas", "clip-vit-large clip-vit-base", "clip-vit-base", "what is further away is left out"},
	} {
		got := record.Closest(c.typed, slices.Values(strings.Fields(c.names)))
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q among %s: %q, want %q: %s", c.typed, c.names, got, c.want, c.why)
		}
	}
}
