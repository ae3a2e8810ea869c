package models

import (
	"errors"
	"os"
	"path/filepath"

	goruntime "runtime"
	"slices"
	"sort"
	"strings"

	"github.com/akin-search/akin/internal/glob"
	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/hub"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/runtime"
)

// modelDirs are the folders that hold models, each in a folder of its name.
func modelDirs(o Options) []string {
	dirs := append([]string(nil), o.ModelDirs...)
	for _, dir := range home.Installed(o.Home) {
		dirs = append(dirs, filepath.Join(dir, "models"))
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
	h, err := hub.New(o.Hub)
	if err != nil {
		return places // a user without a home has no caches
	}
	if dir, err := h.Find(repositoryOf(name)); err == nil {
		places = append(places, dir)
	}
	if spec, _ := model.Find(name); spec.File != "" {
		places = append(places, filepath.Join(h.TorchCache, spec.File))
	}
	return places
}

// openModel opens a model by name, wherever it lies. An error about an unknown one has the names that may be meant.
func openModel(name string, o Options, as model.Options) (*model.Model, error) {
	m, err := model.Open(name, modelPlaces(o, name), as)
	if e, ok := errors.AsType[*model.UnknownError](err); ok {
		e.Near = nearModels(name, ownModels(o)...)
	}
	return m, err
}

// nearModels returns the names of models that a mistyped one may mean: of those that akin knows, and of these others.
func nearModels(name string, others ...string) []string {
	for _, s := range model.Known() {
		others = append(others, s.Name)
	}
	return record.Closest(name, slices.Values(others))
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
	if spec, known := hosted(name); known {
		return spec.Name
	}
	return strings.ReplaceAll(name, "/", "--")
}

// hosted returns the catalogue's model whose weights are in a repository of the hub.
func hosted(repository string) (spec model.Spec, known bool) {
	for _, spec := range model.Known() {
		if spec.Repository == repository {
			return spec, true
		}
	}
	return model.Spec{}, false
}

var libraryNames = map[string]string{
	"linux":   "libonnxruntime.so*",
	"darwin":  "libonnxruntime*.dylib",
	"windows": "onnxruntime.dll",
}

// loadLibrary loads ONNX Runtime, and returns its path.
func loadLibrary(o Options) (string, error) {
	path, err := findLibrary(o.Library, o.Device, o.Home)
	if err != nil {
		return "", err
	}
	err = runtime.Open(path)
	if e, ok := errors.AsType[*runtime.LibraryError](err); ok {
		e.Named = o.Library != ""
	}
	return path, err
}

// findLibrary is the path of ONNX Runtime's shared library. A build for graphics cards
// lies in a folder of its own, and is taken first where they may be used.
func findLibrary(named, device string, h home.Dir) (string, error) {
	if named != "" {
		return named, nil
	}
	folders := []string{"cuda", "lib"}
	if device == "cpu" {
		slices.Reverse(folders)
	}
	var dirs []string
	for _, folder := range folders {
		for _, dir := range home.Installed(h) {
			dirs = append(dirs, filepath.Join(dir, folder))
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
	return "", &runtime.NotFoundError{}
}

var openVINONames = map[string]string{
	"linux":   "libopenvino_c.so*",
	"darwin":  "libopenvino_c*.dylib",
	"windows": "openvino_c.dll",
}

// loadOpenVINO loads OpenVINO, and returns its path. It is looked for beside akin's other libraries
// only: another version in the system must not change what a collection's embeddings are computed in.
func loadOpenVINO(o Options) (string, error) {
	path := o.OpenVINO
	for _, dir := range home.Installed(o.Home) {
		if path != "" {
			break
		}
		found, _ := glob.Files(filepath.Join(dir, "openvino"), openVINONames[goruntime.GOOS])
		if sort.Strings(found); len(found) > 0 {
			path = found[len(found)-1]
		}
	}
	if path == "" {
		return "", runtime.ErrNoOpenVINO
	}
	return path, runtime.OpenOpenVINO(path)
}
