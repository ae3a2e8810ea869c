package reference

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func lite0(t testing.TB) []byte {
	t.Helper()
	data, err := builtin.ReadFile("builtin/efficientnet-lite0" + Ending)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func key(t testing.TB, first byte) ed25519.PrivateKey {
	t.Helper()
	return ed25519.NewKeyFromSeed(append([]byte{first}, make([]byte, ed25519.SeedSize-1)...))
}

func TestStretchesCoverEveryValue(t *testing.T) {
	t.Parallel()
	// 600 values are 200 stretches of 3; 601 one more, of one value.
	values := make([]float32, 601)
	for i := range values {
		values[i] = float32(i)
	}
	p := Summarize(values)
	if len(p.Samples) != 201 || p.Samples[1] != 3 || p.Means[1] != 4 || p.Samples[200] != 600 || p.Means[200] != 600 {
		t.Errorf("%d stretches, the second begins with %g and has the mean %g", len(p.Samples), p.Samples[1], p.Means[1])
	}
	for i := range values {
		other := slices.Clone(values)
		other[i] += 0.03
		if d := p.Largest(Summarize(other)); d < 0.009 {
			t.Fatalf("value %d is another, and the difference is %g", i, d)
		}
	}
	if d := p.Largest(Summarize(slices.Repeat([]float32{float32(math.NaN())}, 601))); d != math.MaxFloat64 {
		t.Errorf("of no numbers it is %g", d)
	}
}

func TestBuiltinReferences(t *testing.T) {
	t.Parallel()
	f, err := Builtin("efficientnet-lite0")
	if err != nil {
		t.Fatal(err)
	}
	if f.Dim != 1280 || len(f.Pictures) != 3 || len(f.Weights) == 0 || f.Signer != nil || !strings.Contains(f.MadeBy, "timm") {
		t.Errorf("%d dimensions, %d pictures, %d tensors, made by %s", f.Dim, len(f.Pictures), len(f.Weights), f.MadeBy)
	}
	for _, name := range []string{"none", "", ".", "..", "../builtin/efficientnet-lite0", "/etc/passwd", "a\x00b"} {
		if _, err := Builtin(name); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%q: %v", name, err)
		}
	}
	entries, err := builtin.ReadDir("builtin")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		f, err := Builtin(strings.TrimSuffix(e.Name(), Ending))
		if err != nil || f.Model+Ending != e.Name() {
			t.Errorf("%s: %v", e.Name(), err)
		}
	}
}

