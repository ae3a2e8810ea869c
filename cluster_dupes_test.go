package akin_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/store/weaviate/weaviatetest"
)

// Copies are the same ones in a cluster as in a folder. What was reviewed goes there with a
// copy of the collection, and every machine knows it; a machine moves the files that it has.
func TestCopiesInAClusterAreThoseOfAFolder(t *testing.T) {
	golden.Deps(t)
	nodes := weaviatetest.Start(t, 1, false)
	one, two := t.TempDir(), t.TempDir() // what two machines keep
	local := withCopies(t)
	n, err := local.ReviewDuplicates(t.Context(), []string{"Chad", "chad exact", "chad as jpeg"})
	if err != nil || n != 1 {
		t.Fatal(n, err)
	}
	address := nodes.Address("Copies") + "?consistency=ALL"
	copied, err := akin.Copy(t.Context(), local.Path(), address, api.CopyOptions{Home: one})
	must(t, err)
	if copied.Reviewed != 1 {
		t.Errorf("%+v", copied)
	}
	if again, err := akin.Copy(t.Context(), local.Path(), address, api.CopyOptions{Home: one}); err != nil || again.Reviewed != 0 {
		t.Errorf("once more: %+v, %v", again, err)
	}
	far := copyCollection{open(t, address, at(one)), local.dir}
	all := api.DuplicateOptions{Mirrored: true, Rotated: true, Reviewed: true}
	want, got := duplicates(t, local, all), duplicates(t, far, all)
	wantGroups(t, got, summary(want)...)
	a, _ := json.Marshal(want.Calibration)
	b, _ := json.Marshal(got.Calibration)
	if string(a) != string(b) || got.Remove != want.Remove || got.Bytes != want.Bytes || got.Reviewed != 1 || len(got.Failed) > 0 {
		t.Errorf("%s\n%s\n%+v", a, b, got)
	}

	n, err = far.ReviewDuplicates(t.Context(), []string{"Bhutan", "bhutan *"})
	if err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	other := copyCollection{open(t, address, at(two)), local.dir}
	d := duplicates(t, other, api.DuplicateOptions{})
	wantGroups(t, d, brazilGroup)
	if d.Reviewed != 2 {
		t.Errorf("the other machine knows of %d reviews", d.Reviewed)
	}
	// Another copy opens the group, and only that one may go.
	chad, err := os.ReadFile(far.path("Chad.png"))
	must(t, err)
	write(t, far.path("new/a chad.png"), chad)
	_, err = other.Index(t.Context(), []string{far.dir}, api.IndexOptions{})
	must(t, err)
	d = duplicates(t, other, api.DuplicateOptions{})
	wantGroups(t, d, brazilGroup, "Chad: a chad exact, chad as jpeg near, chad exact exact")
	for _, g := range d.Groups {
		for _, p := range g.Copies {
			if p.Remove != slices.Contains([]string{"a chad", "brazil trimmed"}, p.Name) {
				t.Errorf("%s is to be removed: %v", p.Name, p.Remove)
			}
		}
	}
	if n, err := other.UnreviewDuplicates(t.Context(), "Bhutan"); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}

	before := len(want.Groups)
	r, err := other.RemoveDuplicates(t.Context(), d.Groups, api.RemoveOptions{Folder: filepath.Join(t.TempDir(), "aside")})
	must(t, err)
	if len(r.Removed) != 2 || len(r.Skipped) > 0 || before == 0 {
		t.Errorf("%+v", r)
	}
	if journals, _ := filepath.Glob(filepath.Join(two, "clusters", "*", "removed.journal")); len(journals) != 1 {
		t.Errorf("journals: %v", journals)
	}
	for _, name := range []string{"a chad", "brazil trimmed"} {
		if _, err := far.PictureInfo(t.Context(), name); err == nil {
			t.Errorf("%s is still in the collection", name)
		}
	}
	wantGroups(t, duplicates(t, other, api.DuplicateOptions{}), bhutanGroup)

	// A machine without the files has nothing to say of them, and nothing is wrong.
	must(t, os.Rename(far.dir, far.dir+" of another machine"))
	d = duplicates(t, other, api.DuplicateOptions{})
	if len(d.Groups) > 0 || len(d.Failed) > 0 || d.Pictures != 0 || d.RemoteOnly < 60 {
		t.Errorf("%+v", d)
	}
}
