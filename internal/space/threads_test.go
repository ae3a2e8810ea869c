package space

import (
	"testing"

	"github.com/akin-search/akin/internal/models"
)

func TestSearchesThatRunTogetherShareTheThreads(t *testing.T) {
	t.Parallel()
	c := &Collection{Options: models.Options{Threads: 8}}
	for running, want := range []int{8, 4, 2, 2, 1, 1, 1, 1, 1} {
		if got := c.enter(); got != want {
			t.Errorf("beside %d others: %d threads, want %d", running, got, want)
		}
	}
	for range 9 {
		c.leave()
	}
	if got := c.enter(); got != 8 {
		t.Errorf("alone again: %d threads", got)
	}
}
