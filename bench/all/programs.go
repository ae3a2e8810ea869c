//go:build unix

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// program is a program of bench/ and its small job.
type program struct {
	name  string
	of    string // the folder of bench/ with the program, if it is not called as its job
	limit time.Duration
	// needs says what is missing, or "".
	needs func() string
	args  func(b *bench) []string
}

// programs are in the order of the table. Their limits are twice what they take on two cores of a server, and
// more where peers export or compile something the first time.
var programs = []program{
	{name: "index", limit: 4 * time.Minute, args: func(b *bench) []string {
		return []string{"-photos", "60", "-runs", "3", "-python", b.python, "-work", filepath.Join(b.work, "index-small")}
	}},
	{name: "models", limit: 6 * time.Minute, args: func(b *bench) []string {
		return []string{"-models", "clip-vit-base-patch32,resnet50", "-seconds", "0.5", "-rounds", "5", "-python", b.python, "-work", filepath.Join(b.work, "models")}
	}},
	{name: "first", limit: 3 * time.Minute, needs: onLinux, args: func(b *bench) []string {
		return []string{
			"-models", "efficientnet-lite0,clip-vit-base-patch32,resnet50", "-rounds", "3", "-python", b.python, "-work", filepath.Join(b.work, "first"),
			"-checkpoints", filepath.Join(b.work, "models") + string(os.PathListSeparator) + ".deps/models",
		}
	}},
	{name: "search", limit: 4 * time.Minute, args: func(b *bench) []string {
		return []string{
			"-parts", "exact,approximate", "-rows", "50k", "-dim", "768", "-rounds", "3", "-only", "faiss Flat,numpy,faiss HNSW32 efConstruction=100,hnswlib",
			"-kinds", "clustered", "-python", b.python, "-work", filepath.Join(b.work, "search"),
		}
	}},
	{name: "growth", of: "search", limit: 10 * time.Minute, args: func(b *bench) []string {
		return []string{
			"-parts", "", "-growth", "10k,30k,100k,300k,1m", "-rounds", "3", "-only", "faiss Flat,faiss HNSW32 efConstruction=100",
			"-growth-out", b.drawing, "-python", b.python, "-work", filepath.Join(b.work, "search"),
		}
	}},
	{name: "map", limit: 4 * time.Minute, args: func(b *bench) []string {
		return []string{"--sets", "5k-128", "--seeds", "2"}
	}},
	{name: "dupes", limit: 4 * time.Minute, args: func(b *bench) []string {
		return []string{"-only", "flags", "-python", b.python, "-work", filepath.Join(b.work, "dupes-small")}
	}},
	{name: "serve", limit: 3 * time.Minute, needs: hasWrk, args: func(b *bench) []string {
		return []string{"-rows", "20000", "-rounds", "3", "-time", "4s", "-python", b.python, "-work", filepath.Join(b.work, "serve")}
	}},
	{name: "quality", limit: 3 * time.Minute, args: func(b *bench) []string {
		return []string{"-sets", "flags7", "-models", "efficientnet-lite0,mobilenetv2-gem"}
	}},
}

func onLinux() string {
	if runtime.GOOS == "linux" {
		return ""
	}
	return "it is for Linux"
}

func hasWrk() string {
	if _, err := exec.LookPath("wrk"); err != nil {
		return "wrk is missing (Debian: apt-get install wrk)"
	}
	return ""
}

// command builds the program, and returns how it is run so that it writes its rows to a file.
func (p program) command(ctx context.Context, b *bench, file string) ([]string, error) {
	if p.needs != nil {
		if missing := p.needs(); missing != "" {
			return nil, errors.New(missing)
		}
	}
	folder := cmp.Or(p.of, p.name)
	binary := filepath.Join(b.work, "bench-"+folder)
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./bench/"+folder)
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build it: %w: %s", err, strings.TrimSpace(string(out)))
	}
	if p.name == "map" { // its program is asked by a script
		work := filepath.Join(b.work, "map")
		return slices.Concat([]string{b.python, "bench/map/bench.py", binary, work, "--result", file}, p.args(b)), nil
	}
	return slices.Concat([]string{binary, "-result", file}, p.args(b)), nil
}
