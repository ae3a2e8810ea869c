// Command device measures models on a device, in each precision that it computes in, beside fp32 on the
// processor: the time of one picture and of batches, and how near the embeddings of real pictures are. It
// writes a table in Markdown.
//
//	go run ./bench/device [-devices cpu,cuda] [-precisions fp32,bf16] [-models NAME,…] [-pictures DIR] [-seconds 2]
//
// scripts/prove-gpu prepares a machine with a card, and runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/models"
)

func main() {
	devices := flag.String("devices", "cpu", "devices, separated by commas, as --device takes them")
	precisions := flag.String("precisions", "fp32,bf16,int8,fp16", "precisions; those that a device or a model has not are left out, and named")
	names := flag.String("models", "", "models; all that are installed by default")
	pictures := flag.String("pictures", ".deps/flags", "folder of real pictures")
	most := flag.Int("most", 200, "pictures whose embeddings are compared")
	seconds := flag.Float64("seconds", 2, "time for each number")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b := bench{devices: split(*devices), precisions: split(*precisions), seconds: *seconds}
	if err := b.run(ctx, split(*names), *pictures, *most); err != nil {
		fmt.Fprintln(os.Stderr, "device:", err)
		os.Exit(1)
	}
}

func split(list string) []string {
	return slices.DeleteFunc(strings.Split(list, ","), func(s string) bool { return s == "" })
}

type bench struct {
	devices, precisions []string
	pictures            []string
	seconds             float64
}

// options are those of akin on this machine. The program of `go run` lies elsewhere, so what set-up
// fetched is named.
func options(device, precision string) models.Options {
	o := models.Options{
		Device: device, Precision: precision, Home: home.Dir(os.Getenv("AKIN_HOME")),
		Library: os.Getenv("AKIN_ONNXRUNTIME"), OpenVINO: os.Getenv("AKIN_OPENVINO"),
		ModelDirs: append(filepath.SplitList(os.Getenv("AKIN_MODELS")), ".deps/models"),
	}
	folder := "lib"
	if strings.HasPrefix(device, "cuda") {
		folder = "cuda"
	}
	for _, library := range []struct {
		path    *string
		pattern string
	}{{&o.Library, ".deps/" + folder + "/libonnxruntime.*"}, {&o.OpenVINO, ".deps/openvino/libopenvino_c.*"}} {
		if found, _ := filepath.Glob(library.pattern); *library.path == "" && len(found) > 0 {
			*library.path, _ = filepath.Abs(found[len(found)-1])
		}
	}
	return o
}

func (b bench) run(ctx context.Context, names []string, folder string, most int) error {
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && slices.Contains([]string{".png", ".jpg", ".jpeg", ".webp"}, strings.ToLower(filepath.Ext(path))) {
			b.pictures = append(b.pictures, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(b.pictures) == 0 {
		return fmt.Errorf("no pictures in %s", folder)
	}
	step := max(1, len(b.pictures)/max(1, most)) // of all kinds
	var some []string
	for i := 0; i < len(b.pictures) && len(some) < most; i += step {
		some = append(some, b.pictures[i])
	}
	b.pictures = some
	if len(names) == 0 {
		for _, m := range models.Models(options("cpu", "")) {
			if m.Present {
				names = append(names, m.Name)
			}
		}
	}
	fmt.Printf("%s, %s/%s, %d cores; %d pictures\n\n", time.Now().Format(time.DateOnly), goruntime.GOOS, goruntime.GOARCH, goruntime.NumCPU(), len(b.pictures))
	fmt.Println("| model | device | precision | one picture, ms: least | median | in batches, ms a picture: least | median | load and first, s | cosine to fp32: least | median |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|")
	for _, name := range names {
		exact, err := embedWith(ctx, name, options("cpu", "fp32"), b.pictures)
		if err != nil {
			fmt.Printf("| %s | | | %v |\n", name, err)
			continue
		}
		for _, device := range b.devices {
			for _, precision := range b.precisions {
				if err := b.row(ctx, name, device, precision, exact); err != nil {
					fmt.Printf("| %s | %s | %s | %v |\n", name, device, precision, err)
				}
				if ctx.Err() != nil {
					return ctx.Err()
				}
			}
		}
	}
	return nil
}

// embedWith embeds pictures with a model.
func embedWith(ctx context.Context, name string, o models.Options, pictures []string) ([]api.Embedded, error) {
	m, err := models.OpenModel(name, o)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	return m.Embed(ctx, pictures, nil)
}

// row measures a model on a device in a precision.
func (b bench) row(ctx context.Context, name, device, precision string, exact []api.Embedded) error {
	m, err := models.OpenModel(name, options(device, precision))
	if err != nil {
		return err
	}
	defer m.Close()
	rows, err := m.Embed(ctx, b.pictures, nil)
	if err != nil {
		return err
	}
	var cosines []float64
	for i, row := range rows {
		if row.Err == nil && exact[i].Err == nil {
			cosines = append(cosines, cosine(row.Vector, exact[i].Vector))
		}
	}
	if len(cosines) == 0 {
		return errors.New("no picture could be embedded")
	}
	slices.Sort(cosines)
	first, err := load(ctx, name, device, precision)
	if err != nil {
		return err
	}
	one, err := b.times(ctx, m.Network.QueryStage(), 1)
	if err != nil {
		return err
	}
	stage := m.Network.Stage()
	all, err := b.times(ctx, stage, m.Network.Device.Callers(goruntime.NumCPU()))
	if err != nil {
		return err
	}
	fmt.Printf("| %s | %s | %s | %.2f | %.2f | %.2f | %.2f | %.2f | %.6f | %.6f |\n", name, device, precision,
		one[0], one[len(one)/2], all[0], all[len(all)/2], first, cosines[0], cosines[len(cosines)/2])
	return nil
}

// load returns the seconds until a query has its embedding, in a process that has loaded the libraries.
func load(ctx context.Context, name, device, precision string) (float64, error) {
	m, err := models.OpenModel(name, options(device, precision))
	if err != nil {
		return 0, err
	}
	defer m.Close()
	stage := m.Network.QueryStage()
	started := time.Now()
	err = stage.Run(ctx, make([]float32, stage.Input), 1, make([]float32, stage.Dim))
	return time.Since(started).Seconds(), err
}

// times returns the milliseconds a picture of runs of a stage, by so many callers at once, sorted.
func (b bench) times(ctx context.Context, stage embed.Model, callers int) ([]float64, error) {
	if stage.Wide {
		callers = 1
	}
	pixels := make([]float32, stage.Batch*stage.Input)
	for i := range pixels {
		pixels[i] = float32(math.Sin(float64(i)))
	}
	run := func() error {
		var group sync.WaitGroup
		errs := make([]error, callers)
		for i := range callers {
			group.Go(func() { errs[i] = stage.Run(ctx, pixels, stage.Batch, make([]float32, stage.Batch*stage.Dim)) })
		}
		group.Wait()
		return errors.Join(errs...)
	}
	for range 10 { // also until a session for many pictures is loaded
		if err := run(); err != nil {
			return nil, err
		}
	}
	var times []float64
	for start := time.Now(); len(times) < 3 || time.Since(start).Seconds() < b.seconds; {
		before := time.Now()
		if err := run(); err != nil {
			return nil, err
		}
		times = append(times, time.Since(before).Seconds()*1000/float64(callers*stage.Batch))
	}
	slices.Sort(times)
	return times, nil
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	return ab / math.Sqrt(aa*bb)
}
