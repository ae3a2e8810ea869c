package container

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestTarHoldsWhatPythonReadsInIt(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"pax.tar", "gnu.tar", "packed.tgz", "packed.tar.bz2", "packed.tar.zst", "misnamed.tar"} {
		holds(t, path)
	}
}

// A packed archive is read from its beginning again where an earlier member is asked for, and several read it at a time.
func TestPackedTarsAreReadInAnyOrder(t *testing.T) {
	t.Parallel()
	plain, packed := mustOpen(t, "pax.tar"), mustOpen(t, "packed.tgz")
	var wait sync.WaitGroup
	for turn := range 4 {
		wait.Go(func() {
			members := slices.Clone(packed.Members())
			for i := range members { // each begins elsewhere, and every other one goes backwards
				m := members[(i+turn)%len(members)]
				if turn%2 == 1 {
					m = members[(2*len(members)-1-i-turn)%len(members)]
				}
				same, _ := plain.Find(m.Name)
				want, err := plain.Read(t.Context(), same, 1<<20)
				got, err2 := packed.Read(t.Context(), m, 1<<20)
				if err != nil || err2 != nil || !slices.Equal(got, want) {
					t.Errorf("%s: %d bytes, want %d: %v, %v", m.Name, len(got), len(want), err, err2)
				}
			}
		})
	}
	wait.Wait()
}

func TestTarNamesLeadNowhere(t *testing.T) {
	t.Parallel()
	c := mustOpen(t, "names.tar")
	if got, want := namesOf(c), []string{"a/b.jpg", "absolute.jpg", "dot.jpg", "twice.jpg"}; !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
	if m, _ := c.Find("twice.jpg"); m.Size != 5000 { // the fifth, not the fourth
		t.Errorf("of two members of a name one of %d bytes counts", m.Size)
	}
	if got := namesOf(mustOpen(t, "latin.tar")); !slices.Equal(got, []string{"München.jpg"}) {
		t.Errorf("a name in ISO 8859-1: %q", got)
	}
}

func TestDamagedTarsAreReadAsFarAsTheyGo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path, flaw string
		members    int // that are listed, each of which can be read
	}{
		{"cut.tar", `"last.jpg": it is cut off after 4000 of 9000 bytes`, 4},
		{"cut.tgz", "it is cut off", 1},
		{"sparse_gnu.tar", `"hole.jpg": files with holes (sparse) are not supported`, 1},
		{"sparse_posix.tar", `"hole.jpg": files with holes (sparse) are not supported`, 1},
	} {
		a := mustOpen(t, c.path)
		if len(a.Flaws()) == 0 || !strings.Contains(a.Flaws()[0].Error(), c.flaw) {
			t.Errorf("%s: flaws %v, want %q", c.path, a.Flaws(), c.flaw)
		}
		if len(a.Members()) < c.members {
			t.Errorf("%s: %d members, want %d", c.path, len(a.Members()), c.members)
		}
		for _, m := range a.Members() {
			if data, err := a.Read(t.Context(), m, 1<<20); err != nil || int64(len(data)) != m.Size {
				t.Errorf("%s: %s: %d of %d bytes, %v", c.path, m.Name, len(data), m.Size, err)
			}
		}
	}
	for _, c := range []struct{ path, says string }{{"packed.tar.xz", "packed with xz"}, {notTar(t), "does not begin as a tar archive"}} {
		if _, err := open(t, c.path); !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.path, err, c.says)
		}
	}
}

func notTar(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "not.tar")
	if err := os.WriteFile(path, []byte(strings.Repeat("no archive ", 1000)), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// Three gigabytes of zeros in three megabytes are not read to their end.
func TestAPackedTarThatUnpacksToFarMoreIsNotReadOn(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it unpacks more than a gigabyte")
	}
	path := filepath.Join(t.TempDir(), "bomb.tgz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z, _ := gzip.NewWriterLevel(f, gzip.BestSpeed)
	w := tar.NewWriter(z)
	const size = 3 << 30
	err = errors.Join(
		w.WriteHeader(&tar.Header{Name: "a.jpg", Mode: 0o644, Size: 3}), write(w, "abc"),
		w.WriteHeader(&tar.Header{Name: "zeros.jpg", Mode: 0o644, Size: size}), copyOf(w, io.LimitReader(zeros{}, size)),
		w.Close(), z.Close(), f.Close())
	if err != nil {
		t.Fatal(err)
	}
	c := mustOpen(t, path)
	if len(c.Flaws()) == 0 || !strings.Contains(c.Flaws()[0].Error(), "unpacks to more than 200 times its size") {
		t.Errorf("flaws %v", c.Flaws())
	}
	if got := namesOf(c); !slices.Equal(got, []string{"a.jpg"}) {
		t.Errorf("members %q", got)
	}
}

func write(w io.Writer, s string) error {
	_, err := io.WriteString(w, s)
	return err
}

func copyOf(w io.Writer, r io.Reader) error {
	_, err := io.Copy(w, r)
	return err
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// An archive that was written to has other dates for its members, which have no checksums of their own; one that is
// packed has checksums.
func TestTarMembersChangeWithTheArchiveOrWithTheirBytes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path  string
		moves bool
	}{{"pax.tar", true}, {"packed.tgz", false}} {
		data, err := os.ReadFile(filepath.Join("testdata", c.path))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), c.path)
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		var times [2]time.Time
		for i := range times {
			if err := os.Chtimes(path, time.Time{}, time.Unix(1700000000+int64(i), 0)); err != nil {
				t.Fatal(err)
			}
			m, _ := mustOpen(t, path).Find("b.jpg")
			times[i] = m.ModTime
		}
		if moved := !times[0].Equal(times[1]); moved != c.moves || times[0].Unix() != 1620284890 {
			t.Errorf("%s: %s and %s", c.path, times[0], times[1])
		}
	}
}

// What testdata/archives.py writes beside its pictures: captions that no two share are their names, classes and keywords their tags.
func TestShardsSayWhatTheirPicturesAre(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"shard.tar", "shard.tar.bz2"} {
		c := mustOpen(t, path)
		for name, want := range map[string]string{
			"000/a.jpg": "A red flag: class 7", "000/b.jpg": "A blue flag: flag blue cold", "000/c.jpg": ": sea", "000/d.jpg": ": ", "000/e.jpg": ": ",
		} {
			m, ok := c.Find(name)
			if got := m.Title + ": " + strings.Join(m.Tags, " "); !ok || got != want || m.Aside {
				t.Errorf("%s: %s: %q, want %q", path, name, got, want)
			}
		}
		asides := 0
		for _, m := range c.Members() {
			if m.Aside {
				asides++
			}
		}
		if readme, _ := c.Find("README.txt"); readme.Aside || asides != 9 {
			t.Errorf("%s: %d texts beside pictures, want 9; README.txt is one of them: %t", path, asides, readme.Aside)
		}
	}
}
