package checkpoint

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The layout of DreamSim's archives: an adapter in a folder NAME_lora, and what it was trained on beside that
// folder, or in the folder in which torch.hub keeps what it downloads.
const (
	adapterFolderEnding = "_lora"
	downloads           = "checkpoints"
)

// NoBaseError is about a folder with an adapter and without the weights that it was trained on.
type NoBaseError struct {
	Dir  string
	Base string // what the adapter's config says that they are called, or ""
}

func (e *NoBaseError) Error() string {
	name := e.Base
	if name == "" {
		name = "the network that it changes"
	}
	return fmt.Sprintf("%s holds a LoRA adapter, and not the weights of %.200s", e.Dir, name)
}

func (e *NoBaseError) Is(target error) bool { return target == os.ErrNotExist }

// adapterIn returns the folder of the adapter among some folders, or "".
func adapterIn(dir string, folders []string) (string, error) {
	var found []string
	for _, name := range folders {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(filepath.Join(path, adapterConfigName)); err == nil && strings.HasSuffix(name, adapterFolderEnding) {
			found = append(found, name)
		}
	}
	switch len(found) {
	case 0:
		return "", nil
	case 1:
		return filepath.Join(dir, found[0]), nil
	}
	return "", &AmbiguousError{Dir: dir, Files: found, Adapters: true}
}

// baseOf returns the file of a folder, or of its downloads, that has the layers of an adapter, with the adapter.
func baseOf(adapter, dir string, files []string) (*Checkpoint, error) {
	a, err := OpenAdapter(adapter)
	if err != nil {
		return nil, err
	}
	var candidates []string
	for _, name := range files {
		if _, ok := stemOf(name); ok && !isAside(name, files) {
			candidates = append(candidates, filepath.Join(dir, name))
		}
	}
	downloaded, _, err := folderOf(filepath.Join(dir, downloads))
	if err != nil {
		return nil, err
	}
	for _, name := range downloaded {
		if _, ok := stemOf(name); ok {
			candidates = append(candidates, filepath.Join(dir, downloads, name))
		}
	}
	if len(candidates) == 0 {
		return nil, &NoBaseError{dir, a.Base()}
	}
	var fits []*Checkpoint
	var faults []error
	for _, path := range candidates {
		c, err := Open(path)
		if err == nil {
			err = c.Adapt(a)
		}
		if err != nil {
			faults = append(faults, err)
			continue
		}
		fits = append(fits, c)
	}
	switch len(fits) {
	case 1:
		return fits[0], nil
	case 0:
		return nil, faults[len(faults)-1] // of the downloads, if there are some
	}
	var paths []string
	for _, c := range fits {
		paths = append(paths, c.Path())
	}
	slices.Sort(paths)
	return nil, &AmbiguousError{Dir: dir, Files: paths}
}
