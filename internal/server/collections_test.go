package server

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store/local"
)

// served makes a server of the collections of a data folder of the test's own, with some that
// hold a picture each.
func served(t *testing.T, names ...string) (data string, h http.Handler) {
	t.Helper()
	data = t.TempDir()
	folder := filepath.Join(data, "collections")
	for i, name := range names {
		makeOne(t, filepath.Join(folder, name), i)
	}
	s, err := New(t.Context(), Options{Version: "test", Token: "0123456789abcdef0123", Open: akin.Options{Home: akin.Home(data)}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return folder, s.Handler()
}

func makeOne(t *testing.T, dir string, i int) {
	t.Helper()
	c, err := local.Open(dir, local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	w, err := c.Writer()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	space, err := w.Space(context.Background(), "m", "f", 4)
	if err == nil {
		hash := record.Hash{byte(i), 1}
		err = w.Commit(context.Background(), record.Batch{
			Puts:       []record.Put{{Name: "a", Source: "/p/a.png", Hash: hash, Format: "png", Width: 1, Height: 1}},
			Embeddings: []record.Embedding{{Space: space.ID, Hash: hash, Vector: []float32{1, 0, 0, 0}}},
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

type collectionList struct {
	Collections []api.CollectionInfo `json:"collections"`
}

var knowing = map[string]string{"Authorization": "Bearer 0123456789abcdef0123"}

func listOf(t *testing.T, h http.Handler) (names, failed []string, w *httptest.ResponseRecorder) {
	t.Helper()
	w = get(t, h, "GET", base+"/collections", knowing, nil)
	if w.Code != 200 {
		return nil, nil, w
	}
	var out collectionList
	decode(t, w, &out)
	for _, c := range out.Collections {
		if c.Error != "" {
			failed = append(failed, c.Name)
		} else if names = append(names, c.Name); c.Pictures != 1 || len(c.Models) != 1 {
			t.Errorf("%+v", c)
		}
	}
	return names, failed, w
}

// A collection that is damaged, or of a newer akin, hides no other: the list has all, and tells
// which cannot be read and why; the server is ready for the others.
func TestOneBadCollectionHidesNoOther(t *testing.T) {
	folder, h := served(t, "damaged", "good", "newer", "other")
	if err := os.WriteFile(filepath.Join(folder, "damaged", "akin.db"), []byte("no database, and longer than its first sixteen bytes"), 0o666); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", filepath.Join(folder, "newer", "akin.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`UPDATE meta SET value = '99' WHERE key = 'version'`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	names, failed, _ := listOf(t, h)
	if !slices.Equal(names, []string{"good", "other"}) || !slices.Equal(failed, []string{"damaged", "newer"}) {
		t.Errorf("%v, and %v that cannot be read", names, failed)
	}
	for path, want := range map[string]int{"/good": 200, "/damaged": 500, "/newer": 409, "/absent": 404} {
		if w := get(t, h, "GET", base+"/collections"+path, knowing, nil); w.Code != want {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	ready := func(want int, text string) {
		t.Helper()
		w := get(t, h, "GET", "/readyz", nil, nil)
		body := w.Body.String()
		if w.Code != want || !strings.Contains(body, text) {
			t.Errorf("%d %s", w.Code, body)
		}
		if strings.Contains(body, folder) || strings.Contains(body, "damaged") || strings.Contains(body, "/") {
			t.Errorf("whoever asks is told of %s", body)
		}
	}
	ready(200, "ready; 2 of 4 collections cannot be read")
	for _, name := range []string{"good", "other", "newer"} {
		if err := os.RemoveAll(filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	ready(503, "no collection can be read")
	// A folder that cannot be listed is not one without collections.
	if err := os.Rename(folder, folder+".away"); err != nil {
		t.Fatal(err)
	}
	ready(200, "ready") // nothing was made yet
	if err := os.WriteFile(folder, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	ready(503, "cannot list the collections")
	if w := get(t, h, "GET", base+"/collections", knowing, nil); w.Code < 500 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// What a collection gave back is opened again by the next question; only so many hold files open.
func TestTheLeastRecentlyUsedRest(t *testing.T) {
	t.Parallel()
	c := &collections{open: map[string]*akin.Collection{}, most: 2}
	for _, name := range []string{"a", "b", "c"} {
		opened, err := akin.Open(t.Context(), filepath.Join(t.TempDir(), name), akin.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer opened.Close()
		c.open[name] = opened
	}
	var rested []string
	for _, name := range []string{"a", "b", "a", "c", "b"} {
		for _, r := range c.use(name) {
			rested = append(rested, filepath.Base(r.Path()))
			r.Rest()
			if _, err := r.Info(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
	if fmt.Sprint(rested) != "[b a]" {
		t.Errorf("%v", rested)
	}
}
