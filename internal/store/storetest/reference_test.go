package storetest

import (
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/store"
)

func TestReferenceContract(t *testing.T) {
	RunRemote(t, func(t *testing.T) (store.Remote, store.Writer) {
		t.Parallel()
		h, err := store.Open(t.Context(), ReferenceIn(filepath.Join(t.TempDir(), "c.akin")), store.Options{Home: home.Dir(t.TempDir())})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = h.Store.Close() })
		w, err := h.Writer()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = w.Close() })
		return h.Remote, w
	})
}
