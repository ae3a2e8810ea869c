package model

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/checkpoint"
)

func TestOpenCLIPConfigsThatAkinDoesNotBuild(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "runtime", "testdata", "families", "openclip-first")
	c, err := checkpoint.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := readJSON(dir, openCLIPLayout.file)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ old, changed, want string }{
		{`"text_cfg": {`, `"text_cfg": {"hf_model_name": "xlm-roberta-base",`, `"xlm-roberta-base"`},
		{`"layers": 1`, `"layers": [3, 4, 6, 3]`, "OpenAI's ResNet"},
		{`"layers": 1`, `"layers": 2`, "resblocks.1"},
		{`"head_width": 8`, `"head_width": 0`, "heads of the width 0"},
		{`"head_width": 8`, `"head_width": 8, "qk_norm": true`, "qk_norm"},
		{`"head_width": 8`, `"head_width": 8, "attentional_pool": "parallel"`, `"parallel"`},
		{`"head_width": 8`, `"head_width": 8, "timm_model_name": "vitamin_base_224"`, `"vitamin_base_224"`},
		{`"pool_type": "tok"`, `"pool_type": "none"`, `"none"`},
		{`"embed_dim": 16`, `"embed_dim": 17`, "visual.proj"},
	} {
		changed := strings.Replace(string(text), x.old, x.changed, 1)
		if changed == string(text) {
			t.Fatalf("the config has no %s", x.old)
		}
		d, err := readDefinition(func(name string) ([]byte, error) {
			if name == openCLIPLayout.file {
				return []byte(changed), nil
			}
			return []byte("{}"), nil
		}, c)
		if err == nil {
			_, _, err = d.pictures(graphOptions{precision: Float32})
		}
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", x.changed, err)
		}
	}
}
