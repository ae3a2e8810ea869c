package akin_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/golden"
	modelreference "github.com/akin-search/akin/internal/reference"
)

// referenceOf writes a reference file of golden data: what a checkpoint's own library computed.
func referenceOf(t *testing.T, dir string, change func(*modelreference.File)) string {
	t.Helper()
	var names []string
	readJSON(t, filepath.Join(golden.Dir(t), "inputs.json"), &names)
	embeddings := golden.NPY(t, filepath.Join(dir, "embeddings.npy"))
	f := &modelreference.File{Model: filepath.Base(dir), MadeBy: "the golden data", Dim: embeddings.Shape[1]}
	row := func(a golden.Array, i int) modelreference.Floats {
		return a.Float32()[i*f.Dim : (i+1)*f.Dim]
	}
	for key, pixels := range golden.NPZ(t, filepath.Join(dir, "expected.npz")) {
		number, ok := strings.CutPrefix(key, "pixels_")
		if !ok {
			continue
		}
		i, err := strconv.Atoi(number)
		must(t, err)
		data, err := os.ReadFile(filepath.Join(golden.Dir(t), "inputs", names[i]))
		must(t, err)
		f.Pictures = append(f.Pictures, modelreference.Picture{Name: names[i], Data: data, Pixels: modelreference.Summarize(pixels.Float32()), Embedding: row(embeddings, i)})
	}
	if _, err := os.Stat(filepath.Join(dir, "tokens.json")); err == nil {
		readJSON(t, filepath.Join(dir, "tokens.json"), &f.Texts)
		texts := golden.NPY(t, filepath.Join(dir, "text_embeddings.npy"))
		for i := range f.Texts {
			f.Texts[i].Embedding = row(texts, i)
		}
	}
	if change != nil {
		change(f)
	}
	body, err := json.Marshal(f)
	must(t, err)
	path := filepath.Join(t.TempDir(), "x.reference")
	must(t, os.WriteFile(path, append([]byte("akin reference 1\nunsigned\n"), body...), 0o666))
	return path
}

// found returns what a verification says of each part that differs.
func found(v api.Verification) map[string]string {
	out := map[string]string{}
	for _, p := range v.Parts {
		if !p.OK {
			out[p.Part] = p.Found
		}
	}
	return out
}

func TestAModelIsVerifiedByItsReference(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	o := akin.Options{Library: library, ModelDirs: []string{filepath.Join(golden.Deps(t), "models")}, Home: akin.Home(t.TempDir()), Background: "white"}
	v, err := akin.VerifyModel(t.Context(), "efficientnet-lite0", api.VerifyOptions{}, o)
	if err != nil || !v.OK || len(v.Parts) != 4 || v.Reference.MadeBy == "" || v.Runtime == "" {
		t.Errorf("%+v, %v", v, err)
	}
	brief, err := akin.VerifyModel(t.Context(), "efficientnet-lite0", api.VerifyOptions{Brief: true}, o)
	if err != nil || !brief.OK || len(brief.Parts) != 2 || brief.Parts[0].Count != 1 {
		t.Errorf("in brief: %+v, %v", brief, err)
	}
	o.Precision = "fp16"
	if v, err := akin.VerifyModel(t.Context(), "efficientnet-lite0", api.VerifyOptions{}, o); err != nil || !v.OK || v.Parts[2].Difference < 1e-6 {
		t.Errorf("in fp16: %+v, %v", v, err)
	}
}

