package assistant

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// A tool that does not end, and hears no cancellation, is given up; others run meanwhile.
func TestASlowToolHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	c := &calls{running: make(chan struct{}, 2), time: 50 * time.Millisecond}
	end := make(chan struct{})
	slow := func(context.Context) (answer, int, error) {
		<-end
		return answer{}, 1, nil
	}
	quick := func(context.Context) (answer, int, error) { return answer{}, 2, nil }
	if _, _, err := bounded(t.Context(), c, slow); err == nil || !strings.Contains(err.Error(), "timeout after 50ms") {
		t.Errorf("%v", err)
	}
	if _, out, err := bounded(t.Context(), c, quick); out != 2 || err != nil {
		t.Errorf("%d, %v", out, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := bounded(ctx, c, slow); !errors.Is(err, context.Canceled) {
		t.Errorf("one that the assistant does not want any more: %v", err)
	}
	if _, _, err := bounded(t.Context(), c, quick); !errors.Is(err, errManyCalls) {
		t.Errorf("with two that go on: %v", err)
	}
	close(end)
	for until := time.Now().Add(5 * time.Second); len(c.running) > 0 && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
	if _, out, err := bounded(t.Context(), c, quick); out != 2 || err != nil {
		t.Errorf("after they ended: %d, %v", out, err)
	}
	if _, _, err := bounded(t.Context(), c, func(context.Context) (answer, int, error) { panic("a bug") }); err == nil || !strings.Contains(err.Error(), "a bug") {
		t.Errorf("%v", err)
	}
}
