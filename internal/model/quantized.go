package model

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/glob"
	"github.com/akin-search/akin/internal/onnx"
)

// The files of a network in the cache.
const (
	GraphFile   = "graph.onnx"
	WeightsFile = "weights.bin"
)

// quantizedGraph returns the graph of a model in int8. Its weights lie in a file in dir, which is named
// by the fingerprint: quantizing a billion parameters takes half a minute, so it is done once. The
// folder may be removed at any time.
func quantizedGraph(dir string, write func(*pack) (*network, error)) ([]byte, error) {
	if graph, ok := readPack(dir); ok {
		return graph, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return nil, err
	}
	RemoveLeftovers(filepath.Dir(dir))
	work, err := os.MkdirTemp(filepath.Dir(dir), ".new-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	f, err := os.Create(filepath.Join(work, WeightsFile))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	n, err := write(&pack{file: f, at: map[string]onnx.External{}})
	if err != nil {
		return nil, err
	}
	graph := n.Bytes()
	g, err := os.Create(filepath.Join(work, GraphFile))
	if err != nil {
		return nil, err
	}
	_, err = g.Write(graph)
	// Synced before the rename: a folder of that name is complete.
	if err := errors.Join(err, g.Sync(), g.Close(), f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Rename(work, dir); err != nil {
		if graph, ok := readPack(dir); ok {
			return graph, nil // another process was faster
		}
		// Something has cleared a part of it.
		if err := errors.Join(os.RemoveAll(dir), os.Rename(work, dir)); err != nil {
			return nil, err
		}
	}
	return graph, disk.OS.SyncDir(filepath.Dir(dir))
}

// readPack reads the graph in a folder of quantizedGraph; ok is false if it or its weights are gone.
func readPack(dir string) (graph []byte, ok bool) {
	graph, err := os.ReadFile(filepath.Join(dir, GraphFile))
	if err == nil {
		_, err = os.Stat(filepath.Join(dir, WeightsFile))
	}
	return graph, err == nil
}

// WholeFile is all of a file, or nothing where there is none.
func WholeFile(path string) Stored {
	info, err := os.Stat(path)
	if err != nil {
		return Stored{}
	}
	return Stored{filepath.Dir(path), []onnx.External{{File: filepath.Base(path), Length: info.Size()}}}
}

// int8Folder and blocksFolder are where a model's weights lie in a cache.
func int8Folder(cache, fingerprint string) string { return filepath.Join(cache, "int8", fingerprint) }
func blocksFolder(cache, fingerprint string) string {
	return filepath.Join(cache, "blocks", fingerprint)
}

// OptimizedFolder is where a model's networks lie in a cache as ONNX Runtime has optimized them.
func OptimizedFolder(cache, fingerprint string) string {
	return filepath.Join(cache, "optimized", fingerprint)
}

// stored returns Model.Stored: a file in the cache if there is one, else what the network for pictures needs of the
// checkpoint.
func (d *definition) stored(fingerprint string, o Options) Stored {
	if o.Cache != "" {
		if d.family.reorders && o.Precision == Float32 {
			if made, err := glob.Files(OptimizedFolder(o.Cache, fingerprint), "[^.]*"); err == nil && len(made) > 0 {
				return Stored{} // which of them is loaded, and read ahead, the library decides
			}
		}
		dir := int8Folder(o.Cache, fingerprint)
		if o.Precision != Int8 {
			dir = blocksFolder(o.Cache, fingerprint)
			if sizes, err := os.ReadDir(dir); err == nil && len(sizes) == 1 { // a machine has one size of blocks
				dir = filepath.Join(dir, sizes[0].Name())
			}
		}
		if pack := WholeFile(filepath.Join(dir, WeightsFile)); len(pack.Parts) > 0 {
			return pack
		}
	}
	n, _, err := d.pictures(graphOptions{precision: Float32})
	if err != nil {
		return Stored{} // a session has this error as well
	}
	return Stored{n.folder, n.Externals()}
}

// RemoveLeftovers removes what killed processes left half written.
func RemoveLeftovers(dir string) {
	left, _ := glob.Files(dir, ".new-*")
	for _, path := range left {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > time.Hour {
			_ = os.RemoveAll(path)
		}
	}
}

// pack is a file of weights being written.
type pack struct {
	file *os.File
	size int64
	at   map[string]onnx.External // by the weight's name
}

// add writes a weight, once, and returns its position.
func (p *pack) add(name string, data io.Reader) (onnx.External, error) {
	if at, ok := p.at[name]; ok {
		return at, nil
	}
	const line = 64 // bytes of a cache line and of the widest registers
	start := (p.size + line - 1) / line * line
	n, err := io.Copy(io.NewOffsetWriter(p.file, start), data)
	if err != nil {
		return onnx.External{}, fmt.Errorf("write %s: %w", p.file.Name(), err)
	}
	p.size = start + n
	at := onnx.External{File: WeightsFile, Offset: start, Length: n}
	p.at[name] = at
	return at, nil
}
