package indexer

import (
	"sync"
	"time"

	"github.com/akin-search/akin/api"
)

// meter reports progress.
type meter struct {
	mu       sync.Mutex
	report   func(api.Progress) // may be nil
	start    time.Time
	last     time.Time // of the last report
	progress api.Progress
}

func (m *meter) found() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.progress.Total++
	m.send(false)
}

func (m *meter) counted() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.progress.Step = api.StepEmbedding
}

func (m *meter) done(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.progress.Done += n
	m.send(true)
}

// ordered reports how many vectors were arranged for fast searches.
func (m *meter) ordered(done, total int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.report != nil {
		m.report(api.Progress{Step: api.StepOrdering, Done: done, Total: total})
	}
}

func (m *meter) send(always bool) {
	if m.report == nil || !always && time.Since(m.last) < 100*time.Millisecond {
		return
	}
	m.last = time.Now()
	p := m.progress
	if elapsed := time.Since(m.start).Seconds(); p.Done > 0 && elapsed > 0 {
		p.Rate = float64(p.Done) / elapsed
		if p.Step == api.StepEmbedding {
			p.Left = time.Duration(float64(p.Total-p.Done) / p.Rate * float64(time.Second))
		}
	}
	m.report(p)
}
