package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin/internal/checkpoint"
)

// configLimit is more than any config has.
const configLimit = 16 << 20

// readConfig reads config.json of a checkpoint's folder; "{}" where there is none.
func readConfig(dir string) ([]byte, error) { return readJSON(dir, "config.json") }

func readJSON(dir, name string) ([]byte, error) {
	path := filepath.Join(dir, name)
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return []byte("{}"), nil
	}
	if err == nil && info.Size() > configLimit {
		err = fmt.Errorf("it has %d bytes", info.Size())
	}
	if err != nil {
		return nil, fmt.Errorf("its %s: %w", name, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("its %s: %w", name, err)
	}
	return data, nil
}

// familyOf finds the family by the config's model_type or, without one, by the
// tensors; and the prefix that the tensors' names have.
func familyOf(config []byte, c *checkpoint.Checkpoint) (family, string, error) {
	var kind struct {
		Type string `json:"model_type"`
	}
	if err := json.Unmarshal(config, &kind); err != nil {
		return family{}, "", fmt.Errorf("its config.json: %w", err)
	}
	var names []string
	for _, f := range families {
		names = append(names, f.name)
		if kind.Type != "" && kind.Type != f.name {
			continue
		}
		for _, prefix := range f.prefixes {
			if c.Has(prefix + f.probe) {
				return f, prefix, nil
			}
		}
		if kind.Type == f.name {
			return family{}, "", fmt.Errorf("%w: it is a %s without the tensor %s", checkpoint.ErrCorrupt, f.name, f.probe)
		}
	}
	slices.Sort(names)
	known := strings.Join(names, ", ")
	if kind.Type != "" {
		return family{}, "", fmt.Errorf("its config.json says that it is a %q, and akin knows %s", kind.Type, known)
	}
	return family{}, "", fmt.Errorf("%w: its tensors are those of none of %s", checkpoint.ErrCorrupt, known)
}
