// Command index measures what indexing a folder costs, from picture files to
// stored embeddings: akin beside the same job in Python (Pillow and ONNX Runtime
// on two threads, peer.py), on flags and on 12-megapixel photos, in one run.
//
//	go run ./bench/index [-photos 300] [-runs 5]
//
// Both run the same weights through the same graph. Times are whole processes,
// from exec to exit, and for Python also without its start: what is left after its
// imports. The two take turns, so that a noisy neighbour meets both.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
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
	flags := flag.String("flags", ".deps/flags", "folder of flags")
	work := flag.String("work", "bench/.work", "folder for what the benchmark makes")
	python := flag.String("python", "bench/.venv/bin/python", "Python with bench/requirements.txt installed")
	file := flag.String("result", "", "write the rows to this file")
	flag.Parse()
	var part result.Part
	if err := measure(&part, *photos, *runs, *flags, *work, *python); err != nil {
		log.Fatal(err)
	}
	if err := part.Write(*file); err != nil {
		log.Fatal(err)
	}
}

func measure(part *result.Part, photos, runs int, flags, work, python string) error {
	if err := os.MkdirAll(work, 0o777); err != nil {
		return err
	}
	graph, err := writeGraph(filepath.Join(work, "graph"))
	if err != nil {
		return err
	}
	folder := filepath.Join(work, "photos")
	if err := photo.Folder(folder, photos); err != nil {
		return err
	}
	fmt.Printf("%-8s %-15s %9s %9s %9s %9s %9s\n", "pictures", "", "number", "min s", "median s", "per s", "peak MB")
	for _, set := range []struct{ name, what, folder string }{
		{"flags", "index %d flags (PNG)", flags}, {"photos", "index %d photos (JPEG, 12 megapixels)", folder},
	} {
		var akin, peer []run
		for range runs {
			a, err := runAkin(set.folder, filepath.Join(work, "collection"))
			if err != nil {
				return err
			}
			p, err := runPeer(python, graph, set.folder, filepath.Join(work, "peer.npy"))
			if err != nil {
				return err
			}
			akin, peer = append(akin, a), append(peer, p)
		}
		a, p := row(set.name, "akin", akin), row(set.name, "Python", peer)
		for i := range peer {
			peer[i].Seconds = peer[i].AfterImports
		}
		q := row(set.name, "  after imports", peer)
		part.Add(result.Row{
			Name: fmt.Sprintf("index/%s/%d", set.name, akin[0].Pictures), What: fmt.Sprintf(set.what, akin[0].Pictures), Unit: result.Seconds, Akin: a,
			Peers: []result.Peer{{Name: "Pillow and ONNX Runtime", Measure: p}, {Name: "the same after its imports", Measure: q, Told: "start not counted"}},
		})
		fmt.Printf("%-8s akin is %.2f times as fast (minimum; median %.2f), and %.2f times (%.2f) as Python after its imports\n",
			set.name, p.Best/a.Best, p.Median/a.Median, q.Best/a.Best, q.Median/a.Median)
	}
	return nil
}

// run is one run of a program.
type run struct {
	Pictures int     `json:"pictures"`
	Seconds  float64 `json:"seconds"`
	// AfterImports is Python's time without its start.
	AfterImports float64
	Peak         int64 `json:"peak_bytes"`
}

// row prints one line of the table and gives the minimum and the median seconds.
func row(set, who string, results []run) result.Measure {
	slices.SortFunc(results, func(a, b run) int { return int((a.Seconds - b.Seconds) * 1e9) })
	first, median := results[0], results[len(results)/2]
	var peak int64
	for _, r := range results {
		peak = max(peak, r.Peak)
	}
	fmt.Printf("%-8s %-15s %9d %9.2f %9.2f %9.1f %9d\n", set, who, first.Pictures, first.Seconds, median.Seconds,
		float64(first.Pictures)/first.Seconds, peak>>20)
	return result.Measure{Best: first.Seconds, Median: median.Seconds}
}

func runAkin(folder, collection string) (run, error) {
	if err := os.RemoveAll(collection); err != nil {
		return run{}, err
	}
	cmd := exec.Command("bin/akin", "index", "--collection", collection, "--model", "efficientnet-lite0", "--json", "--quiet", folder)
	cmd.Stderr = os.Stderr
	start := time.Now()
	out, err := cmd.Output()
	seconds := time.Since(start).Seconds()
	if err != nil {
		return run{}, fmt.Errorf("akin index %s: %w", folder, err)
	}
	var report struct{ Added int }
	if err := json.Unmarshal(out, &report); err != nil {
		return run{}, fmt.Errorf("akin index --json: %w", err)
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return run{Pictures: report.Added, Seconds: seconds, Peak: usage.Maxrss * 1024}, nil
}

func runPeer(python, graph, folder, out string) (run, error) {
	cmd := exec.Command(python, "bench/index/peer.py", graph, folder, out)
	cmd.Stderr = os.Stderr
	start := time.Now()
	printed, err := cmd.Output()
	seconds := time.Since(start).Seconds()
	if err != nil {
		return run{}, fmt.Errorf("%s: %w (install what it needs: make bench)", strings.Join(cmd.Args, " "), err)
	}
	var r run
	err = json.Unmarshal(printed, &r)
	r.AfterImports, r.Seconds = r.Seconds, seconds
	return r, err
}

// writeGraph writes the default model where Python's ONNX Runtime can open it:
// the graph, and beside it the checkpoint that it points into.
func writeGraph(dir string) (string, error) {
	m, err := model.Open("efficientnet-lite0", []string{".deps/models/efficientnet-lite0"}, model.Options{})
	if err != nil {
		return "", err
	}
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