func TestASignatureIsOfEveryByte(t *testing.T) {
	t.Parallel()
	signed, err := Sign(lite0(t), key(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse(signed)
	if err != nil {
		t.Fatal(err)
	}
	mine, other := Signer(key(t, 1).Public().(ed25519.PublicKey)), Signer(key(t, 2).Public().(ed25519.PublicKey))
	if err := f.Require(mine); err != nil {
		t.Error(err)
	}
	if err := f.Require(other); !errors.Is(err, ErrSignature) || !strings.Contains(err.Error(), mine.String()) {
		t.Errorf("another key: %v", err)
	}
	again, err := Sign(signed, key(t, 2))
	if err != nil {
		t.Fatal(err)
	}
	if f, err := Parse(again); err != nil || f.Require(other) != nil {
		t.Errorf("signed again: %v", err)
	}
	plain, err := Parse(lite0(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := plain.Require(mine); !errors.Is(err, ErrSignature) {
		t.Errorf("not signed: %v", err)
	}
	for at := 0; at < len(signed); at += 97 {
		changed := bytes.Clone(signed)
		changed[at] ^= 4
		if _, err := Parse(changed); !errors.Is(err, ErrSignature) && !errors.Is(err, ErrFormat) {
			t.Fatalf("byte %d is another one, and the error is %v", at, err)
		}
	}
	// The signature of one file is not that of another.
	lines := bytes.SplitN(signed, []byte("\n"), 3)
	moved := bytes.Join([][]byte{lines[0], lines[1], bytes.Replace(lines[2], []byte("timm"), []byte("time"), 1)}, []byte("\n"))
	if _, err := Parse(moved); !errors.Is(err, ErrSignature) {
		t.Errorf("another text: %v", err)
	}
}

func TestKeysAreThoseOfOpenSSL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, kind string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	public := key(t, 1).Public().(ed25519.PublicKey)
	good, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadKey(write("good", "PUBLIC KEY", good))
	if err != nil || !bytes.Equal(got, public) {
		t.Errorf("%v, %v", got, err)
	}
	// The example of RFC 8410, section 10.1, as openssl writes it.
	const openssl = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n"
	path := filepath.Join(dir, "openssl")
	if err := os.WriteFile(path, []byte(openssl), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadKey(path); err != nil {
		t.Error(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{write("private", "PRIVATE KEY", private), write("short", "PUBLIC KEY", good[:9]), filepath.Join(dir, "absent"), dir} {
		if _, err := ReadKey(path); err == nil || !strings.Contains(err.Error(), "read key") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestWhatContradictsItselfIsRefused(t *testing.T) {
	t.Parallel()
	edit := func(change func(f map[string]any)) []byte {
		head, body, _ := bytes.Cut(lite0(t), []byte("{"))
		var f map[string]any
		if err := json.Unmarshal(append([]byte("{"), body...), &f); err != nil {
			t.Fatal(err)
		}
		change(f)
		data, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		return append(head, data...)
	}
	picture := func(f map[string]any) map[string]any { return f["pictures"].([]any)[0].(map[string]any) }
	for _, c := range []struct {
		why  string
		data []byte
		want string
	}{
		{"nothing", nil, "does not begin"},
		{"a picture", []byte("\x89PNG\r\n\x1a\n"), "does not begin"},
		{"a later version", []byte("akin reference 2\nunsigned\n{}"), "does not begin"},
		{"no second line", []byte("akin reference 1\n"), "does not begin"},
		{"another scheme", []byte("akin reference 1\nrsa a b\n{}"), "neither"},
		{"a short key", []byte("akin reference 1\ned25519 AAAA AAAA\n{}"), "key"},
		{"no JSON", []byte("akin reference 1\nunsigned\n["), "not a reference file"},
		{"deep JSON", []byte("akin reference 1\nunsigned\n" + strings.Repeat("[", 1<<20)), "not a reference file"},
		{"two documents", append(slices.Clone(lite0(t)), "{}"...), "more follows"},
		{"too long", make([]byte, limitBytes+1), "more than"},
		{"an unknown field", edit(func(f map[string]any) { f["run"] = "rm" }), "unknown field"},
		{"no pictures", edit(func(f map[string]any) { f["pictures"] = nil }), "0 pictures"},
		{"a dimension that lies", edit(func(f map[string]any) { f["dim"] = 1 << 40 }), "values"},
		{"another dimension", edit(func(f map[string]any) { f["dim"] = 640 }), "not 640"},
		{"no digest", edit(func(f map[string]any) { f["weights"] = []string{"zz"} }), "no digest"},
		{"an input that lies", edit(func(f map[string]any) { picture(f)["pixels"].(map[string]any)["count"] = 1 << 60 }), "its input"},
		{"an input of nothing", edit(func(f map[string]any) { picture(f)["pixels"].(map[string]any)["count"] = 0 }), "its input"},
		{"too few samples", edit(func(f map[string]any) { picture(f)["pixels"].(map[string]any)["samples"] = "AAAAAA==" }), "stretches"},
		{"half a number", edit(func(f map[string]any) { picture(f)["embedding"] = "AAA=" }), "not float32"},
		{"no number", edit(func(f map[string]any) { picture(f)["embedding"] = "AADAfw==" }), "NaN"},
		{"a text's embedding", edit(func(f map[string]any) { f["texts"] = []any{map[string]any{"text": "x", "embedding": ""}} }), "text 0"},
	} {
		if _, err := Parse(c.data); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q in it", c.why, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	data := lite0(f)
	f.Add(data)
	signed, err := Sign(data, key(f, 1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	f.Add([]byte("akin reference 1\nunsigned\n{\"dim\":1,\"pictures\":[{\"pixels\":{\"count\":1,\"samples\":\"AAAAAA==\",\"means\":\"AAAAAA==\"},\"embedding\":\"AAAAAA==\"}]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Parse(data)
		if err != nil {
			if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrSignature) {
				t.Errorf("%v is neither", err)
			}
			return
		}
		for _, p := range r.Pictures {
			if len(p.Embedding) != r.Dim || p.Pixels.Largest(p.Pixels) != 0 {
				t.Error("a picture that contradicts the file")
			}
		}
	})
}
