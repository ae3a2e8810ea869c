package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/runtime"
)

// serve is akin's own process of an engine. With processor it counts the processor's time on one thread.
func serve(work, name string, precision model.Precision, each, processor bool) error {
	libraries, err := filepath.Glob(".deps/lib/libonnxruntime*")
	if err != nil || len(libraries) == 0 {
		return errors.New("ONNX Runtime is absent: run make setup first")
	}
	if err := runtime.Open(libraries[0]); err != nil {
		return err
	}
	if precision == model.BFloat16 {
		libraries, err := filepath.Glob(".deps/openvino/libopenvino_c*")
		if err != nil || len(libraries) == 0 {
			return errors.New("OpenVINO is absent: run scripts/setup openvino first")
		}
		if err := errors.Join(runtime.OpenOpenVINO(libraries[0]), runtime.CheckBFloat16()); err != nil {
			return err
		}
	}
	device := runtime.CPU.For(precision)
	m, err := model.Open(name, []string{filepath.Join(work, name)}, model.Options{Precision: precision, Cache: filepath.Join(work, "cache")})
	if err != nil {
		return err
	}
	if precision == model.Int8 { // weights are rounded once
		if _, err := m.Graph(model.SessionOptions{}); err != nil {
			return err
		}
	}
	var first float64 // said by the process that runs as a server does
	at, cores := 1, threads
	clock := func() time.Duration { return time.Since(started) }
	if processor {
		clock = processorTime
	}
	if !each {
		at, cores = threads, 1
		if processor {
			at = 1
		}
		if first, err = measureFirst(m, device); err != nil {
			return err
		}
	}
	s, err := runtime.NewSession(m, runtime.Options{Threads: at, Streams: cores, Device: device, Cache: filepath.Join(work, "cache")})
	if err != nil {
		return err
	}
	defer s.Close()
	two := make([]float32, 2*m.Dim)
	if err := s.Run(context.Background(), pixels(m, 2), 2, two); err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(map[string]any{"first": first, "embedding": [][]float32{two[:m.Dim], two[m.Dim:]}}); err != nil {
		return err
	}
	for {
		var batch int
		var seconds float64
		if _, err := fmt.Scanln(&batch, &seconds); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		in, to := pixels(m, batch), make([]float32, cores*batch*m.Dim)
		times, err := repeat(clock, seconds, cores*batch, func() error {
			var group sync.WaitGroup
			errs := make([]error, cores)
			for i := range cores {
				group.Go(func() {
					errs[i] = s.Run(context.Background(), in, batch, to[i*batch*m.Dim:(i+1)*batch*m.Dim])
				})
			}
			group.Wait()
			return errors.Join(errs...)
		})
		if err != nil {
			return err
		}
		if err := out.Encode(times); err != nil {
			return err
		}
	}
}

// measureFirst returns the seconds until a query has its embedding, as akin loads a model for it.
func measureFirst(m *model.Model, device runtime.Device) (float64, error) {
	started := time.Now()
	s, err := runtime.NewSession(m, runtime.Options{Threads: threads, Device: device, Cache: filepath.Join(m.Dir, "..", "cache"), Latency: device.HasLatencySession(m)})
	if err != nil {
		return 0, err
	}
	err = s.Run(context.Background(), pixels(m, 1), 1, make([]float32, m.Dim))
	return time.Since(started).Seconds(), errors.Join(err, s.Close())
}

var started = time.Now()

// processorTime is what this process has used of the processor. Other programs lengthen it little.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// repeat returns the milliseconds a picture of each run, after one to warm up.
func repeat(clock func() time.Duration, seconds float64, pictures int, f func() error) ([]float64, error) {
	if err := f(); err != nil {
		return nil, err
	}
	var times []float64
	for start := clock(); len(times) == 0 || (clock()-start).Seconds() < seconds; {
		before := clock()
		if err := f(); err != nil {
			return nil, err
		}
		times = append(times, (clock()-before).Seconds()*1000/float64(pictures))
	}
	return times, nil
}

// pixels returns the values of peer.py. A network that takes patches gets a square of them, as peer.py's.
func pixels(m *model.Model, pictures int) []float32 {
	var grid []float32 // rows and columns, after a picture's patches
	if m.Preprocess.MaxPatches > 0 {
		side := float32(math.Sqrt(float64(m.Preprocess.MaxPatches)))
		grid = []float32{side, side}
	}
	size := m.Preprocess.Size()
	out := make([]float32, 0, pictures*size)
	for i := range pictures * (size - len(grid)) {
		state := uint64(i+1)*6364136223846793005 + 1442695040888963407
		out = append(out, float32(state>>40)/(1<<24)*2-1)
		if (i+1)%(size-len(grid)) == 0 {
			out = append(out, grid...)
		}
	}
	return out
}
