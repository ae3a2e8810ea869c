package container

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What testdata/tables.py writes with pyarrow: a row without a picture among seven, classes under numbers that the file names.
func TestParquetHoldsThePicturesThatWereWritten(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"named.parquet", "numbered.parquet"} {
		holds(t, path)
	}
	for _, c := range []struct{ path, name, want string }{
		{"named.parquet", "train/1.img", "caption 1: sky"},
		{"named.parquet", "train/6.img", "caption 6: "},
		{"numbered.parquet", "000000.jpg", ": sea"},
		{"numbered.parquet", "000002.jpg", "other: land"},
	} {
		m, ok := mustOpen(t, c.path).Find(c.name)
		if got := m.Title + ": " + strings.Join(m.Tags, " "); !ok || got != c.want {
			t.Errorf("%s: %s: %q, want %q", c.path, c.name, got, c.want)
		}
	}
}

func TestParquetIsReadInAnyOrder(t *testing.T) {
	t.Parallel()
	c := mustOpen(t, "named.parquet")
	for _, i := range []int{5, 0, 3, 3, 1, 5, 4, 2} {
		m := c.Members()[i]
		if data, err := c.Read(t.Context(), m, 1<<20); err != nil || int64(len(data)) != m.Size {
			t.Errorf("%s: %d of %d bytes, %v", m.Name, len(data), m.Size, err)
		}
	}
}

func TestATableWithoutPicturesIsNoContainer(t *testing.T) {
	t.Parallel()
	if _, err := open(t, "list.parquet"); !errors.Is(err, ErrNoPictures) {
		t.Errorf("a list: %v", err)
	}
	data, err := os.ReadFile(filepath.Join("testdata", "named.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.parquet")
	if err := os.WriteFile(cut, data[:len(data)-20], 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, cut); !errors.Is(err, ErrFile) {
		t.Errorf("a table without its end: %v", err)
	}
}
