package server

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what /metrics reports.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inFlight prometheus.Gauge
	guesses  *prometheus.CounterVec
}

func (s *Server) newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "akin_requests_total", Help: "Requests by operation and status.",
		}, []string{"operation", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "akin_request_seconds", Help: "How long requests took, by operation.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 120},
		}, []string{"operation"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "akin_requests_in_flight", Help: "Requests being answered."}),
		guesses: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "akin_wrong_tokens_total", Help: "Wrong tokens: checked, and refused unchecked after too many.",
		}, []string{"answer"}),
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	m.registry.MustRegister(
		m.requests, m.seconds, m.inFlight, m.guesses,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		gauge("akin_body_bytes", "Bytes of request bodies in memory.", func() float64 { return float64(s.bodies.used.Load()) }),
		gauge("akin_upload_bytes", "Bytes of uploads in memory.", func() float64 { return float64(s.uploads.size() + s.shares.size()) }),
		gauge("akin_running_waiting", "Requests waiting to decode pictures or run models.", func() float64 { return float64(s.running.waiting.Load()) }),
		gauge("akin_searching_waiting", "Requests waiting to search.", func() float64 { return float64(s.searching.waiting.Load()) }),
		gauge("akin_models", "Models in memory, shared by all collections.", func() float64 { return float64(len(s.collections.options.Engine.Models())) }),
		gauge("akin_jobs_open", "Jobs running or queued.", func() float64 { return float64(s.jobs.open()) }),
	)
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// watch counts, times and logs requests.
func (s *Server) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		seen := &seen{ResponseWriter: w}
		s.metrics.inFlight.Inc()
		defer func() {
			s.metrics.inFlight.Dec()
			took := time.Since(started)
			operation := r.Pattern // set by the mux
			if operation == "" {
				operation = "none"
			}
			s.metrics.requests.WithLabelValues(operation, strconv.Itoa(seen.code())).Inc()
			s.metrics.seconds.WithLabelValues(operation).Observe(took.Seconds())
			if s.log.Enabled(r.Context(), slog.LevelDebug) {
				s.log.Debug("request", "method", r.Method, "path", r.URL.Path, "status", seen.code(), "bytes", seen.bytes,
					"ms", float64(took.Microseconds())/1000, "from", r.RemoteAddr)
			}
		}()
		next.ServeHTTP(seen, r)
	})
}

// seen records the status and size of an answer.
type seen struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (s *seen) WriteHeader(status int) {
	if s.status == 0 {
		s.status = status
	}
	s.ResponseWriter.WriteHeader(status)
}

func (s *seen) Write(b []byte) (int, error) {
	n, err := s.ResponseWriter.Write(b)
	s.bytes += int64(n)
	return n, err
}

func (s *seen) code() int {
	if s.status == 0 {
		return http.StatusOK
	}
	return s.status
}

// Unwrap lets http.ResponseController set deadlines.
func (s *seen) Unwrap() http.ResponseWriter { return s.ResponseWriter }
