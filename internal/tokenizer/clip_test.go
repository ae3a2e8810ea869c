package tokenizer_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/akin-search/akin/internal/bounded"
	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/tokenizer"
)

func clip(t testing.TB) (*tokenizer.CLIP, string) {
	t.Helper()
	dir := filepath.Join(golden.Dir(t), "models", "clip")
	tok, err := tokenizer.OpenCLIP(dir)
	if err != nil {
		t.Fatal(err)
	}
	return tok, dir
}

func TestIDsEqualTheReference(t *testing.T) {
	t.Parallel()
	tok, dir := clip(t)
	encodesAs(t, tok, filepath.Join(dir, "tokens.json"), 10, 77)
}

// encodesAs compares the ids of the texts in a file, of which there are so many at least, with those that the reference gave
// them.
func encodesAs(t *testing.T, tok interface {
	Encode(text string, limit int) ([]int64, error)
}, file string, least, limit int) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var texts []struct {
		Text string
		IDs  []int64
	}
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatal(err)
	}
	if len(texts) < least {
		t.Fatalf("only %d texts", len(texts))
	}
	for _, x := range texts {
		if got, err := tok.Encode(x.Text, limit); err != nil || !slices.Equal(got, x.IDs) {
			t.Errorf("%.60q:\n got %v, %v\nwant %v", x.Text, got, err, x.IDs)
		}
	}
}

func TestUglyTexts(t *testing.T) {
	t.Parallel()
	tok, _ := clip(t)
	same := func(a, b string) {
		x, err1 := tok.Encode(a, 77)
		y, err2 := tok.Encode(b, 77)
		if err1 != nil || err2 != nil || !slices.Equal(x, y) {
			t.Errorf("%q is %v (%v), %q is %v (%v)", a, x, err1, b, y, err2)
		}
	}
	same("CAFE\u0301", "caf\u00e9")    // composed, small
	same("a\u00a0b\u3000c\n", "a b c") // every kind of space
	same("DON'T", "don't")             //
	same("\u0130", "i\u0307")          // the letter that becomes two
	same("ΟΔΟΣ", "οδοσ")               // no final sigma
	same("<|STARTOFTEXT|>a", "<|startoftext|>a")
	if got, err := tok.Encode("a<|endoftext|>b", 77); err != nil || !slices.Equal(got, []int64{49406, 320, 49407, 321, 49407}) {
		t.Errorf("a special token's name: %v, %v", got, err)
	}
	if got, err := tok.Encode("\xff\xfe", 77); err != nil || got[0] != 49406 || got[len(got)-1] != 49407 {
		t.Errorf("no UTF-8: %v, %v", got, err)
	}
	// As transformers' tokenizers 0.22 has them.
	for _, x := range []struct {
		why, text string
		ids       []int64
	}{
		{"a letter of Unicode 16 beside older ones", "\U000134f4\u068c\u06b7", []int64{49406, 172, 241, 241, 112, 150, 234, 150, 371, 49407}},
		{"a letter of Unicode 16 before what is none", "\U00013522\u0384\u04d4", []int64{49406, 172, 241, 242, 351, 138, 482, 143, 499, 49407}},
		{"more than thirty marks", "\u0355\u031b\u0358\u032b\u0300\u0337\u030f\u0351\u036b\u031a\u0348\u0341\u0313\u036d\u035e\u0354" +
			"\u031e\u031b\u0341\u0321\u0343\u036e\u0341\u0358\u0328\u0336\u0309\u0316\u0312\u0352\u0352\u030b", []int64{
			49406, 136, 115, 136, 114, 136, 94, 136, 101, 136, 249, 136, 249, 137, 243, 136, 104, 137, 230, 137, 242, 136, 252,
			136, 244, 136, 222, 136, 237, 137, 239, 137, 104, 136, 223, 136, 241, 137, 255, 136, 223, 136, 241, 137, 106, 136, 223,
			136, 231, 136, 240, 137, 240, 137, 240, 136, 233, 137, 246, 136, 248, 137, 246, 137, 508, 49407,
		}},
	} {
		if got, err := tok.Encode(x.text, 77); err != nil || !slices.Equal(got, x.ids) {
			t.Errorf("%s: %v, %v", x.why, got, err)
		}
	}
	// A word of a megabyte takes no time to speak of.
	if got, err := tok.Encode(strings.Repeat("ab", 1<<19), 77); err != nil || len(got) != 77 || got[76] != 49407 {
		t.Errorf("a long word: %d ids, %v", len(got), err)
	}
	if _, err := tok.Encode(strings.Repeat("a", 1<<20+1), 77); !errors.Is(err, tokenizer.ErrTooLong) {
		t.Errorf("a book: %v", err)
	}
}

func TestAVocabularyThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	_, dir := clip(t)
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	vocabulary, merges := read("vocab.json"), read("merges.txt")
	for _, c := range []struct{ why, vocabulary, merges, says string }{
		{"no JSON", "{", merges, "vocab.json"},
		{"another vocabulary", `{"a": 1}`, merges, "<|startoftext|>"},
		{"a byte is missing", strings.Replace(vocabulary, `"!":`, `"!!!!!!":`, 1), merges, "byte 33"},
		{"other merges", vocabulary, "#version: 0.2\nq z\n", `merges.txt: "q" and "z"`},
		{"no merges", vocabulary, "\x00\x01", "merges.txt"},
	} {
		at := t.TempDir()
		for name, text := range map[string]string{"vocab.json": c.vocabulary, "merges.txt": c.merges} {
			if err := os.WriteFile(filepath.Join(at, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := tokenizer.OpenCLIP(at); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.why, err)
		}
	}
	if _, err := tokenizer.OpenCLIP(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no files: %v", err)
	}
}

// FuzzCLIPFiles holds that any vocabulary and merges give tokens or an error.
func FuzzCLIPFiles(f *testing.F) {
	letters := map[string]int{"<|startoftext|>": 512, "<|endoftext|>": 513, "ab</w>": 514}
	for i := range 256 {
		letter := string(tokenizer.Letter(byte(i)))
		letters[letter], letters[letter+"</w>"] = i, 256+i
	}
	vocabulary, err := json.Marshal(letters)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(vocabulary), "#version: 0.2\na b</w>\n")
	f.Fuzz(func(t *testing.T, vocabulary, merges string) {
		dir := t.TempDir()
		for name, text := range map[string]string{"vocab.json": vocabulary, "merges.txt": merges} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		var tok *tokenizer.CLIP
		var err error
		bounded.Run(t, 1<<20+64*uint64(len(vocabulary)+len(merges)), 5*time.Second, func() { tok, err = tokenizer.OpenCLIP(dir) })
		if err == nil {
			if ids, err := tok.Encode("ab it's \xff 🐈", 8); err != nil || len(ids) < 2 || len(ids) > 8 {
				t.Errorf("%v, %v", ids, err)
			}
		}
	})
}

func FuzzEncode(f *testing.F) {
	tok, _ := clip(f)
	f.Add("a photo of a flag", 77)
	f.Add("it's <|endoftext|> \xff", 3)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		if limit < 2 || limit > 1000 || !utf8.ValidString(text) {
			return
		}
		var ids []int64
		var err error
		bounded.Run(t, 1<<20+1024*uint64(len(text)), 5*time.Second, func() { ids, err = tok.Encode(text, limit) })
		if err != nil || len(ids) < 2 || len(ids) > limit || ids[0] != 49406 || ids[len(ids)-1] != 49407 {
			t.Errorf("%q: %v, %v", text, ids, err)
		}
	})
}
