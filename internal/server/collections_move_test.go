package server

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
	"github.com/akin-search/akin/internal/store/local"
)

func TestCollectionsAreRenamedRemovedAndRestored(t *testing.T) {
	t.Parallel()
	folder, h := served(t, "one", "two")
	server := httptest.NewServer(h)
	defer server.Close()
	c := to(t, server.URL, client.Options{Token: "0123456789abcdef0123"})
	names := func(want ...string) {
		t.Helper()
		if got, failed, _ := listOf(t, h); !slices.Equal(got, want) || len(failed) > 0 {
			t.Errorf("%q and %q, want %q", got, failed, want)
		}
	}
	names("one", "two") // which opens both
	if info, err := c.RenameCollection(t.Context(), "one", "three"); err != nil || info.Name != "three" || info.Pictures != 1 {
		t.Errorf("%+v, %v", info, err)
	}
	names("three", "two")
	if _, err := c.Pictures(t.Context(), "one", api.ListOptions{}); status(err) != http.StatusNotFound {
		t.Errorf("by the old name: %v", err)
	}
	removed, err := c.RemoveCollection(t.Context(), "two")
	if err != nil || removed.Removed != "two" || removed.Folder != filepath.Join(filepath.Dir(folder), "removed", "two") {
		t.Errorf("%+v, %v", removed, err)
	}
	names("three")
	if _, err := os.Stat(filepath.Join(removed.Folder, "akin.db")); err != nil {
		t.Error(err)
	}
	if _, err := c.RestoreCollection(t.Context(), "two", "three"); status(err) != http.StatusConflict {
		t.Errorf("onto another: %v", err)
	}
	names("three")
	if _, err := c.RestoreCollection(t.Context(), "two", "two"); err != nil {
		t.Error(err)
	}
	names("three", "two")
	// What was removed before stays.
	if _, err := c.RemoveCollection(t.Context(), "two"); err != nil {
		t.Fatal(err)
	}
	if again, err := c.RemoveCollection(t.Context(), "three"); err != nil || again.Removed != "three" {
		t.Errorf("%+v, %v", again, err)
	}
	makeOne(t, filepath.Join(folder, "two"), 7)
	if again, err := c.RemoveCollection(t.Context(), "two"); err != nil || again.Removed != "two-2" {
		t.Errorf("%+v, %v", again, err)
	}
	for why, err := range map[string]error{
		"one that is not there": second(c.RemoveCollection(t.Context(), "nobody")),
		"a path":                second(c.RemoveCollection(t.Context(), "..")),
		"a removed path":        second(c.RestoreCollection(t.Context(), "..", "x")),
	} {
		if status(err) != http.StatusNotFound {
			t.Errorf("%s: %v", why, err)
		}
	}
	if _, err := c.RenameCollection(t.Context(), "nobody", "../x"); status(err) != http.StatusUnprocessableEntity {
		t.Errorf("a name that is a path: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// The only collection of a server, one that a job works on and one that someone writes to stay.
func TestACollectionInUseStays(t *testing.T) {
	t.Parallel()
	if w := get(t, handler(t, nil), "DELETE", base+"/collections/"+collection, nil, nil); w.Code != http.StatusConflict {
		t.Errorf("the only one: %d, %s", w.Code, w.Body)
	}
	data := t.TempDir()
	folder := filepath.Join(data, "collections", "one")
	makeOne(t, folder, 1)
	s, err := New(t.Context(), Options{Version: "test", Open: akin.Options{Home: akin.Home(data)}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	remove := func() *httptest.ResponseRecorder {
		return get(t, s.Handler(), "DELETE", base+"/collections/one", nil, nil)
	}
	ended := make(chan bool)
	if _, err := s.jobs.start("wait", "one", func(context.Context, func(api.Progress)) (any, error) { <-ended; return nil, nil }); err != nil {
		t.Fatal(err)
	}
	if w := remove(); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "wait") {
		t.Errorf("while a job works on it: %d, %s", w.Code, w.Body)
	}
	close(ended)
	for s.jobs.open() > 0 {
		time.Sleep(time.Millisecond)
	}
	other, err := local.Open(folder, local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := other.Writer()
	if err != nil {
		t.Fatal(err)
	}
	if w := remove(); w.Code != http.StatusConflict {
		t.Errorf("while someone writes: %d, %s", w.Code, w.Body)
	}
	if err := errors.Join(w.Close(), other.Close()); err != nil {
		t.Fatal(err)
	}
	if w := remove(); w.Code != http.StatusOK {
		t.Errorf("%d, %s", w.Code, w.Body)
	}
}

func TestAModelIsDropped(t *testing.T) {
	t.Parallel()
	_, h := served(t, "one")
	server := httptest.NewServer(h)
	defer server.Close()
	c := to(t, server.URL, client.Options{Token: "0123456789abcdef0123"})
	if _, err := c.Drop(t.Context(), "one", "nobody", ""); status(err) != http.StatusUnprocessableEntity {
		t.Errorf("%v", err)
	}
	dropped, err := c.Drop(t.Context(), "one", "m", "")
	if err != nil || dropped.Model != "m" || dropped.Covered != 1 {
		t.Errorf("%+v, %v", dropped, err)
	}
	if info, err := c.Collection(t.Context(), "one"); err != nil || len(info.Spaces) != 0 || info.Pictures != 1 {
		t.Errorf("%+v, %v", info, err)
	}
	if err := second(c.Drop(t.Context(), "one", "m", "")); status(err) != http.StatusUnprocessableEntity {
		t.Errorf("again: %v", err)
	}
}
