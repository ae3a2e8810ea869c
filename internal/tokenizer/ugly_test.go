package tokenizer_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/akin-search/akin/internal/bounded"
	"github.com/akin-search/akin/internal/ftfy"
	"github.com/akin-search/akin/internal/tokenizer"
)

// small opens the small tokenizer of a kind.
func small(t testing.TB, kind string) encoder {
	t.Helper()
	tok, err := kinds[kind](filepath.Join("testdata", kind))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// The reference takes no bytes that are no UTF-8: each is as U+FFFD.
func TestBytesThatAreNoTextAreReplaced(t *testing.T) {
	t.Parallel()
	for kind := range kinds {
		tok := small(t, kind)
		for _, x := range []struct{ why, text, same string }{
			{"no UTF-8", "a \xff\xfe b", "a \ufffd\ufffd b"},
			{"a surrogate", "a \xed\xa0\xbd b", "a \ufffd\ufffd\ufffd b"},
			{"cut off", "a \xf0\x9f\x90", "a \ufffd\ufffd\ufffd"},
			{"longer than need be", "a \xc0\x80 b", "a \ufffd\ufffd b"},
		} {
			got, err1 := tok.Encode(x.text, 64)
			want, err2 := tok.Encode(x.same, 64)
			if err1 != nil || err2 != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %s: %v, %v; %v, %v", kind, x.why, got, err1, want, err2)
			}
		}
	}
}

func TestLongTextsOfEveryKind(t *testing.T) {
	t.Parallel()
	for kind := range kinds {
		tok := small(t, kind)
		for why, text := range map[string]string{
			"a word":              strings.Repeat("ab", 1<<16),
			"words":               strings.Repeat("the ", 1<<15),
			"spaces":              strings.Repeat(" ", 1<<17),
			"marks":               "e" + strings.Repeat("\u0301", 1<<16),
			"punctuation":         strings.Repeat("!", 1<<17),
			"special tokens":      strings.Repeat("[SEP]</s><pad>", 1<<13),
			"no text at all":      strings.Repeat("\xff", 1<<17),
			"spaces of the model": strings.Repeat("▁", 1<<15),
		} {
			bounded.Run(t, 1<<30, 5*time.Second, func() {
				got, err := tok.Encode(text, 64)
				if err != nil && !errors.Is(err, ftfy.ErrTangled) || len(got) > 64 {
					t.Errorf("%s: %s: %d ids, %v", kind, why, len(got), err)
				}
			})
		}
		if _, err := tok.Encode(strings.Repeat("a", 1<<20+1), 64); !errors.Is(err, tokenizer.ErrTooLong) {
			t.Errorf("%s: a book: %v", kind, err)
		}
	}
}

// No kind returns more ids than asked for, and each keeps its end.
func TestShortLimits(t *testing.T) {
	t.Parallel()
	for kind, last := range map[string]int64{"simple": 843, "bert": 4, "siglip": 1} {
		tok := small(t, kind)
		for limit := 2; limit < 12; limit++ {
			if got, err := tok.Encode("all human beings are born free and equal", limit); err != nil || len(got) > limit || got[len(got)-1] != last {
				t.Errorf("%s: %d: %v, %v", kind, limit, got, err)
			}
		}
	}
}

// Newer versions of transformers write everything into tokenizer.json.
func TestOneFileIsAsGoodAsTwo(t *testing.T) {
	t.Parallel()
	texts := []string{"all human beings are born free!", "naïve 日本 [MASK] x", "<start_of_text> a", ""}
	read := func(path ...string) string {
		data, err := os.ReadFile(filepath.Join(path...))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	same := func(kind, whole string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "tokenizer.json"), []byte(whole), 0o666); err != nil {
			t.Fatal(err)
		}
		tok, err := kinds[kind](dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			got, err1 := tok.Encode(text, 64)
			want, err2 := small(t, kind).Encode(text, 64)
			if err1 != nil || err2 != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %q: %v, %v; %v, %v", kind, text, got, err1, want, err2)
			}
		}
	}
	vocabulary := read("testdata", "simple", "vocab.json")
	merges, _ := json.Marshal(strings.Split(strings.TrimSpace(read("testdata", "simple", "merges.txt")), "\n")[1:])
	same("simple", `{"version":"1.0","added_tokens":[{"id":842,"content":"<|startoftext|>","normalized":true}],"model":{"type":"BPE","end_of_word_suffix":"</w>","vocab":`+
		vocabulary+`,"merges":`+string(merges)+`}}`)
	ids := map[string]int{}
	for i, token := range strings.Split(strings.TrimSpace(read("testdata", "bert", "vocab.txt")), "\n") {
		ids[token] = i
	}
	data, _ := json.Marshal(ids)
	same("bert", `{"added_tokens":[{"id":5,"content":"[MASK]"}],"normalizer":{"type":"BertNormalizer","strip_accents":null,"lowercase":true},"model":{"type":"WordPiece","vocab":`+string(data)+`}}`)
}

