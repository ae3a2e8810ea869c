package source

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/frame"
)

// The forms are those of cocodataset.org's page on the format, and of FiftyOne's FiftyOneDataset.
const (
	coco = `{"info": {"year": 2017}, "licenses": [{"id": 1, "name": "x"}],
"annotations": [{"id": 9, "image_id": 7, "category_id": 18, "segmentation": [[1, 2, 3, 4]], "bbox": [1, 2, 3, 4]},
 {"id": 10, "image_id": 7, "category_id": 1}, {"id": 11, "image_id": 7, "category_id": 18}, {"id": 12, "image_id": 8, "caption": "a dog"}],
"images": [{"license": 1, "file_name": "0.png", "coco_url": "http://example.org/0.png", "height": 2, "width": 3, "id": 7},
 {"file_name": "1.png", "coco_url": "http://example.org/1.png", "id": 8}],
"categories": [{"id": 1, "name": "person"}, {"id": 18, "name": "dog", "supercategory": "animal"}]}`
	fiftyOne = `{"samples": [{"_id": {"$oid": "64"}, "filepath": "data/0.png", "tags": ["validation", "odd"], "metadata": null, "_media_type": "image",
 "ground_truth": {"_cls": "Classification", "label": "cat"}},
 {"_id": {"$oid": "65"}, "filepath": "data/1.png", "tags": [], "ground_truth": {"_cls": "Classification", "label": "dog"}}]}`
)

func TestListsOfDatasetsAreWalked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, list, text string
		pictures        string // the folder of the pictures
		columns         api.Columns
		want            []string
		path, tags      string
		says            string
	}{
		{"COCO, as it is published", "annotations/instances_val2017.json", coco, "val2017", nil,
			[]string{"val2017/0.png dog,person", "val2017/1.png "}, "file_name in ../val2017", "tags", ""},
		{"COCO, beside its pictures", "train/_annotations.coco.json", coco, "train", nil,
			[]string{"train/0.png dog,person", "train/1.png "}, "file_name", "tags", ""},
		{"COCO, as FiftyOne exports it", "labels.json", coco, "data", nil,
			[]string{"data/0.png dog,person", "data/1.png "}, "file_name in data", "tags", ""},
		{"COCO without its pictures: nothing is fetched unasked", "x.json", coco, "elsewhere", nil, nil, "file_name", "tags", ""},
		{"COCO by addresses", "x.json", coco, "elsewhere", api.Columns{api.PathColumn: "coco_url"},
			[]string{"http://example.org/0.png dog,person", "http://example.org/1.png "}, "coco_url", "tags", ""},
		{"FiftyOne", "samples.json", fiftyOne, "data", nil,
			[]string{"data/0.png validation,odd", "data/1.png "}, "filepath", "tags", ""},
		{"FiftyOne, by label", "samples.json", fiftyOne, "data", api.Columns{api.TagsColumn: "ground_truth.label"},
			[]string{"data/0.png cat", "data/1.png dog"}, "filepath", "ground_truth.label", ""},
		{"pandas", "list.json", `[{"image": "data/0.png", "tags": "a"}]`, "data", nil, []string{"data/0.png a"}, "image", "tags", ""},
		{"cut", "x.json", coco[:600], "data", nil, nil, "", "", "unexpected EOF"},
		{"no samples", "samples.json", `{"samples": []}`, "data", nil, nil, "", "", "its samples are none"},
	} {
		dir := t.TempDir()
		for _, name := range []string{c.pictures + "/0.png", c.pictures + "/1.png", c.list} {
			text := name
			if name == c.list {
				text = c.text
			}
			path := filepath.Join(dir, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		var u api.Understood
		err := Walk(t.Context(), []string{filepath.Join(dir, c.list)}, Options{Columns: c.columns, Understood: func(x api.Understood) { u = x }}, func(it Item) error {
			from, err := filepath.Rel(dir, it.Source)
			if it.Address || err != nil {
				from = it.Source
			}
			got = append(got, filepath.ToSlash(from)+" "+strings.Join(it.Tags, ","))
			return nil
		})
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %q, %v", c.why, got, err)
			}
			continue
		}
		if err != nil || !slices.Equal(got, c.want) || u.Path != c.path || u.Tags != c.tags || u.Name != "" {
			t.Errorf("%s: %q, %+v, %v", c.why, got, u, err)
		}
	}
}

func TestCOCOInTwoFoldersAsks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"x.json": coco, "images/0.png": "", "data/0.png": ""} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	err := Walk(t.Context(), []string{filepath.Join(dir, "x.json")}, Options{}, func(Item) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "its files are in ") || errors.Is(err, frame.ErrFile) {
		t.Error(err)
	}
}
