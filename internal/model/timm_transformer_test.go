package model_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/model"
)

func TestATransformerOfTimmThatIsNotKnownIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, of, old, new string
		want              string // part of the error
	}{
		{"blocks of another kind", "timm-qk-norm", `"vit_base_patch16_224"`, `"vit_base_patch16_xp_224"`, `"vit_base_patch16_xp_224", which akin does not build`},
		{"a network of the same kind with another norm", "timm-qk-norm", `"model_args": {`, `"model_args": {"norm_layer": "rmsnorm", `, `"norm_layer"`},
		{"other angles", "timm-dinov3-qkvb", `"model_args": {`, `"model_args": {"rope_temperature": 50, `, `"rope_temperature"`},
		{"an activation that it has not", "timm-qk-norm", `"relu"`, `"mish"`, `"mish"`},
		{"heads that do not divide the width", "timm-qk-norm", `"num_heads": 2`, `"num_heads": 3`, "3 heads for a width of 16"},
		{"as many heads as nobody says", "timm-qk-norm", `"num_heads": 2, `, ``, "embed_dim without num_heads"},
		{"tokens instead of one vector", "timm-qk-norm", `"global_pool": "avg"`, `"global_pool": ""`, "pool nothing"},
		{"the largest value of each patch", "timm-qk-norm", `"global_pool": "avg"`, `"global_pool": "max"`, `pools by "max"`},
		{"a class token that is not there", "timm-siglip", `"global_pool": "map"`, `"global_pool": "token"`, "class token"},
		{"a name whose network has no turns of its own", "timm-rope-mixed", `rope_mixed_ape_224"`, `rope_ape_224"`, "rope.freqs"},
		{"pictures of another size than positions that are not resized", "timm-reg4-resized", `"vit_small_patch14_reg4_dinov2"`, `"flexivit_small"`, "positions are for"},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			from, to := filepath.Join("..", "runtime", "testdata", "families", c.of), t.TempDir()
			config, err := os.ReadFile(filepath.Join(from, "config.json"))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(config), c.old) {
				t.Fatalf("no %s in %s", c.old, config)
			}
			config = []byte(strings.ReplaceAll(string(config), c.old, c.new))
			weights, err := os.ReadFile(filepath.Join(from, "model.safetensors"))
			if err != nil {
				t.Fatal(err)
			}
			for name, data := range map[string][]byte{"config.json": config, "model.safetensors": weights} {
				if err := os.WriteFile(filepath.Join(to, name), data, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := model.OpenDir(to, model.Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, not an error with %q", err, c.want)
			}
		})
	}
}
