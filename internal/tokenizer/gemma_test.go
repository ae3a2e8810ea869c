package tokenizer_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/bounded"
	"github.com/akin-search/akin/internal/tokenizer"
)

var gemmaDir = filepath.Join("testdata", "gemma")

func TestGemmasIDsEqualTheReference(t *testing.T) {
	t.Parallel()
	t.Run("small", func(t *testing.T) { t.Parallel(); compareGemma(t, gemmaDir) })
	t.Run("real", func(t *testing.T) {
		t.Parallel()
		dir := os.Getenv("AKIN_TEST_GEMMA")
		if dir == "" {
			t.Skip("AKIN_TEST_GEMMA names no folder with SigLIP 2's tokenizer.json and texts.json of testdata/gemma/make.py")
		}
		compareGemma(t, dir)
	})
}

func compareGemma(t *testing.T, dir string) {
	tok, err := tokenizer.OpenGemma(dir)
	if err != nil {
		t.Fatal(err)
	}
	encodesAs(t, tok, filepath.Join(dir, "texts.json"), 100, 64)
}

func TestAWordOfAMegabyteIsDivided(t *testing.T) {
	t.Parallel()
	tok, err := tokenizer.OpenGemma(gemmaDir)
	if err != nil {
		t.Fatal(err)
	}
	checkIDs(t, tok, strings.Repeat("ab", 1<<19), 64)
	if _, err := tok.Encode(strings.Repeat("a", 1<<20+1), 64); !errors.Is(err, tokenizer.ErrTooLong) {
		t.Errorf("a book: %v", err)
	}
}

// Each is the small tokenizer with one thing wrong.
func TestAGemmaTokenizerThatIsNoneSaysWhy(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile(filepath.Join(gemmaDir, "tokenizer.json"))
	if err != nil {
		t.Fatal(err)
	}
	change := func(old, new string) string {
		if !strings.Contains(string(whole), old) {
			t.Fatalf("the file has no %s", old)
		}
		return strings.Replace(string(whole), old, new, 1)
	}
	for _, c := range []struct{ why, data, says string }{
		{"it is cut off", string(whole[:len(whole)/2]), "no end"},
		{"it is empty", "", "the file ends"},
		{"it is of another kind", change(`"type": "BPE"`, `"type": "Unigram"`), "another tokenizer"},
		{"it has no bytes to fall back to", change(`"byte_fallback": true`, `"byte_fallback": false`), "another tokenizer"},
		{"its spaces are others", change(`"▁"`, `"_"`), "another tokenizer"},
		{"nothing is unknown", strings.ReplaceAll(string(whole), "<unk>", "<any>"), "no <unk>"},
		{"there is no end", strings.ReplaceAll(string(whole), "<eos>", "<end>"), "no <eos>"},
		{"an id is negative", change(`"<mask>": 4`, `"<mask>": -4`), "-4"},
		{"an id is no number", change(`"<mask>": 4`, `"<mask>": 1e99`), "whole number"},
		{"a token has two ids", change(`"<mask>": 4`, `"<mask>": 77`), "77"},
		{"a merge gives nothing", change(`"merges": [`, `"merges": [["zz","zz"],`), `"zz" and "zz"`},
		{"a merge is alone", change(`"merges": [`, `"merges": [["a"],`), "a merge of 1"},
		{"a merge is a number", change(`"merges": [`, `"merges": [7,`), "'7' instead of"},
		{"merges are nested", change(`"merges": [`, `"merges": [[["a","b"]],`), "'[' instead of"},
		{"a token takes its neighbour", change(`"lstrip": false`, `"lstrip": true`), "neighbours"},
		{"it is nested deeply", `{"x":` + strings.Repeat("[", 1e6), "the file ends"},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "tokenizer.json"), []byte(c.data), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := tokenizer.OpenGemma(dir)
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", c.why, err)
		}
	}
	if _, err := tokenizer.OpenGemma(t.TempDir()); err == nil || !strings.Contains(err.Error(), "tokenizer.json") {
		t.Errorf("there is no file: %v", err)
	}
}

func FuzzGemmaFile(f *testing.F) {
	whole, err := os.ReadFile(filepath.Join(gemmaDir, "tokenizer.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(`{"model":{"type":"BPE","merges":["a b",["a","b"],"\u0061 b"]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "tokenizer.json"), data, 0o666); err != nil {
			t.Fatal(err)
		}
		var tok *tokenizer.Gemma
		var err error
		bounded.Run(t, 32<<20+64*uint64(len(data)), 5*time.Second, func() { tok, err = tokenizer.OpenGemma(dir) })
		if err == nil {
			checkIDs(t, tok, "Hello <eos>\n\n wörld", 8)
		}
	})
}

func FuzzGemmaTexts(f *testing.F) {
	tok, err := tokenizer.OpenGemma(gemmaDir)
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{"", "a photo of a cat", "<eos>\n\n▁▁ x", "\xff\x00🐈‍⬛"} {
		f.Add(text, 64)
	}
	f.Fuzz(func(t *testing.T, text string, limit int) {
		bounded.Run(t, 1<<20+1024*uint64(len(text)), 5*time.Second, func() { checkIDs(t, tok, text, 2+int(uint(limit)%100)) })
	})
}

func checkIDs(t *testing.T, tok *tokenizer.Gemma, text string, limit int) {
	t.Helper()
	ids, err := tok.Encode(text, limit)
	if err != nil {
		t.Fatal(err)
	}
	empty, err := tok.Encode("", limit)
	if err != nil {
		t.Fatal(err)
	}
	if len(ids) == 0 || len(ids) > limit || ids[len(ids)-1] != empty[len(empty)-1] {
		t.Fatalf("%q in at most %d: %v", text, limit, ids)
	}
}

func BenchmarkOpenGemma(b *testing.B) {
	dir := os.Getenv("AKIN_TEST_GEMMA")
	if dir == "" {
		dir = gemmaDir
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tokenizer.OpenGemma(dir); err != nil {
			b.Fatal(err)
		}
	}
}
