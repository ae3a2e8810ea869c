// Command models measures what one picture costs each model's network: akin beside
// PyTorch as most programs run it, and beside ONNX Runtime and OpenVINO on the graphs
// that torch exports (peer.py), at the models' true sizes (make.py), on two threads.
//
//	scripts/bench-models [-models clip-vit-base-patch32,…] [-seconds 5] [-batches 1,2,4,8]
//
// All are given the same pixels, and their embeddings are compared: a fast wrong answer
// is no answer.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/runtime"
)

const threads = 2

var engines = []string{"pytorch", "onnxruntime", "openvino", "akin", "akin int8"}

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	names := flag.String("models", "clip-vit-base-patch32,dinov2-base,vgg16,vit-large,efficientnet-b7,blip2-opt-2.7b", "models to measure")
	only := flag.String("engines", strings.Join(engines, ","), "engines to measure")
	seconds := flag.Float64("seconds", 5, "time for each batch size, in each round")
	rounds := flag.Int("rounds", 3, "how often the engines take turns")
	batches := flag.String("batches", "1,2,4,8", "how many pictures to run at once")
	work := flag.String("work", "bench/.work/models", "folder of the checkpoints of make.py")
	python := flag.String("python", "bench/.venv-models/bin/python", "Python with bench/models/requirements.txt installed")
	self := flag.String("self", "", "measure akin on this model, and print JSON")
	precision := flag.String("precision", "fp32", "with -self: of the model")
	flag.Parse()
	var err error
	if *self != "" {
		err = measureSelf(*work, *self, *precision, *batches, *seconds)
	} else {
		err = measure(strings.Split(*names, ","), strings.Split(*only, ","), *rounds, *seconds, *batches, *work, *python)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// result is what one engine's program prints.
type result struct {
	Times     map[string][2]float64 `json:"times"` // batch → least and median milliseconds a picture
	First     float64               `json:"first"` // seconds to load the model and run one picture
	Embedding [][]float64           `json:"embedding"`
	peak      int64                 // bytes
}

// best is the least time a picture over all ways to run several.
func (r result) best() float64 {
	best := math.Inf(1)
	for _, t := range r.Times {
		best = min(best, t[0])
	}
	return best
}

// merge keeps the better of two rounds: of each batch size the lesser times, and the
// greatest memory.
func (r result) merge(next result) result {
	if r.Times == nil {
		return next
	}
	for batch, t := range next.Times {
		if before, ok := r.Times[batch]; ok {
			t = [2]float64{min(before[0], t[0]), min(before[1], t[1])}
		}
		r.Times[batch] = t
	}
	r.First, r.peak = min(r.First, next.First), max(r.peak, next.peak)
	return r
}

func measure(names, engines []string, rounds int, seconds float64, batches, work, python string) error {
	fmt.Printf("%-22s %-12s %9s %9s %9s %9s %9s %9s\n", "milliseconds a picture", "", "one: min", "median", "best", "first, s", "peak MB", "cosine")
	for _, name := range names {
		var reference [][]float64
		results := map[string]result{}
		for range rounds {
			for _, engine := range engines {
				if engine == "akin int8" && (name == "vgg16" || name == "efficientnet-b7") {
					continue // int8 is for transformers
				}
				cmd, err := command(engine, name, seconds, batches, work, python)
				if err != nil {
					return err
				}
				r, err := run(cmd)
				if err != nil {
					fmt.Printf("%-22s %-12s %v\n", name, engine, err)
					continue
				}
				results[engine] = results[engine].merge(r)
			}
		}
		for _, engine := range engines {
			r, ok := results[engine]
			if !ok {
				continue
			}
			if reference == nil {
				reference = r.Embedding
			}
			fmt.Printf("%-22s %-12s %9.1f %9.1f %9.1f %9.2f %9d %9.6f\n", name, engine, r.Times["1"][0], r.Times["1"][1], r.best(), r.First, r.peak>>20, cosine(r.Embedding, reference))
		}
		akin, ok := results["akin"]
		for _, peer := range engines {
			if r, there := results[peer]; ok && there && peer != "akin" {
				if peer == "akin int8" {
					fmt.Printf("%-22s in int8 akin is %.2f times as fast as in fp32 on one picture, and %.2f on many\n", name, akin.Times["1"][0]/r.Times["1"][0], akin.best()/r.best())
					continue
				}
				fmt.Printf("%-22s akin is %.2f times as fast as %s on one picture, and %.2f on many\n", name, r.Times["1"][0]/akin.Times["1"][0], peer, r.best()/akin.best())
			}
		}
	}
	return nil
}

// command is the program that measures an engine.
func command(engine, name string, seconds float64, batches, work, python string) (*exec.Cmd, error) {
	precision := map[string]string{"akin": "fp32", "akin int8": "int8"}[engine]
	if precision == "" {
		return exec.Command(python, "bench/models/peer.py", work, name, engine, fmt.Sprint(seconds), batches), nil
	}
	program, err := os.Executable()
	return exec.Command(program, "-self", name, "-precision", precision, "-work", work, "-seconds", fmt.Sprint(seconds), "-batches", batches), err
}

func run(cmd *exec.Cmd) (result, error) {
	var errors strings.Builder
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil {
		text := strings.TrimSpace(errors.String())
		return result{}, fmt.Errorf("%w: %s", err, text[strings.LastIndexByte(text, '\n')+1:])
	}
	var r result
	lines := strings.Split(strings.TrimSpace(string(out)), "\n") // exporters talk
	err = json.Unmarshal([]byte(lines[len(lines)-1]), &r)
	r.peak = cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss * 1024
	return r, err
}

// cosine is the least cosine of two tables' rows.
func cosine(a, b [][]float64) float64 {
	least := 1.
	for i := range a {
		var ab, aa, bb float64
		for j, x := range a[i] {
			ab, aa, bb = ab+x*b[i][j], aa+x*x, bb+b[i][j]*b[i][j]
		}
		least = min(least, ab/math.Sqrt(aa*bb))
	}
	return least
}

// pixels gives the values of peer.py.
func pixels(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		state := uint64(i+1)*6364136223846793005 + 1442695040888963407
		out[i] = float32(state>>40)/(1<<24)*2 - 1
	}
	return out
}

