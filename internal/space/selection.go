package space

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/glob"
	"github.com/akin-search/akin/internal/vector"
)

// Selections are lists of names that a link or a query refers to by a short id. They are stored in DIR/selections/ID.json;
// the id is the hash of the content, so that the same pictures have the same id, and damage is seen.
const (
	selectionsKept = 200 // the least recently stored ones are forgotten
	selectionID    = 24  // hexadecimal digits
)

var validSelection = regexp.MustCompile(fmt.Sprintf(`^[0-9a-f]{%d}$`, selectionID))

// KeepSelection stores a list of names, in any order, and returns its id.
func (c *Collection) KeepSelection(ctx context.Context, names []string) (api.Selection, error) {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	if len(names) == 0 {
		return api.Selection{}, api.Invalidf("the selection is empty")
	}
	data, err := json.Marshal(names)
	if err != nil {
		return api.Selection{}, err
	}
	out := api.Selection{ID: selectionOf(data), Count: len(names)}
	dir, err := disk.Folder(disk.OS, c.LocalDir, 0o777, "selections")
	if err == nil {
		err = disk.Replace(filepath.Join(dir, out.ID+".json"), data, 0o666)
	}
	if err != nil {
		return out, fmt.Errorf("store the selection: %w", err)
	}
	return out, errors.Join(ctx.Err(), forgetSelections(dir))
}

func selectionOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])[:selectionID]
}

// forgetSelections removes the selections beyond the newest ones.
func forgetSelections(dir string) error {
	files, err := glob.Files(dir, "*.json")
	if err != nil || len(files) <= selectionsKept {
		return err
	}
	type file struct {
		path string
		at   int64
	}
	var all []file
	for _, path := range files {
		if info, err := os.Lstat(path); err == nil {
			all = append(all, file{path, info.ModTime().UnixNano()})
		}
	}
	slices.SortFunc(all, func(a, b file) int { return cmp.Compare(b.at, a.at) })
	for _, f := range all[min(selectionsKept, len(all)):] {
		if err := os.Remove(f.path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Selection returns the names of a stored selection. Errors: api.ErrNoSelection.
func (c *Collection) Selection(_ context.Context, id string) (names []string, err error) {
	if !validSelection.MatchString(id) {
		return nil, fmt.Errorf("%.64q: %w", id, api.ErrNoSelection)
	}
	data, err := disk.Read(filepath.Join(c.LocalDir, "selections", id+".json"))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("%s: %w", id, api.ErrNoSelection)
	case err != nil:
		return nil, err
	case selectionOf(data) != id:
		return nil, fmt.Errorf("%s is damaged: %w", id, api.ErrNoSelection)
	}
	err = json.Unmarshal(data, &names)
	return names, err
}

// meanOf returns the unit vector of the mean of pictures' embeddings, and which pictures these are. Names that the
// collection no longer has, and pictures without an embedding, are left out.
func (v *Space) meanOf(names []string) (unit []float32, of []int, err error) {
	sum := make([]float64, v.Space.Dim)
	for _, name := range names {
		p, err := v.Lookup(name)
		if err != nil || p.Row < 0 {
			continue
		}
		if i, ok := v.Pictures.Index(p.ID); ok {
			of = append(of, i)
		}
		for d, x := range v.Matrix.Row(p.Row) {
			sum[d] += float64(x)
		}
	}
	if len(of) == 0 {
		return nil, nil, fmt.Errorf("%w %s for any of the %d selected pictures", api.ErrNoSpace, v.Model, len(names))
	}
	unit = make([]float32, len(sum))
	for d := range sum {
		unit[d] = float32(sum[d] / float64(len(of)))
	}
	if !vector.Normalize(unit) {
		return nil, nil, api.Invalidf("the embeddings of the selected pictures cancel each other out")
	}
	return unit, of, nil
}

// Except returns a filter that the pictures of a query's mean do not pass: they are not what is looked for.
func (v *Space) Except(f Filtered, t QueryVector) Filtered {
	if len(t.Mean) == 0 {
		return f
	}
	pictures := full(v.Pictures.Len())
	if f.Pictures != nil {
		pictures = slices.Clone(f.Pictures)
	}
	for _, i := range t.Mean {
		pictures[i/64] &^= 1 << (i % 64)
	}
	f.Pictures, f.Rows = pictures, v.rowsOf(pictures)
	f.Candidates = f.Rows.count()
	return f
}
