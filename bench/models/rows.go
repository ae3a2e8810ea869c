package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/akin-search/akin/bench/internal/result"
)

// told are the engines that do not run as they come, and what they were told.
var told = map[string]string{"openvino": "float32"}

// addRows adds what a model's engines took: for one picture, for several, and to load. Each of akin's precisions
// is a row; its name says which, unless it is the default.
func (b *bench) addRows(name string, results map[string]measured) {
	operations := b.operations(name)
	for _, title := range slices.Sorted(maps.Keys(results)) {
		precision, ok := strings.CutPrefix(title, "akin")
		if !ok {
			continue
		}
		precision = strings.TrimSpace(precision)
		row := func(job, what string, unit result.Unit, of func(measured) result.Measure, operations float64) {
			r := result.Row{Name: "models/" + name + "/" + job, What: fmt.Sprintf(what, name), Unit: unit, Akin: of(results[title])}
			if precision != "" {
				r.Name += "/" + precision
				r.What += ", " + precision
			}
			for _, peer := range slices.Sorted(maps.Keys(results)) {
				if !strings.HasPrefix(peer, "akin") {
					r.Peers = append(r.Peers, result.Peer{Name: peer, Measure: of(results[peer]), Told: told[peer]})
				}
			}
			if operations > 0 {
				r.Limit = &result.Limit{Operations: operations}
			}
			b.part.Add(r)
		}
		row("one", "embed one picture, %s", result.Milliseconds, func(m measured) result.Measure { return m.one }, operations)
		row("several", "embed several pictures, each, %s", result.Milliseconds, func(m measured) result.Measure { return m.best }, operations)
		if results[title].first > 0 && !b.processor {
			row("load", "load %s and embed a picture", result.Seconds, func(m measured) result.Measure { return result.Measure{Best: m.first, Median: m.first} }, 0)
		}
	}
}

// operations is how many a picture takes in the graph that torch exported, or 0 where that cannot be told.
func (b *bench) operations(name string) float64 {
	graph := filepath.Join(b.work, name, "exported.onnx")
	if _, err := os.Stat(graph); err != nil {
		return 0
	}
	out, err := exec.Command(b.python, "bench/operations.py", graph).Output()
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: the operations of %s are unknown: %v\n", name, err)
		return 0
	}
	n, _ := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	return n
}
