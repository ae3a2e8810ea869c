package container

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/bounded"
)

// Whatever a container holds, it is refused, or its members have proper names and are read within bounds.
func FuzzContainers(f *testing.F) {
	all, err := os.ReadDir("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range all {
		if KindOf(e.Name()) == nil {
			continue
		}
		data, err := os.ReadFile(filepath.Join("testdata", e.Name()))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(e.Name(), data)
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		kind := KindOf(path.Base(name))
		if kind == nil {
			return
		}
		file := filepath.Join(t.TempDir(), "a"+kind.Endings[0])
		if err := os.WriteFile(file, data, 0o666); err != nil {
			t.Fatal(err)
		}
		bounded.Run(t, 64<<20+1000*uint64(len(data)), 10*time.Second, func() {
			in, err := os.Open(file)
			if err != nil {
				t.Error(err)
				return
			}
			c, err := kind.Open(t.Context(), in)
			if err != nil {
				return
			}
			defer c.Close()
			for _, m := range c.Members() {
				if m.Name == "" || m.Name != path.Clean(m.Name) || !filepath.IsLocal(filepath.FromSlash(m.Name)) || strings.ContainsRune(m.Name, 0) {
					t.Errorf("a member is called %q", m.Name)
				}
				if data, err := c.Read(t.Context(), m, 1<<20); err == nil && (len(data) > 1<<20 || m.Size > 0 && int64(len(data)) != m.Size) {
					t.Errorf("%s: %d bytes of %d", m.Name, len(data), m.Size)
				}
			}
		})
	})
}
