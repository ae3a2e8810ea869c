package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"github.com/akin-search/akin/internal/vector"
)

// job is what an engine's process is told, in a line of JSON: build, search or limits.
type job struct {
	Do      string `json:"do"`
	Engine  string `json:"engine,omitempty"`
	Rows    string `json:"rows,omitempty"` // a file
	Queries string `json:"queries,omitempty"`
	Count   int    `json:"count,omitempty"` // queries of the file to search with
	K       int    `json:"k,omitempty"`
	Setting string `json:"setting,omitempty"` // as efSearch=64
	Threads int    `json:"threads"`
	Batch   bool   `json:"batch,omitempty"` // all queries in one call
	IDs     bool   `json:"ids,omitempty"`   // whether ids are wanted
}

// answer is what the process says.
type answer struct {
	Error string `json:"error,omitempty"`

	Seconds float64 `json:"seconds,omitempty"` // of build
	Memory  int64   `json:"memory,omitempty"`  // bytes that the process grew by, with an index's file and without the rows'
	Size    int64   `json:"size,omitempty"`    // bytes of the index

	Times []float64 `json:"times,omitempty"` // a call: milliseconds a query
	Busy  float64   `json:"busy,omitempty"`  // seconds of processor time of all calls
	IDs   [][]int   `json:"ids,omitempty"`

	Bytes      float64 `json:"bytes,omitempty"`      // read a second
	Operations float64 `json:"operations,omitempty"` // a second
}

// process is a running engine.
type process struct {
	engine  string
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *json.Decoder
	threads int
}

// start runs an engine: akin is this program, the others are peer.py.
func start(engine, python string, threads int) (*process, error) {
	cmd := exec.Command(python, "bench/search/peer.py")
	if strings.HasPrefix(engine, "akin") {
		program, err := os.Executable()
		if err != nil {
			return nil, err
		}
		cmd = exec.Command(program, "-self")
	}
	cmd.Env = append(os.Environ(), fmt.Sprintf("OPENBLAS_NUM_THREADS=%d", threads))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &process{engine, cmd, in, json.NewDecoder(bufio.NewReader(out)), threads}, cmd.Start()
}

// do returns the answer to a job. That the engine has no such thing is errAbsent.
func (p *process) do(j job) (a answer, err error) {
	if j.Threads == 0 {
		j.Threads = p.threads
	}
	line, err := json.Marshal(j)
	if err != nil {
		return a, err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return a, fmt.Errorf("%s: %w", p.engine, err)
	}
	if err := p.out.Decode(&a); err != nil {
		return a, fmt.Errorf("%s: %s: %w", p.engine, line, err)
	}
	if a.Error == errAbsent.Error() {
		return a, errAbsent
	}
	if a.Error != "" {
		return a, fmt.Errorf("%s: %s: %s", p.engine, line, a.Error)
	}
	return a, nil
}

func (p *process) close() error {
	_ = p.in.Close()
	return p.cmd.Wait()
}

// serve is akin's process.
func serve(ctx context.Context, in io.Reader, out io.Writer) error {
	var s server
	jobs, answers := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var j job
		if err := jobs.Decode(&j); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		a, err := s.do(ctx, j)
		if err != nil {
			a = answer{Error: err.Error()}
		}
		if err := answers.Encode(a); err != nil {
			return err
		}
	}
}

type server struct {
	exact       *exact
	approximate *approximate
}

func (s *server) do(ctx context.Context, j job) (answer, error) {
	switch j.Do {
	case "build":
		return s.build(ctx, j)
	case "search":
		return s.search(ctx, j)
	case "limits":
		return answer{Bytes: readSpeed(j.Threads)}, nil
	}
	return answer{}, fmt.Errorf("no job is called %q", j.Do)
}

func (s *server) build(ctx context.Context, j job) (a answer, err error) {
	before, err := memory()
	if err != nil {
		return a, err
	}
	rows, err := mapMatrix(j.Rows)
	if err != nil {
		return a, err
	}
	started := time.Now()
	switch j.Engine {
	case "akin exact":
		s.exact, err = buildExact(ctx, rows, j.Threads)
	case "akin approximate":
		s.approximate, err = buildApproximate(ctx, rows, j.Threads)
	default:
		err = fmt.Errorf("no engine is called %q", j.Engine)
	}
	if err != nil {
		return a, err
	}
	a.Seconds = time.Since(started).Seconds()
	debug.FreeOSMemory()
	after, err := memory()
	a.Memory = after - before
	if s.exact != nil {
		a.Memory += s.exact.size
		a.Size = s.exact.bytes()
	} else {
		a.Memory += s.approximate.size
		a.Size = s.approximate.bytes()
	}
	return a, err
}

