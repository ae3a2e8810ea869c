package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const (
	adapterConfigName  = "adapter_config.json"
	adapterConfigLimit = 1 << 20 // bytes; peft's has two thousand
	patternLimit       = 1 << 16 // bytes of all expressions for layers with a rank or an alpha of their own
	rankLimit          = 1 << 16
)

// adapterConfig is what decides on the arithmetic of an adapter_config.json (peft/tuners/lora/config.py).
type adapterConfig struct {
	rank, alpha   float64
	ranks, alphas []pattern // of layers that have one of their own, the first that fits
	targets       []string  // ends of layers' names, if they are listed
	rsLoRA        bool      // alpha is divided by the root of the rank
	transposed    bool      // the base's matrices are (in, out), as GPT-2's
	biases        bool      // the adapter holds biases, which replace the base's
	saved         []string  // modules that the adapter holds whole
	base          string    // what it was trained on, as peft was told
	class         string    // of the network in Python, such as CLIPVisionModel, or ""
}

// pattern is a regular expression for the end of a layer's name, and its value.
type pattern struct {
	name  *regexp.Regexp
	value float64
}

// without are the settings that do not change what the saved matrices stand for: how they
// were begun and trained, and descriptions.
var without = []string{
	"alpha_pattern", "auto_mapping", "base_model_name_or_path", "bias", "corda_config", "ensure_weight_tying",
	"eva_config", "exclude_modules", "fan_in_fan_out", "inference_mode", "init_lora_weights", "layers_pattern", "layers_to_transform", "loftq_config",
	"lora_alpha", "lora_dropout", "lora_ga_config", "megatron_core", "merge_weights", "modules_to_save", "peft_type", "peft_version",
	"qalora_group_size", "r", "rank_pattern", "revision", "runtime_config", "target_modules", "task_type", "use_rslora",
}

// ownBase are the ways to begin the matrices that leave the base as it is. Others (pissa, olora,
// corda, loftq) take from the base what the matrices begin with.
var ownBase = []string{`true`, `false`, `null`, `"gaussian"`, `"eva"`, `"orthogonal"`}

// UnsupportedAdapterError is about an adapter of a kind that is not merged by W + scale·B·A alone.
type UnsupportedAdapterError struct {
	Path    string
	Setting string // of its adapter_config.json
	Value   string
}

func (e *UnsupportedAdapterError) Error() string {
	return fmt.Sprintf("read adapter %s: its %.200s is %.100s, which akin does not implement", e.Path, e.Setting, e.Value)
}

func readAdapterConfig(dir string) (*adapterConfig, error) {
	path := filepath.Join(dir, adapterConfigName)
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open adapter: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, adapterConfigLimit+1))
	if err != nil {
		return nil, fmt.Errorf("read adapter: %w", err)
	}
	c, err := parseAdapterConfig(data)
	if e, ok := errors.AsType[*UnsupportedAdapterError](err); ok {
		e.Path = path
		return nil, e
	}
	if err != nil {
		return nil, fmt.Errorf("read adapter %s: %w: %w", path, ErrCorrupt, err)
	}
	return c, nil
}