func measureSelf(work, name, precision, batchList string, seconds float64) error {
	libraries, err := filepath.Glob(".deps/lib/libonnxruntime*")
	if err != nil || len(libraries) == 0 {
		return errors.New("ONNX Runtime is absent: run make setup first")
	}
	if err := runtime.Open(libraries[0]); err != nil {
		return err
	}
	m, err := model.Open(name, []string{filepath.Join(work, name)}, model.Options{Precision: model.Precision(precision)})
	if err != nil {
		return err
	}
	size := 3 * m.InputHeight * m.InputWidth
	r := result{Times: map[string][2]float64{}}
	if r.First, err = measureFirst(m, size); err != nil {
		return err
	}
	shared, err := runtime.NewSession(m, runtime.Options{Threads: threads})
	if err != nil {
		return err
	}
	var batches []int
	for _, text := range strings.Split(batchList, ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		batches = append(batches, n)
	}
	if m.Precision == model.Int8 {
		batches = []int{1} // as akin runs it
	}
	for _, batch := range batches {
		in, out := pixels(batch*size), make([]float32, batch*m.Dim)
		if r.Times[fmt.Sprint(batch)], err = repeat(seconds, batch, func() error {
			return shared.Run(context.Background(), in, batch, out)
		}); err != nil {
			return err
		}
	}
	two := make([]float32, 2*m.Dim)
	if err := shared.Run(context.Background(), pixels(2*size), 2, two); err != nil {
		return err
	}
	for i := range 2 {
		row := make([]float64, m.Dim)
		for j := range row {
			row[j] = float64(two[i*m.Dim+j])
		}
		r.Embedding = append(r.Embedding, row)
	}
	if err := shared.Close(); err != nil {
		return err
	}
	// Indexing gives each core a batch of its own.
	each, err := runtime.NewSession(m, runtime.Options{Threads: 1})
	if err != nil {
		return err
	}
	defer each.Close()
	for _, batch := range batches {
		in, out := pixels(batch*size), make([]float32, threads*batch*m.Dim)
		r.Times[fmt.Sprintf("%d x %d", threads, batch)], err = repeat(seconds, threads*batch, func() error {
			var group sync.WaitGroup
			errs := make([]error, threads)
			for i := range threads {
				group.Go(func() {
					errs[i] = each.Run(context.Background(), in, batch, out[i*batch*m.Dim:(i+1)*batch*m.Dim])
				})
			}
			group.Wait()
			return errors.Join(errs...)
		})
		if err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// measureFirst gives the seconds until a query has its embedding, as akin loads a model for it.
func measureFirst(m *model.Model, size int) (float64, error) {
	started := time.Now()
	s, err := runtime.NewSession(m, runtime.Options{Threads: threads, Few: runtime.CPU.LoadsFew(m)})
	if err != nil {
		return 0, err
	}
	err = s.Run(context.Background(), pixels(size), 1, make([]float32, m.Dim))
	return time.Since(started).Seconds(), errors.Join(err, s.Close())
}

// repeat gives the least and the median milliseconds a picture.
func repeat(seconds float64, pictures int, f func() error) ([2]float64, error) {
	if err := f(); err != nil {
		return [2]float64{}, err
	}
	var times []float64
	for start := time.Now(); len(times) < 3 || time.Since(start).Seconds() < seconds; {
		before := time.Now()
		if err := f(); err != nil {
			return [2]float64{}, err
		}
		times = append(times, time.Since(before).Seconds()*1000/float64(pictures))
	}
	slices.Sort(times)
	return [2]float64{times[0], times[len(times)/2]}, nil
}
