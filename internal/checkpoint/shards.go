package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/akin-search/akin/internal/glob"
)

// published are the files that a checkpoint's folder is known by, the best first.
var published = []string{
	// OpenCLIP's own files come first: beside them may lie the vision tower alone, as timm has it.
	"open_clip_model.safetensors", "open_clip_pytorch_model.safetensors", "open_clip_pytorch_model.bin",
	"model.safetensors", "model.safetensors.index.json",
	"pytorch_model.bin", "pytorch_model.bin.index.json",
}

// Find returns the file to open of a checkpoint's folder: one of the names that the
// model hub uses, else the only .safetensors or .pth file there. It is an
// os.ErrNotExist when there is none.
func Find(dir string) (string, error) {
	for _, name := range published {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	var found []string
	for _, pattern := range []string{"*.safetensors", "*.pth"} {
		files, err := glob.Files(dir, pattern)
		if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			return "", err
		}
		found = append(found, files...)
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", fmt.Errorf("%s holds no checkpoint (%s, or one .safetensors or .pth file): %w", dir, strings.Join(published, ", "), os.ErrNotExist)
	}
	return "", fmt.Errorf("%s holds %d checkpoints; leave one, or name the file", dir, len(found))
}

// openIndex reads an index and the shards that it lists.
func (c *Checkpoint) openIndex(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() > headerLimit {
		return fmt.Errorf("an index of %d bytes", info.Size())
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return c.readIndex(data, func(shard string) ([]Tensor, error) { return readFile(filepath.Join(filepath.Dir(path), shard)) })
}

// readIndex reads the shards that an index lists, each with read. A shard that is not
// there is no error until one of its tensors is asked for: who needs one part of a big
// model has only that.
func (c *Checkpoint) readIndex(data []byte, read func(shard string) ([]Tensor, error)) error {
	var index struct {
		Weights map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(data, &index); err != nil {
		return err
	}
	if len(index.Weights) == 0 {
		return errors.New("its weight_map is empty")
	}
	shards := map[string]bool{}
	for name, shard := range index.Weights {
		if len(name) > nameLimit || len(shard) > nameLimit {
			return fmt.Errorf("a name in its weight_map has %d bytes", max(len(name), len(shard)))
		}
		if shard != filepath.Base(shard) || !filepath.IsLocal(shard) {
			return fmt.Errorf("tensor %s lies in %q, which is no file beside the index", name, shard)
		}
		shards[shard] = true
	}
	all := make([]string, 0, len(shards))
	for shard := range shards {
		all = append(all, shard)
	}
	slices.Sort(all)
	found := map[string]Tensor{}
	for _, shard := range all {
		tensors, err := read(shard)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("shard %s: %w", shard, err)
		}
		for _, t := range tensors {
			if index.Weights[t.Name] == shard {
				found[t.Name] = t
			}
		}
		shards[shard] = false // it is here
	}
	for name, shard := range index.Weights {
		t, ok := found[name]
		switch {
		case ok:
			c.tensors[name] = t
		case shards[shard]:
			c.absent[name] = shard
		default:
			return fmt.Errorf("the index has tensor %s in %s, where it is not", name, shard)
		}
	}
	return nil
}