func TestCheckpointsOfManyLibrariesAreVerified(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	for _, c := range []struct{ name, why string }{
		{"openclip-vit", "float16, texts, pictures cut out"},
		{"dinov3-vit", "pictures resized without rounding"},
		{"siglip2-naflex", "inputs of many shapes"},
		{"tipsv2", "an empty text, whose embedding is zero"},
		{"timm-vit", "timm's names"},
		{"sscd", "a pickle"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(golden.Layouts(t), "models", c.name)
			o := akin.Options{Library: library, ModelDir: dir, Home: akin.Home(t.TempDir()), Threads: 1}
			v, err := akin.VerifyModel(t.Context(), "", api.VerifyOptions{Reference: referenceOf(t, dir, nil)}, o)
			if err != nil || !v.OK {
				t.Errorf("%s: %v, %v", c.why, found(v), err)
			}
			if c.name != "openclip-vit" {
				return
			}
			o.Precision = "int8"
			if v, err := akin.VerifyModel(t.Context(), "", api.VerifyOptions{Reference: referenceOf(t, dir, nil)}, o); err != nil || !v.OK || v.Parts[1].LeastCosine != 0.98 || v.Parts[4].LeastCosine != 0.99999 {
				t.Errorf("in int8: %+v, %v", v, err)
			}
		})
	}
}

// What is broken on purpose is found, and named.
func TestAVerificationFindsWhatIsBroken(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	lite0, err := filepath.Glob(filepath.Join(golden.Deps(t), "models", "efficientnet-lite0", "*.pth"))
	must(t, err)
	weights, err := os.ReadFile(lite0[0])
	must(t, err)
	builtin, err := os.ReadFile("internal/reference/builtin/efficientnet-lite0.reference")
	must(t, err)
	reference0 := filepath.Join(t.TempDir(), "lite0.reference")
	must(t, os.WriteFile(reference0, builtin, 0o666))

	c, err := checkpoint.Open(lite0[0])
	must(t, err)
	tensor, err := c.Tensor("_blocks.5._project_conv.weight")
	must(t, err)
	weights[tensor.Offset+tensor.Length/2] ^= 1 // the last bit of a value
	broken := filepath.Join(t.TempDir(), "efficientnet-lite0.pth")
	must(t, os.WriteFile(broken, weights, 0o666))
	o := akin.Options{Library: library, ModelDir: broken, Home: akin.Home(t.TempDir())}
	v, err := akin.VerifyModel(t.Context(), "", api.VerifyOptions{Reference: reference0}, o)
	if err != nil || v.OK || !strings.Contains(found(v)["weights"], "1 of 245 tensors") || !strings.Contains(found(v)["weights"], tensor.Name) {
		t.Errorf("one bit of the weights: %v, %v", found(v), err)
	}

	clip := filepath.Join(golden.Dir(t), "models", "clip")
	for _, c := range []struct{ why, from, to, part string }{
		{"another mean, in its fourth digit", `0.48145466`, `0.48155466`, "pixels"},
		{"another filter", `"resample": 3`, `"resample": 2`, "pixels"},
		{"another crop", `"shortest_edge": 224`, `"shortest_edge": 225`, "pixels"},
	} {
		dir := t.TempDir()
		must(t, os.CopyFS(dir, os.DirFS(clip)))
		config := filepath.Join(dir, "preprocessor_config.json")
		text, err := os.ReadFile(config)
		must(t, err)
		changed := bytes.Replace(text, []byte(c.from), []byte(c.to), 1)
		if bytes.Equal(changed, text) {
			t.Fatalf("%s: %s is not in %s", c.why, c.from, text)
		}
		must(t, os.WriteFile(config, changed, 0o666))
		v, err := akin.VerifyModel(t.Context(), "", api.VerifyOptions{Reference: referenceOf(t, clip, nil)}, akin.Options{Library: library, ModelDir: dir, Home: akin.Home(t.TempDir())})
		if err != nil || v.OK || found(v)[c.part] == "" {
			t.Errorf("%s: %v, %v", c.why, found(v), err)
		}
	}
	o.ModelDir = clip
	for _, c := range []struct {
		why    string
		change func(*modelreference.File)
		part   string
	}{
		{"another token", func(f *modelreference.File) { f.Texts[2].IDs[1]++ }, "tokens"},
		{"tokens more", func(f *modelreference.File) { f.Texts[0].IDs = f.Texts[0].IDs[:2] }, "tokens"},
		{"another text's embedding", func(f *modelreference.File) { f.Texts[2].Embedding = f.Texts[3].Embedding }, "text embeddings"},
		{"another picture's embedding", func(f *modelreference.File) { f.Pictures[0].Embedding = f.Pictures[1].Embedding }, "embeddings"},
		{"a larger embedding", func(f *modelreference.File) { f.Pictures[0].Embedding[3] *= 1.5 }, "query embeddings"},
		{"an input of another size", func(f *modelreference.File) { f.Pictures[0].Pixels = modelreference.Summarize(make([]float32, 12)) }, "pixels"},
		{"other weights", func(f *modelreference.File) { f.Weights = []string{strings.Repeat("00", 16)} }, "weights"},
	} {
		v, err := akin.VerifyModel(t.Context(), "", api.VerifyOptions{Reference: referenceOf(t, clip, c.change)}, o)
		if err != nil || v.OK || found(v)[c.part] == "" {
			t.Errorf("%s: %v, %v", c.why, found(v), err)
		}
	}
}

