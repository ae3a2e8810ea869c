// Command akin finds pictures that look alike, and shows what "alike" means to each vision
// model. `akin --help` lists its commands.
//
//	main.go         runs a command, and turns its error into a message and an exit status
//	root.go         the command tree and its help
//	app.go          the flags of all commands, and the collection they name
//	environment.go  every environment variable
//	remedy.go       what to do about each error
//	NAME.go         the command NAME: its options, their flags, and its run
//
// What commands write is made in internal/render.
package main

//go:generate go run . docs ../../docs/reference/commands.md

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

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

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := newApp(stdin, stdout, stderr)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second Ctrl-C ends the program at once.
	context.AfterFunc(ctx, stop)

	root := a.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(a.Text)
	root.SetErr(a.Errors)
	err := execute(ctx, root)
	err = errors.Join(err, a.endPaging())
	if err != nil && !errors.Is(err, errPartial) {
		a.unmake()
	}
	return a.status(err)
}

// execute runs a command. A mapped file that can no longer be read fails it, as any other would.
func execute(ctx context.Context, root *cobra.Command) (err error) {
	defer disk.Catch(&err)()
	return root.ExecuteContext(ctx)
}

// status reports a command's error in one line, and returns the exit status.
func (a *app) status(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errPartial):
		return exitPartial
	case errors.As(err, &usage):
		a.Warnf("%s", withRemedy(err))
		return exitUsage
	case errors.Is(err, syscall.EPIPE): // `akin search … | head` is no failure
		return exitDone
	case errors.Is(err, context.Canceled):
		a.Warnf("stopped; finished work is stored, and the next run continues from there")
		return exitFailed
	}
	a.Warnf("%s", withRemedy(err))
	return exitFailed
}

// errPartial says that a command did its work but could not read some pictures, which it has
// listed.
var errPartial = errors.New("some pictures could not be read")

// usageError is a wrong command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}
