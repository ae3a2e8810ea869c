package local

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	_ "time/tzdata"

	"github.com/akin-search/akin/internal/record"
)

// version1 is a copy of a collection that akin made when its format was 1: /p/a.png,
// /p/b.png, /p/2024/a.png (written on 2023-11-14), the imported Chad, and
// /p/broken.png, which could not be read.
func version1(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "c.akin")
	if err := os.CopyFS(dir, os.DirFS(formatDir(1))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// formatDir is the folder of a collection of a format, as it was made when that format was the current one.
func formatDir(version int) string {
	return filepath.Join("testdata", fmt.Sprintf("version%d.akin", version))
}

var update = flag.Bool("update", false, "make testdata's collection of the current format")

// TestACollectionOfThisFormatIsKept keeps one of the current format, for when there is a next one: the program that
// made it will be gone.
func TestACollectionOfThisFormatIsKept(t *testing.T) {
	dir := formatDir(formatVersion)
	if *update {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		makeOld(t, dir)
	}
	if _, err := os.Stat(filepath.Join(dir, "akin.db")); err != nil {
		t.Errorf("there is none: go test ./internal/store/local -run ThisFormat -update makes it (%v)", err)
	}
}

// makeOld makes a collection of what version1 has.
func makeOld(t *testing.T, dir string) {
	c, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	write(t, c, func(w *Writer) error {
		space, err := w.Space(t.Context(), "m", "f1", dim)
		if err != nil {
			return err
		}
		a, b, other := put("/p/a.png", "A"), put("/p/b.png", "B"), put("/p/2024/a.png", "C")
		other.Mtime = 1_700_000_000_000_000_000
		chad := record.Put{Name: "Chad", Source: record.ImportedSource("Chad"), Hash: sha256.Sum256([]byte("import:Chad"))}
		return w.Commit(t.Context(), record.Batch{
			Puts: []record.Put{a, b, other, chad, {Source: "/p/broken.png", Root: "/p", Size: 3, Mtime: 9, Error: "cut off"}},
			Embeddings: []record.Embedding{
				embedding(space, "A", 2, 0, 0, 0), embedding(space, "B", 0, 3, 4, 0), embedding(space, "C", 0, 0, 0, 1),
				embedding(space, "import:Chad", 0, 1, 0, 0),
			},
		})
	})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lock", "akin.db-wal", "akin.db-shm"} {
		if err := absent(os.Remove(filepath.Join(dir, name))); err != nil {
			t.Fatal(err)
		}
	}
}

// Whatever format a collection has, it is read as it is, and the first writer makes it one of this format.
func TestEveryOlderFormatIsReadAndUpgraded(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob(filepath.Join("testdata", "version*.akin"))
	if err != nil || len(dirs) < 2 {
		t.Fatal(dirs, err)
	}
	for _, old := range dirs {
		t.Run(filepath.Base(old), func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "c.akin")
			if err := os.CopyFS(dir, os.DirFS(old)); err != nil {
				t.Fatal(err)
			}
			reader, space := openOld(t, dir, Options{ReadOnly: true})
			checkOld(t, reader, space)
			c, _ := openOld(t, dir, Options{})
			write(t, c, func(*Writer) error { return nil })
			checkOld(t, reader, space)
			young, _ := create4(t)
			if got, want := columns(t, c), columns(t, young); !reflect.DeepEqual(got, want) {
				t.Errorf("upgraded it is %v, a new one is %v", got, want)
			}
			if v := format(t, c); v != formatVersion {
				t.Errorf("it has format %d", v)
			}
			write(t, c, func(w *Writer) error { return w.Commit(t.Context(), numbered(space, 0, 3)) })
			if p := verify(t, c); len(p) > 0 {
				t.Error(p)
			}
		})
	}
}

func openOld(t testing.TB, dir string, o Options) (*Collection, record.Space) {
	t.Helper()
	c, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	spaces, err := c.Spaces(t.Context())
	if err != nil || len(spaces) != 1 {
		t.Fatal(spaces, err)
	}
	return c, spaces[0]
}

