package akin

import (
	"fmt"
	goruntime "runtime"

	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/runtime"
	"github.com/akin-search/akin/internal/simd"
)

// Check is one finding of Doctor.
type Check struct {
	What   string `json:"what"`
	OK     bool   `json:"ok"`
	Needed bool   `json:"needed"` // models cannot run without it
	Found  string `json:"found"`  // what was found, or what is missing and the remedy
}

func deviceCheck(d runtime.Device) Check {
	if err := d.Check(); err != nil {
		return Check{What: "device " + d.String(), Found: err.Error()}
	}
	return Check{What: "device " + d.String(), OK: true, Found: "models can run on it"}
}

// Doctor tells what akin finds on this machine: the runtime, the models, the
// optional decoders and the processor.
func Doctor(o Options) []Check {
	checks := []Check{{
		What: "processor", OK: true,
		Found: fmt.Sprintf("%s/%s, %d cores, vector kernels: %s", goruntime.GOOS, goruntime.GOARCH, goruntime.NumCPU(), simd.Kernels()),
	}}
	library := Check{What: "ONNX Runtime", Needed: true}
	path, err := findLibrary(o.Library, o.Device)
	if err == nil {
		err = runtime.Open(path)
	}
	if library.OK = err == nil; err == nil {
		library.Found = fmt.Sprintf("%s, version %s", path, runtime.Version())
	} else {
		library.Found = err.Error()
	}
	checks = append(checks, library)
	if library.OK {
		for _, d := range runtime.Devices {
			checks = append(checks, deviceCheck(d))
		}
	}
	for _, m := range Models(o) {
		c := Check{What: "model " + m.Name, OK: m.Present, Needed: m.Name == DefaultModel, Found: "weights are here"}
		if !m.Present {
			c.Found = m.Reason
		}
		checks = append(checks, c)
	}
	for _, d := range picture.Decoders() {
		c := Check{What: d.Formats + " by " + d.Name, OK: d.Err == nil, Found: d.Library}
		if d.Held != "" {
			c.Found += " in " + d.Held
		}
		if d.Err != nil {
			c.Found = d.Err.Error()
		}
		checks = append(checks, c)
	}
	return checks
}
