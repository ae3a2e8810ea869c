package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/render"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// app is what all commands share: the global flags, the environment, and where to read and write.
type app struct {
	*render.Output
	in  io.Reader
	env environment

	collection string
	models     []string
	device     string
	precision  string
	background string
	decode     string
	colour     string
	threads    int
	maxPixels  int64
	verbose    bool

	noPager bool
	pager   *term.Pager // of a command whose answer is paged, nil elsewhere

	made string // the folder of a collection that this command has made, or ""
}

func newApp(stdin io.Reader, stdout, stderr io.Writer) *app {
	return &app{Output: render.New(stdout, stderr), in: stdin, env: readEnvironment()}
}

func (a *app) flags(f *pflag.FlagSet) {
	f.StringVarP(&a.collection, "collection", "c", a.env.collection, "the collection: a name, a folder, or weaviate://HOST:PORT/NAME (default: $AKIN_COLLECTION, else \"default\" in your data folder)")
	f.Lookup("collection").DefValue = "" // the description says it, and the environment stays out of the reference
	f.StringSliceVarP(&a.models, "model", "m", nil, "the model, or several separated by commas")
	f.BoolVar(&a.JSON, "json", false, "write one JSON document to stdout")
	f.BoolVarP(&a.Quiet, "quiet", "q", false, "write no progress and no notes to stderr")
	f.BoolVarP(&a.verbose, "verbose", "v", false, "write more to stderr")
	f.StringVar(&a.device, "device", "auto", "where models run: auto, cpu, cuda, cuda:N (the N-th card, from 0), coreml, openvino:gpu or openvino:npu (Intel's graphics and neural processors)")
	f.IntVar(&a.threads, "threads", 0, "cores to use; 0 for all")
	f.StringVar(&a.precision, "precision", a.env.precision, "fp32; bf16 (with OpenVINO, on processors that have it); int8 (about three times as fast for transformers, slightly different embeddings); fp16 (graphics cards); or auto: an index continues what the collection has, and begins new embeddings in bf16 where that is fast, other commands use fp32 (default: $AKIN_PRECISION, else auto)")
	f.Lookup("precision").DefValue = ""
	f.StringVar(&a.background, "background", "", "background of transparent pictures: drop (ignore transparency, as the models' references do), auto (contrasting; good for logos), white, black, grey or #aabbcc (default: as the collection was indexed, else drop)")
	f.StringVar(&a.decode, "decode", "", "size at which pictures are decoded for models: exact (full), fast (JPEG at 1/2, 1/4 or 1/8, but at least three times what the model sees), or auto (fast above 4 megapixels) (default: as the collection was indexed, else exact)")
	f.StringVar(&a.colour, "colour", "", "colours that models see: keep, or drop (a logo is then the same in any colours, also in white on dark) (default: as the collection was indexed, else keep)")
	f.BoolVar(&a.noPager, "no-pager", false, "write long answers to the terminal, not through $AKIN_PAGER, $PAGER or less")
	f.Int64Var(&a.maxPixels, "max-pixels", 0, "largest picture to decode, in pixels; 0 for 178956970")
}

// check checks the global flags.
func (a *app) check() error {
	kind, number, numbered := strings.Cut(a.device, ":")
	switch {
	case slices.Contains([]string{"openvino:gpu", "openvino:npu"}, a.device):
	case !slices.Contains([]string{"auto", "cpu", "cuda", "coreml"}, kind),
		numbered && (kind != "cuda" || number == "" || strings.Trim(number, "0123456789") != ""):
		return usagef("--device %s: use auto, cpu, cuda, cuda:N, coreml, openvino:gpu or openvino:npu", a.device)
	}
	switch {
	case !slices.Contains(api.Precisions, a.precision):
		return usagef("--precision %s: use auto, fp32, bf16, int8 or fp16", a.precision)
	case a.threads < 0 || a.maxPixels < 0:
		return usagef("--threads and --max-pixels must not be negative")
	}
	if err := akin.ParseBackground(a.background); err != nil {
		return usagef("--%w", err)
	}
	if err := akin.ParseDecode(a.decode); err != nil {
		return usagef("--%w", err)
	}
	if err := akin.ParseColour(a.colour); err != nil {
		return usagef("--%w", err)
	}
	if a.env.problem != nil {
		return a.env.problem
	}
	for i, m := range a.models {
		if a.models[i] = strings.TrimSpace(m); a.models[i] == "" {
			return usagef("--model %q: a name is empty", strings.Join(a.models, ","))
		}
	}
	return nil
}

