package runtime

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/glob"
	"github.com/akin-search/akin/internal/model"
)

// optimized is a folder in the cache with a network as ONNX Runtime computes it: normalisations folded into
// convolutions, and their kernels laid out for this processor. To make that of a checkpoint takes ten times as long as to
// load it. It is what the library itself writes, so embeddings are the same to the bit. The folder may be removed at
// any time.
type optimized struct{ dir string }

// optimizedOf returns the folder of a graph, or ok false where it has none: transformers' weights are used as they lie
// in the checkpoint, and would be on disk twice.
func optimizedOf(m *model.Model, graph model.Graph, o Options) (_ optimized, ok bool) {
	if o.Device != CPU || o.Cache == "" || m.Fingerprint == "" || !m.Reorders || m.Precision != model.Float32 {
		return optimized{}, false
	}
	// Another library may optimize in another way, and another processor has other blocks.
	sum := sha256.Sum256(graph.ONNX)
	return optimized{filepath.Join(model.OptimizedFolder(o.Cache, m.Fingerprint), fmt.Sprintf("%s-%d-%x", Version(), block(), sum[:6]))}, true
}

func (c optimized) complete() bool {
	return exists(filepath.Join(c.dir, model.GraphFile)) && exists(filepath.Join(c.dir, model.WeightsFile))
}

// load returns the network, or ok false if it is not there or cannot be loaded.
func (c optimized) load(input string, o Options) (_ *ort.DynamicAdvancedSession, ok bool) {
	if !c.complete() {
		return nil, false
	}
	go ReadAhead(model.WholeFile(filepath.Join(c.dir, model.WeightsFile)))
	options, err := o.session(model.Float32)
	if err != nil {
		return nil, false
	}
	defer options.Destroy()
	if err := options.SetGraphOptimizationLevel(ort.GraphOptimizationLevelDisableAll); err != nil { // it was done
		return nil, false
	}
	session, err := ort.NewDynamicAdvancedSession(filepath.Join(c.dir, model.GraphFile), []string{input}, []string{"embedding"}, options)
	if err != nil {
		_ = os.RemoveAll(c.dir)
		return nil, false
	}
	return session, true
}

// begin makes a session of these options write the network, which keep puts into the cache. Where the cache
// cannot be written, nothing is.
func (c optimized) begin(options *ort.SessionOptions) (keep func(), err error) {
	none := func() {}
	models := filepath.Dir(c.dir)
	if os.MkdirAll(models, 0o777) != nil {
		return none, nil
	}
	model.RemoveLeftovers(models)
	work, err := os.MkdirTemp(models, ".new-*")
	if err != nil {
		return none, nil
	}
	keep = func() {
		_ = c.keep(work) // the next time it is made again
		_ = os.RemoveAll(work)
	}
	return keep, errors.Join(
		options.SetOptimizedModelFilePath(filepath.Join(work, model.GraphFile)),
		options.AddSessionConfigEntry("session.optimized_model_external_initializers_file_name", model.WeightsFile),
		options.AddSessionConfigEntry("session.optimized_model_external_initializers_min_size_in_bytes", "1024"),
	)
}

// keep puts a folder with a network into the cache. Those of other libraries and of older graphs go: a
// model has one graph, for latency and throughput.
func (c optimized) keep(work string) error {
	for _, name := range []string{model.GraphFile, model.WeightsFile} {
		f, err := os.OpenFile(filepath.Join(work, name), os.O_RDWR, 0)
		if err != nil {
			return err
		}
		// Synced before the rename: a folder of that name is complete.
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	models := filepath.Dir(c.dir)
	all, _ := glob.Files(models, "[^.]*")
	for _, path := range all {
		if path != c.dir {
			_ = os.RemoveAll(path)
		}
	}
	if err := os.Rename(work, c.dir); err != nil {
		if c.complete() {
			return nil // another process was faster
		}
		// Something has cleared a part of it.
		if err := errors.Join(os.RemoveAll(c.dir), os.Rename(work, c.dir)); err != nil {
			return err
		}
	}
	return disk.OS.SyncDir(models)
}