func (s *server) search(ctx context.Context, j job) (a answer, err error) {
	queries, err := readMatrix(j.Queries)
	if err != nil {
		return a, err
	}
	count := min(j.Count, queries.Rows())
	queries.Parts = [][]float32{queries.Parts[0][:count*queries.Dim]}
	call := func(batch vector.Matrix) ([][]vector.Hit, error) {
		if s.exact != nil {
			if j.Batch {
				return s.exact.batch(ctx, batch, j.K, j.Threads)
			}
			hits, err := s.exact.one(ctx, batch.Row(0), j.K, j.Threads)
			return [][]vector.Hit{hits}, err
		}
		if s.approximate == nil {
			return nil, errAbsent
		}
		recall, err := strconv.ParseFloat(strings.TrimPrefix(j.Setting, "recall="), 64)
		if err != nil {
			return nil, err
		}
		if j.Batch {
			return s.approximate.batch(ctx, batch, j.K, recall, j.Threads)
		}
		hits, err := s.approximate.one(ctx, batch.Row(0), j.K, recall, j.Threads)
		return [][]vector.Hit{hits}, err
	}
	calls := []vector.Matrix{queries}
	if !j.Batch {
		calls = nil
		for i := range count {
			calls = append(calls, vector.Matrix{Dim: queries.Dim, Parts: [][]float32{queries.Row(i)}})
		}
	}
	first := vector.Matrix{Dim: queries.Dim, Parts: [][]float32{queries.Row(0)}}
	if _, err := call(first); err != nil {
		return a, err
	}
	busy := processorSeconds()
	for _, c := range calls {
		started := time.Now()
		found, err := call(c)
		if err != nil {
			return a, err
		}
		a.Times = append(a.Times, time.Since(started).Seconds()*1000/float64(c.Rows()))
		for _, hits := range found {
			if j.IDs {
				ids := make([]int, len(hits))
				for i, h := range hits {
					ids[i] = h.Row
				}
				a.IDs = append(a.IDs, ids)
			}
		}
	}
	a.Busy = processorSeconds() - busy
	return a, nil
}

// readSpeed is how many bytes a second come from memory when nothing is done with them
// but a comparison.
func readSpeed(threads int) float64 {
	memory := bytes.Repeat([]byte{2}, 2<<30)
	best := math.Inf(1)
	for range 5 {
		started := time.Now()
		var group sync.WaitGroup
		for i := range threads {
			share := memory[i*len(memory)/threads : (i+1)*len(memory)/threads]
			group.Go(func() { bytes.IndexByte(share, 1) })
		}
		group.Wait()
		best = min(best, time.Since(started).Seconds())
	}
	return float64(len(memory)) / best
}

// memory is what the process holds, the pages of files left out.
func memory() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kilobytes * 1024, err
		}
	}
	return 0, errors.New("/proc/self/status tells no RssAnon")
}

func processorSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return math.NaN()
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

func readMatrix(path string) (vector.Matrix, error) {
	f, err := os.Open(path)
	if err != nil {
		return vector.Matrix{}, err
	}
	defer f.Close()
	m, err := vector.ReadNPY(bufio.NewReaderSize(f, 1<<20), math.MaxInt64)
	if err != nil {
		return m, fmt.Errorf("read %s: %w", path, err)
	}
	return m, nil
}

// npyHeader is how NumPy begins a file of float32 rows.
var npyHeader = regexp.MustCompile(`(?s)^.NUMPY\x01\x00..\{'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), (\d+)\), \} *\n`)

// mapMatrix maps a file of rows, as a collection's rows are mapped.
func mapMatrix(path string) (vector.Matrix, error) {
	f, err := os.Open(path)
	if err != nil {
		return vector.Matrix{}, err
	}
	defer f.Close()
	data, err := mapFile(f)
	if err != nil {
		return vector.Matrix{}, err
	}
	header := npyHeader.FindSubmatch(data[:min(128, len(data))])
	if header == nil {
		return vector.Matrix{}, fmt.Errorf("%s has no rows of float32", path)
	}
	dim, err := strconv.Atoi(string(header[2]))
	values := data[len(header[0]):]
	return vector.Matrix{Dim: dim, Parts: [][]float32{unsafe.Slice((*float32)(unsafe.Pointer(&values[0])), len(values)/4)}}, err
}

func mapFile(f *os.File) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	data, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", f.Name(), err)
	}
	return data, nil
}