// message writes protocol buffers.
type message []byte

func (m message) bytes(field protowire.Number, v []byte) message {
	return protowire.AppendBytes(protowire.AppendTag(m, field, protowire.BytesType), v)
}

func (m message) number(field protowire.Number, v uint64) message {
	return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), v)
}

func (m message) float(field protowire.Number, v float32) message {
	return protowire.AppendFixed32(protowire.AppendTag(m, field, protowire.Fixed32Type), math.Float32bits(v))
}

func (m message) piece(text string, score float32, kind uint64) message {
	return m.bytes(1, message(nil).bytes(1, []byte(text)).float(2, score).number(3, kind))
}

// model is one with the pieces that each needs, and what m has.
func model(kind uint64, chars []byte, m message) []byte {
	m = m.piece("<unk>", 0, 2).piece("</s>", 0, 3).piece("<pad>", 0, 3)
	m = m.bytes(2, message(nil).number(3, kind).number(35, kind-1))
	if kind == 2 {
		for b := range 256 {
			m = m.piece("<0x"+strings.ToUpper(string("0123456789abcdef"[b/16])+string("0123456789abcdef"[b%16]))+">", 0, 6)
		}
	}
	return m.bytes(3, message(nil).bytes(2, chars))
}

// table is a charsmap of these units.
func table(values string, units ...uint32) []byte {
	out := binary.LittleEndian.AppendUint32(nil, uint32(4*len(units)))
	for _, u := range units {
		out = binary.LittleEndian.AppendUint32(out, u)
	}
	return append(out, values...)
}

func TestASentencePieceModelThatIsNoneSaysWhy(t *testing.T) {
	t.Parallel()
	many := message(nil)
	for i := range 1<<20 + 1 {
		many = many.piece(string(rune(0x10000+i%0xf0000))+string(rune(0x100+i>>10)), 0, 1)
	}
	for _, c := range []struct {
		why  string
		data []byte
		says string // "" where it is read
	}{
		{"nothing wrong", model(1, nil, nil), ""},
		{"it is empty", nil, "no piece stands for the unknown"},
		{"it is text", []byte("<!DOCTYPE html><html>"), "no SentencePiece model"},
		{"it is cut off", model(1, nil, message(nil).piece("▁a", -1, 1))[:20], "no SentencePiece model"},
		{"a length beyond the end", message(nil).bytes(1, []byte("x"))[:2], "no SentencePiece model"},
		{"a length of terabytes", protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.BytesType), 1<<40), "no SentencePiece model"},
		{"a piece has no text", model(1, nil, message(nil).piece("", 0, 1)), `called ""`},
		{"a piece is no UTF-8", model(1, nil, message(nil).piece("\xff", 0, 1)), `called "\xff"`},
		{"a piece is there twice", model(1, nil, message(nil).piece("a", 0, 1).piece("a", 0, 1)), "as another is"},
		{"a score is not a number", model(1, nil, message(nil).piece("a", float32(math.NaN()), 1)), "NaN"},
		{"a score is endless", model(1, nil, message(nil).piece("a", float32(math.Inf(1)), 1)), "+Inf"},
		{"a kind is unknown", model(1, nil, message(nil).piece("a", 0, 7)), "kind 7"},
		{"two are unknown", model(1, nil, message(nil).piece("a", 0, 2)), "two pieces"},
		{"a piece of a megabyte", model(1, nil, message(nil).piece(strings.Repeat("a", 1<<20), 0, 1)), "1048576 bytes"},
		{"a million pieces", model(1, nil, many), "more than 1048576"},
		{"other words", model(3, nil, nil), "model_type is 3"},
		{"byte pairs", model(2, nil, nil), "byte pairs"},
		{"a table of three bytes", model(1, []byte("abc"), nil), "table of characters"},
		{"a table longer than it is", model(1, []byte("\xff\xff\xff\xff"), nil), "table of characters"},
		{"a table of no units", model(1, table("x"), nil), "table of characters"},
		{"a value beyond the end", model(1, table("x\x00", 1<<10, 0, 0, 'b', 0, 0, 0, 0, 0), nil), ""},
		{"the root is a key of nothing", model(1, table("", 1<<8), nil), "table of characters"},
		{"a cycle", model(1, table("x\x00", slices.Repeat([]uint32{'a'}, 256)...), nil), ""},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "spiece.model"), c.data, 0o666); err != nil {
			t.Fatal(err)
		}
		bounded.Run(t, 8<<20+32*uint64(len(c.data)), 5*time.Second, func() {
			tok, err := tokenizer.OpenSigLIP(dir)
			switch {
			case c.says == "" && err != nil:
				t.Errorf("%s: %v", c.why, err)
			case c.says == "":
				if _, err := tok.Encode("aaaa b", 64); err != nil {
					t.Errorf("%s: %v", c.why, err)
				}
			case err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), dir):
				t.Errorf("%s: %v", c.why, err)
			}
		})
	}
}

