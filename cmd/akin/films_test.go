package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Who asks for frames and has no FFmpeg is told once, before anything is read, with how to install it.
func TestAnAbsentProgramIsToldOnce(t *testing.T) {
	t.Setenv("PATH", "")
	dir := t.TempDir()
	t.Setenv("AKIN_HOME", dir)
	for _, name := range []string{"a.mp4", "b.mp4"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for flag, want := range map[string]string{
		"--frames": "akin: frames of films: FFmpeg is not installed: there is no program ffprobe; install ",
		"--pages":  "akin: pages of PDF: Poppler is not installed: there is no program pdfinfo; install ",
	} {
		var out, said bytes.Buffer
		if status := run([]string{"index", dir, flag, "2"}, strings.NewReader(""), &out, &said); status != exitFailed {
			t.Errorf("%s: status %d", flag, status)
		}
		if lines := strings.Count(said.String(), "\n"); lines != 1 || !strings.HasPrefix(said.String(), want) || out.Len() > 0 {
			t.Errorf("%s: %q, %q", flag, said.String(), out.String())
		}
	}
}
