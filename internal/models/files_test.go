package models

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/model"
)

// The files are those of the repositories that are named.
func TestWhatIsFetchedOfARepository(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		repository     string
		files          []string
		small, weights []string
	}{
		{"google/vit-base-patch16-224",
			[]string{".gitattributes", "README.md", "config.json", "flax_model.msgpack", "model.safetensors", "preprocessor_config.json", "pytorch_model.bin", "tf_model.h5"},
			[]string{"config.json", "preprocessor_config.json"}, []string{"model.safetensors"}},
		{"laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
			[]string{"config.json", "merges.txt", "model.safetensors", "open_clip_config.json", "open_clip_model.safetensors", "open_clip_pytorch_model.bin", "preprocessor_config.json", "pytorch_model.bin", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.json"},
			[]string{"config.json", "open_clip_config.json", "preprocessor_config.json", "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"},
			[]string{"open_clip_model.safetensors"}},
		{"laion/CLIP-ViT-bigG-14-laion2B-39B-b160k, its pickles",
			[]string{"open_clip_config.json", "open_clip_pytorch_model-00001-of-00002.bin", "open_clip_pytorch_model-00002-of-00002.bin", "open_clip_pytorch_model.bin.index.json"},
			[]string{"open_clip_config.json", "open_clip_pytorch_model.bin.index.json"},
			[]string{"open_clip_pytorch_model-00001-of-00002.bin", "open_clip_pytorch_model-00002-of-00002.bin"}},
		{"Salesforce/blip2-opt-2.7b",
			[]string{"config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json", "pytorch_model-00001-of-00002.bin", "preprocessor_config.json", "vocab.json", "merges.txt"},
			[]string{"config.json", "preprocessor_config.json", "vocab.json", "merges.txt", "model.safetensors.index.json"},
			[]string{"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"}},
		{"google/siglip2-base-patch16-224: a tokenizer in one file",
			[]string{"config.json", "model.safetensors", "preprocessor_config.json", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"},
			[]string{"config.json", "preprocessor_config.json", "tokenizer_config.json", "special_tokens_map.json", "tokenizer.json"}, []string{"model.safetensors"}},
		{"Salesforce/blip-itm-base-coco: BERT's vocabulary is enough",
			[]string{"config.json", "model.safetensors", "preprocessor_config.json", "pytorch_model.bin", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"},
			[]string{"config.json", "preprocessor_config.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json"}, []string{"model.safetensors"}},
		{"google/tipsv2-b14",
			[]string{"config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.model", "tokenizer_config.json"},
			[]string{"config.json", "preprocessor_config.json", "tokenizer.model", "tokenizer_config.json"}, []string{"model.safetensors"}},
		{"an author's own file, and an ONNX file in a folder",
			[]string{"README.md", "onnx/model.onnx", "old/other.pth", "sscd_disc_mixup.torchvision.pt"},
			nil, []string{"sscd_disc_mixup.torchvision.pt"}},
		{"a network with an adapter of it",
			[]string{"adapter_config.json", "adapter_model.safetensors", "config.json", "model.safetensors"},
			[]string{"config.json", "adapter_config.json", "adapter_model.safetensors"}, []string{"model.safetensors"}},
	} {
		got, err := checkpointFiles(c.repository, c.files)
		if err != nil || !slices.Equal(got.small, c.small) || !slices.Equal(got.weights, c.weights) {
			t.Errorf("%s: %q beside %q, %v", c.repository, got.small, got.weights, err)
		}
	}
}

func TestARepositoryWithoutACheckpointSaysWhatItHas(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why         string
		files       []string
		forms, onnx []string
	}{
		{"ONNX for a page", []string{"config.json", "onnx/model.onnx", "onnx/model_quantized.onnx"}, []string{"ONNX"}, []string{"onnx/model.onnx", "onnx/model_quantized.onnx"}},
		{"other frameworks", []string{"flax_model.msgpack", "tf_model.h5", "model.gguf"}, []string{"GGUF", "Flax", "Keras"}, nil},
		{"an adapter of something else", []string{"adapter_config.json", "adapter_model.safetensors"}, []string{"a LoRA adapter"}, nil},
		{"OpenVINO", []string{"openvino_model.bin", "openvino_model.xml"}, []string{"OpenVINO"}, nil},
		{"nothing", []string{"README.md"}, nil, nil},
		{"weights in a folder", []string{"unet/model.safetensors"}, nil, nil},
	} {
		_, err := checkpointFiles("org/name", c.files)
		e, ok := errors.AsType[*NoCheckpointError](err)
		if !ok || !errors.Is(err, model.ErrMissing) || e.Repository != "org/name" || !slices.Equal(e.Forms, c.forms) || !slices.Equal(e.ONNX, c.onnx) {
			t.Errorf("%s: %+v", c.why, err)
			continue
		}
		for _, form := range c.forms {
			if !strings.Contains(err.Error(), form) {
				t.Errorf("%s: %v does not name %s", c.why, err, form)
			}
		}
	}
	if _, err := checkpointFiles("org/name", []string{"a.pth", "b.pth"}); errors.As(err, new(*checkpoint.AmbiguousError)) == false || !strings.Contains(err.Error(), "a.pth") {
		t.Errorf("two checkpoints: %v", err)
	}
	if _, err := checkpointFiles("org/name", []string{"model.safetensors.index.json"}); err == nil || !strings.Contains(err.Error(), "model.safetensors.index.json") {
		t.Errorf("an index alone: %v", err)
	}
}
