package evidence

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/picture"
)

func flag(t testing.TB, name string) *picture.Picture {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(golden.Flags(t), "images", name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := picture.Decode(t.Context(), data, picture.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestChadIsNotRomania(t *testing.T) {
	t.Parallel()
	if e := Compare(flag(t, "Chad"), flag(t, "Romania")); e.Same {
		t.Errorf("%+v", e)
	}
	if e := Compare(flag(t, "Chad"), flag(t, "Chad")); !e.Same {
		t.Errorf("%+v", e)
	}
}
