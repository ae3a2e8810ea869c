package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/runtime"
)

// AddModel makes an ONNX file a model of that name. The file stays where it is and is
// linked to; what prepares its pictures is copied from a file of the fields of
// transformers' preprocessor_config.json (see docs/how-to/models.md): "" is the one beside
// the ONNX file. It is run once, so that what is wrong with it is known now.
func AddModel(ctx context.Context, name, file, preprocess string, o Options) (api.ModelInfo, error) {
	if err := checkModelName(name); err != nil {
		return api.ModelInfo{}, fmt.Errorf("add model %q: %w", name, err)
	}
	for _, place := range modelPlaces(o, name) {
		if _, err := os.Lstat(place); err == nil {
			return api.ModelInfo{}, fmt.Errorf("add model %q: %w", name, &NameTakenError{name, place})
		}
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return api.ModelInfo{}, err
	}
	precision := model.Precision(o.Precision)
	if precision == model.Auto {
		precision = model.Float32
	}
	m, err := model.OpenFile(abs, preprocess, model.Options{Precision: precision, Cache: o.Home.Cache()})
	if err != nil {
		return api.ModelInfo{}, err
	}
	if m.Dim, err = NewEngine(o).try(ctx, m); err != nil {
		return api.ModelInfo{}, err
	}
	settings, err := withDim(m.ONNX.Settings, m.Dim)
	if err != nil {
		return api.ModelInfo{}, fmt.Errorf("add model %s: %w", name, err)
	}
	if err := linkModel(o.Home, name, abs, settings); err != nil {
		return api.ModelInfo{}, fmt.Errorf("add model %s: %w", name, err)
	}
	m.Name = name
	return modelInfo(m, o), nil
}

// RemoveModel takes away what AddModel, or Pull of a folder, made: the user's own
// files stay.
func RemoveModel(name string, o Options) error {
	data, err := o.Home.Data()
	if err != nil {
		return err
	}
	dir := filepath.Join(data, "models", name)
	info, err := os.Lstat(dir)
	switch {
	case name == "" || name != filepath.Base(name) || strings.HasPrefix(name, ".") || errors.Is(err, os.ErrNotExist):
		return model.Missingf("remove model %q: no model of that name was added", name)
	case err == nil && info.Mode()&os.ModeSymlink != 0: // of Pull
		err = os.Remove(dir)
	case err == nil && !isAdded(dir):
		return fmt.Errorf("remove model %s: akin did not make %s: remove it yourself", name, dir)
	case err == nil:
		err = removeAdded(dir)
	}
	if err != nil {
		return fmt.Errorf("remove model %s: %w", name, err)
	}
	return nil
}

func checkModelName(name string) error {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r)
	}
	if name == "" || len(name) > 100 || strings.ContainsAny(name[:1], "._-") || strings.ContainsFunc(name, func(r rune) bool { return !plain(r) }) {
		return errors.New("a name is of letters, digits, '.', '_' and '-', and begins with a letter or digit")
	}
	if _, known := model.Find(name); known {
		return &NameTakenError{Model: name}
	}
	return nil
}

// withDim reads settings, and adds the length of embeddings, so that the model can be
// opened without being run.
func withDim(path string, dim int) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	fields["dim"] = json.RawMessage(fmt.Sprint(dim))
	data, err = json.MarshalIndent(fields, "", "  ")
	return append(data, '\n'), err
}

// linkModel makes the folder of a model: whole, or not at all.
func linkModel(h home.Dir, name, file string, settings []byte) error {
	data, err := h.Data()
	if err != nil {
		return err
	}
	models := filepath.Join(data, "models")
	if err := home.MakeData(h); err != nil {
		return err
	}
	if err := os.MkdirAll(models, 0o777); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(models, ".new-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // nothing is there once it was renamed
	if err := os.Symlink(file, filepath.Join(dir, model.FileName)); err != nil {
		return err
	}
	if err := disk.Replace(filepath.Join(dir, model.SettingsName), settings, 0o666); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	if err := os.Rename(dir, filepath.Join(models, name)); err != nil {
		return err
	}
	return disk.OS.SyncDir(models)
}

// isAdded reports whether a folder holds what linkModel wrote and nothing else.
func isAdded(dir string) bool {
	entries, err := os.ReadDir(dir) // in the order of their names
	return err == nil && len(entries) == 2 &&
		slices.Equal([]string{entries[0].Name(), entries[1].Name()}, []string{model.FileName, model.SettingsName}) &&
		entries[0].Type() == os.ModeSymlink && entries[1].Type().IsRegular()
}

// removeAdded takes the folder away from its name first, so that no half of it is a
// model.
func removeAdded(dir string) error {
	old, err := os.MkdirTemp(filepath.Dir(dir), ".old-*")
	if err != nil {
		return err
	}
	return errors.Join(os.Rename(dir, filepath.Join(old, "model")), os.RemoveAll(old))
}

// try runs an ONNX file once and returns the length of its embeddings.
func (e *Engine) try(ctx context.Context, m *model.Model) (dim int, err error) {
	if err := e.load(); err != nil {
		return 0, err
	}
	return runtime.Try(ctx, m, runtime.Options{Threads: e.options.Threads})
}
