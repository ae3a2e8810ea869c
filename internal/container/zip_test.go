package container

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// open opens an archive of testdata, or another one.
func open(t *testing.T, path string) (Container, error) {
	t.Helper()
	if !filepath.IsAbs(path) {
		path = filepath.Join("testdata", path)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := KindOf(path).Open(t.Context(), f)
	if err == nil {
		t.Cleanup(func() { _ = c.Close() })
	}
	return c, err
}

func mustOpen(t *testing.T, path string) Container {
	t.Helper()
	c, err := open(t, path)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return c
}

// expected is what testdata/archives.py says of an archive: by name, the size and the SHA-256 of each member.
func expected(t *testing.T, path string) map[string][2]any {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", path+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var rows [][3]any
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	out := map[string][2]any{}
	for _, r := range rows {
		out[r[0].(string)] = [2]any{int64(r[1].(float64)), r[2]}
	}
	return out
}

// holds compares a container with what Python read in it.
func holds(t *testing.T, path string) {
	t.Helper()
	c, want := mustOpen(t, path), expected(t, path)
	if flaws := c.Flaws(); len(flaws) > 0 {
		t.Errorf("%s: %v", path, flaws)
	}
	if got := c.Members(); len(got) != len(want) {
		t.Errorf("%s has %d members, and Python reads %d", path, len(got), len(want))
	}
	for _, m := range c.Members() {
		data, err := c.Read(t.Context(), m, 1<<20)
		if err != nil {
			t.Errorf("%s: %s: %v", path, m.Name, err)
			continue
		}
		sum := sha256.Sum256(data)
		if w := want[m.Name]; w != [2]any{m.Size, hex.EncodeToString(sum[:])} {
			t.Errorf("%s: %s has %d bytes with the sum %x, and Python reads %v", path, m.Name, m.Size, sum, w)
		}
		if found, ok := c.Find(m.Name); !ok || found.At != m.At {
			t.Errorf("%s: %s is not found by its name", path, m.Name)
		}
	}
	if _, ok := c.Find("no such.jpg"); ok {
		t.Errorf("%s has a member that it does not have", path)
	}
}

func namesOf(c Container) (names []string) {
	for _, m := range c.Members() {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	return names
}

func TestZipHoldsWhatPythonReadsInIt(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"plain.zip", "methods.zip", "streamed.zip"} {
		holds(t, path)
	}
}

// The date is that of the archive, and its nanoseconds tell members apart whose dates are the same.
func TestZipMembersHaveTheirDateAndChecksum(t *testing.T) {
	t.Parallel()
	sums := map[int]bool{}
	for _, m := range mustOpen(t, "plain.zip").Members() {
		if want := time.Date(2021, 5, 6, 7, 8, 10, 0, time.UTC); !m.ModTime.Truncate(time.Second).Equal(want) {
			t.Errorf("%s is of %s, want %s", m.Name, m.ModTime, want)
		}
		sums[m.ModTime.Nanosecond()] = true
	}
	if len(sums) != 3 {
		t.Errorf("three members have %d checksums", len(sums))
	}
}

func TestZipNamesLeadNowhere(t *testing.T) {
	t.Parallel()
	c := mustOpen(t, "names.zip")
	if got, want := namesOf(c), []string{"a/b.jpg", "absolute.jpg", "dot.jpg", "twice.jpg"}; !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
	for _, want := range []string{`"../out.jpg": its name leads out`, `"a/../../out.jpg": its name leads out`, `"..": its name leads out`, `"twice.jpg": it is there twice`} {
		if !slices.ContainsFunc(c.Flaws(), func(err error) bool { return strings.Contains(err.Error(), want) }) {
			t.Errorf("no flaw says %s: %v", want, c.Flaws())
		}
	}
	if m, _ := c.Find("twice.jpg"); m.Size != 8000 { // the eighth, not the seventh
		t.Errorf("of two members of a name one of %d bytes counts", m.Size)
	}
}

// Python reads the byte 0x81 in the character set of DOS as ü.
func TestZipNamesOfWindows(t *testing.T) {
	t.Parallel()
	if got, want := namesOf(mustOpen(t, "windows.zip")), []string{"München.jpg", "photos/beach.jpg"}; !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
}

func TestDamagedZipsAreRefusedOrTheirRestIsRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ path, says string }{
		{"cut.zip", "does not end as a zip archive"},
		{"overlap.zip", "they overlap, as in a zip bomb"},
	} {
		if _, err := open(t, c.path); !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.path, err, c.says)
		}
	}
	for _, c := range []struct {
		path   string
		errors map[string]string // by member; the others are read
	}{
		{"encrypted.zip", map[string]string{"b.jpg": "it is encrypted"}},
		{"damaged.zip", map[string]string{"a.jpg": "does not match its checksum", "c.jpg": "9 (Deflate64) is not supported"}},
		{"unsaid.zip", map[string]string{"a.jpg": "unpacks to more than the 1000 bytes"}},
	} {
		z := mustOpen(t, c.path)
		for _, m := range z.Members() {
			_, err := z.Read(t.Context(), m, 1<<30)
			if want := c.errors[m.Name]; (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %s: %v, want %q", c.path, m.Name, err, want)
			}
		}
	}
	z := mustOpen(t, "plain.zip")
	m, _ := z.Find("c.jpg")
	if _, err := z.Read(t.Context(), m, 2999); !errors.Is(err, ErrTooLong) {
		t.Errorf("3000 bytes, of which 2999 are to be read: %v", err)
	}
}

func TestPathsAreSplitWhereAContainerMayBe(t *testing.T) {
	t.Parallel()
	p := filepath.FromSlash
	for _, c := range []struct {
		path           string
		files, members []string
	}{
		{p("/a/b.zip/c.jpg"), []string{p("/a/b.zip")}, []string{"c.jpg"}},
		{p("b.ZIP/c/d.jpg"), []string{"b.ZIP"}, []string{"c/d.jpg"}},
		{p("/a.zip/b.zip/c"), []string{p("/a.zip"), p("/a.zip/b.zip")}, []string{"b.zip/c", "c"}},
		{p("/a/b.zip"), nil, nil},
		{p("/a/b.zip/"), nil, nil},
		{p("/a/.zip/c.jpg"), nil, nil},
		{p("/a/b.zip~/c.jpg"), nil, nil},
	} {
		files, members := Split(c.path)
		if !slices.Equal(files, c.files) || !slices.Equal(members, c.members) {
			t.Errorf("%s: %q and %q, want %q and %q", c.path, files, members, c.files, c.members)
		}
	}
}
