package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

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
