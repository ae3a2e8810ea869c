package source_test

import (
	"archive/zip"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/source"
)

// zipped makes an archive of members of one byte.
func zipped(t *testing.T, path string, names ...string) string {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, name := range names {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte{1})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAnArchiveIsWalkedAsAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files(t, dir, "in/b.png", "in/z.png")
	archive := zipped(t, filepath.Join(dir, "in", "x.zip"), "b/2.png", "a.png", "none", "notes.txt", "inner.zip", ".DS_Store", "__MACOSX/b/._2.png", "b/old/3.png")
	in := filepath.Join(dir, "in")
	for _, c := range []struct {
		why   string
		root  string
		o     source.Options
		want  string
		other int // files that are counted as others
	}{
		{"named", archive, source.Options{}, "in/x.zip/b/2.png in/x.zip/a.png in/x.zip/none in/x.zip/b/old/3.png", 2},
		{"in a folder, not asked for", in, source.Options{}, "in/b.png in/z.png", 1},
		{"in a folder", in, source.Options{Enter: func(string) bool { return true }}, "in/b.png in/x.zip/b/2.png in/x.zip/a.png in/x.zip/none in/x.zip/b/old/3.png in/z.png", 2},
		{"a folder in it", filepath.Join(archive, "b"), source.Options{}, "in/x.zip/b/2.png in/x.zip/b/old/3.png", 0},
		{"one member", filepath.Join(archive, "a.png"), source.Options{}, "in/x.zip/a.png", 0},
		{"what was meant is read whatever it is called", filepath.Join(archive, "none"), source.Options{}, "in/x.zip/none", 0},
		{"hidden", archive, source.Options{Hidden: true, Include: []string{"**/._*"}}, "in/x.zip/__MACOSX/b/._2.png", 0},
		{"included", archive, source.Options{Include: []string{"b/*.png"}}, "in/x.zip/b/2.png", 0},
		{"excluded", archive, source.Options{Exclude: []string{"b/old", "none"}}, "in/x.zip/b/2.png in/x.zip/a.png", 2},
		{"excluded below a folder", in, source.Options{Exclude: []string{"x.zip/b/**", "none"}, Enter: func(string) bool { return true }}, "in/b.png in/x.zip/a.png in/z.png", 2},
	} {
		other := 0
		c.o.Other = func(string) { other++ }
		found, problems := walk(t, dir, c.o, c.root)
		same(t, c.why, found, strings.Fields(c.want)...)
		same(t, c.why, problems)
		if other != c.other {
			t.Errorf("%s: %d other files, want %d", c.why, other, c.other)
		}
	}
	err := source.Walk(t.Context(), []string{filepath.Join(archive, "no.png")}, source.Options{}, func(source.Item) error { return nil })
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a member that is not there: %v", err)
	}
}

func TestADamagedArchiveIsAProblemAndTheRestIsWalked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files(t, dir, "bad.zip")
	good := zipped(t, filepath.Join(dir, "good.zip"), "a.png", "../b.png")
	found, problems := walk(t, dir, source.Options{}, filepath.Join(dir, "bad.zip"), good)
	same(t, "found", found, "good.zip/a.png")
	same(t, "problems", problems, "bad.zip: it cannot be read: it does not end as a zip archive does; copy it again", `good.zip: "../b.png": its name leads out of the archive`)
}

func TestAMembersPathIsOneOfAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	archive := zipped(t, filepath.Join(dir, "x.zip"), "a/b.png")
	member := filepath.Join(archive, "a", "b.png")
	info, err := source.Stat(member)
	if err != nil || info.Size() != 1 || !info.Mode().IsRegular() || info.Name() != "b.png" {
		t.Fatalf("%v, %v", info, err)
	}
	data, err := source.Bytes(t.Context(), nil, member)
	if err != nil || string(data) != "\x01" {
		t.Errorf("read %q, %v", data, err)
	}
	if !source.IsMember(member) || source.IsMember(archive) || source.ContainerOf(member) != archive {
		t.Error("what is a member of what?")
	}
	for _, gone := range []string{filepath.Join(archive, "a", "c.png"), filepath.Join(dir, "y.zip", "a.png"), filepath.Join(archive, "a")} {
		if _, err := source.Lstat(gone); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", gone, err)
		}
		if _, err := source.Bytes(t.Context(), nil, gone); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "read "+gone+": ") {
			t.Errorf("%s: %v", gone, err)
		}
	}
	// Written anew while it is open, the new members count.
	zipped(t, filepath.Join(dir, "new"), "a/c.png", "a/b.png")
	if err := os.Rename(filepath.Join(dir, "new"), archive); err != nil {
		t.Fatal(err)
	}
	if _, err := source.Stat(filepath.Join(archive, "a", "c.png")); err != nil {
		t.Error(err)
	}
	// What cannot be read is not gone.
	if err := os.WriteFile(archive, []byte("no zip"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := source.Lstat(member); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a member of a damaged archive: %v", err)
	}
	// A folder that is called as an archive is one.
	if err := os.Remove(archive); err != nil {
		t.Fatal(err)
	}
	files(t, dir, "x.zip/a/b.png")
	if source.IsMember(member) {
		t.Error("a file in a folder is taken for a member")
	}
}

