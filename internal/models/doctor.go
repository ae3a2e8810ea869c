package models

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/container"
	"github.com/akin-search/akin/internal/model"
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

// numbersCheck compares a model with its reference, if the program has one, by one picture.
func numbersCheck(name string, o Options) []api.Check {
	o.Precision = ""
	c := api.Check{What: "numbers of " + name, Needed: name == DefaultModel}
	v, err := VerifyModel(context.Background(), name, api.VerifyOptions{Brief: true}, o)
	switch {
	case errors.Is(err, ErrNoReference):
		return nil
	case err != nil:
		c.Found, c.Err = err.Error(), err
	case v.OK:
		c.OK, c.Found = true, "they are the reference's"
	default:
		for _, p := range slices.Backward(v.Parts) { // the first is the cause of the others
			if !p.OK {
				c.Found = p.Part + ": " + p.Found
			}
		}
	}
	return []api.Check{c}
}

// openVINOChecks are of OpenVINO, which is optional, and of what it computes on the processor.
func openVINOChecks(o Options) []api.Check {
	library := api.Check{What: "OpenVINO"}
	path, err := loadOpenVINO(o)
	if err != nil {
		library.Found, library.Err = err.Error(), err
		return []api.Check{library}
	}
	library.OK, library.Found = true, fmt.Sprintf("%s, version %s", path, runtime.OpenVINOVersion())
	rounded := api.Check{What: "bf16 on the processor", Found: "networks compute in it"}
	if err := runtime.CheckBFloat16(); err != nil {
		rounded.Found, rounded.Err = err.Error(), err
	}
	rounded.OK = rounded.Err == nil
	return []api.Check{library, rounded}
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
	checks = append(checks, openVINOChecks(o)...)
	if library.OK {
		for _, d := range runtime.Devices {
			checks = append(checks, deviceCheck(d))
		}
	}
	absent := 0
	for _, m := range Models(o) {
		c := api.Check{What: "model " + m.Name, OK: m.Present, Needed: m.Name == DefaultModel, Found: "weights are here"}
		if !m.Present {
			if _, ok := errors.AsType[*model.NoWeightsError](m.Err); ok && !c.Needed {
				absent++
				continue
			}
			c.Found, c.Err = m.Reason, m.Err
		}
		checks = append(checks, c)
		if m.Present && library.OK {
			checks = append(checks, numbersCheck(m.Name, o)...)
		}
	}
	if absent > 0 {
		checks = append(checks, api.Check{What: "other models", OK: true, Found: fmt.Sprintf("%d of the catalogue can be installed", absent)})
	}
	for _, d := range append(picture.Decoders(), container.Programs()...) {
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
