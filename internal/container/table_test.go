package container

import (
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What testdata/tables.py writes with pyarrow: a row without a picture among seven, classes under numbers that the file names.
func TestTablesHoldThePicturesThatWereWritten(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"named.parquet", "numbered.parquet", "named.arrow", "numbered.arrow", "named.arrows"} {
		holds(t, path)
		for _, c := range []struct{ name, want string }{
			{"train/1.img", "caption 1: sky"},
			{"train/6.img", "caption 6: "},
			{"000000.jpg", ": sea"},
			{"000002.jpg", "other: land"},
		} {
			if isNamed := strings.HasPrefix(path, "named"); isNamed != strings.HasPrefix(c.name, "train") {
				continue
			}
			m, ok := mustOpen(t, path).Find(c.name)
			if got := m.Title + ": " + strings.Join(m.Tags, " "); !ok || got != c.want {
				t.Errorf("%s: %s: %q, want %q", path, c.name, got, c.want)
			}
		}
	}
}

func TestTablesAreReadInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"named.parquet", "named.arrow", "numbered.arrow", "named.arrows"} {
		c := mustOpen(t, path)
		for _, i := range []int{5, 0, 3, 3, 1, 5, 4, 2} {
			m := c.Members()[i]
			if data, err := c.Read(t.Context(), m, 1<<20); err != nil || int64(len(data)) != m.Size {
				t.Errorf("%s: %s: %d of %d bytes, %v", path, m.Name, len(data), m.Size, err)
			}
		}
	}
}

// Rows that are far away are passed over.
func TestATableIsReadFarFromItsBeginning(t *testing.T) {
	t.Parallel()
	c := mustOpen(t, "long.arrow")
	if n := len(c.Members()); n != 2000 {
		t.Fatal(n)
	}
	for _, i := range []int{1999, 3, 1200, 1201, 0} {
		m := c.Members()[i]
		data, err := c.Read(t.Context(), m, 1<<20)
		if err != nil || crc32.ChecksumIEEE(data)%1e9 != uint32(m.ModTime.Nanosecond()) || int64(len(data)) != m.Size {
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
