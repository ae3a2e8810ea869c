package term

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestCleanersLetNoSequenceThrough(t *testing.T) {
	t.Parallel()
	hostileText := "a\x1b]0;title\a \x1b[2Jb\u009b31mc\x7f\u202ed\r\te\né\xff"
	var out bytes.Buffer
	c := NewCleaner(&out)
	for i := range len(hostileText) { // also where a letter comes in two writes
		if n, err := c.Write([]byte{hostileText[i]}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	}
	want := `a\x1b]0;title\x07 \x1b[2Jb\u009b31mc\x7f\u202ed\r` + "\te\né" + `\xff`
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}

	out.Reset()
	text := "a\u009b31m\x7f\u202e\x1b\n"
	enc := json.NewEncoder(NewJSONCleaner(&out))
	if err := enc.Encode(text); err != nil {
		t.Fatal(err)
	}
	var back string
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back != text || strings.ContainsAny(out.String(), "\u009b\x7f\u202e\x1b") {
		t.Errorf("%q is %q: %v", out.String(), back, err)
	}
}
