// Command akin finds pictures that look alike, and shows what "alike" means to
// each vision model. `akin --help` tells what it does.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/akin-search/akin/weaviate"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/akin-search/akin/internal/disk"
)

// Exit statuses.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitPartial = 3 // done, but some pictures could not be read
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// app is what every command shares: the global flags and where to write.
type app struct {
	collection string
	models     []string
	json       bool
	quiet      bool
	verbose    bool
	device     string
	precision  string
	background string
	threads    int
	maxPixels  int64

	clusterCache int64 // as akin.Options has it

	spreadsheet bool // of the commands that write CSV

	in      io.Reader
	out     io.Writer      // stdout, for text: no control sequence comes through
	data    io.Writer      // stdout, for what programs read, and cleaned where someone looks
	err     io.Writer      // stderr, as out
	screen  *term.Terminal // stdout
	console *term.Terminal // stderr
}

func newApp(stdin io.Reader, stdout, stderr io.Writer) *app {
	a := &app{in: stdin, out: term.NewCleaner(stdout), data: stdout, err: term.NewCleaner(stderr), screen: term.Detect(stdout), console: term.Detect(stderr)}
	if a.screen.TTY {
		a.data = a.out
	}
	return a
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := newApp(stdin, stdout, stderr)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second Ctrl-C ends the program at once.
	context.AfterFunc(ctx, stop)

	root := a.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(a.out)
	root.SetErr(a.err)
	return a.status(execute(ctx, root))
}

// execute runs a command; a mapped file that cannot be read any more fails it, as any other would.
func execute(ctx context.Context, root *cobra.Command) (err error) {
	defer disk.Catch(&err)()
	return root.ExecuteContext(ctx)
}

// status turns a command's error into one line and an exit status.
func (a *app) status(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errPartial):
		return exitPartial
	case errors.As(err, &usage):
		fmt.Fprintf(a.err, "akin: %s\n", term.Clean(err.Error()))
		return exitUsage
	case errors.Is(err, syscall.EPIPE): // `akin search … | head` is no failure
		return exitDone
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(a.err, "akin: stopped; what was done is stored, and the next run goes on from there")
		return exitFailed
	default:
		fmt.Fprintf(a.err, "akin: %s\n", term.Clean(err.Error()))
		return exitFailed
	}
}

// errPartial says that a command did its work but some pictures could not be
// read; they were listed already.
var errPartial = errors.New("some pictures could not be read")

type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "akin",
		Short: "Find pictures that look alike, and see what each vision model means by it",
		Long: `akin finds pictures that look alike, and shows what "alike" means to each
vision model. Point it at a folder, then ask what else looks like a picture.`,
		Example: `  akin index ~/Pictures              learn a folder; again later: only what changed
  akin search ~/Downloads/cat.jpg    what looks like this file?
  akin search Chad --top 5           what looks like this indexed picture?
  akin compare Chad --html chad.html every model's answer side by side`,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	weaviate.Register(os.Getenv("AKIN_WEAVIATE_API_KEY"))
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if strings.HasPrefix(err.Error(), "unknown shorthand") {
			err = fmt.Errorf("%w; a name that begins with a dash goes behind --", err)
		}
		return usagef("%w (see `%s --help`)", err, cmd.CommandPath())
	})
	f := root.PersistentFlags()
	f.SortFlags = false
	f.StringVarP(&a.collection, "collection", "c", os.Getenv("AKIN_COLLECTION"), "collection: a name, a folder, or weaviate://host:port/Name ($AKIN_COLLECTION; else \"default\" in your data folder)")
	f.StringSliceVarP(&a.models, "model", "m", nil, "model, or several with commas")
	f.BoolVar(&a.json, "json", false, "write one JSON document to stdout")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "no progress and no notes on stderr")
	f.BoolVarP(&a.verbose, "verbose", "v", false, "say more on stderr")
	f.StringVar(&a.device, "device", "auto", "auto, cpu, cuda, cuda:N (the N-th card from 0), or coreml")
	f.IntVar(&a.threads, "threads", 0, "cores to use (0: all)")
	f.StringVar(&a.precision, "precision", "fp32", "fp32; int8: transformers some three times as fast, a little off; fp16: for graphics cards")
	f.StringVar(&a.background, "background", "", "what models see behind transparent pictures: drop (as the models' references), auto (one that shows them; good for logos), white, black, grey or #aabbcc (default: as the collection was indexed, else drop)")
	f.Int64Var(&a.maxPixels, "max-pixels", 0, "largest picture to decode, in pixels (0: 178956970)")

	root.AddCommand(
		a.indexCommand(),
		a.searchCommand(),
		a.compareCommand(),
		a.evalCommand(),
		a.biasCommand(),
		a.disagreeCommand(),
		a.probeCommand(),
		a.explainCommand(),
		a.contextCommand(),
		a.adviseCommand(),
		a.dupesCommand(),
		a.mapCommand(),
		a.serveCommand(),
		a.mcpCommand(),
		a.tagCommand(),
		a.embedCommand(),
		a.inspectCommand(),
		a.importCommand(),
		a.exportCommand(),
		a.infoCommand(),
		a.dropCommand(), a.copyCommand(),
		a.verifyCommand(),
		a.benchCommand(),
		a.doctorCommand(),
		a.modelsCommand(),
		a.pullCommand(),
		a.fetchCommand(),
	)
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return a.checkGlobals() }
	asUsage(root)
	return root
}