func FuzzSentencePieceFile(f *testing.F) {
	for _, kind := range []string{"tips/tokenizer.model", "siglip/spiece.model"} {
		data, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(kind)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(model(1, table("x\x00", 1<<10, 'a'), message(nil).piece("▁a", -1, 1).piece("cat", 0, 4)))
	f.Add(model(2, nil, message(nil).piece("▁a", -1, 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		for _, name := range []string{"tokenizer.model", "spiece.model"} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		for _, kind := range []string{"tips", "siglip"} {
			bounded.Run(t, 32<<20+64*uint64(len(data)), 5*time.Second, func() {
				if tok, err := kinds[kind](dir); err == nil {
					if ids, err := tok.Encode("a cat 🐈 <unk>\n▁▁ ﬁ e\u0301 \xff", 8); err != nil || len(ids) > 8 {
						t.Errorf("%s: %v, %v", kind, ids, err)
					}
				}
			})
		}
	})
}

func FuzzBERTFiles(f *testing.F) {
	f.Add([]byte("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\n"), []byte(`{"do_lower_case":true,"cls_token":{"content":"[CLS]"}}`), []byte(`{"model":{"type":"WordPiece","vocab":{"[UNK]":1}}}`))
	f.Fuzz(func(t *testing.T, vocabulary, config, whole []byte) {
		dir := t.TempDir()
		files := map[string][]byte{"vocab.txt": vocabulary, "tokenizer_config.json": config, "tokenizer.json": whole}
		if len(vocabulary) == 0 {
			delete(files, "vocab.txt")
		}
		for name, data := range files {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		bounded.Run(t, 8<<20+64*uint64(len(vocabulary)+len(config)+len(whole)), 5*time.Second, func() {
			if tok, err := tokenizer.OpenBERT(dir); err == nil {
				if ids, err := tok.Encode("ab [MASK] é 日 \xff", 6); err != nil || len(ids) > 6 {
					t.Errorf("%v, %v", ids, err)
				}
			}
		})
	})
}

func FuzzTextsOfEveryKind(f *testing.F) {
	toks := map[string]encoder{}
	for kind := range kinds {
		toks[kind] = small(f, kind)
	}
	for _, text := range []string{"", "a photo of a cat", "[SEP]</s><pad><end_of_text>", "▁▁ x ﬁ e\u0301 ΟΔΟΣ", "\xff\x00🐈‍⬛ &amp; Ã©"} {
		f.Add(text, 64)
	}
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = 2 + int(uint(limit)%100)
		for kind, tok := range toks {
			bounded.Run(t, 16<<20+16384*uint64(len(text)), 5*time.Second, func() {
				ids, err := tok.Encode(text, limit)
				if err != nil && !errors.Is(err, ftfy.ErrTangled) || len(ids) > limit {
					t.Errorf("%s: %q in at most %d: %v, %v", kind, text, limit, ids, err)
				}
			})
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	for kind := range kinds {
		tok := small(b, kind)
		for name, text := range map[string]string{"short": "a photo of a red flag with three green stars", "long": strings.Repeat("été “naïve” 日本 ", 40)} {
			b.Run(kind+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := tok.Encode(text, 64); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
