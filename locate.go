package akin

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"slices"
	"sort"
	"strings"

	"github.com/akin-search/akin/internal/glob"
	"github.com/akin-search/akin/internal/hub"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/runtime"
)

// ONNX Runtime and checkpoints are looked for, in this order: where the caller
// says, where the environment says, beside the program (as `make dist` lays them
// out), in the .deps folder of the checkout that built it, in the user's data
// folder, and, for the library, where systems install it. The working folder is
// never searched: a library in it would run whatever someone put there.

// DataDir is the user's folder for akin's own data: what AKIN_HOME names, else the system's
// folder for such. It may not be there yet.
func DataDir() (string, error) { return dataDir() }

// dataDir is the user's folder for akin's own data.
func dataDir() (string, error) {
	if dir := os.Getenv("AKIN_HOME"); dir != "" {
		return filepath.Abs(dir)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the user's data folder: %w; set AKIN_HOME", err)
	}
	switch goruntime.GOOS {
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "akin"), nil
	case "windows":
		if dir := os.Getenv("LOCALAPPDATA"); dir != "" {
			return filepath.Join(dir, "akin"), nil
		}
	default:
		if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
			return filepath.Join(dir, "akin"), nil
		}
	}
	return filepath.Join(home, ".local", "share", "akin"), nil
}

// makePrivate makes a folder for one user's data, which nobody else may look into: names and
// embeddings tell what is in private pictures. A folder that is there stays as its user made it.
func makePrivate(dir string) error {
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}

// makeDataDir makes the user's folder for akin's own data.
func makeDataDir() error {
	dir, err := dataDir()
	if err != nil {
		return err
	}
	return makePrivate(dir)
}

// cacheDir is the user's folder for what can be made again, or "".
func cacheDir() string {
	if dir := os.Getenv("AKIN_HOME"); dir != "" {
		return filepath.Join(dir, "cache")
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "akin")
}

// homes are the folders that may hold a lib and a models folder.
func homes() []string {
	var dirs []string
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			exe = real
		}
		dir := filepath.Dir(exe)
		dirs = append(dirs, dir, filepath.Join(filepath.Dir(dir), ".deps"))
	}
	if dir, err := dataDir(); err == nil {
		dirs = append(dirs, dir)
	}
	return dirs
}

// modelDirs are the folders that hold models, each in a folder of its name.
func modelDirs(o Options) []string {
	dirs := append([]string(nil), o.ModelDirs...)
	dirs = append(dirs, filepath.SplitList(os.Getenv("AKIN_MODELS"))...)
	for _, home := range homes() {
		dirs = append(dirs, filepath.Join(home, "models"))
	}
	return dirs
}

// modelPlaces are where a model's checkpoint may be: under its name in the folders
// for models, and in the caches of the model hub and of torch.
func modelPlaces(o Options, name string) []string {
	var places []string
	if folder := modelFolder(name); folder != "" && folder == filepath.Base(folder) && filepath.IsLocal(folder) {
		for _, dir := range modelDirs(o) {
			places = append(places, filepath.Join(dir, folder))
		}
	}
	if h, err := hub.FromEnvironment(); err == nil {
		if dir, err := h.Find(repositoryOf(name)); err == nil {
			places = append(places, dir)
		}
	}
	spec, _ := model.Find(name)
	if dir, err := hub.TorchCache(); err == nil && spec.File != "" {
		places = append(places, filepath.Join(dir, spec.File))
	}
	return places
}

// ownModels are the names of the models in the folders for models that akin does not
// know by name.
func ownModels(o Options) []string {
	var names []string
	for _, dir := range modelDirs(o) {
		entries, _ := os.ReadDir(dir) // most of them are not there
		for _, e := range entries {
			name, place := e.Name(), filepath.Join(dir, e.Name())
			if repository, ok := hub.IsPart(place); ok && modelFolder(repository) == name {
				name = repository
			}
			if _, known := model.Find(e.Name()); known || hub.IsPartial(e.Name()) || slices.Contains(names, name) {
				continue
			}
			if !strings.HasPrefix(e.Name(), ".") && model.Holds(place) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// repositoryOf is a model's name on the hub: the known one's, or the name itself.
func repositoryOf(name string) string {
	if spec, ok := model.Find(name); ok {
		return spec.Repository
	}
	return name
}

// modelFolder is what a model's folder is called in the folders for models: for one of
// the hub's the name that akin knows it by, else ORG--NAME.
func modelFolder(name string) string {
	if !hub.IsRepository(name) {
		return name
	}
	for _, spec := range model.Known() {
		if spec.Repository == name {
			return spec.Name
		}
	}
	return strings.ReplaceAll(name, "/", "--")
}

var libraryNames = map[string]string{
	"linux":   "libonnxruntime.so*",
	"darwin":  "libonnxruntime*.dylib",
	"windows": "onnxruntime.dll",
}

// findLibrary is the path of ONNX Runtime's shared library. A build for graphics cards
// lies in a folder of its own, and is taken first where they may be used.
func findLibrary(named, device string) (string, error) {
	if named == "" {
		named = os.Getenv("AKIN_ONNXRUNTIME")
	}
	if named != "" {
		return named, nil
	}
	folders := []string{"cuda", "lib"}
	if device == "cpu" {
		slices.Reverse(folders)
	}
	var dirs []string
	for _, folder := range folders {
		for _, home := range homes() {
			dirs = append(dirs, filepath.Join(home, folder))
		}
	}
	if goruntime.GOOS != "windows" {
		dirs = append(dirs, "/usr/local/lib", "/opt/homebrew/lib", "/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu")
	}
	for _, dir := range dirs {
		found, _ := glob.Files(dir, libraryNames[goruntime.GOOS]) // none in a folder that is absent or cannot be read
		found = slices.DeleteFunc(found, func(path string) bool { return strings.Contains(path, "onnxruntime_providers_") })
		if len(found) > 0 {
			sort.Strings(found)
			return found[len(found)-1], nil // the longest name is the file, the shorter ones link to it
		}
	}
	return "", fmt.Errorf("%w: ONNX Runtime's shared library was not found; run `make setup` in akin's checkout, put it into a lib folder beside the program, or name it in AKIN_ONNXRUNTIME", runtime.ErrLibrary)
}
