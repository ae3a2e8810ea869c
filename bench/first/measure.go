//go:build linux

package main

import (
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/akin-search/akin/bench/internal/photo"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/onnx"
)

// checkpoint is a model on disk, and a collection that is asked.
type checkpoint struct {
	name, folder string
	weights      []onnx.External // that an embedding of a picture needs, below folder
	bytes        int64           // of them
	asked, grown string          // collections: of one small picture, and of those that index adds
	exported     string          // the graph for the peer, or ""
}

// open finds a model and what it needs, and makes its collection of one picture.
func (b *bench) open(name string) (*checkpoint, error) {
	var paths []string
	for _, folder := range b.folders {
		paths = append(paths, filepath.Join(folder, name))
	}
	opened, err := model.Open(name, paths, model.Options{})
	if err != nil {
		return nil, err
	}
	stored := opened.Stored()
	m := &checkpoint{name: name, folder: stored.Folder, weights: stored.Parts, asked: filepath.Join(b.work, name+".akin"), grown: filepath.Join(b.work, name+"-grown.akin")}
	slices.SortFunc(m.weights, func(a, b onnx.External) int { // as they lie on disk
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return int(a.Offset - b.Offset)
	})
	for _, w := range m.weights {
		m.bytes += w.Length
	}
	if exported := filepath.Join(m.folder, "exported.onnx"); exists(exported) && exists(b.python) {
		m.exported = exported
	}
	// Hits are compared with the photo, pixel by pixel: a small one costs nothing.
	small := filepath.Join(b.work, "small.png")
	if err := errors.Join(os.RemoveAll(m.asked), os.RemoveAll(m.grown), photo.Make(b.photo(), 0), writeSmall(small)); err != nil {
		return nil, err
	}
	_, err = b.time(b.indexing(m, m.asked, small))
	return m, err
}

// writeSmall writes a picture of a few pixels.
func writeSmall(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(f, image.NewGray(image.Rect(0, 0, 32, 32))), f.Close())
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (b *bench) home() string  { return filepath.Join(b.work, "home") }
func (b *bench) photo() string { return filepath.Join(b.work, "photo.jpg") }

// times are the seconds of all rounds.
type times struct {
	disk, cold, warm, index, peerCold, peerWarm []float64
	read                                        int64 // bytes that a cold search read from disk, the most
}

func (b *bench) measure(m *checkpoint) (t times, err error) {
	step := func(out *[]float64, f func() (float64, error)) {
		if err == nil {
			var seconds float64
			seconds, err = f()
			*out = append(*out, seconds)
		}
	}
	for round := range b.rounds {
		step(&t.disk, func() (float64, error) { return b.readWeights(m) })
		step(&t.cold, func() (float64, error) {
			if err := b.drop(m); err != nil {
				return 0, err
			}
			seconds, read, err := b.search(m)
			t.read = max(t.read, read)
			return seconds, err
		})
		step(&t.warm, func() (float64, error) { seconds, _, err := b.search(m); return seconds, err })
		step(&t.index, func() (float64, error) { return b.index(m, round) })
		if m.exported != "" {
			step(&t.peerCold, func() (float64, error) {
				if err := b.drop(m); err != nil {
					return 0, err
				}
				return b.peer(m)
			})
			step(&t.peerWarm, func() (float64, error) { return b.peer(m) })
		}
	}
	return t, err
}

// readWeights is the system's own time to read the weights, in the order in which they lie.
func (b *bench) readWeights(m *checkpoint) (float64, error) {
	if err := b.drop(m); err != nil {
		return 0, err
	}
	buffer := make([]byte, 1<<20)
	var f *os.File
	defer func() { f.Close() }()
	started := time.Now()
	for _, w := range m.weights {
		if path := filepath.Join(m.folder, w.File); f == nil || f.Name() != path {
			f.Close()
			var err error
			if f, err = os.Open(path); err != nil {
				return 0, err
			}
		}
		part := io.NewSectionReader(f, w.Offset, w.Length)
		if _, err := io.CopyBuffer(onlyWriter{}, part, buffer); err != nil {
			return 0, err
		}
	}
	return time.Since(started).Seconds(), nil
}

// onlyWriter is io.Discard without the small buffer of its own.
type onlyWriter struct{}

func (onlyWriter) Write(p []byte) (int, error) { return len(p), nil }

// search asks with the photo; read are the bytes that came from disk.
func (b *bench) search(m *checkpoint) (seconds float64, read int64, err error) {
	cmd := exec.Command(b.akin, "search", "--quiet", "--json", "--collection", m.asked, "--model", m.name, b.photo())
	seconds, err = b.time(cmd)
	if err != nil {
		return 0, 0, err
	}
	return seconds, cmd.ProcessState.SysUsage().(*syscall.Rusage).Inblock * 512, nil
}

// index adds a picture that the collection does not have.
func (b *bench) index(m *checkpoint, round int) (float64, error) {
	path := filepath.Join(b.work, "new", fmt.Sprintf("%d.jpg", round))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return 0, err
	}
	if err := photo.Make(path, uint64(round+2)); err != nil {
		return 0, err
	}
	return b.time(b.indexing(m, m.grown, path))
}

func (b *bench) indexing(m *checkpoint, collection, path string) *exec.Cmd {
	return exec.Command(b.akin, "index", "--quiet", "--collection", collection, "--model", m.name, path)
}

func (b *bench) peer(m *checkpoint) (float64, error) {
	return b.time(exec.Command(b.python, "bench/first/peer.py", m.exported, b.photo()))
}

// time runs a command from exec to exit.
func (b *bench) time(cmd *exec.Cmd) (float64, error) {
	var problem strings.Builder
	cmd.Stderr = &problem
	cmd.Env = append(os.Environ(), "AKIN_HOME="+b.home(), "AKIN_MODELS="+strings.Join(b.folders, string(os.PathListSeparator)))
	started := time.Now()
	err := cmd.Run()
	seconds := time.Since(started).Seconds()
	if err != nil {
		return 0, fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, problem.String())
	}
	return seconds, nil
}

// drop makes the system forget the files that a first answer reads.
func (b *bench) drop(m *checkpoint) error {
	syscall.Sync() // what was not written yet cannot be dropped
	if b.all {
		return os.WriteFile("/proc/sys/vm/drop_caches", []byte("3\n"), 0o200)
	}
	files := []string{b.akin, b.photo()}
	// The last are weights that akin has laid out in its cache.
	for _, pattern := range []string{m.folder + "/*", m.asked + "/*", ".deps/lib/*", b.home() + "/cache/*/*/*/*"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return err
		}
		files = append(files, found...)
	}
	var errs []error
	for _, path := range files {
		errs = append(errs, forget(path))
	}
	return errors.Join(errs...)
}

// forget drops a file from memory. Pages that a process has mapped stay.
func forget(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() {
		err = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
	}
	return errors.Join(err, f.Close())
}
