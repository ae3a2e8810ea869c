package model

import (
	"encoding/json"
	"fmt"
)

// openCLIPLayout is that of OpenCLIP's push_to_hf_hub: open_clip_config.json has the towers' sizes and
// how pictures are prepared. Reference: open_clip/factory.py and transform.py.
var openCLIPLayout = &layout{
	file: "open_clip_config.json",
	architecture: func(description []byte) (string, error) {
		var c struct {
			Model json.RawMessage `json:"model_cfg"`
		}
		err := unmarshal(description, &c)
		if c.Model == nil {
			return "", err
		}
		return "CLIP", err
	},
	preprocess: func(_ reader, description []byte, fallback Preprocess) (Preprocess, error) {
		var c openCLIPConfig
		if err := unmarshal(description, &c); err != nil {
			return Preprocess{}, err
		}
		p, err := c.preprocess(fallback)
		if err != nil {
			return Preprocess{}, fmt.Errorf("its open_clip_config.json: %w", err)
		}
		return p, nil
	},
}

// openCLIPConfig is OpenCLIP's description of a pair of towers.
type openCLIPConfig struct {
	Model struct {
		Dim       int                  `json:"embed_dim"`
		QuickGELU bool                 `json:"quick_gelu"`
		Vision    openCLIPVisionConfig `json:"vision_cfg"`
		Text      openCLIPTextConfig   `json:"text_cfg"`
	} `json:"model_cfg"`
	Preprocess struct {
		Mean          []float64 `json:"mean"`
		Std           []float64 `json:"std"`
		Interpolation string    `json:"interpolation"`
		Mode          string    `json:"resize_mode"`
	} `json:"preprocess_cfg"`
}

// preprocess is how pictures are prepared: OpenCLIP's own values where the description has none.
func (c *openCLIPConfig) preprocess(p Preprocess) (Preprocess, error) {
	size := c.Model.Vision.Image
	p.Short, p.Width, p.Height = int(size), int(size), int(size)
	for _, x := range []struct {
		from []float64
		to   *[3]float64
	}{{c.Preprocess.Mean, &p.Mean}, {c.Preprocess.Std, &p.Std}} {
		if x.from == nil {
			continue
		}
		if len(x.from) != 3 {
			return p, fmt.Errorf("mean and std do not have 3 numbers")
		}
		*x.to = [3]float64(x.from)
	}
	switch c.Preprocess.Mode {
	case "shortest", "":
	case "squash":
		p.Short = 0
	default:
		return p, fmt.Errorf("the resize_mode %q is not known to akin", c.Preprocess.Mode)
	}
	if name := c.Preprocess.Interpolation; name != "" {
		var err error
		if p.Filter, err = filterOf(name); err != nil {
			return p, err
		}
	}
	return p, p.check()
}

// openCLIPBlocks are the layers of a tower.
type openCLIPBlocks struct {
	Width  int       `json:"width"`
	Layers oneOrMany `json:"layers"` // of each stage: several for a ResNet
	Ratio  float64   `json:"mlp_ratio"`
	Scale  *float64  `json:"ls_init_value"` // nil where what is added has no factors
	GELU   struct {
		Approximate string `json:"approximate"`
	} `json:"act_kwargs"`
	Norm struct {
		Epsilon float64 `json:"eps"`
	} `json:"norm_kwargs"`

	// No published checkpoint has these.
	QKNorm     bool `json:"qk_norm"`
	Cosine     bool `json:"scaled_cosine_attn"`
	ScaleHeads bool `json:"scale_heads"`
	ScaleInner bool `json:"scale_attn_inner"`
	ScaleAttn  bool `json:"scale_attn"`
	ScaleMLP   bool `json:"scale_fc"`
}

// openCLIPVisionConfig is of OpenCLIP's own vision towers, or names one of timm.
type openCLIPVisionConfig struct {
	openCLIPBlocks
	Image         squareSide `json:"image_size"`
	HeadWidth     int        `json:"head_width"`
	Patch         squareSide `json:"patch_size"`
	NoNormFirst   bool       `json:"no_ln_pre"`
	Pool          string     `json:"pool_type"`
	NormLast      bool       `json:"final_ln_after_pool"`
	Pooler        any        `json:"attentional_pool"` // true, or how CoCa's two poolers are joined
	PoolerQueries int        `json:"attn_pooler_queries"`
	PoolerHeads   int        `json:"attn_pooler_heads"`
	Timm          string     `json:"timm_model_name"`
	TimmPool      *string    `json:"timm_pool"` // nil and "" are the network's own
	TimmProj      *string    `json:"timm_proj"` // nil and "" are the network's classifier
}

type openCLIPTextConfig struct {
	openCLIPBlocks
	Positions     int    `json:"context_length"`
	Vocabulary    int    `json:"vocab_size"`
	Heads         int    `json:"heads"`
	NoCausalMask  bool   `json:"no_causal_mask"`
	Class         bool   `json:"embed_cls"` // a class token comes last and is the text
	Pad           int64  `json:"pad_id"`    // for the class token's mask
	End           int64  `json:"eos_id"`
	Pool          string `json:"pool_type"`
	Proj          string `json:"proj_type"`
	Transformers  string `json:"hf_model_name"` // a tower of transformers
	Tokenizer     string `json:"hf_tokenizer_name"`
	TokenizerArgs struct {
		Clean    string `json:"clean"`
		StripSep bool   `json:"strip_sep_token"`
	} `json:"tokenizer_kwargs"`
}

// squareSide is the side of a square: a number, or a list of two equal ones.
type squareSide int

func (s *squareSide) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, (*int)(s)) == nil {
		return nil
	}
	var both [2]int
	if err := json.Unmarshal(data, &both); err != nil {
		return err
	}
	if both[0] != both[1] {
		return fmt.Errorf("its pictures are %d x %d: akin knows squares only", both[1], both[0])
	}
	*s = squareSide(both[0])
	return nil
}
