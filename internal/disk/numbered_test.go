package disk_test

import (
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/disk"
)

func TestNamesAreNumbered(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		why, name string
		n         int
		want      string
	}{
		{"the first has no number", "cat.jpg", 1, "cat.jpg"},
		{"before the ending", "a.b.jpg", 2, "a.b (2).jpg"},
		{"no ending", "cat", 10, "cat (10)"},
		{"it fits", strings.Repeat("a", 247) + ".png", 2, strings.Repeat("a", 247) + " (2).png"},
		{"it does not", strings.Repeat("a", 251) + ".png", 2, strings.Repeat("a", 247) + " (2).png"},
		{"no letter is cut in two", "a" + strings.Repeat("ä", 125) + ".png", 2, "a" + strings.Repeat("ä", 123) + " (2).png"},
	} {
		if got := disk.Numbered(x.name, x.n); got != x.want {
			t.Errorf("%s: %q", x.why, got)
		}
	}
}