func TestArchivesAreReadWithinTheFence(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files(t, dir, "in/", "out/")
	zipped(t, filepath.Join(dir, "in", "x.zip"), "a.png")
	zipped(t, filepath.Join(dir, "out", "y.zip"), "a.png")
	if err := os.Symlink(filepath.Join(dir, "out", "y.zip"), filepath.Join(dir, "in", "y.zip")); err != nil {
		t.Skip(err)
	}
	list := filepath.Join(dir, "in", "list.csv")
	if err := os.WriteFile(list, []byte("path\nx.zip/a.png\ny.zip/a.png\n../out/y.zip/a.png\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	within := []string{filepath.Join(dir, "in")}
	found, problems := walk(t, dir, source.Options{Within: within}, list)
	same(t, "a list", found, "in/x.zip/a.png")
	if len(problems) != 2 {
		t.Errorf("problems %q", problems)
	}
	enter := func(string) bool { return true }
	found, _ = walk(t, dir, source.Options{Within: within, Enter: enter, Exclude: []string{"*.csv"}}, within[0])
	same(t, "a folder", found, "in/x.zip/a.png")
	if err := source.Walk(t.Context(), []string{filepath.Join(dir, "out", "y.zip", "a.png")}, source.Options{Within: within}, nil); !errors.Is(err, source.ErrOutside) {
		t.Errorf("a member outside: %v", err)
	}
}

// Films and documents are left out unless frames or pages are asked for; what they are found by is one file.
func TestFilmsAreOthersUntilFramesAreAskedFor(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"ffmpeg", "ffprobe", "pdftoppm", "pdfinfo"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
	}
	dir := t.TempDir()
	files(t, dir, "in/a.png")
	in := filepath.Join(dir, "in")
	film := filepath.Join(in, "trip.mp4")
	if out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=4", "-c:v", "mpeg4", film).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	pdf, err := os.ReadFile(filepath.Join("..", "container", "testdata", "pdf", "pages.pdf"))
	if err == nil {
		err = os.WriteFile(filepath.Join(in, "report.pdf"), pdf, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	two := "in/trip.mp4/frame 00:00:01.000 in/trip.mp4/frame 00:00:03.000"
	for _, c := range []struct {
		why   string
		root  string
		o     source.Options
		want  string
		other int
		wrong string
	}{
		{"not asked for", in, source.Options{Enter: func(string) bool { return true }}, "in/a.png", 2, ""},
		{"frames", in, source.Options{Frames: 2}, "in/a.png " + two, 1, ""},
		{"pages", in, source.Options{Pages: 1}, "in/a.png in/report.pdf/page 1", 1, ""},
		{"the file is included", in, source.Options{Frames: 2, Pages: 1, Include: []string{"*.mp4"}}, two, 0, ""},
		{"the file is excluded", in, source.Options{Frames: 2, Exclude: []string{"*.mp4"}}, "in/a.png", 1, ""},
		{"the file alone", film, source.Options{Frames: 2}, two, 0, ""},
		{"the file alone, not asked for", film, source.Options{}, "", 0, "it is a film, and no frames were asked for"},
		{"a frame", film + "/frame 00:00:01.230", source.Options{}, "in/trip.mp4/frame 00:00:01.230", 0, ""},
		{"a page", in + "/report.pdf/page 3", source.Options{}, "in/report.pdf/page 3", 0, ""},
	} {
		var got []string
		other, wrong := 0, ""
		c.o.Other = func(string) { other++ }
		c.o.Problem = func(_ string, err error) { wrong += err.Error() }
		err := source.Walk(t.Context(), []string{c.root}, c.o, func(it source.Item) error {
			data, err := source.Read(t.Context(), it, nil, 0)
			if len(data) == 0 {
				t.Errorf("%s: %s: %v", c.why, it.Source, err)
			}
			rel, err := filepath.Rel(dir, it.Source)
			got = append(got, filepath.ToSlash(rel))
			return err
		})
		if err != nil || strings.Join(got, " ") != c.want || other != c.other || wrong != c.wrong {
			t.Errorf("%s: %q, %d others, %q, %v", c.why, got, other, wrong, err)
		}
	}
	for path, want := range map[string]error{film + "/frame 00:00:09.000": fs.ErrNotExist, film + "/a.png": fs.ErrNotExist, in + "/report.pdf/page 5": fs.ErrNotExist} {
		if _, err := source.Stat(path); !errors.Is(err, want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