func parseAdapterConfig(data []byte) (*adapterConfig, error) {
	if len(data) > adapterConfigLimit {
		return nil, fmt.Errorf("more than %d bytes", adapterConfigLimit)
	}
	var settings map[string]json.RawMessage
	if err := json.Unmarshal(data, &settings); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(settings)) { // the same file always has the same error
		if !isUnset(settings[name]) && !slices.Contains(without, name) {
			return nil, &UnsupportedAdapterError{Setting: fmt.Sprintf("%.100s", name), Value: string(settings[name])}
		}
	}
	if init := settings["init_lora_weights"]; init != nil && !slices.Contains(ownBase, string(init)) {
		return nil, &UnsupportedAdapterError{Setting: "init_lora_weights", Value: string(init)}
	}
	var in struct {
		Kind    string          `json:"peft_type"`
		Base    string          `json:"base_model_name_or_path"`
		Rank    float64         `json:"r"`
		Alpha   float64         `json:"lora_alpha"`
		Ranks   json.RawMessage `json:"rank_pattern"`
		Alphas  json.RawMessage `json:"alpha_pattern"`
		Targets json.RawMessage `json:"target_modules"`
		RSLoRA  bool            `json:"use_rslora"`
		FanIn   bool            `json:"fan_in_fan_out"`
		Bias    string          `json:"bias"`
		Saved   []string        `json:"modules_to_save"`
		Auto    struct {
			Class string `json:"base_model_class"`
		} `json:"auto_mapping"`
	}
	in.Rank, in.Alpha, in.Bias = 8, 8, "none" // peft's defaults
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, err
	}
	switch {
	case in.Kind != "LORA":
		return nil, &UnsupportedAdapterError{Setting: "peft_type", Value: fmt.Sprintf("%q", in.Kind)}
	case !slices.Contains([]string{"none", "all", "lora_only"}, in.Bias):
		return nil, &UnsupportedAdapterError{Setting: "bias", Value: fmt.Sprintf("%q", in.Bias)}
	case !isRank(in.Rank):
		return nil, fmt.Errorf("r is %g", in.Rank)
	}
	c := &adapterConfig{rank: in.Rank, alpha: in.Alpha, rsLoRA: in.RSLoRA, transposed: in.FanIn, biases: in.Bias != "none", saved: in.Saved, base: in.Base, class: in.Auto.Class}
	var err error
	if c.ranks, err = patterns(in.Ranks); err != nil {
		return nil, fmt.Errorf("rank_pattern: %w", err)
	}
	for _, p := range c.ranks {
		if !isRank(p.value) {
			return nil, fmt.Errorf("rank_pattern: %s is %g", p.name, p.value)
		}
	}
	if c.alphas, err = patterns(in.Alphas); err != nil {
		return nil, fmt.Errorf("alpha_pattern: %w", err)
	}
	if bytes.HasPrefix(in.Targets, []byte("[")) { // else a regular expression, or "all-linear"
		if err := json.Unmarshal(in.Targets, &c.targets); err != nil {
			return nil, fmt.Errorf("target_modules: %w", err)
		}
	}
	return c, nil
}

func isRank(r float64) bool { return r >= 1 && r <= rankLimit && r == math.Trunc(r) }

// isUnset reports whether a setting has the value that stands for none.
func isUnset(value json.RawMessage) bool {
	return slices.Contains([]string{"null", "false", "{}", "[]", `""`}, string(value))
}

// patterns reads an object of regular expressions, in its order: the first that fits counts.
func patterns(data json.RawMessage) ([]pattern, error) {
	if data == nil || isUnset(data) {
		return nil, nil
	}
	in := json.NewDecoder(bytes.NewReader(data))
	if t, err := in.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("it is no object")
	}
	var out []pattern
	size := 0
	for in.More() {
		key, err := in.Token()
		if err != nil {
			return nil, err
		}
		var value float64
		if err := in.Decode(&value); err != nil {
			return nil, err
		}
		name, _ := key.(string)
		// A repetition or a class of Unicode's takes thousands of times its length.
		if size += len(name); size > patternLimit || strings.ContainsAny(name, "{}") || strings.Contains(strings.ToLower(name), `\p`) {
			return nil, fmt.Errorf("%.100q is no name of a layer", name)
		}
		// As peft's get_pattern_key: at the end of the name, after a dot or at its beginning.
		expression, err := regexp.Compile(`^(?:.*\.)?(?:` + name + `)$`)
		if err != nil {
			return nil, fmt.Errorf("%.100q: %w", name, err)
		}
		out = append(out, pattern{expression, value})
	}
	return out, nil
}

// of returns the value of the first pattern that fits a layer, or the value of all.
func of(patterns []pattern, layer string, all float64) float64 {
	for _, p := range patterns {
		if p.name.MatchString(layer) {
			return p.value
		}
	}
	return all
}

// scale returns the rank of a layer, and what B·A is multiplied by.
func (c *adapterConfig) scale(layer string) (rank int64, scale float64) {
	r := of(c.ranks, layer, c.rank)
	alpha := of(c.alphas, layer, c.alpha)
	if c.rsLoRA {
		return int64(r), alpha / math.Sqrt(r)
	}
	return int64(r), alpha / r
}

// targetsLayer reports whether a layer is among those that the adapter says it changes.
func (c *adapterConfig) targetsLayer(layer string) bool {
	return c.targets == nil || endsWithOne(layer, c.targets)
}

// endsWithOne reports whether a path ends with one of some names, as peft compares them.
func endsWithOne(path string, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return path == name || strings.HasSuffix(path, "."+name) })
}
