package source

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
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

func TestASidecarIsChanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	read := func(name string) string {
		data, err := os.ReadFile(at(name))
		if err != nil {
			return ""
		}
		return string(data)
	}
	for name, text := range map[string]string{"b.xmp": "old", "c.jpg.xmp": "first", "c.xmp": "second", "long.jpg.xmp": string(make([]byte, sidecarLimit+1))} {
		if err := os.WriteFile(at(name), []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	more := func(packet []byte) ([]byte, error) { return append(packet, "+"...), nil }
	for _, x := range []struct {
		why, picture, name, want string
		dry, written             bool
		change                   func([]byte) ([]byte, error)
	}{
		{"tried", "a.jpg", "a.jpg.xmp", "", true, true, more},
		{"new", "a.jpg", "a.jpg.xmp", "+", false, true, more},
		{"again", "a.jpg", "a.jpg.xmp", "++", false, true, more},
		{"Lightroom's", "b.NEF", "b.xmp", "old+", false, true, more},
		{"the one that is read", "c.jpg", "c.jpg.xmp", "first+", false, true, more},
		{"no change", "c.jpg", "c.jpg.xmp", "first+", false, false, func(p []byte) ([]byte, error) { return p, nil }},
	} {
		name, written, err := ChangeSidecar(at(x.picture), x.dry, x.change)
		if err != nil || name != at(x.name) || written != x.written || read(x.name) != x.want {
			t.Errorf("%s: %s %v %v %q", x.why, name, written, err, read(x.name))
		}
	}
	if info, err := os.Stat(at("b.xmp")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("whose mode is %v, %v", info.Mode(), err)
	}
	if got := read("c.xmp"); got != "second" {
		t.Errorf("the other sidecar: %q", got)
	}
	if _, _, err := ChangeSidecar(at("long.jpg"), false, more); err == nil || len(read("long.jpg.xmp")) != sidecarLimit+1 {
		t.Errorf("what is no sidecar: %v", err)
	}
	failed := errors.New("no")
	if _, _, err := ChangeSidecar(at("b.jpg"), false, func([]byte) ([]byte, error) { return nil, failed }); !errors.Is(err, failed) || read("b.xmp") != "old+" {
		t.Errorf("a change that fails: %v", err)
	}
	_, _, err := ChangeSidecar(at("b.jpg"), false, func([]byte) ([]byte, error) {
		if err := os.WriteFile(at("b.xmp"), []byte("another's"), 0o640); err != nil {
			return nil, err
		}
		return []byte("mine"), os.Chtimes(at("b.xmp"), time.Unix(9, 9), time.Unix(9, 9))
	})
	if !errors.Is(err, ErrSidecarChanged) || read("b.xmp") != "another's" {
		t.Errorf("while another program writes: %v, %q", err, read("b.xmp"))
	}
}

// A sidecar in an archive lies beside its picture there.
func TestSidecarsInArchives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	type file struct{ name, text string }
	files := []file{{"a/b.jpg", "b"}, {"a/b.jpg.xmp", "b's"}, {"a/c.jpg", "c"}, {"a/c.XMP", "c's"}, {"d.jpg", "d"}, {"x/d.xmp", "another's"}, {"e.jpg", "e"}, {"e.xmp", string(make([]byte, sidecarLimit+1))}}
	at := time.Date(2024, 7, 31, 12, 0, 0, 0, time.UTC)
	var zipped, tarred, packed bytes.Buffer
	z, tr := zip.NewWriter(&zipped), tar.NewWriter(&tarred)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: at})
		if err == nil {
			_, err = w.Write([]byte(f.text))
		}
		if err == nil {
			err = tr.WriteHeader(&tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.text)), ModTime: at})
		}
		if err == nil {
			_, err = tr.Write([]byte(f.text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	g := gzip.NewWriter(&packed)
	_, err := g.Write(tarred.Bytes())
	err = errors.Join(err, z.Close(), tr.Close(), g.Close())
	for name, data := range map[string][]byte{"p.zip": zipped.Bytes(), "p.tar": tarred.Bytes(), "p.tgz": packed.Bytes()} {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), data, 0o666))
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, archive := range []string{"p.zip", "p.tar", "p.tgz"} {
		for picture, want := range map[string]string{"a/b.jpg": "b's", "a/c.jpg": "c's", "d.jpg": "", "e.jpg": "", "a/none.jpg": ""} {
			if archive == "p.tgz" {
				want = ""
			}
			path := filepath.Join(dir, archive, filepath.FromSlash(picture))
			x := Sidecar(path)
			var s Sidecars
			if string(x.Packet) != want || (x.Written != 0) != (want != "") || s.Written(path) != x.Written {
				t.Errorf("%s: %q, written %d, or %d", path, x.Packet, x.Written, s.Written(path))
			}
		}
	}
}
