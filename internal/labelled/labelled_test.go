package labelled

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/picture"

	"github.com/akin-search/akin/api"
)

// archive packs files as npm does.
func archive(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w := tar.NewWriter(z)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		must(t, w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(files[name]))}))
		_, err := w.Write([]byte(files[name]))
		must(t, err)
	}
	must(t, errors.Join(w.Close(), z.Close()))
	return out.Bytes()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// madeSet is a set of three packages, and their archives.
func madeSet(t *testing.T) (Set, map[string][]byte) {
	t.Helper()
	disc := `<circle cx='8' cy='8' r='6'/>`
	archives := map[string][]byte{
		"named@1": archive(t, map[string]string{
			"package/icons.json": `{"width": 32, "height": 24, "icons": {"ad-4x3": {"body": "` + disc + `"}, "ad-1x1": {"body": ""},
				"fr-4x3": {"body": "` + disc + `", "left": -2, "width": 20}, "us-4x3": {"body": "", "hidden": true}, "../x-4x3": {"body": ""}}}`,
			"package/index.js": "process.exit(1)",
		}),
		"points@2": archive(t, map[string]string{
			"package/icons.json": `{"icons": {"flag-andorra": {"body": "` + disc + `", "hidden": true}, "flag-france": {"body": ""}, "flag-usa": {"body": ""}, "hand": {"body": ""}}}`,
			"package/chars.json": `{"1f1e6-1f1e9": "flag-andorra", "1f1eb-1f1f7": "flag-france", "1f1fa-1f1f8": "flag-usa", "270b": "hand", "1f1e6-1f1ff": "absent"}`,
		}),
		"files@3": archive(t, map[string]string{
			"package/img/x/64/1f1e6-1f1e9.png": "png of andorra", "package/img/x/64/1f1fa-1f1f8.png": "png of the states",
			"package/img/y/64/1f1eb-1f1f7.png": "of another vendor", "../../etc/1f1eb-1f1f7.png": "outside",
		}),
	}
	hash := func(name string) string {
		sum := sha512.Sum512(archives[name])
		return base64.StdEncoding.EncodeToString(sum[:])
	}
	return Set{Name: "made", Least: 2, Packages: []Package{
		{Artist: "a", Name: "named", Version: "1", Integrity: hash("named@1"), Licence: mit, takes: rule{names: regexp.MustCompile(`^(.+)-4x3$`)}},
		{Artist: "b", Name: "points", Version: "2", Integrity: hash("points@2"), Licence: ccBy, takes: flagsByPoints},
		{Artist: "c", Name: "files", Version: "3", Integrity: hash("files@3"), Licence: apache, takes: rule{folder: "package/img/x/64/", names: flag}},
	}}, archives
}

func serve(archives map[string][]byte) Options {
	return Options{Download: func(_ context.Context, pkg, folder string) (string, error) {
		file := filepath.Join(folder, "x.tgz")
		return file, os.WriteFile(file, archives[pkg], 0o666)
	}}
}

