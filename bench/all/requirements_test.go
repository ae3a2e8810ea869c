//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// All programs share one Python, so a package has one version.
func TestRequirementsAgree(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "*", "requirements.txt"))
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	pinned := map[string]string{}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			name, version, ok := strings.Cut(strings.TrimSpace(line), "==")
			if !ok {
				t.Errorf("%s: %q is not NAME==VERSION", path, line)
				continue
			}
			name, _, _ = strings.Cut(strings.ToLower(strings.ReplaceAll(name, "_", "-")), "[")
			if other, ok := pinned[name]; ok && other != version {
				t.Errorf("%s: %s is %s here and %s elsewhere", path, name, version, other)
			}
			pinned[name] = version
		}
	}
}
