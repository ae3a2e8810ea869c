package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/akin-search/akin/bench/internal/result"
)

// parts are what the time of an answer is divided into. A sample of the profile belongs to the first part that one of
// its functions belongs to, from the innermost one on: memory that is allocated for JSON belongs to JSON.
var parts = []struct {
	name     string
	packages []string
}{
	{"search", []string{akin + "internal/vector.", akin + "internal/simd."}},
	{"SQLite", []string{"github.com/mattn/go-sqlite3.", "database/sql."}},
	{"JSON", []string{"encoding/json."}},
	{"names, grades", []string{akin + "internal/space.", akin + "internal/store/local.", akin + "internal/insight.", akin + "internal/fusion.", akin + "internal/record."}},
	{"HTTP", []string{
		"net/http.", "net.", "net/url.", "net/textproto.", "net/netip.", "bufio.", "mime.", "github.com/danielgtaylor/huma/", "github.com/klauspost/compress/",
		"github.com/prometheus/", "log/slog.", akin + "internal/server.", "internal/poll.",
	}},
}

const akin = "github.com/akin-search/akin/"

// rest is the part of samples that belong to no other: the scheduler and the garbage collector.
const rest = "Go's runtime"

// shares asks akin alone, for each target recall, and reports where its processor time goes.
func (b *bench) shares(recalls []string, cores int) error {
	s, profile, err := b.profiled(cores)
	if err != nil {
		return err
	}
	plain := s.path
	s.path += "&q="
	if err := s.start(); err != nil {
		return err
	}
	defer s.stop()
	fmt.Printf("%d pictures, %d values, the ten best of a name, %d clients at once, the median of %d rounds of %s\n\n", b.rows, b.dim, b.connections, b.rounds, b.time)
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	head := "recall asked\tfound\tanswers a second\tp50 ms\tp99 ms\tprocessor µs\ttwo whole cores"
	for _, p := range parts {
		head += "\t" + p.name
	}
	fmt.Fprintln(out, head+"\t"+rest+"\tMB\twithout files")
	for _, recall := range recalls {
		s.path = plain + "&recall=" + recall + "&q="
		found, err := b.found(s, plain+"&recall=1&q=")
		if err != nil {
			return err
		}
		if _, err := b.ask(s, b.time/4, 100); err != nil { // vectors, and the table of names
			return err
		}
		var runs []measured
		var costs []float64
		times := map[string]float64{}
		for round := range b.rounds {
			m, cost, of, err := b.askProfiled(s, profile, round)
			if err != nil {
				return err
			}
			fmt.Fprintf(os.Stderr, "%s recall %s: %.0f a second, %.0f µs\n", time.Now().Format(time.TimeOnly), recall, m.rate, cost)
			runs, costs = append(runs, m), append(costs, cost)
			for part, share := range of {
				times[part] += share / float64(b.rounds)
			}
		}
		middle := func(of func(measured) float64) float64 { return result.Of(values(runs, of)).Median }
		cost := result.Of(costs).Median
		fmt.Fprintf(out, "%s\t%.4f\t%.0f\t%.2f\t%.2f\t%.0f\t%.0f", recall, found, middle(func(m measured) float64 { return m.rate }),
			middle(func(m measured) float64 { return m.p50 }), middle(func(m measured) float64 { return m.p99 }), cost, 2e6/cost)
		for _, p := range parts {
			fmt.Fprintf(out, "\t%.0f %%", 100*times[p.name])
		}
		all, anonymous := s.memory()
		fmt.Fprintf(out, "\t%.0f %%\t%d\t%d\n", 100*times[rest], all>>20, anonymous>>20)
	}
	return out.Flush()
}

// askProfiled is ask, and returns the server's processor time for an answer, in microseconds, and the share of each part.
func (b *bench) askProfiled(s *server, profile, seed int) (m measured, cost float64, shares map[string]float64, err error) {
	type fetched struct {
		profile []byte
		err     error
	}
	done := make(chan fetched, 1)
	go func() {
		p, err := get(fmt.Sprintf("http://127.0.0.1:%d/debug/pprof/profile?seconds=%.0f", profile, max(1, b.time.Seconds()-1)))
		done <- fetched{p, err}
	}()
	before, err := s.processorTime()
	if err != nil {
		return m, 0, nil, err
	}
	m, err = b.ask(s, b.time, seed)
	p := <-done
	after, err2 := s.processorTime()
	if err := errors.Join(err, p.err, err2); err != nil {
		return m, 0, nil, err
	}
	path := filepath.Join(b.work, "serve.pprof")
	if err := os.WriteFile(path, p.profile, 0o666); err != nil {
		return m, 0, nil, err
	}
	traces, err := exec.Command("go", "tool", "pprof", "-traces", path).Output()
	if err != nil {
		return m, 0, nil, fmt.Errorf("go tool pprof: %w", err)
	}
	shares, err = sharesOf(string(traces))
	return m, float64((after - before).Microseconds()) / m.answers, shares, err
}

// sharesOf divides the samples of a profile, as go tool pprof -traces prints them, among the parts.
func sharesOf(traces string) (map[string]float64, error) {
	times, all := map[string]time.Duration{}, time.Duration(0)
	for _, sample := range strings.Split(traces, "-----------+-")[1:] {
		var took time.Duration
		part := ""
		for _, line := range strings.Split(sample, "\n")[1:] {
			words := strings.Fields(line)
			if len(words) == 0 {
				continue
			}
			if took == 0 {
				var err error
				if took, err = time.ParseDuration(words[0]); err != nil {
					return nil, fmt.Errorf("go tool pprof -traces: %q is no time", words[0])
				}
				words = words[1:]
			}
			if part == "" && len(words) > 0 {
				part = partOf(words[0])
			}
		}
		if part == "" {
			part = rest
		}
		times[part] += took
		all += took
	}
	if all == 0 {
		return nil, errors.New("the profile is empty")
	}
	shares := map[string]float64{}
	for part, took := range times {
		shares[part] = took.Seconds() / all.Seconds()
	}
	return shares, nil
}

func partOf(function string) string {
	for _, p := range parts {
		for _, prefix := range p.packages {
			if strings.HasPrefix(function, prefix) {
				return p.name
			}
		}
	}
	return ""
}

// processorTime is how long the server has run on processors.
func (s *server) processorTime() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // from the third on
	ticks := 0
	for _, field := range fields[11:13] { // of the user and of the system, in hundredths of a second
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}

// found is the share of the exact hits of 200 names that the server's path finds.
func (b *bench) found(s *server, exact string) (float64, error) {
	const names = 200
	both, all := 0, 0
	for i := range names {
		name := fmt.Sprintf("p%06d", i*b.rows/names)
		right, err := hits(s.address() + exact + name)
		if err != nil {
			return 0, err
		}
		got, err := hits(s.address() + s.path + name)
		if err != nil {
			return 0, err
		}
		for hit := range right {
			all++
			if got[hit] {
				both++
			}
		}
	}
	return float64(both) / float64(all), nil
}

func hits(address string) (map[string]bool, error) {
	data, err := get(address)
	if err != nil {
		return nil, err
	}
	var answer struct{ Hits []struct{ Name string } }
	if err := json.Unmarshal(data, &answer); err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, h := range answer.Hits {
		names[h.Name] = true
	}
	return names, nil
}

func get(address string) ([]byte, error) {
	response, err := http.Get(address)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", address, response.Status, data)
	}
	return data, err
}
