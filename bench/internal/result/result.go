// Package result is the one shape in which the programs of bench/ tell what they measured.
//
// A program collects its rows in a Part and writes that to the file of its flag -result; bench/all runs the
// programs, joins their parts in a File, and makes the table of docs/speed.md from it:
//
//	var part result.Part
//	part.Add(result.Row{
//		Name: "index/photos", What: "index 300 photos (JPEG, 12 megapixels)", Unit: result.Seconds,
//		Akin:  result.Of(akinSeconds),
//		Peers: []result.Peer{{Name: "Pillow and ONNX Runtime", Measure: result.Of(peerSeconds)}},
//	})
//	err := part.Write(*file) // does nothing for ""
package result

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Unit is what a row's numbers count.
type Unit string

// The units. Of times less is better, of the others more.
const (
	Seconds      Unit = "s"
	Milliseconds Unit = "ms"
	PerSecond    Unit = "/s"
	Percent      Unit = "%"
)

// More reports whether more is better.
func (u Unit) More() bool { return u == PerSecond || u == Percent }

// seconds is how many seconds one of a time's unit has.
func (u Unit) seconds() float64 {
	if u == Milliseconds {
		return 1e-3
	}
	return 1
}

// better reports whether a is better than b.
func (u Unit) better(a, b float64) bool {
	if u.More() {
		return a > b
	}
	return a < b
}

// times is how many times as good a is as b: 2 for half of the time or twice the answers a second.
func (u Unit) times(a, b float64) float64 {
	if u.More() {
		return a / b
	}
	return b / a
}

// Row is one job, done by akin and others in the same run, in turns.
type Row struct {
	// Name is the same from run to run, and another one where the job is another one:
	// program/job/size, as search/exact/clustered-500k-768.
	Name string `json:"name"`
	// What is the job in words, for a reader of the table.
	What  string  `json:"what"`
	Unit  Unit    `json:"unit"`
	Akin  Measure `json:"akin"`
	Peers []Peer  `json:"peers,omitempty"`
	// Ratio is derived when the row is added or read. It is nil where no peer did the job as it comes.
	Ratio *Ratio `json:"ratio,omitempty"`
	Limit *Limit `json:"limit,omitempty"`
}

// Measure is the best and the median of several rounds: the least of times, the most of others. Machines are
// shared, and other work only makes times longer, so the best says most.
type Measure struct {
	Best   float64 `json:"best"`
	Median float64 `json:"median"`
}

// Of returns the measure of several times.
func Of(times []float64) Measure {
	if len(times) == 0 {
		return Measure{}
	}
	sorted := slices.Sorted(slices.Values(times))
	return Measure{sorted[0], sorted[len(sorted)/2]}
}

// OfMost returns the measure of several numbers of which more is better.
func OfMost(values []float64) Measure {
	if len(values) == 0 {
		return Measure{}
	}
	m := Of(values)
	m.Best = slices.Max(values)
	return m
}

// Peer is another program that did the same job.
type Peer struct {
	Name string `json:"name"`
	Measure
	// Told is what it was told and its users seldom tell it, as "float32": then it is no part of the
	// ratio, which is to peers as they come. A setting without which it cannot do the job, as the
	// efSearch that reaches a recall, belongs in the name.
	Told string `json:"told,omitempty"`
}

// Ratio is how many times as fast akin is as the best peer as it comes, by the best round and by the medians;
// the best peer of each.
type Ratio struct {
	Peer   string  `json:"peer"` // by the best round
	Best   float64 `json:"best"`
	Median float64 `json:"median"`
}

// Limit is what the plain way of doing one job takes of the machine: every product of a network, every byte of
// the vectors. An algorithm that leaves work out can be faster. Zero fields do not bind.
type Limit struct {
	Operations float64 `json:"operations,omitempty"` // multiplications and additions of float32
	Bytes      float64 `json:"bytes,omitempty"`      // read from memory
	Disk       float64 `json:"disk_bytes,omitempty"` // read from disk
}

