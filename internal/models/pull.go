package models

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/hub"
	"github.com/akin-search/akin/internal/model"
)

// Pull makes a model available by its name: one that akin knows, another of the
// model hub's as ORG/NAME, or a checkpoint's folder that is there already, which is
// linked to. What the hub's Python tools have fetched is used; what they need later
// is not fetched again. Cancelling ctx loses nothing: the next Pull goes on.
//
// Of a checkpoint that is mostly something else, a language model for instance, only
// the tensors that embeddings need are fetched, into akin's own data folder.
func Pull(ctx context.Context, name string, o api.PullOptions) (api.PullReport, error) {
	spec, known := model.Find(name)
	if _, err := os.Stat(name); err == nil && !known && !o.HubOnly {
		if filepath.Ext(name) == ".onnx" {
			return api.PullReport{}, &ONNXFileError{name}
		}
		return pullLocal(home.Dir(o.Home), name)
	}
	h, err := hub.New(o.Hub)
	if err != nil {
		return api.PullReport{}, err
	}
	h.Progress = o.Progress
	var place string
	switch repository := repositoryOf(name); {
	case known && spec.File != "":
		place, err = pullTorch(ctx, h, spec, o)
	case known && spec.Addresses != nil:
		place, err = pullAddresses(ctx, h, spec, o)
	case known && !spec.Pullable():
		return api.PullReport{}, &BundledError{name}
	case hub.IsRepository(repository):
		place, err = pullRepository(ctx, h, repository, o)
	default:
		meant := ""
		if near := nearModels(name); len(near) > 0 {
			meant = "; did you mean " + strings.Join(near, ", ") + "?"
		}
		return api.PullReport{}, model.Missingf("pull %q: not a known model, not ORG/NAME of the model hub, and not a folder%s", name, meant)
	}
	if err != nil {
		return api.PullReport{}, err
	}
	m, err := model.Open(name, []string{place}, model.Options{Cache: home.Dir(o.Home).Cache()})
	if err != nil {
		return api.PullReport{}, err
	}
	return pullReport(m, place), nil
}

// pullTorch fetches a checkpoint of torchvision into torch's cache.
func pullTorch(ctx context.Context, h *hub.Hub, spec model.Spec, o api.PullOptions) (place string, err error) {
	if _, err := os.Stat(filepath.Join(h.TorchCache, spec.File)); err != nil {
		if err := accept(api.Licence{Model: spec.Name, Name: spec.Licence}, o); err != nil {
			return "", err
		}
	}
	h.Endpoint, h.Token = hub.TorchEndpoint, ""
	return h.PullTorch(ctx, spec.File)
}

// pullAddresses fetches a model from its authors' servers into the user's models.
func pullAddresses(ctx context.Context, h *hub.Hub, spec model.Spec, o api.PullOptions) (place string, err error) {
	data, err := home.Dir(o.Home).Data()
	if err != nil {
		return "", err
	}
	place = filepath.Join(data, "models", spec.Name)
	if _, err := os.Lstat(place); err == nil {
		return place, nil
	}
	if err := accept(api.Licence{Model: spec.Name, Name: spec.Licence}, o); err != nil {
		return "", err
	}
	if err := home.MakeData(home.Dir(o.Home)); err != nil {
		return "", err
	}
	var files []hub.Address
	for _, a := range spec.Addresses {
		files = append(files, hub.Address(a))
	}
	return place, h.PullAddresses(ctx, place, files)
}

func pullReport(m *model.Model, place string) api.PullReport {
	return api.PullReport{
		Model: m.Name, Path: place, Dim: m.Dim, Input: [2]int{m.InputWidth, m.InputHeight},
		Params: m.Params, Text: m.Text != nil, Licence: m.Licence,
	}
}

// pullLocal links a checkpoint that is on this machine into the user's models: by its
// folder's name, or by that of a file which is called something of its own.
func pullLocal(h home.Dir, place string) (api.PullReport, error) {
	abs, err := filepath.Abs(place)
	if err != nil {
		return api.PullReport{}, err
	}
	name := filepath.Base(abs)
	if info, err := os.Stat(abs); err == nil && !info.IsDir() { // a model is a folder
		if name = strings.TrimSuffix(name, filepath.Ext(name)); name == "model" || name == "pytorch_model" {
			name = filepath.Base(filepath.Dir(abs))
		}
		abs = filepath.Dir(abs)
	}
	m, err := model.OpenDir(abs, model.Options{Cache: h.Cache()})
	if err != nil {
		return api.PullReport{}, err
	}
	m.Name = name
	data, err := h.Data()
	if err != nil {
		return api.PullReport{}, err
	}
	link := filepath.Join(data, "models", name)
	if err := errors.Join(home.MakeData(h), os.MkdirAll(filepath.Dir(link), 0o777)); err != nil {
		return api.PullReport{}, fmt.Errorf("pull %s: %w", place, err)
	}
	if err := os.Symlink(abs, link); errors.Is(err, os.ErrExist) {
		if old, _ := filepath.EvalSymlinks(link); old != abs {
			return api.PullReport{}, fmt.Errorf("pull %s: another model is called %s already: remove %s first", place, name, link)
		}
	} else if err != nil {
		return api.PullReport{}, fmt.Errorf("pull %s: %w", place, err)
	}
	return pullReport(m, abs), nil
}
