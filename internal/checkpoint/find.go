package checkpoint

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

const indexEnding = ".index.json"

// published are the names that hubs know a checkpoint by, the best first: safetensors before
// pickles, and OpenCLIP's file, which has both towers, before the one that lies beside it
// for transformers (the same network) or for timm (its picture tower). Each may be in shards,
// which an index of its name + ".index.json" lists.
var published = []string{
	"open_clip_model.safetensors",
	"model.safetensors",
	"open_clip_pytorch_model.bin",
	"pytorch_model.bin",
}

// endings are those of checkpoints under names of their own. Of one name with several of them
// the first is opened: a state dict before a program that holds it.
var endings = []string{".safetensors", ".torchvision.pt", ".pth.tar", ".pth", ".bin", ".ckpt", ".pt", ".torchscript.pt"}

// asides are files that lie beside weights and have their endings: the states of a training
// that transformers' Trainer saves, and a peft adapter.
var asides = []string{"optimizer.*", "scheduler.*", "scaler.*", "rng_state*", "training_args.*", "adapter_model.*"}

// AmbiguousError is about a folder with several checkpoints, or adapters, none of which has a name that
// makes it the folder's.
type AmbiguousError struct {
	Dir      string // "" is a list of names
	Files    []string
	Adapters bool
}

func (e *AmbiguousError) Error() string {
	shown := e.Files
	if len(shown) > 8 {
		shown = append(slices.Clone(shown[:8]), "…")
	}
	where := "there are"
	if e.Dir != "" {
		where = e.Dir + " holds"
	}
	what := "checkpoints"
	if e.Adapters {
		what = "adapters"
	}
	return fmt.Sprintf("%s %d %s (%.1000s), and no name says which to open", where, len(e.Files), what, strings.Join(shown, ", "))
}

// Find returns the file to open of a checkpoint's folder, as Choose does; of a folder that also has a
// LoRA adapter, the one that the adapter is for. It is an os.ErrNotExist if there is none, and an
// *AmbiguousError if there are several.
func Find(dir string) (string, error) {
	base, _, adapted, err := find(dir)
	if adapted != nil {
		base = adapted.Path()
	}
	return base, err
}

// find returns the file of a folder's weights, and the folder of their adapter, or ""; or both opened, if they
// had to be.
func find(dir string) (base, adapter string, adapted *Checkpoint, err error) {
	files, folders, err := folderOf(dir)
	if err != nil {
		return "", "", nil, err
	}
	name, err := Choose(files)
	several, ambiguous := errors.AsType[*AmbiguousError](err)
	switch {
	case slices.Contains(files, adapterConfigName):
		adapter = dir
	case err != nil || !isPublished(name):
		if adapter, err = adapterIn(dir, folders); err != nil {
			return "", "", nil, err
		}
	}
	switch {
	case adapter != "" && !isPublished(name):
		adapted, err := baseOf(adapter, dir, files)
		return "", "", adapted, err
	case ambiguous:
		several.Dir = dir
		return "", "", nil, several
	case name == "":
		return "", "", nil, fmt.Errorf("%s holds no checkpoint (%s, whole or in shards, or one file *%s): %w",
			dir, strings.Join(published, ", "), strings.Join(endings, ", *"), os.ErrNotExist)
	}
	return filepath.Join(dir, name), adapter, nil, nil
}

// folderOf returns the names of what is in a folder; of one that is not there, nothing.
func folderOf(dir string) (files, folders []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return nil, nil, err
	}
	for _, e := range entries {
		if info, err := os.Stat(filepath.Join(dir, e.Name())); err == nil && info.IsDir() {
			folders = append(folders, e.Name())
		} else if err == nil {
			files = append(files, e.Name())
		}
	}
	return files, folders, nil
}

func isPublished(name string) bool {
	return slices.Contains(published, Whole(name))
}

// Choose picks the checkpoint out of the names of a folder's files: one that hubs use, or its
// index of shards; else the only name that ends as checkpoints do. What differs by its ending
// only (sscd.torchvision.pt, sscd.torchscript.pt) counts as one. It is an os.ErrNotExist if
// there is none, and an *AmbiguousError if there are several.
func Choose(names []string) (string, error) {
	for _, name := range published {
		for _, form := range []string{name, name + indexEnding} {
			if slices.Contains(names, form) {
				return form, nil
			}
		}
	}
	stems := map[string][]string{} // the names by what stands before the ending
	for _, name := range names {
		if stem, ok := stemOf(name); ok && !isAside(name, names) {
			stems[stem] = append(stems[stem], name)
		}
	}
	switch len(stems) {
	case 0:
		return "", os.ErrNotExist
	case 1:
		for _, of := range stems {
			return slices.MinFunc(of, func(a, b string) int { return rank(a) - rank(b) }), nil
		}
	}
	var all []string
	for _, of := range stems {
		all = append(all, of...)
	}
	slices.Sort(all)
	return "", &AmbiguousError{Files: all}
}

// Shards returns which of the names are files of the checkpoint that Choose picked: itself, or
// the shards of an index.
func Shards(chosen string, names []string) []string {
	whole, ok := strings.CutSuffix(chosen, indexEnding)
	if !ok {
		return []string{chosen}
	}
	var shards []string
	ending := path.Ext(whole)
	for _, name := range names {
		rest, ok := strings.CutPrefix(name, strings.TrimSuffix(whole, ending)+"-")
		if matches, _ := path.Match("*-of-*"+ending, rest); ok && matches {
			shards = append(shards, name)
		}
	}
	return shards
}

// IsIndex reports whether a name is that of an index of shards.
func IsIndex(name string) bool { return strings.HasSuffix(name, indexEnding) }

// Whole returns what a checkpoint in shards is called whose index has that name; any other name is
// returned as it is.
func Whole(name string) string { return strings.TrimSuffix(name, indexEnding) }

// stemOf returns what stands before the longest of the endings.
func stemOf(name string) (stem string, ok bool) {
	if i := rank(name); i < len(endings) {
		stem = strings.TrimSuffix(name, endings[i])
	}
	return stem, stem != "" && !strings.HasPrefix(name, ".")
}

// rank is the place of a name's ending, the longest that fits, among the endings.
func rank(name string) int {
	best := len(endings)
	for i, ending := range endings {
		if strings.HasSuffix(name, ending) && (best == len(endings) || len(ending) > len(endings[best])) {
			best = i
		}
	}
	return best
}

func isAside(name string, names []string) bool {
	if stem, ok := strings.CutSuffix(name, ".bin"); ok && slices.Contains(names, stem+".xml") {
		return true // OpenVINO's weights, and their network
	}
	return slices.ContainsFunc(asides, func(pattern string) bool {
		ok, _ := path.Match(pattern, name)
		return ok
	})
}
