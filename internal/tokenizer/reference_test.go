package tokenizer_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/tokenizer"
)

type encoder interface {
	Encode(text string, limit int) ([]int64, error)
}

// kinds are those of testdata/reference.py.
var kinds = map[string]func(dir string) (encoder, error){
	"simple": func(dir string) (encoder, error) { return tokenizer.OpenSimple(dir) },
	"bert":   func(dir string) (encoder, error) { return tokenizer.OpenBERT(dir) },
	"clipa":  func(dir string) (encoder, error) { return tokenizer.OpenCLIPA(dir) },
	"tips":   func(dir string) (encoder, error) { return tokenizer.OpenTIPS(dir) },
	"siglip": func(dir string) (encoder, error) { return tokenizer.OpenSigLIP(dir) },
}

func TestIDsOfEveryKindEqualTheReference(t *testing.T) {
	t.Parallel()
	for kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			compareLines(t, kind, filepath.Join("testdata", kind))
		})
	}
}

// TestMany compares folders that testdata/reference.py wrote.
func TestMany(t *testing.T) {
	t.Parallel()
	folders := os.Getenv("AKIN_TEST_TOKENIZERS")
	if folders == "" {
		t.Skip("AKIN_TEST_TOKENIZERS names no folders of testdata/reference.py")
	}
	for _, f := range strings.Split(folders, ",") {
		kind, dir, _ := strings.Cut(f, "=")
		t.Run(kind, func(t *testing.T) { compareLines(t, kind, dir) })
	}
}

func compareLines(t *testing.T, kind, dir string) {
	tok, err := kinds[kind](dir)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "texts.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	n, differ := 0, 0
	for ; lines.Scan(); n++ {
		var text string
		var want []int64
		if err := json.Unmarshal(lines.Bytes(), &[]any{&text, &want}); err != nil {
			t.Fatal(err)
		}
		got, err := tok.Encode(text, 64)
		if err == nil && kind == "clipa" {
			got = slices.Clip(got)
			for len(got) > 0 && got[len(got)-1] == 0 {
				got = got[:len(got)-1] // what ends a text that names a token of id 0 is as padding
			}
		}
		if err != nil || !slices.Equal(got, want) {
			differ++
			t.Errorf("%.200q (%+.200q):\n got %v, %v\nwant %v", text, text, got, err, want)
		}
	}
	if err := lines.Err(); err != nil || n < 100 {
		t.Fatalf("%d texts, %v", n, err)
	}
	t.Logf("%d texts, %d differ", n, differ)
}

// Each family's checkpoint in its publisher's layout, with the ids of its own reference.
func TestIDsOfCheckpointsEqualTheReference(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		model, kind string
		limit       int // its context
	}{
		{"openclip-vit", "simple", 77},
		{"openclip-vit-custom", "simple", 40},
		{"pe-core", "simple", 32},
		{"pe-core-bigg", "simple", 72},
		{"eva02-clip", "simple", 77},
		{"mobileclip2", "simple", 77},
		{"openclip-clipa", "clipa", 32},
		{"blip", "bert", 512},
		{"tipsv2", "tips", 64},
	} {
		t.Run(x.model, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(golden.Layouts(t), "models", x.model)
			tok, err := kinds[x.kind](dir)
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(filepath.Join(dir, "tokens.json"))
			if err != nil {
				t.Fatal(err)
			}
			var texts []struct {
				Text string
				IDs  []int64
			}
			if err := json.Unmarshal(data, &texts); err != nil || len(texts) < 20 {
				t.Fatalf("%d texts, %v", len(texts), err)
			}
			for _, text := range texts {
				if got, err := tok.Encode(text.Text, x.limit); err != nil || !slices.Equal(got, text.IDs) {
					t.Errorf("%.60q:\n got %v, %v\nwant %v", text.Text, got, err, text.IDs)
				}
			}
		})
	}
}
