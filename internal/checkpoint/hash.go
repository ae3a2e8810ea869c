package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/akin-search/akin/internal/disk"
)

// Hash names tensors by what they hold: their names, types, shapes and bytes,
// whatever files they lie in. cache is a folder that remembers the answer for as long
// as the files keep their sizes and dates, since reading gigabytes takes seconds; ""
// always reads.
func Hash(tensors map[string]Tensor, cache string) ([32]byte, error) {
	remembered := ""
	if cache != "" {
		key, err := placeKey(tensors)
		if err != nil {
			return [32]byte{}, err
		}
		remembered = filepath.Join(cache, hex.EncodeToString(key[:]))
		if data, err := os.ReadFile(remembered); err == nil && len(data) == sha256.Size {
			return [32]byte(data), nil
		}
	}
	sums, err := hashEach(tensors)
	if err != nil {
		return [32]byte{}, err
	}
	all, err := json.Marshal(sums) // in the order of the names
	if err != nil {
		return [32]byte{}, err
	}
	sum := sha256.Sum256(all)
	if remembered != "" {
		remember(remembered, sum[:]) // without it the next time takes longer
	}
	return sum, nil
}

// HashFiles is Hash for whole files, by the names they go by.
func HashFiles(files map[string]string, cache string) ([32]byte, error) {
	whole := make(map[string]Tensor, len(files))
	for name, path := range files {
		info, err := os.Stat(path)
		if err != nil {
			return [32]byte{}, fmt.Errorf("hash file: %w", err)
		}
		whole[name] = Tensor{Name: name, File: path, Length: info.Size()}
	}
	return Hash(whole, cache)
}

// placeKey names tensors by where they lie, and by the sizes and dates of the files.
func placeKey(tensors map[string]Tensor) ([32]byte, error) {
	h := sha256.New()
	files := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(tensors)) {
		t := tensors[name]
		fmt.Fprintf(h, "%q %s %v %v %v %q %d %d\n", name, t.Type, t.Shape, t.Stored, t.Perm, t.File, t.Offset, t.Length)
		files[t.File] = true
	}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		info, err := os.Stat(path)
		if err != nil {
			return [32]byte{}, fmt.Errorf("hash checkpoint: %w", err)
		}
		fmt.Fprintf(h, "%q %d %d\n", path, info.Size(), info.ModTime().UnixNano())
	}
	return [32]byte(h.Sum(nil)), nil
}

// remember keeps a hash where it can; else it is computed again.
func remember(path string, data []byte) {
	if os.MkdirAll(filepath.Dir(path), 0o777) == nil {
		_ = disk.Replace(path, data, 0o666)
	}
}

func hashEach(tensors map[string]Tensor) (map[string][32]byte, error) {
	sums := make(map[string][32]byte, len(tensors))
	var mu sync.Mutex
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for name, t := range tensors {
		g.Go(func() error {
			sum, err := t.hash()
			mu.Lock()
			defer mu.Unlock()
			sums[name] = sum
			return err
		})
	}
	return sums, g.Wait()
}

func (t Tensor) hash() ([32]byte, error) {
	f, err := os.Open(t.File)
	if err != nil {
		return [32]byte{}, fmt.Errorf("hash tensor %s: %w", t.Name, err)
	}
	defer f.Close()
	h := sha256.New()
	fmt.Fprintln(h, t.Type, t.Shape, t.Stored, t.Perm)
	if _, err := io.CopyN(h, io.NewSectionReader(f, t.Offset, t.Length), t.Length); err != nil {
		return [32]byte{}, fmt.Errorf("hash tensor %s of %s: %w", t.Name, t.File, err)
	}
	return [32]byte(h.Sum(nil)), nil
}