func (a *app) options() akin.Options {
	return akin.Options{
		Models: a.models, Precision: a.precision, Background: a.background, Decode: a.decode, Colour: a.colour, Device: a.device, Threads: a.threads, MaxPixels: a.maxPixels,
		Home: a.env.home, ModelDirs: a.env.modelDirs, Library: a.env.library, OpenVINO: a.env.openVINO, Hub: a.env.hub, ClusterCache: a.env.clusterCache,
	}
}

// open opens the collection for reading.
func (a *app) open(ctx context.Context) (*akin.Collection, error) {
	o := a.options()
	o.ReadOnly = true
	return a.openWith(ctx, o)
}

// openToWrite opens the collection, and creates it if it does not exist.
func (a *app) openToWrite(ctx context.Context) (*akin.Collection, error) {
	path, err := a.env.home.CollectionPath(a.collection)
	if err != nil {
		return nil, err
	}
	a.mayMake(path)
	return akin.Open(ctx, path, a.options())
}

// mayMake remembers that a collection was made by this command, if it does not exist yet. One that stays empty because
// the command fails is removed again.
func (a *app) mayMake(path string) {
	if strings.Contains(path, "://") { // in a cluster
		return
	}
	if _, err := os.Lstat(filepath.Join(path, "akin.db")); errors.Is(err, os.ErrNotExist) {
		a.made = path
	}
}

// unmake removes the collection that a failed command has made, if it is empty.
func (a *app) unmake() {
	if a.made != "" {
		_, _ = akin.DiscardCollection(context.Background(), a.made) // the command's own error is the one to tell
	}
}

func (a *app) openWith(ctx context.Context, o akin.Options) (*akin.Collection, error) {
	path, err := a.env.home.CollectionPath(a.collection)
	if err != nil {
		return nil, err
	}
	c, err := akin.Open(ctx, path, o)
	return c, a.missing(err)
}

// oneModel returns the model of a command that takes only one; "" is the collection's default.
func (a *app) oneModel() (string, error) {
	switch len(a.models) {
	case 0:
		return "", nil
	case 1:
		return a.models[0], nil
	}
	return "", usagef("--model %s: this command takes one model; `akin compare` takes several", strings.Join(a.models, ","))
}

// openFor opens the collection for reading by a command that takes only one model.
func (a *app) openFor(ctx context.Context, model *string) (c *akin.Collection, err error) {
	if *model, err = a.oneModel(); err != nil {
		return nil, err
	}
	return a.open(ctx)
}

// pictures reads pictures for tables and pages; c may be nil where none is named.
func (a *app) pictures(c *akin.Collection) *render.Pictures {
	shown := a.options() // models may ignore transparency; people do not
	shown.Background = "auto"
	return &render.Pictures{
		Find: c.Picture,
		Read: func(ctx context.Context, source string) (render.Pixels, error) {
			i, pixels, err := akin.Inspect(ctx, source, shown)
			return render.Pixels{Width: i.Width, Height: i.Height, RGB: pixels}, err
		},
		Alter: func(ctx context.Context, source, alteration string) (render.Pixels, error) {
			width, height, pixels, err := akin.Alter(ctx, source, alteration, a.options())
			return render.Pixels{Width: width, Height: height, RGB: pixels}, err
		},
	}
}

// progress shows how much is done of a total of some unit.
func progress(p *term.Progress, unit string) func(done, total int) {
	return func(done, total int) { p.Update(term.State{Done: done, Total: total, Unit: unit}) }
}