// checkOld looks whether everything of version1 is there.
func checkOld(t *testing.T, c *Collection, space record.Space) *Snapshot {
	t.Helper()
	s := snapshot(t, c, space)
	got := map[string][]float32{}
	for _, p := range s.Pictures.All() {
		got[p.Name+" "+p.Source] = s.Matrix.Row(p.Row)
	}
	want := map[string][]float32{
		"a /p/a.png": {1, 0, 0, 0}, "b /p/b.png": {0, 0.6, 0.8, 0}, "2024/a /p/2024/a.png": {0, 0, 0, 1}, "Chad import:Chad": {0, 1, 0, 0},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	if info, err := c.Info(t.Context()); err != nil || info.Pictures != 4 || len(info.Failures) != 1 {
		t.Errorf("%+v, %v", info, err)
	}
	if p := verify(t, c); len(p) > 0 {
		t.Error(p)
	}
	return s
}

func format(t *testing.T, c *Collection) int {
	t.Helper()
	v, err := c.version(c.db)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestACollectionOfAnOlderFormatIsReadAsItIs(t *testing.T) {
	t.Parallel()
	c, space := openOld(t, version1(t), Options{ReadOnly: true})
	s := checkOld(t, c, space)
	if _, err := s.Dates(t.Context()); !errors.Is(err, record.ErrNeedsReindex) {
		t.Errorf("dates: %v", err)
	}
	if tagged, err := s.Tagged(t.Context(), "x"); err != nil || !slices.Equal(tagged, []uint64{0}) {
		t.Errorf("tagged: %v, %v", tagged, err)
	}
	if tags, err := c.Tags(t.Context()); err != nil || len(tags) > 0 {
		t.Errorf("tags: %v, %v", tags, err)
	}
	if v := format(t, c); v != 1 {
		t.Errorf("reading made it format %d", v)
	}
}

func TestTheFirstWriterUpgradesACollection(t *testing.T) {
	t.Parallel()
	dir := version1(t)
	c, space := openOld(t, dir, Options{})
	reader, _ := openOld(t, dir, Options{ReadOnly: true}) // opened before
	if v := format(t, c); v != 1 {
		t.Errorf("opening made it format %d", v)
	}
	write(t, c, func(*Writer) error { return nil })
	if v := format(t, reader); v != formatVersion {
		t.Errorf("it has format %d", v)
	}
	s := checkOld(t, reader, space)
	undated, err := c.Undated(t.Context())
	if err != nil || len(undated) != 4 {
		t.Errorf("%d contents have no date: %v", len(undated), err)
	}
	d, err := s.Dates(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// A picture whose file was not asked has the file's date, and an imported one none.
	if want := []int64{0, 0, 1_700_000_000, record.NoDate}; !slices.Equal(d.Instant, want) {
		t.Errorf("%v, want %v", d.Instant, want)
	}
	young, _ := create4(t)
	if got, want := columns(t, c), columns(t, young); !reflect.DeepEqual(got, want) {
		t.Errorf("upgraded it is %v, a new one is %v", got, want)
	}
	write(t, c, func(*Writer) error { return nil }) // and not again
	two(t, c)
	if p := verify(t, c); len(p) > 0 {
		t.Error(p)
	}
}

// columns lists what a database has.
func columns(t *testing.T, c *Collection) []string {
	t.Helper()
	var out []string
	err := c.rows(t.Context(), `SELECT s.type || ' ' || s.name || '.' || coalesce(i.name || ' ' || i.type || ' ' || i."notnull" || ' ' || i.pk, '')
		FROM sqlite_schema s LEFT JOIN pragma_table_info(s.name) i ORDER BY 1`, func(scan func(...any) error) error {
		var line string
		err := scan(&line)
		out = append(out, line)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func upgradeAndDie(dir, statement string) {
	last, _ := strconv.Atoi(statement)
	upgraded = func(n int) {
		if n == last {
			self, _ := os.FindProcess(os.Getpid())
			_ = self.Kill()
			select {}
		}
	}
	c, err := Open(dir, Options{})
	if err == nil {
		_, err = c.Writer()
	}
	fmt.Print(err)
	os.Exit(0)
}

// Whatever statement the process is killed at, the collection is the old one.
func TestAKilledUpgradeNeverWas(t *testing.T) {
	t.Parallel()
	kills := 0
	for n := 1; ; n++ {
		dir := version1(t)
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "AKIN_TEST_UPGRADE="+dir, "AKIN_TEST_STATEMENT="+strconv.Itoa(n))
		out, err := cmd.Output()
		if err == nil {
			if string(out) != "<nil>" {
				t.Errorf("not killed: %s", out)
			}
			break
		}
		kills++
		c, space := openOld(t, dir, Options{})
		if v := format(t, c); v != 1 {
			t.Errorf("killed at statement %d: format %d", n, v)
		}
		checkOld(t, c, space)
		write(t, c, func(*Writer) error { return nil })
		if v := format(t, c); v != formatVersion {
			t.Errorf("the next writer leaves format %d", v)
		}
		checkOld(t, c, space)
	}
	if kills != 9 { // a column, the tags, the generation, the reviews, the metadata, another column, the captions, the sidecars, the version
		t.Errorf("killed %d times", kills)
	}
}

func TestADateIsOfTheCameraElseOfTheFile(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	utc := func(s string) int64 {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return at.Unix()
	}
	const written = 1_720_000_000_123_456_789 // 2024-07-03T09:46:40Z
	for _, x := range []struct {
		why, taken     string
		mtime          int64
		clock, instant int64
	}{
		{"with a zone", "2024-07-01T05:00:00+09:00", written, utc("2024-07-01T05:00:00Z"), utc("2024-06-30T20:00:00Z")},
		{"without, in summer", "2024-07-01T05:00:00", written, utc("2024-07-01T05:00:00Z"), utc("2024-07-01T03:00:00Z")},
		{"without, in winter", "2024-01-01T05:00:00", written, utc("2024-01-01T05:00:00Z"), utc("2024-01-01T04:00:00Z")},
		{"before 1970", "1912-04-14T23:40:00", written, utc("1912-04-14T23:40:00Z"), utc("1912-04-14T22:40:00Z")},
		{"the file's", "", written, utc("2024-07-03T11:46:40Z"), utc("2024-07-03T09:46:40Z")},
		{"the file's, before 1970", "", -1, utc("1970-01-01T00:59:59Z"), -1},
		{"an address", "", 0, record.NoDate, record.NoDate},
		{"nonsense counts as nothing", "2024-99-01T00:00:00", written, utc("2024-07-03T11:46:40Z"), utc("2024-07-03T09:46:40Z")},
	} {
		clock, instant := record.DateOf(x.taken, x.mtime, berlin)
		if clock != x.clock || instant != x.instant {
			t.Errorf("%s: %d, %d, want %d, %d", x.why, clock, instant, x.clock, x.instant)
		}
	}
	// An hour that the clock skips is none, and one that comes twice is two: what the
	// clock showed is kept, and the instant is one of those that could be meant.
	for _, x := range []struct{ taken, one, other string }{
		{"2024-03-31T02:30:00", "2024-03-31T00:30:00Z", "2024-03-31T01:30:00Z"},
		{"2024-10-27T02:30:00", "2024-10-27T00:30:00Z", "2024-10-27T01:30:00Z"},
	} {
		clock, instant := record.DateOf(x.taken, 0, berlin)
		if clock != utc(x.taken+"Z") || instant != utc(x.one) && instant != utc(x.other) {
			t.Errorf("%s: %d, %d", x.taken, clock, instant)
		}
	}
}

func TestTagsStayWithThePicture(t *testing.T) {
	t.Parallel()
	c, dir := create4(t)
	space := two(t, c)
	ids := map[string]int64{}
	for _, p := range snapshot(t, c, space).Pictures.All() {
		ids[p.Name] = p.ID
	}
	tag := func(want int, taggings ...record.Tagging) {
		t.Helper()
		write(t, c, func(w *Writer) error {
			n, err := w.Tag(t.Context(), taggings)
			if n != want {
				t.Errorf("%v: %d were new, want %d", taggings, n, want)
			}
			return err
		})
	}
	tag(3, record.Tagging{Picture: ids["a"], Tag: " Stra\u00dfe "}, record.Tagging{Picture: ids["b"], Tag: "stra\u00dfe"}, record.Tagging{Picture: ids["a"], Tag: "Sa\u0303o Paulo"})
	tag(0, record.Tagging{Picture: ids["a"], Tag: "S\u00c3O paulo"}, record.Tagging{Picture: 99, Tag: "gone meanwhile"})
	check := func(why string, want map[int64][]string) {
		t.Helper()
		if got, err := c.TagsOf(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v, want %v", why, got, err, want)
		}
	}
	both := map[int64][]string{ids["a"]: {"Stra\u00dfe", "S\u00e3o Paulo"}, ids["b"]: {"Stra\u00dfe"}}
	check("as written first", both)
	if tags, err := c.Tags(t.Context()); err != nil || !slices.Equal(tags, []record.Tag{{Name: "Stra\u00dfe", Pictures: 2}, {Name: "S\u00e3o Paulo", Pictures: 1}}) {
		t.Errorf("%v, %v", tags, err)
	}
	tagged, err := snapshot(t, c, space).Tagged(t.Context(), "STRASSE")
	if err != nil || tagged[0] != 0 {
		t.Errorf("\u00df is not ss: %b, %v", tagged[0], err)
	}
	if tagged, err = snapshot(t, c, space).Tagged(t.Context(), "s\u00e3o PAULO"); err != nil || tagged[0] != 0b01 {
		t.Errorf("%b, %v", tagged[0], err)
	}

	write(t, c, func(w *Writer) error {
		return w.Commit(t.Context(), record.Batch{
			Puts: []record.Put{put("/p/b.png", "other bytes")},
			Move: map[int64]record.Put{ids["a"]: put("/q/renamed.png", "A")},
		})
	})
	check("after a rename and other bytes", both)
	write(t, c, func(w *Writer) error {
		if n, err := w.Untag(t.Context(), []record.Tagging{{Picture: ids["b"], Tag: "STRA\u00dfE"}, {Picture: ids["b"], Tag: "never had"}}); err != nil || n != 1 {
			t.Errorf("%d were taken away, %v", n, err)
		}
		return w.Commit(t.Context(), record.Batch{Remove: []int64{ids["a"]}})
	})
	check("of a picture that was forgotten", map[int64][]string{})
	for _, bad := range []string{"", " ", "a;b", "a\nb", string(make([]byte, 201))} {
		if _, err := record.CleanTag(bad); err == nil {
			t.Errorf("%q is a tag", bad)
		}
	}
	if problems, err := Open(dir, Options{ReadOnly: true}); err != nil {
		t.Error(err)
	} else {
		problems.Close()
	}
}

// An imported picture keeps its tags when a file takes it over.
func TestAFileTakesOverTheTagsOfItsName(t *testing.T) {
	t.Parallel()
	c, _ := create4(t)
	write(t, c, func(w *Writer) error {
		err := w.Commit(t.Context(), record.Batch{Puts: []record.Put{{Name: "Chad", Source: record.ImportedSource("Chad"), Hash: sha256.Sum256([]byte("import:Chad"))}}})
		if err != nil {
			return err
		}
		if _, err := w.Tag(t.Context(), []record.Tagging{{Picture: 1, Tag: "Africa"}}); err != nil {
			return err
		}
		return w.Commit(t.Context(), record.Batch{Puts: []record.Put{put("/flags/Chad.png", "pixels")}})
	})
	s, err := c.Catalog(t.Context())
	if err != nil || s.Pictures.Len() != 1 || s.Pictures.At(0).Source != "/flags/Chad.png" {
		t.Fatalf("%+v, %v", slices.Collect(s.Pictures.names()), err)
	}
	if tagged, err := s.Tagged(t.Context(), "africa"); err != nil || tagged[0] != 1 {
		t.Errorf("%b, %v", tagged[0], err)
	}
}
