//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// requirement is a line of a requirements.txt: the package of a peer.
var requirement = regexp.MustCompile(`(?m)^([A-Za-z0-9._-]+)(?:\[[a-z]+\])?==`)

// askVersions prints those of the packages that are installed.
const askVersions = `
import importlib.metadata, json, sys
out = {}
for name in sys.argv[1:]:
    try:
        out[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(out))`

// versions are those of akin, Go and what is installed of the peers.
func (b *bench) versions(ctx context.Context) (map[string]string, error) {
	files, err := filepath.Glob("bench/*/requirements.txt")
	if err != nil {
		return nil, err
	}
	args := []string{"-c", askVersions}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		for _, match := range requirement.FindAllStringSubmatch(string(text), -1) {
			args = append(args, match[1])
		}
	}
	out, err := exec.CommandContext(ctx, b.python, args...).Output()
	if err != nil {
		return nil, fmt.Errorf("ask %s for its packages: %w", b.python, err)
	}
	versions := map[string]string{}
	if err := json.Unmarshal(out, &versions); err != nil {
		return nil, err
	}
	versions["Go"] = strings.TrimPrefix(runtime.Version(), "go")
	commit, err := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD").Output()
	if err == nil {
		versions["akin"] = strings.TrimSpace(string(commit))
	}
	return versions, nil
}
