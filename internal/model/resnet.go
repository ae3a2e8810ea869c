package model

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
)

// ResNet (He et al. 2015, https://arxiv.org/abs/1512.03385) in every depth and width, ResNeXt (Xie et
// al. 2016, https://arxiv.org/abs/1611.05431) and Wide ResNet (Zagoruyko and Komodakis 2016,
// https://arxiv.org/abs/1605.07146). The embedding is the mean over height and width of the last
// block's output.
func init() {
	register(family{
		// Reference: torchvision's resnet, whose state dicts have no config.
		name:       "torchvision-resnet",
		version:    1,
		preprocess: torchvisionPreprocess(256),
		published: map[string]Preprocess{ // IMAGENET1K_V2
			"11ad3fa6": torchvisionPreprocess(232), "cd907fc2": torchvisionPreprocess(232), "f82ba261": torchvisionPreprocess(232),
			"1a0047aa": torchvisionPreprocess(232), "110c445d": torchvisionPreprocess(232), "173b62eb": torchvisionPreprocess(232),
			"9ba9bcbe": torchvisionPreprocess(232), "d733dc28": torchvisionPreprocess(232),
		},
		config:   func() any { return &struct{}{} },
		prefixes: []string{"", "module."},
		packs:    true,
		reorders: true,
		probe:    "layer1.0.conv1.weight",
		unused:   classifier,
		build: func(n *network, _ any, width, height int) int {
			return n.meanOfResidual(torchResidual, width, height)
		},
		models: []Spec{
			{
				Name: "resnet50", File: "resnet50-0676ba61.pth", Dim: 2048, InputWidth: 224, InputHeight: 224,
				Params: 23_561_152, Bytes: 94_244_608,
				Speed: "fast", Licence: "BSD-3-Clause", About: "objects and textures; coarse on drawings and logos",
			},
		},
	})
	register(family{
		// Reference: transformers' ResNetModel, pooler_output.
		name:       "resnet",
		version:    1,
		preprocess: convNeXtPreprocess,
		config:     func() any { return &resNetConfig{Activation: "relu"} },
		prefixes:   []string{"resnet.", ""},
		packs:      true,
		reorders:   true,
		probe:      "encoder.stages.0.layers.0.layer.0.convolution.weight",
		unused:     batches,
		build: func(n *network, config any, width, height int) int {
			c, r := config.(*resNetConfig), transformersResidual
			r.activation, r.firstHalf, r.early = c.Activation, c.FirstHalf, c.Early && c.Type != "basic"
			return n.meanOfResidual(r, width, height)
		},
	})
	register(family{
		// Reference: timm's ResNet, with num_classes=0.
		name:          "timm-resnet",
		layout:        timmLayout,
		architectures: []string{"resnet", "resnext", "wide_resnet", "seresnet", "seresnext", "senet154", "ecaresnet", "ecaresnext", "test_resnet"},
		version:       1,
		preprocess:    Preprocess{Width: 224, Height: 224},
		config:        func() any { return &timmConfig{} },
		prefixes:      []string{"", "timm_model."},
		packs:         true,
		reorders:      true,
		probe:         "layer1.0.conv1.weight",
		unused:        classifier,
		build:         buildTimm(timmResNet),
		trunk:         timmResNet,
	})
}

// torchvisionPreprocess is torchvision's ImageClassification.
func torchvisionPreprocess(short int) Preprocess {
	return Preprocess{
		Short: short, Width: 224, Height: 224, Filter: resample.Bilinear,
		Mean: imageNetMean, Std: imageNetStd, Scale: 1. / 255, Torch: true,
	}
}

// batches are counters that training leaves behind.
var (
	batches    = regexp.MustCompile(`\.num_batches_tracked$`)
	classifier = regexp.MustCompile(`\.num_batches_tracked$|^fc\.`)
)

type resNetConfig struct {
	Type       string `json:"layer_type"`
	Activation string `json:"hidden_act"`
	FirstHalf  bool   `json:"downsample_in_first_stage"`
	Early      bool   `json:"downsample_in_bottleneck"`
}

var torchResidual = residual{
	stem: "conv1", stemNorm: "bn1",
	block: func(stage, i int) string { return fmt.Sprintf("layer%d.%d.", stage+1, i) },
	conv: func(i int) (string, string) {
		return fmt.Sprintf("conv%d", i+1), fmt.Sprintf("bn%d", i+1)
	},
	shortcut:   [2]string{"downsample.0", "downsample.1"},
	pooled:     [2]string{"downsample.1", "downsample.2"},
	stemPool:   [2]string{"maxpool.0", "maxpool.1"},
	activation: "relu", inner: "relu",
}

var transformersResidual = residual{
	stem: "embedder.embedder.convolution", stemNorm: "embedder.embedder.normalization",
	block: func(stage, i int) string { return fmt.Sprintf("encoder.stages.%d.layers.%d.", stage, i) },
	conv: func(i int) (string, string) {
		return fmt.Sprintf("layer.%d.convolution", i), fmt.Sprintf("layer.%d.normalization", i)
	},
	shortcut: [2]string{"shortcut.convolution", "shortcut.normalization"},
	inner:    "relu", // whatever the config says
}

// resNetArgs are the model_args that show in the tensors, or matter in training alone.
var resNetArgs = []string{
	"in_chans", "num_classes", "global_pool", "layers", "channels", "cardinality", "base_width", "stem_width", "stem_type",
	"replace_stem_pool", "block_reduce_first", "down_kernel_size", "avg_down", "act_layer",
	"drop_rate", "drop_path_rate", "drop_block_rate", "zero_init_last",
}

func timmResNet(n *network, c *timmConfig, width, height int) (onnx.Value, int) {
	r := torchResidual
	r.smooth = smoothingOf(c.Architecture)
	if c.Args.Activation != "" {
		r.activation = n.timmActivation(c.Args.Activation)
		r.inner = r.activation
	}
	n.timmKnows(c, resNetArgs, "avg")
	x, dim, rows, columns := n.residual(r, width, height)
	if n.err != nil {
		return "", dim
	}
	return n.meanOfMap(x, dim, rows, columns), dim
}

// smoothingOf reads from timm's name of an architecture what no tensor says.
func smoothingOf(architecture string) smoothing {
	for _, kin := range []string{"resnet", "seresnet", "seresnext"} {
		switch rest, ok := strings.CutPrefix(architecture, kin); {
		case ok && strings.HasPrefix(rest, "aa"):
			return averaged
		case ok && strings.HasPrefix(rest, "blur"):
			return blurred
		}
	}
	return strided
}

// meanOfResidual ends a residual network with the mean of its last feature map.
func (n *network) meanOfResidual(r residual, width, height int) int {
	x, dim, rows, columns := n.residual(r, width, height)
	if n.err == nil {
		n.end(n.meanOfMap(x, dim, rows, columns), dim)
	}
	return dim
}

var convNeXtPreprocess = Preprocess{
	Short: 256, Width: 224, Height: 224, Filter: resample.Bicubic,
	Mean: imageNetMean, Std: imageNetStd, Scale: 1. / 255, cropPct: convNeXtPct,
}
