package assistant

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	callTime     = 2 * time.Minute // that a tool may take
	callsAtOnce  = 16
	messageBytes = 8 << 20 // of a line: pictures come by their names
)

// calls bounds the running tools in number and time. A tool that exceeds its time is answered with an
// error, and counts as running until it ends.
type calls struct {
	running chan struct{}
	time    time.Duration
}

func newCalls() *calls {
	return &calls{running: make(chan struct{}, callsAtOnce), time: callTime}
}

var errManyCalls = errors.New("too many tools are running: try again later")

// bounded runs a tool.
func bounded[Out any](ctx context.Context, c *calls, f func(context.Context) (answer, Out, error)) (a answer, out Out, err error) {
	select {
	case c.running <- struct{}{}:
	default:
		return a, out, errManyCalls
	}
	late := fmt.Errorf("timeout after %v: ask for less, or use another picture", c.time)
	ctx, cancel := context.WithTimeoutCause(ctx, c.time, late)
	type given struct {
		answer answer
		out    Out
		err    error
	}
	done := make(chan given, 1) // whoever waits may have gone
	go func() {
		var g given
		defer func() {
			if caught := recover(); caught != nil {
				g.err = fmt.Errorf("the tool failed: %v", caught)
			}
			<-c.running // first, so that whoever has the answer may ask again
			done <- g
			cancel()
		}()
		g.answer, g.out, g.err = f(ctx)
	}()
	select {
	case g := <-done:
		return g.answer, g.out, g.err
	case <-ctx.Done():
		select {
		case g := <-done: // it ended just now
			return g.answer, g.out, g.err
		default:
			return a, out, context.Cause(ctx)
		}
	}
}
