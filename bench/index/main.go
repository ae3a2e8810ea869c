// Command index measures what indexing a folder costs, from picture files to
// stored embeddings: akin beside the same job in Python (Pillow and ONNX Runtime
// on two threads, peer.py), on flags and on 12-megapixel photos, in one run. Both decode
// pictures whole, and at a reduced size: akin by --decode auto, Pillow by Image.draft.
//
//	go run ./bench/index [-photos 300] [-runs 5] [-model efficientnet-lite0]
//	go run ./bench/index -cosines FOLDER
//
// All run the same weights through the same graph. Times are whole processes, from exec
// to exit. They take turns, so that a noisy neighbour meets all.
//
// With -cosines it measures instead, on the photos of a folder, how near embeddings at a
// reduced size are to those of whole pictures (cosines.go).
package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/akin-search/akin/bench/internal/photo"
	"github.com/akin-search/akin/bench/internal/result"
	"github.com/akin-search/akin/internal/model"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	photos := flag.Int("photos", 300, "synthetic 12-megapixel photos")
	runs := flag.Int("runs", 5, "runs of each")
	model := flag.String("model", "efficientnet-lite0", "the model")
	cosines := flag.String("cosines", "", "a folder of photos to compare embeddings on, instead of speed")
	flags := flag.String("flags", ".deps/flags", "folder of flags")
	work := flag.String("work", "bench/.work", "folder for what the benchmark makes")
	python := flag.String("python", "bench/.venv/bin/python", "Python with bench/index/requirements.txt installed")
	file := flag.String("result", "", "write the rows to this file")
	flag.Parse()
	if *cosines != "" {
		if err := compare(*cosines, *model); err != nil {
			log.Fatal(err)
		}
		return
	}
	var part result.Part
	if err := measure(&part, *model, *photos, *runs, *flags, *work, *python); err != nil {
		log.Fatal(err)
	}
	if err := part.Write(*file); err != nil {
		log.Fatal(err)
	}
}

func measure(part *result.Part, name string, photos, runs int, flags, work, python string) error {
	if err := os.MkdirAll(work, 0o777); err != nil {
		return err
	}
	m, err := model.Open(name, []string{filepath.Join(".deps/models", name)}, model.Options{})
	if err != nil {
		return err
	}
	graph, err := writeGraph(m, filepath.Join(work, "graph-"+name))
	if err != nil {
		return err
	}
	preprocess, err := json.Marshal(m.Preprocess)
	if err != nil {
		return err
	}
	folder := filepath.Join(work, "photos")
	if err := photo.Folder(folder, photos); err != nil {
		return err
	}
	contenders := []contender{
		{"akin, whole", func(folder string) *exec.Cmd { return akin(name, "exact", folder, filepath.Join(work, "collection")) }},
		{"akin", func(folder string) *exec.Cmd { return akin(name, "auto", folder, filepath.Join(work, "collection")) }},
		{"Python", func(folder string) *exec.Cmd {
			return exec.Command(python, "bench/index/peer.py", graph, string(preprocess), "whole", folder, filepath.Join(work, "peer.npy"))
		}},
		{"Python, draft", func(folder string) *exec.Cmd {
			return exec.Command(python, "bench/index/peer.py", graph, string(preprocess), "draft", folder, filepath.Join(work, "peer.npy"))
		}},
	}
	fmt.Printf("%s\n%-8s %-15s %9s %9s %9s %9s %9s %14s\n", name, "pictures", "", "number", "min s", "median s", "per s", "peak MB", "CPU ms/picture")
	for _, set := range []struct{ name, what, folder string }{
		{"flags", "index %d flags (PNG)", flags}, {"photos", "index %d photos (JPEG, 12 megapixels)", folder},
	} {
		results := make([][]once, len(contenders))
		for range runs {
			for i, c := range contenders {
				if err := os.RemoveAll(filepath.Join(work, "collection")); err != nil {
					return err
				}
				r, err := run(c.command(set.folder))
				if err != nil {
					return err
				}
				results[i] = append(results[i], r)
			}
		}
		times := make([]result.Measure, len(contenders))
		for i, c := range contenders {
			times[i] = row(set.name, c.name, results[i])
		}
		for i, way := range []string{"", ", reduced"} { // akin and Python, each whole and each at a reduced size
			part.Add(result.Row{
				Name: fmt.Sprintf("index/%s/%d", set.name, results[0][0].pictures) + strings.ReplaceAll(way, ", ", "/"),
				What: fmt.Sprintf(set.what, results[0][0].pictures) + way, Unit: result.Seconds, Akin: times[i],
				Peers: []result.Peer{{Name: "Pillow and ONNX Runtime", Measure: times[2+i]}},
			})
		}
		for i, c := range contenders[:len(contenders)-1] {
			for j := i + 1; j < len(contenders); j++ {
				fmt.Printf("%-8s %s is %.2f times as fast as %s (minimum; median %.2f)\n", set.name, c.name, times[j].Best/times[i].Best, contenders[j].name, times[j].Median/times[i].Median)
			}
		}
	}
	return nil
}

type contender struct {
	name    string
	command func(folder string) *exec.Cmd
}

// once is one run of a program.
type once struct {
	pictures           int
	seconds, processor float64
	peak               int64
}

// row prints one line of the table and returns the minimum and the median seconds.
func row(set, who string, results []once) result.Measure {
	slices.SortFunc(results, func(a, b once) int { return cmp.Compare(a.seconds, b.seconds) })
	first, median := results[0], results[len(results)/2]
	var peak int64
	processor := math.Inf(1)
	for _, r := range results {
		peak, processor = max(peak, r.peak), min(processor, r.processor)
	}
	fmt.Printf("%-8s %-15s %9d %9.2f %9.2f %9.1f %9d %14.1f\n", set, who, first.pictures, first.seconds, median.seconds,
		float64(first.pictures)/first.seconds, peak>>20, 1000*processor/float64(first.pictures))
	return result.Measure{Best: first.seconds, Median: median.seconds}
}

func akin(model, decode, folder, collection string) *exec.Cmd {
	return exec.Command("bin/akin", "index", "--collection", collection, "--model", model, "--decode", decode, "--json", "--quiet", folder)
}

func run(cmd *exec.Cmd) (once, error) {
	cmd.Stderr = os.Stderr
	start := time.Now()
	out, err := cmd.Output()
	seconds := time.Since(start).Seconds()
	if err != nil {
		return once{}, fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	var report struct{ Added int }
	if err := json.Unmarshal(out, &report); err != nil {
		return once{}, fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return once{
		pictures: report.Added, seconds: seconds, peak: usage.Maxrss * 1024,
		processor: (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(),
	}, nil
}

// writeGraph writes a model where Python's ONNX Runtime can open it: the graph, and
// beside it the checkpoint that it points into.
func writeGraph(m *model.Model, dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	weights, err := filepath.Glob(filepath.Join(m.Dir, "*.pth"))
	if err != nil {
		return "", err
	}
	for _, path := range weights {
		data, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), data, 0o666); err != nil {
			return "", err
		}
	}
	path := filepath.Join(dir, "model.onnx")
	graph, err := m.Graph(model.SessionOptions{Throughput: true})
	if err != nil {
		return "", err
	}
	return path, os.WriteFile(path, graph.ONNX, 0o666)
}
