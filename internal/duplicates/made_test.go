package duplicates

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
)

// Collections of made pictures with made vectors, of a model that is not installed.

type made struct {
	name  string // of the file
	image image.Image
}

// scene is always the same for the same number.
func scene(number uint64) image.Image { return madeScene(rand.New(rand.NewPCG(number, 1))) }

// mirrored exchanges left and right.
func mirrored(p image.Image) image.Image {
	b := p.Bounds()
	out := image.NewRGBA(b)
	for y := range b.Dy() {
		for x := range b.Dx() {
			out.Set(x, y, p.At(b.Dx()-1-x, y))
		}
	}
	return out
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newCollection writes pictures into a folder and indexes it. All have nearly the same vector, so that all are
// neighbours.
func newCollection(t testing.TB, dir string, pictures ...made) *space.Collection {
	t.Helper()
	c, err := space.Open(t.Context(), filepath.Join(t.TempDir(), "c.akin"), models.Options{})
	must(t, err)
	t.Cleanup(func() { c.Close() })
	w, err := c.Folder.Writer()
	must(t, err)
	s, err := w.Space(t.Context(), "absent", "f", 2)
	must(t, err)
	var b record.Batch
	for i, p := range pictures {
		var data bytes.Buffer
		must(t, png.Encode(&data, p.image))
		path := filepath.Join(dir, filepath.FromSlash(p.name))
		must(t, errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, data.Bytes(), 0o666)))
		info, err := os.Stat(path)
		must(t, err)
		hash := embed.HashOf(data.Bytes())
		b.Puts = append(b.Puts, record.Put{
			Source: path, Root: dir, Size: info.Size(), Mtime: info.ModTime().UnixNano(),
			Hash: hash, Format: "png", Width: p.image.Bounds().Dx(), Height: p.image.Bounds().Dy(),
		})
		b.Embeddings = append(b.Embeddings, record.Embedding{Space: s.ID, Hash: hash, Vector: []float32{1, float32(i) / 1000}})
	}
	must(t, errors.Join(w.Commit(t.Context(), b), w.Calibrate(t.Context()), w.Prepare(t.Context(), nil), w.Close()))
	return c
}

// files lists what lies below a folder.
func files(t testing.TB, dir string) (names []string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	}))
	return names
}
