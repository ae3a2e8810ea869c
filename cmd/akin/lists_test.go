package main

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

func utf16LE(text string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

func TestNameListsAreReadAsProgramsWriteThem(t *testing.T) {
	t.Parallel()
	want := []string{"Chad", "Korea, South"}
	for _, c := range []struct{ why, text string }{
		{"lines", "Chad\nKorea, South\n"},
		{"Windows's line ends and mark", "\ufeffChad\r\nKorea, South\r\n"},
		{"old line ends", "Chad\rKorea, South"},
		{"PowerShell's UTF-16", utf16LE("\ufeffChad\r\nKorea, South\r\n")},
		{"zero bytes, as xargs -0 takes them", "Chad\x00Korea, South\x00"},
		{"akin's own table of hits", "rank,name,score\n1,Chad,0.9\n2,\"Korea, South\",0.8\n"},
		{"a table with paths", "name\tfile_name\nx\tChad\ny\tKorea, South\n"},
	} {
		got, err := readList(strings.NewReader(c.text))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", c.why, got, err)
		}
	}
	// Single letters between zero bytes look like UTF-16.
	if got, err := readList(strings.NewReader("a\x00b\x00c\x00")); err != nil || !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestTextsAreReadInAnyEncoding(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lines.txt")
	for why, text := range map[string]string{
		"UTF-8": "a photo, red\nCôte\n", "a mark, CRLF": "\ufeffa photo, red\r\nCôte\r\n", "CR": "a photo, red\rCôte", "UTF-16": utf16LE("\ufeffa photo, red\r\nCôte\r\n"),
	} {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if got, err := readTexts(path); err != nil || !slices.Equal(got, []string{"a photo, red", "Côte"}) {
			t.Errorf("%s: %q, %v", why, got, err)
		}
	}
	if err := os.WriteFile(path, []byte("x\nCura\xe7ao\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := readTexts(path); err == nil || !strings.Contains(err.Error(), "line 2:") {
		t.Errorf("%v", err)
	}
}