func TestASetIsLaidOutWithItsGroups(t *testing.T) {
	t.Parallel()
	s, archives := madeSet(t)
	data := t.TempDir()
	if _, err := Fetched(s, data); !errors.As(err, new(*NotFetchedError)) {
		t.Errorf("before: %v", err)
	}
	r, err := Fetch(t.Context(), s, data, serve(archives))
	must(t, err)
	f, err := Fetched(s, data)
	must(t, err)
	labels, err := os.ReadFile(f.Labels())
	must(t, err)
	// The named package hides its flag of the United States; the vendor x has none of France.
	if want := "name,group\nad.a,ad\nad.b,ad\nad.c,ad\nfr.a,fr\nfr.b,fr\nus.b,us\nus.c,us\n"; string(labels) != want {
		t.Errorf("%s, want %s", labels, want)
	}
	if want := (api.LabelledReport{Set: "made", Folder: string(f), Pictures: 7, Groups: 3}); r != want {
		t.Errorf("%+v", r)
	}
	files, err := os.ReadDir(f.Pictures())
	must(t, err)
	var names []string
	for _, e := range files {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != "ad.a.svg ad.b.svg ad.c.png fr.a.svg fr.b.svg us.b.svg us.c.png" {
		t.Error(got)
	}
	notice, err := os.ReadFile(f.Notice())
	must(t, err)
	for _, line := range []string{"*.a: named@1, licence: MIT", "*.b: points@2, licence: CC-BY-4.0"} {
		if !strings.Contains(string(notice), line) {
			t.Errorf("%s lacks %q", notice, line)
		}
	}
	for name, want := range map[string]string{
		"ad.a.svg": `viewBox="0 0 32 24" width="32" height="24"`, "fr.a.svg": `viewBox="-2 0 20 24" width="20" height="24"`,
		"ad.b.svg": `viewBox="0 0 16 16" width="16" height="16"`,
	} {
		drawing, err := os.ReadFile(filepath.Join(f.Pictures(), name))
		must(t, err)
		if !strings.Contains(string(drawing), want) {
			t.Errorf("%s: %s", name, drawing)
		}
		if _, err := picture.Inspect(drawing, picture.Limits{}); err != nil && !errors.Is(err, picture.ErrNoDecoder) {
			t.Errorf("%s: %v", name, err)
		}
	}

	// Again, nothing is downloaded; of other packages, all is.
	again, err := Fetch(t.Context(), s, data, Options{Download: func(context.Context, string, string) (string, error) { return "", errors.New("downloaded") }})
	if r.Kept = true; err != nil || again != r {
		t.Errorf("again: %+v, %v", again, err)
	}
	s.Packages = s.Packages[:2]
	if _, err := Fetched(s, data); !errors.As(err, new(*NotFetchedError)) {
		t.Errorf("of other packages: %v", err)
	}
	if r, err = Fetch(t.Context(), s, data, serve(archives)); err != nil || r.Pictures != 4 || r.Kept {
		t.Errorf("of other packages: %+v, %v", r, err)
	}
	if left := beside(t, f); !slices.Equal(left, []string{"made", "made.lock"}) {
		t.Errorf("what is left: %v", left)
	}
}

// beside returns the names in the folder of all sets.
func beside(t *testing.T, f Folder) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(string(f)))
	must(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestWhatAKilledFetchLeftIsRemoved(t *testing.T) {
	t.Parallel()
	s, archives := madeSet(t)
	data := t.TempDir()
	f := s.Folder(data)
	killed := filepath.Join(string(f)+".partial", "package-1")
	must(t, errors.Join(os.MkdirAll(killed, 0o777), os.WriteFile(filepath.Join(killed, "x.tgz"), archives["named@1"], 0o666)))
	_, err := Fetch(t.Context(), s, data, serve(archives))
	must(t, err)
	if left := beside(t, f); !slices.Equal(left, []string{"made", "made.lock"}) {
		t.Errorf("what is left: %v", left)
	}
}

func TestTwoFetchesAtOnceDownloadOnce(t *testing.T) {
	t.Parallel()
	s, archives := madeSet(t)
	data := t.TempDir()
	var downloads atomic.Int64
	o := Options{Download: func(ctx context.Context, pkg, folder string) (string, error) {
		downloads.Add(1)
		time.Sleep(10 * time.Millisecond)
		return serve(archives).Download(ctx, pkg, folder)
	}}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if r, err := Fetch(t.Context(), s, data, o); err != nil || r.Pictures != 7 {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	both.Wait()
	if downloads.Load() != 3 {
		t.Errorf("%d downloads of 3 packages", downloads.Load())
	}
}

func TestAPackageThatIsNotAsExpectedLeavesNothing(t *testing.T) {
	t.Parallel()
	for why, change := range map[string]func(s *Set, archives map[string][]byte){
		"another hash": func(_ *Set, a map[string][]byte) { a["points@2"] = append(a["points@2"], 0) },
		"cut off":      func(s *Set, a map[string][]byte) { rehash(s, a, 1, a["points@2"][:40]) },
		"no archive":   func(s *Set, a map[string][]byte) { rehash(s, a, 1, []byte("<html>")) },
		"no icons":     func(s *Set, a map[string][]byte) { rehash(s, a, 0, a["files@3"]) },
		"icons that are none": func(s *Set, a map[string][]byte) {
			rehash(s, a, 0, archive(t, map[string]string{"package/icons.json": "[]"}))
		},
		"nothing in common":          func(s *Set, _ map[string][]byte) { s.Least = 4 },
		"a package is not to be had": func(_ *Set, a map[string][]byte) { delete(a, "files@3") },
	} {
		s, archives := madeSet(t)
		change(&s, archives)
		data := t.TempDir()
		_, err := Fetch(t.Context(), s, data, serve(archives))
		left := beside(t, s.Folder(data))
		if err == nil || !slices.Equal(left, []string{"made.lock"}) {
			t.Errorf("%s: %v; %v is left", why, err, left)
		}
		if why == "another hash" && !errors.As(err, new(*IntegrityError)) {
			t.Errorf("%s: %v", why, err)
		}
	}
}

func rehash(s *Set, archives map[string][]byte, i int, data []byte) {
	sum := sha512.Sum512(data)
	s.Packages[i].Integrity = base64.StdEncoding.EncodeToString(sum[:])
	archives[s.Packages[i].String()] = data
}

func TestWhatIsWrongWithNPMIsSaidInOneLine(t *testing.T) {
	for _, c := range []struct{ why, script, want string }{
		{"a report", `printf %s '{"error": {"code": "E404", "summary": "Not Found\nat all", "detail": ""}}'; exit 1`, "E404 Not Found"},
		{"a report that says its code twice", `printf %s '{"error": {"code": "ENOSPC", "summary": "ENOSPC: no space left"}}'; exit 1`, "ENOSPC no space left"},
		{"words", `echo 'npm error code ENOTFOUND' >&2; echo 'npm error network' >&2; exit 1`, "npm error code ENOTFOUND"},
		{"nothing", `exit 7`, "exit status 7"},
		{"success without an archive", `exit 0`, "no archive"},
	} {
		bin := t.TempDir()
		must(t, os.WriteFile(filepath.Join(bin, "npm"), []byte("#!/bin/sh\n"+c.script+"\n"), 0o755))
		t.Setenv("PATH", bin)
		_, err := npmPack(t.Context(), "x@1", t.TempDir())
		if e := new(ClientError); !errors.As(err, &e) || !strings.Contains(e.Detail, c.want) || strings.Contains(e.Detail, "\n") {
			t.Errorf("%s: %v", c.why, err)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := npmPack(t.Context(), "x@1", t.TempDir()); !errors.As(err, new(*NoClientError)) {
		t.Error(err)
	}
}

func TestGroupsAreDerivedFromNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		set, artist, name, group string
	}{
		{"flags7", "flag", "de-4x3", "de"},
		{"flags7", "flag", "de-1x1", ""},
		{"flags7", "twemoji", "1f1e9-1f1ea", "de"},
		{"flags7", "google", "1f1ff-1f1fc", "zw"},
		{"flags7", "google", "1f600", ""},
		{"logos", "skill-icons", "rust-dark", ""},
		{"logos", "skill-icons", "rust-light", "rust"},
		{"logos", "skill-icons", "rust", "rust"},
		{"logos", "vscode-icons", "file-type-rust", "rust"},
		{"logos", "vscode-icons", "folder-type-rust", ""},
		{"emoji", "apple", "1f44b", "1f44b"},
		{"emoji", "apple", "1f44b-1f3fd", ""}, // a skin tone
		{"open4", "noto", "0023-20e3", "0023-20e3"},
		{"open4", "noto", "a/b", ""},
	} {
		s, err := Find(c.set)
		must(t, err)
		i := slices.IndexFunc(s.Packages, func(p Package) bool { return p.Artist == c.artist })
		if got := s.Packages[i].takes.group(c.name); got != c.group {
			t.Errorf("%s, %s, %s: %q, want %q", c.set, c.artist, c.name, got, c.group)
		}
	}
	_, err := Find("emojis")
	var unknown *UnknownSetError
	if !errors.As(err, &unknown) || !slices.Contains(unknown.Nearest, "emoji") {
		t.Error(err)
	}
}
