package akin_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/akin-search/akin"

// ARCHITECTURE.md lists the rooms of the module, layer by layer. A room imports only rooms of the layers above its own,
// every room is in the list, and the list has no other. Tests, examples and benchmarks may import what they like.
func TestDataFlowsOneWay(t *testing.T) {
	t.Parallel()
	layerOf := layers(t)
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			switch name := d.Name(); {
			case file == "bench" || file == "examples" || name == "testdata" || name == "node_modules":
				return filepath.SkipDir
			case len(name) > 1 && strings.HasPrefix(name, "."), strings.HasPrefix(name, "_"):
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		room, ok := roomOf(path.Join(module, filepath.ToSlash(filepath.Dir(file))))
		if !ok {
			return nil
		}
		layer, listed := layerOf[room]
		if !listed {
			if !seen[room] {
				t.Errorf("room %s is not in the list of ARCHITECTURE.md", room)
			}
			seen[room] = true
			return nil
		}
		seen[room] = true
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			if other, ok := roomOf(imported); ok && other != room && layerOf[other] >= layer {
				t.Errorf("%s: room %s may not import %s: it does not stand above it in ARCHITECTURE.md", file, room, other)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for room := range layerOf {
		if !seen[room] {
			t.Errorf("ARCHITECTURE.md lists the room %s, which has no code", room)
		}
	}
}

// roomOf returns the room that a package of this module belongs to; ok is false for other packages, and for those that
// only tests and tools use. A command's own internal packages belong to it.
func roomOf(pkg string) (room string, ok bool) {
	rest, ok := strings.CutPrefix(pkg, module)
	rest = strings.TrimPrefix(rest, "/")
	switch {
	case !ok || strings.HasPrefix(rest, "bench") || strings.HasPrefix(rest, "examples") || strings.HasPrefix(rest, "scripts"):
		return "", false
	case rest == "":
		return "akin", true
	case strings.HasPrefix(rest, "cmd/akin"):
		return "cmd/akin", true
	case strings.HasSuffix(rest, "test"), rest == "internal/golden", rest == "internal/insight/copies/made":
		return "", false
	}
	return strings.TrimPrefix(rest, "internal/"), true
}

// layers reads the list: the first fenced block of ARCHITECTURE.md. A line's heading ends in two spaces.
func layers(t *testing.T) map[string]int {
	t.Helper()
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```\n")
	block, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("ARCHITECTURE.md has no list of rooms")
	}
	layerOf := map[string]int{}
	for i, line := range strings.Split(strings.TrimSpace(block), "\n") {
		if at := strings.LastIndex(line, "  "); at >= 0 {
			line = line[at:]
		}
		for _, room := range strings.Fields(line) {
			if _, twice := layerOf[room]; twice {
				t.Errorf("ARCHITECTURE.md lists the room %s twice", room)
			}
			layerOf[room] = i
		}
	}
	return layerOf
}