func TestWhatCannotBeVerifiedIsAnError(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	clip, vit := filepath.Join(golden.Dir(t), "models", "clip"), filepath.Join(golden.Dir(t), "models", "vit")
	plain := referenceOf(t, clip, nil)
	private := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	pub, err := x509.MarshalPKIXPublicKey(private.Public())
	must(t, err)
	key := filepath.Join(t.TempDir(), "key.pub")
	must(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pub}), 0o666))
	data, err := os.ReadFile(plain)
	must(t, err)
	signed, err := modelreference.Sign(data, private)
	must(t, err)
	file := func(data []byte) string {
		path := filepath.Join(t.TempDir(), "r.reference")
		must(t, os.WriteFile(path, data, 0o666))
		return path
	}
	good := file(signed)
	o := akin.Options{Library: library, ModelDir: clip, Home: akin.Home(t.TempDir())}
	v, err := akin.VerifyModel(t.Context(), "", api.VerifyOptions{Reference: good, Key: key, Brief: true}, o)
	if err != nil || !v.OK || !v.Reference.KeyMatches || v.Reference.SignedBy == "" {
		t.Errorf("signed: %+v, %v", v, err)
	}
	for _, c := range []struct {
		why, dir string
		options  api.VerifyOptions
		is       error
		want     string
	}{
		{"no reference", "", api.VerifyOptions{}, akin.ErrNoReference, "no reference"},
		{"an unknown model", "", api.VerifyOptions{}, akin.ErrNoModel, `unknown model "no-such-model"`},
		{"a file that is not there", clip, api.VerifyOptions{Reference: "absent"}, os.ErrNotExist, "absent"},
		{"no reference file", clip, api.VerifyOptions{Reference: filepath.Join(clip, "config.json")}, modelreference.ErrFormat, "config.json"},
		{"not signed", clip, api.VerifyOptions{Reference: plain, Key: key}, akin.ErrSignature, "not signed"},
		{"changed after it was signed", clip, api.VerifyOptions{Reference: file(bytes.Replace(signed, []byte("golden"), []byte("g0lden"), 1))}, akin.ErrSignature, "changed"},
		{"another network", vit, api.VerifyOptions{Reference: plain}, nil, "32 values"},
		{"a network without texts", vit, api.VerifyOptions{Reference: referenceOf(t, vit, func(f *modelreference.File) {
			f.Texts = []modelreference.Text{{Text: "x", Embedding: f.Pictures[0].Embedding}}
		})}, akin.ErrNoModel, "does not read text"},
		{"a hostile picture", clip, api.VerifyOptions{Reference: referenceOf(t, clip, func(f *modelreference.File) { f.Pictures[0].Data = []byte("GIF89a") })}, nil, "picture"},
	} {
		o.ModelDir = c.dir
		name := ""
		if c.dir == "" {
			name = "vit-large"
		}
		if c.why == "an unknown model" {
			name = "no-such-model"
		}
		_, err := akin.VerifyModel(t.Context(), name, c.options, o)
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%s: %v", c.why, err)
		}
	}
}
