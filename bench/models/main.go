// Command models measures what one picture costs each model's network: akin beside
// PyTorch as most programs run it, and beside ONNX Runtime and OpenVINO on the graphs
// that torch exports (peer.py), at the models' true sizes (networks.py), on two threads.
//
//	scripts/bench-models [-models clip-vit-base-patch32,…] [-seconds 1] [-rounds 7] [-batches 1,2]
//
// Every engine has a process of its own, which stays, and they run by turns of a second or
// so: a shared machine may be half as fast a minute later, and is so for all of them.
// Together they hold the model's weights several times: BLIP-2 wants 25 GB of memory, or
// fewer engines at once (-engines). An engine that cannot run a model, as int8 convolutions, says so.
//
// All are given the same pixels, and their embeddings are compared: a fast wrong answer
// is no answer.
package main

import (
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/akin-search/akin/bench/internal/result"
	"github.com/akin-search/akin/internal/model"
)

const threads = 2

// names are the models of a run that names none: one of each kind of network, but no large ones.
var names = []string{"clip-vit-base-patch32", "dinov2-base", "vgg16", "resnet50", "convnext-tiny", "swin-tiny", "mobileclip2-s0"}

var engines = []string{"pytorch", "onnxruntime", "openvino", "openvino-default", "akin", "akin bf16", "akin int8"}

// precisions are those of akin's engines.
var precisions = map[string]model.Precision{"akin": model.Float32, "akin bf16": model.BFloat16, "akin int8": model.Int8}

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	models := flag.String("models", strings.Join(names, ","), "models to measure")
	only := flag.String("engines", strings.Join(engines, ","), "engines to measure")
	seconds := flag.Float64("seconds", 1, "time of one turn, of one engine with one batch size")
	rounds := flag.Int("rounds", 7, "turns of each")
	batchList := flag.String("batches", "1,2", "how many pictures to run at once")
	work := flag.String("work", "bench/.work/models", "folder of the checkpoints of make.py")
	python := flag.String("python", "bench/.venv/bin/python", "Python with bench/models/requirements.txt installed")
	self := flag.String("self", "", "be akin's process for this model")
	precision := flag.String("precision", "fp32", "with -self: of the model")
	each := flag.Bool("each", false, "with -self: as an index runs, with a batch for each core")
	processor := flag.Bool("processor", false, "count the processor's time on one thread: for a machine that others use as well")
	file := flag.String("result", "", "write the rows to this file")
	flag.Parse()
	var batches []int
	for text := range strings.SplitSeq(*batchList, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			log.Fatalf("-batches %s: %q is no number of pictures", *batchList, text)
		}
		batches = append(batches, n)
	}
	if *self != "" {
		if err := serve(*work, *self, model.Precision(*precision), *each, *processor); err != nil {
			log.Fatal(err)
		}
		return
	}
	checkpoints := exec.Command(*python, append([]string{"bench/models/make.py", *work}, strings.Split(*models, ",")...)...)
	checkpoints.Stdout, checkpoints.Stderr = os.Stderr, os.Stderr
	if err := checkpoints.Run(); err != nil {
		log.Fatalf("make.py: %v", err)
	}
	b := bench{work: *work, python: *python, seconds: *seconds, rounds: *rounds, batches: batches, processor: *processor}
	fmt.Printf("%-22s %-16s %9s %9s %9s %9s %9s %9s %9s\n", "milliseconds a picture", "", "one: min", "median", "best: min", "median", "first, s", "peak MB", "cosine")
	for name := range strings.SplitSeq(*models, ",") {
		if err := b.model(name, strings.Split(*only, ",")); err != nil {
			log.Fatal(err)
		}
	}
	if err := b.part.Write(*file); err != nil {
		log.Fatal(err)
	}
}

// bench is how all models are measured.
type bench struct {
	work, python string
	seconds      float64
	rounds       int
	batches      []int
	processor    bool // count the processor's time, on one thread
	part         result.Part
}

// beside says how many times as fast as another this is.
func beside(t, other result.Measure) string {
	return fmt.Sprintf("%.2f (median %.2f)", other.Best/t.Best, other.Median/t.Median)
}

// measured is what an engine did with one model.
type measured struct {
	one, best result.Measure // milliseconds a picture: of one picture, and of the best batch size
	first     float64        // seconds to load the model and run one picture
	peak      int64          // bytes
	embedding [][]float64
}

// model measures one model and prints its rows.
func (b *bench) model(name string, engines []string) error {
	var running []*engine
	defer func() {
		for _, e := range running {
			e.stop()
		}
	}()
	if slices.Contains(engines, "onnxruntime") || slices.Contains(engines, "openvino") {
		if out, err := exec.Command(b.python, "bench/models/peer.py", b.work, name, "export").CombinedOutput(); err != nil {
			return fmt.Errorf("exporting %s: %w: %s", name, err, out)
		}
	}
	for _, title := range engines {
		e, err := b.start(title, name)
		if err != nil {
			fmt.Printf("%-22s %-16s %v\n", name, title, err)
			continue
		}
		running = append(running, e)
	}
	for range b.rounds {
		for _, batch := range b.batches {
			for _, e := range running {
				if err := e.turn(batch, b.seconds); err != nil {
					return err
				}
			}
		}
	}
	results := map[string]measured{}
	for _, e := range running {
		r, err := e.result()
		if err != nil {
			return err
		}
		results[e.title] = r
		fmt.Printf("%-22s %-16s %9.1f %9.1f %9.1f %9.1f %9.2f %9d %9.6f\n", name, e.title, r.one.Best, r.one.Median,
			r.best.Best, r.best.Median, r.first, r.peak>>20, cosine(r.embedding, results[running[0].title].embedding))
	}
	b.addRows(name, results)
	// What computes in float32 is beside what does, and OpenVINO as it comes, which is in bfloat16
	// where the processor has it, beside bfloat16.
	for _, e := range running {
		own := "akin"
		if e.title == "openvino-default" {
			own = "akin bf16"
		}
		akin, ok := results[own]
		if r := results[e.title]; !ok || e.title == own {
			continue
		} else if p, ok := precisions[e.title]; ok {
			fmt.Printf("%-22s akin in %s is %s times as fast as in fp32 on one picture, and %s at best\n", name, p, beside(r.one, akin.one), beside(r.best, akin.best))
		} else {
			fmt.Printf("%-22s %s is %s times as fast as %s on one picture, and %s at best\n", name, own, beside(akin.one, r.one), e.title, beside(akin.best, r.best))
		}
	}
	return nil
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
