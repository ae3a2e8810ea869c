package local_test

import (
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/local"
	"github.com/akin-search/akin/internal/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) (store.Store, store.Writer) {
		t.Parallel()
		c, err := local.Open(filepath.Join(t.TempDir(), "c.akin"), local.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		w, err := c.Writer()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = w.Close() })
		return c, w
	})
}
