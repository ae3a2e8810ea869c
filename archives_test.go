package akin_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// archived writes flags into a zip archive, in a folder of it, and returns their bytes.
func archived(t *testing.T, archive string, flags ...string) (bytes [][]byte) {
	t.Helper()
	f, err := os.Create(archive)
	must(t, err)
	w := zip.NewWriter(f)
	for _, flag := range flags {
		data, err := os.ReadFile(filepath.Join(golden.Flags(t), "images", flag+".png"))
		must(t, err)
		member, err := w.Create("flags/" + flag + ".png")
		must(t, err)
		_, err = member.Write(data)
		must(t, err)
		bytes = append(bytes, data)
	}
	must(t, errors.Join(w.Close(), f.Close()))
	return bytes
}

// A picture in an archive can do what one in a folder can.
func TestPicturesInAnArchive(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	dir := t.TempDir()
	archive := filepath.Join(dir, "world.zip")
	data := archived(t, archive, "Chad", "Romania", "Japan")
	c := open(t, filepath.Join(dir, "c.akin"), akin.Options{})
	r, err := c.Index(t.Context(), []string{archive}, api.IndexOptions{})
	must(t, err)
	if r.Added != 3 {
		t.Fatalf("%+v", r)
	}
	chad := filepath.Join(archive, "flags", "Chad.png")
	for _, query := range []string{"Chad", chad} {
		found, err := c.Search(t.Context(), api.Query{{Picture: query, Weight: 1}}, api.SearchOptions{Top: 1})
		must(t, err)
		if len(found.Hits) != 1 || found.Hits[0].Source != filepath.Join(archive, "flags", "Romania.png") {
			t.Errorf("like %s: %+v", query, found.Hits)
		}
	}
	p, err := c.PictureInfo(t.Context(), "Chad")
	must(t, err)
	if p.Source != chad || !p.HasFile || p.Bytes != int64(len(data[0])) {
		t.Errorf("%+v", p)
	}
	f, err := c.File(t.Context(), "Chad")
	must(t, err)
	got, err := io.ReadAll(f)
	must(t, errors.Join(err, f.Close()))
	if !bytes.Equal(got, data[0]) || f.Type != "image/png" {
		t.Errorf("its file is another one: %d bytes of %s", len(got), f.Type)
	}
	if thumb, err := c.Thumbnail(t.Context(), "Chad", 64); err != nil || len(thumb.Data) == 0 {
		t.Errorf("thumbnail: %v", err)
	}
	i, _, err := akin.Inspect(t.Context(), chad, akin.Options{})
	must(t, err)
	if i.Width != 220 || i.Height != 147 || i.Format != "png" {
		t.Errorf("%+v", i)
	}
	// Another archive takes its place: the picture of that name is none that was indexed.
	archived(t, archive, "Romania")
	if _, err := c.File(t.Context(), "Chad"); !errors.Is(err, akin.ErrNoFile) {
		t.Errorf("a member that is gone: %v", err)
	}
	r, err = c.Index(t.Context(), []string{archive}, api.IndexOptions{Prune: true})
	must(t, err)
	if r.Removed != 2 || r.Unchanged != 1 {
		t.Errorf("%+v", r)
	}
}

// Copies in an archive are found, and stay: nothing is removed from an archive, and the file outside is the best.
func TestDuplicatesInAnArchiveStay(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	dir := t.TempDir()
	pictures := filepath.Join(dir, "pictures")
	loose := filepath.Join(pictures, "a long name for Chad.png")
	copyFile(t, filepath.Join(golden.Flags(t), "images", "Chad.png"), loose)
	copyFile(t, loose, filepath.Join(pictures, "zz", "a longer name for Chad.png"))
	archive := filepath.Join(pictures, "w.zip")
	archived(t, archive, "Chad", "Japan")
	before, err := os.ReadFile(archive)
	must(t, err)
	c := open(t, filepath.Join(dir, "c.akin"), akin.Options{})
	_, err = c.Index(t.Context(), []string{pictures}, api.IndexOptions{Archives: true})
	must(t, err)
	d, err := c.Duplicates(t.Context(), api.DuplicateOptions{Exact: true})
	must(t, err)
	if len(d.Groups) != 1 || len(d.Groups[0].Copies) != 3 || d.Groups[0].Copies[0].Source != loose || d.Remove != 1 {
		t.Fatalf("%+v", d)
	}
	// Whoever asks for it all the same is refused.
	for i := range d.Groups[0].Copies {
		d.Groups[0].Copies[i].Remove = i > 0
	}
	r, err := c.RemoveDuplicates(t.Context(), d.Groups, api.RemoveOptions{Folder: filepath.Join(dir, "copies")})
	must(t, err)
	if len(r.Removed) != 1 || len(r.Skipped) != 1 || !strings.Contains(r.Skipped[0].Error, "it lies in "+archive+", from which nothing is removed") {
		t.Errorf("%+v", r)
	}
	if after, err := os.ReadFile(archive); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the archive was written to, %v", err)
	}
	if _, err := os.Stat(loose); err != nil {
		t.Error(err)
	}
}
