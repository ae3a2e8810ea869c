package models

import (
	"fmt"
	goruntime "runtime"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/runtime"
	"github.com/akin-search/akin/internal/simd"
)

func deviceCheck(d runtime.Device) api.Check {
	if err := d.Check(); err != nil {
		return api.Check{What: "device " + d.String(), Found: err.Error(), Err: err}
	}
	return api.Check{What: "device " + d.String(), OK: true, Found: "models can run on it"}
}

// Doctor reports what akin finds on this machine: the runtime, the models, the
// optional decoders and the processor.
func Doctor(o Options) []api.Check {
	checks := []api.Check{{
		What: "processor", OK: true,
		Found: fmt.Sprintf("%s/%s, %d cores, vector kernels: %s", goruntime.GOOS, goruntime.GOARCH, goruntime.NumCPU(), simd.Kernels()),
	}}
	library := api.Check{What: "ONNX Runtime", Needed: true}
	path, err := loadLibrary(o)
	if library.OK = err == nil; err == nil {
		library.Found = fmt.Sprintf("%s, version %s", path, runtime.Version())
	} else {
		library.Found, library.Err = err.Error(), err
	}
	checks = append(checks, library)
	if library.OK {
		for _, d := range runtime.Devices {
			checks = append(checks, deviceCheck(d))
		}
	}
	for _, m := range Models(o) {
		c := api.Check{What: "model " + m.Name, OK: m.Present, Needed: m.Name == DefaultModel, Found: "weights are here"}
		if !m.Present {
			c.Found, c.Err = m.Reason, m.Err
		}
		checks = append(checks, c)
	}
	for _, d := range picture.Decoders() {
		c := api.Check{What: d.Formats + " by " + d.Name, OK: d.Err == nil, Found: d.Library}
		if d.Sandbox != "" {
			c.Found += " in " + d.Sandbox
		}
		if d.Err != nil {
			c.Found, c.Err = d.Err.Error(), d.Err
		}
		checks = append(checks, c)
	}
	return checks
}