// asUsage makes a wrong number of arguments a usage error that names the help.
func asUsage(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usagef("%w (see `%s --help`)", err, cmd.CommandPath())
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		asUsage(sub)
	}
}

func (a *app) checkGlobals() error {
	if kind, number, numbered := strings.Cut(a.device, ":"); !slices.Contains([]string{"auto", "cpu", "cuda", "coreml"}, kind) ||
		numbered && (kind != "cuda" || number == "" || strings.Trim(number, "0123456789") != "") {
		return usagef("--device %s: use auto, cpu, cuda, cuda:N or coreml", a.device)
	}
	if !slices.Contains([]string{"fp32", "fp16", "int8"}, a.precision) {
		return usagef("--precision %s: use fp32, fp16 or int8", a.precision)
	}
	if err := akin.ParseBackground(a.background); err != nil {
		return usagef("--%w", err)
	}
	if a.threads < 0 || a.maxPixels < 0 {
		return usagef("--threads and --max-pixels must not be negative")
	}
	var err error
	if a.clusterCache, err = clusterCache(); err != nil {
		return err
	}
	for i, m := range a.models {
		if a.models[i] = strings.TrimSpace(m); a.models[i] == "" {
			return usagef("--model %q: an empty name", strings.Join(a.models, ","))
		}
	}
	return nil
}

func (a *app) options() akin.Options {
	return akin.Options{
		Models: a.models, Precision: a.precision, Background: a.background, Device: a.device, Threads: a.threads, MaxPixels: a.maxPixels,
		Home: userHome(), ModelDirs: modelFolders(), Library: onnxRuntime(), ClusterCache: a.clusterCache,
	}
}

// shown are the options for pictures that a person is to look at: what models are given has hidden colours
// under transparency.
func (a *app) shown() akin.Options {
	o := a.options()
	o.Background = "auto"
	return o
}

// open opens the collection that the flags name. Commands that only ask do not
// create it.
func (a *app) open(ctx context.Context, create bool) (*akin.Collection, error) {
	o := a.options()
	o.ReadOnly = !create
	return a.openWith(ctx, o)
}

func (a *app) openWith(ctx context.Context, o akin.Options) (*akin.Collection, error) {
	path, err := userHome().CollectionPath(a.collection)
	if err != nil {
		return nil, err
	}
	c, err := akin.Open(ctx, path, o)
	if errors.Is(err, akin.ErrNoCollection) {
		return nil, fmt.Errorf("%w; make it with `akin index PATH`", err)
	}
	return c, err
}

// oneModel is the model for commands that take a single one; "" is the
// collection's own choice.
func (a *app) oneModel() (string, error) {
	switch len(a.models) {
	case 0:
		return "", nil
	case 1:
		return a.models[0], nil
	}
	return "", usagef("--model %s: this command takes one model; `akin compare` takes several", strings.Join(a.models, ","))
}

// openFor opens the collection for a command that only asks, of one model.
func (a *app) openFor(ctx context.Context, model *string) (c *akin.Collection, err error) {
	if *model, err = a.oneModel(); err != nil {
		return nil, err
	}
	return a.open(ctx, false)
}

func (a *app) writeJSON(v any) error {
	return a.jsonEncoder().Encode(v)
}

// jsonEncoder writes JSON to stdout, a document a line.
func (a *app) jsonEncoder() *json.Encoder {
	enc := json.NewEncoder(term.NewJSONCleaner(a.data))
	enc.SetEscapeHTML(false)
	return enc
}

// sayf writes a line of the answer.
func (a *app) sayf(format string, args ...any) error {
	_, err := fmt.Fprintln(a.out, term.Clean(fmt.Sprintf(format, args...)))
	return err
}

// notef writes a note for people: on stderr, and not with --quiet.
func (a *app) notef(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintln(a.err, term.Clean(fmt.Sprintf(format, args...)))
	}
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
