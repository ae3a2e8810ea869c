package labelled

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bench/quality writes both.
func TestThePageHasTheTableOfResults(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "reference", "quality.md"))
	must(t, err)
	if len(Results()) == 0 || !strings.Contains(string(text), Table(Results())) {
		t.Errorf("docs/reference/quality.md lacks the table\n%s", Table(Results()))
	}
	for _, r := range Results() {
		if _, err := Find(r.Set); err != nil || r.Low > r.MAP || r.MAP > r.High {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if ResultsOf("no such model") != "" {
		t.Error("a model that was not measured has results")
	}
	if got := ResultsOf(Results()[0].Model); !strings.HasPrefix(got, "On the labelled sets, ") {
		t.Error(got)
	}
}
