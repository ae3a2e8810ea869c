package runtime_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/runtime"
)

func TestDevicesHaveNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"cpu": "cpu", "cuda": "cuda", "cuda:0": "cuda", "cuda:3": "cuda:3", "coreml": "coreml"} {
		if d, err := runtime.ParseDevice(name); err != nil || d.String() != want {
			t.Errorf("%s is %s, %v", name, d, err)
		}
	}
	for _, name := range []string{"", "auto", "gpu", "cpu:1", "cuda:", "cuda:-1", "cuda:x", "cuda:64", "coreml:0"} {
		if _, err := runtime.ParseDevice(name); !errors.Is(err, runtime.ErrDevice) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestAnAbsentDeviceIsNamed(t *testing.T) {
	t.Parallel()
	m := lite0(t)
	if err := runtime.CPU.Check(); err != nil {
		t.Error(err)
	}
	for _, device := range []runtime.Device{runtime.CUDA, runtime.CoreML} {
		err := device.Check()
		if err == nil {
			continue // this machine has it
		}
		var absent *runtime.DeviceError
		if !errors.Is(err, runtime.ErrDevice) || !errors.As(err, &absent) || absent.Device != device.String() {
			t.Errorf("%s: %v", device, err)
		}
		if _, err := runtime.NewSession(m, runtime.Options{Device: device}); !errors.Is(err, runtime.ErrDevice) {
			t.Errorf("%s: a session: %v", device, err)
		}
	}
	small, err := model.OpenDir(filepath.Join(golden.Dir(t), "models", "vit"), model.Options{Precision: model.Int8})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runtime.NewSession(small, runtime.Options{Device: runtime.CUDA}); !errors.Is(err, runtime.ErrDevice) || !strings.Contains(err.Error(), "fp16") {
		t.Errorf("int8 on a graphics card: %v", err)
	}
}

// Every device that works gives the reference's embeddings, in both of its precisions.
func TestEmbeddingsEqualTheReferenceOnEveryDevice(t *testing.T) {
	lite0(t) // loads the library
	openVINO(t)
	for _, device := range runtime.Devices {
		t.Run(device.String(), func(t *testing.T) {
			if err := device.Check(); err != nil {
				t.Skip(err)
			}
			eachModel(t, func(t *testing.T, m *model.Model, dir string) {
				names, pixels := inputs(t, m)
				want := golden.NPY(t, filepath.Join(dir, "embeddings.npy")).Float32()
				got := make([]float32, len(want))
				run := func(m *model.Model) {
					s, err := runtime.NewSession(m, runtime.Options{Device: device})
					if err != nil {
						t.Fatal(err)
					}
					defer s.Close()
					s.Bind()
					if err := s.Run(t.Context(), pixels, len(names), got); err != nil {
						t.Fatal(err)
					}
				}
				if device != runtime.OpenVINONPU { // it has fp16 only
					run(m)
					for i, name := range names {
						compare(t, name, got[i*m.Dim:(i+1)*m.Dim], want[i*m.Dim:(i+1)*m.Dim])
					}
				}
				if device == runtime.CPU || m.Name == "efficientnet-lite0" {
					return
				}
				half, err := model.OpenDir(dir, model.Options{Precision: model.Float16})
				if err != nil {
					t.Fatal(err)
				}
				run(half)
				for i, name := range names {
					if c := cosine(got[i*m.Dim:(i+1)*m.Dim], want[i*m.Dim:(i+1)*m.Dim]); !(c > 0.9995) {
						t.Errorf("%s in fp16: cosine %.7f", name, c)
					}
				}
			})
		})
	}
}

// The same with checkpoints that are part of the program's source, for machines without the golden data.
func TestFamiliesEqualTheReferenceOnEveryDevice(t *testing.T) {
	lite0(t) // loads the library
	openVINO(t)
	for _, device := range runtime.Devices {
		t.Run(device.String(), func(t *testing.T) {
			if err := device.Check(); err != nil || device == runtime.CPU { // other tests are of the processor
				t.Skip(err)
			}
			eachFamily(t, func(t *testing.T, dir string) {
				want := golden.NPY(t, filepath.Join(dir, "embeddings.npy"))
				for precision, nearest := range map[model.Precision]float64{model.Float32: 0.9999, model.Float16: 0.99} {
					if device == runtime.OpenVINONPU && precision == model.Float32 {
						continue
					}
					m, err := model.OpenDir(dir, model.Options{Precision: precision, Cache: t.TempDir()})
					if err != nil {
						t.Fatal(err)
					}
					s, err := runtime.NewSession(m, runtime.Options{Device: device})
					if err != nil {
						t.Fatal(err)
					}
					defer s.Close()
					got := make([]float32, len(want.Float32()))
					if err := s.Run(t.Context(), waves(t, dir)(m), want.Shape[0], got); err != nil {
						t.Fatal(err)
					}
					for i := range want.Shape[0] {
						if c := cosine(got[i*m.Dim:(i+1)*m.Dim], want.Float32()[i*m.Dim:(i+1)*m.Dim]); !(c > nearest) {
							t.Errorf("picture %d in %s: cosine %.7f", i, precision, c)
						}
					}
				}
			})
		})
	}
}
