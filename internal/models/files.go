package models

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/model"
)

// repositoryFiles are what akin reads of a repository.
type repositoryFiles struct {
	small   []string // descriptions, the tokenizer, an adapter, the shards' index
	weights []string
}

// beside are the files that are fetched with a checkpoint, where they are: what describes the network and
// its pictures, its tokenizer, and an adapter of it.
var beside = []string{
	"config.json", "open_clip_config.json", "preprocessor_config.json",
	"vocab.json", "merges.txt", "vocab.txt", "tokenizer.model", "spiece.model",
	"tokenizer_config.json", "special_tokens_map.json",
	"adapter_config.json", "adapter_model.safetensors", "adapter_model.bin",
}

// wholeTokenizer has all that a tokenizer is made of in one file, of 34 MB for SigLIP 2. It is not
// needed where one of these has the vocabulary.
const wholeTokenizer = "tokenizer.json"

var vocabularies = []string{"vocab.json", "vocab.txt"}

// foreign are the forms of weights that akin does not read, as people call them.
var foreign = []struct{ form, pattern string }{
	{"ONNX", "*.onnx"},
	{"GGUF", "*.gguf"},
	{"Flax", "*.msgpack"},
	{"Keras", "*.h5"}, {"Keras", "*.keras"},
	{"TensorFlow", "saved_model.pb"}, {"TensorFlow", "*.ckpt.index"},
	{"TensorFlow Lite", "*.tflite"},
	{"Core ML", "*.mlmodel"},
	{"OpenVINO", "openvino_model.xml"},
	{"a LoRA adapter", "adapter_config.json"},
}

// NoCheckpointError is a model.ErrMissing: a repository has no weights that akin reads.
type NoCheckpointError struct {
	Repository string
	Forms      []string // that it does have, as people call them
	ONNX       []string // the paths of its ONNX files, which can be added as models
}

func (e *NoCheckpointError) Error() string {
	has := ""
	if len(e.Forms) > 0 {
		has = ", but " + strings.Join(e.Forms, ", ")
	}
	return "it has no safetensors and no PyTorch checkpoint" + has
}

func (e *NoCheckpointError) Is(target error) bool { return target == model.ErrMissing }

// checkpointFiles picks from the paths of a repository's files.
func checkpointFiles(repository string, paths []string) (files repositoryFiles, err error) {
	var names []string // of those that are in no folder
	for _, p := range paths {
		if !strings.Contains(p, "/") {
			names = append(names, p)
		}
	}
	chosen, err := checkpoint.Choose(names)
	if errors.Is(err, os.ErrNotExist) {
		return files, noCheckpoint(repository, paths)
	}
	if err != nil {
		return files, err
	}
	has := func(name string) bool { return slices.Contains(names, name) }
	for _, name := range beside {
		if has(name) {
			files.small = append(files.small, name)
		}
	}
	if has(wholeTokenizer) && !slices.ContainsFunc(vocabularies, has) {
		files.small = append(files.small, wholeTokenizer)
	}
	if checkpoint.IsIndex(chosen) {
		files.small = append(files.small, chosen)
	}
	if files.weights = checkpoint.Shards(chosen, names); len(files.weights) == 0 {
		return files, fmt.Errorf("%s lists shards, and none is there", chosen)
	}
	return files, nil
}

func noCheckpoint(repository string, paths []string) *NoCheckpointError {
	e := &NoCheckpointError{Repository: repository}
	for _, f := range foreign {
		for _, p := range paths {
			if ok, _ := path.Match(f.pattern, path.Base(p)); !ok {
				continue
			}
			if !slices.Contains(e.Forms, f.form) {
				e.Forms = append(e.Forms, f.form)
			}
			if f.form == "ONNX" {
				e.ONNX = append(e.ONNX, p)
			}
		}
	}
	return e
}
