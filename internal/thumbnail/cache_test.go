package thumbnail

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestThumbsFolderIsBounded(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "thumbs")
	var count Cache
	add := func(number int) {
		t.Helper()
		path := filepath.Join(dir, "256", fmt.Sprintf("%02d.png", number))
		if err := write(dir, make([]byte, 100), "256", filepath.Base(path)); err != nil {
			t.Fatal(err)
		}
		at := time.Unix(int64(number), 0) // made one after the other
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		if err := count.grow(dir, 100, 1000); err != nil {
			t.Fatal(err)
		}
	}
	kept := func() (names []string) {
		files, _ := filepath.Glob(filepath.Join(dir, "256", "*"))
		for _, f := range files {
			names = append(names, filepath.Base(f))
		}
		return names
	}
	for i := range 10 {
		add(i)
	}
	if n := len(kept()); n != 10 {
		t.Errorf("%d are kept of 10 that have room", n)
	}
	add(10)
	if names := kept(); len(names) != 7 || names[0] != "04.png" {
		t.Errorf("the seven newest should be left: %v", names)
	}
	// Someone else removes the folder, or filled it before.
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	count = Cache{}
	add(11)
	if names := kept(); len(names) != 1 {
		t.Errorf("%v", names)
	}
	for i := range 30 {
		if err := write(dir, make([]byte, 100), "64", fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	count = Cache{}
	add(12)
	if left, err := evict(dir, 1000); err != nil || left > 1000 {
		t.Errorf("%d bytes, %v", left, err)
	}
}