// Part is what one program measured.
type Part struct {
	Rows []Row `json:"rows"`
	// Versions are those of the peers and libraries that the program knows: {"wrk": "4.1.0"}. What is
	// installed in the benchmark's Python is added by bench/all.
	Versions map[string]string `json:"versions,omitempty"`
	// Rates are what the machine gives a second, so far as the program measured it.
	Rates Limit `json:"rates,omitzero"`
}

// Add adds a row.
func (p *Part) Add(r Row) {
	r.Ratio = r.ratio()
	p.Rows = append(p.Rows, r)
}

func (r Row) ratio() *Ratio {
	var out *Ratio
	for _, p := range r.Peers {
		if p.Told != "" {
			continue
		}
		best, median := r.Unit.times(r.Akin.Best, p.Best), r.Unit.times(r.Akin.Median, p.Median)
		if !finite(best) || !finite(median) { // nothing was found, or nothing was timed
			continue
		}
		if out == nil {
			out = &Ratio{p.Name, best, median}
			continue
		}
		if best < out.Best {
			out.Peer, out.Best = p.Name, best
		}
		out.Median = min(out.Median, median)
	}
	return out
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// Write writes the part to a file, or does nothing if path is "".
func (p *Part) Write(path string) error {
	if path == "" {
		return nil
	}
	return write(path, p)
}

// ReadPart reads what a program wrote, in Go or another language, which need not know how ratios are derived.
func ReadPart(path string) (Part, error) {
	var p Part
	if err := read(path, &p); err != nil {
		return p, err
	}
	for i, r := range p.Rows {
		p.Rows[i].Ratio = r.ratio()
	}
	return p, nil
}

// File is what all programs measured on a machine on a day.
type File struct {
	Date    string  `json:"date"` // 2026-11-30
	Machine Machine `json:"machine"`
	// Rates are what the machine gives a second, measured in the same run.
	Rates    Limit             `json:"rates"`
	Versions map[string]string `json:"versions"`
	Rows     []Row             `json:"rows"`
	// LeftOut is why programs did not run, by their name.
	LeftOut map[string]string `json:"left_out,omitempty"`
	Seconds float64           `json:"seconds"` // that all took
}

// Name is the name of the file: the date and the machine.
func (f File) Name() string { return f.Date + "-" + f.Machine.Name() + ".json" }

// Write writes the file into a folder and returns its path.
func (f File) Write(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	path := filepath.Join(dir, f.Name())
	return path, write(path, f)
}

// Read reads a file of results.
func Read(path string) (File, error) {
	var f File
	err := read(path, &f)
	return f, err
}

// Last reads the last file of a machine in a folder; ok is false if there is none.
func Last(dir string, m Machine) (f File, ok bool, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return f, false, nil
	} else if err != nil {
		return f, false, err
	}
	for _, e := range slices.Backward(entries) { // by name, and so by date
		if len(e.Name()) < len(time.DateOnly) || e.Name()[len(time.DateOnly):] != "-"+m.Name()+".json" {
			continue
		}
		f, err = Read(filepath.Join(dir, e.Name()))
		return f, err == nil, err
	}
	return f, false, nil
}

func write(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.WriteFile(path, append(data, '\n'), 0o666)
}

func read(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.DisallowUnknownFields() // of an older shape, whose numbers may mean something else
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// Join adds what programs measured. Rows of the same name are replaced.
func (f *File) Join(parts ...Part) {
	if f.Versions == nil {
		f.Versions = map[string]string{}
	}
	for _, p := range parts {
		for _, r := range p.Rows {
			if i := slices.IndexFunc(f.Rows, func(old Row) bool { return old.Name == r.Name }); i >= 0 {
				f.Rows[i] = r
			} else {
				f.Rows = append(f.Rows, r)
			}
		}
		maps.Copy(f.Versions, p.Versions)
		f.Rates.Operations = max(p.Rates.Operations, f.Rates.Operations)
		f.Rates.Bytes = max(p.Rates.Bytes, f.Rates.Bytes)
		f.Rates.Disk = max(p.Rates.Disk, f.Rates.Disk)
	}
}
