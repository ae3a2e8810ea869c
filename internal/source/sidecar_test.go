package source

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestSidecarsAreFoundBesideTheirPictures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string, at time.Time) {
		t.Helper()
		path := filepath.Join(dir, name)
		err := os.WriteFile(path, []byte(text), 0o666)
		if err == nil {
			err = os.Chtimes(path, at, at)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	day := time.Date(2024, 7, 31, 12, 0, 0, 123, time.UTC)
	write("a.jpg.xmp", "darktable's", day)
	write("a.xmp", "Lightroom's", day.Add(time.Hour))
	write("b.xmp", "Lightroom's", day)
	write("DSC1.XMP", "a camera's", day)
	write("g.JPG.XMP", "another's", day)
	write("c.jpg.xmp", string(make([]byte, sidecarLimit+1)), day)
	write("old.xmp", "from 1970", time.Unix(0, 0))
	if err := os.Mkdir(filepath.Join(dir, "d.xmp"), 0o777); err != nil {
		t.Fatal(err)
	}
	linked := os.Symlink(filepath.Join(dir, "b.xmp"), filepath.Join(dir, "e.xmp")) == nil
	var s Sidecars
	for _, x := range []struct {
		name, want string
		written    int64
		why        string
	}{
		{"a.jpg", "darktable's", day.UnixNano(), "the one with the picture's whole name goes first"},
		{"a.png", "Lightroom's", day.Add(time.Hour).UnixNano(), "the other one"},
		{"b.NEF", "Lightroom's", day.UnixNano(), "of a RAW file"},
		{"DSC1.JPG", "a camera's", day.UnixNano(), "in capitals"},
		{"g.JPG", "another's", day.UnixNano(), "with the whole name in capitals"},
		{"c.jpg", "", 0, "too long to be one"},
		{"old.jpg", "from 1970", 1, "no time is 0, which is none"},
		{"d.jpg", "", 0, "a folder"},
		{"f.jpg", "", 0, "none"},
		{"nowhere/f.jpg", "", 0, "no folder"},
	} {
		path := filepath.Join(dir, x.name)
		got := Sidecar(path)
		if string(got.Packet) != x.want || got.Written != x.written {
			t.Errorf("%s: %s: %q %d, want %q %d", x.name, x.why, got.Packet, got.Written, x.want, x.written)
		}
		for range 2 {
			if written := s.Written(path); written != x.written {
				t.Errorf("%s: %s: written %d, want %d", x.name, x.why, written, x.written)
			}
		}
	}
	if e := filepath.Join(dir, "e.jpg"); linked && (Sidecar(e).Packet != nil || s.Written(e) != 0) {
		t.Error("a link is followed")
	}
	if address := "https://example.org/a.jpg"; Sidecar(address).Packet != nil || s.Written(address) != 0 {
		t.Error("an address has a sidecar")
	}
}
