package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/disk/disktest"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	if os.Getenv("AKIN_TEST_RUN") != "" { // a process for tests that end it
		if at, err := strconv.Atoi(os.Getenv("AKIN_TEST_DIE")); err == nil {
			disk.OS = &disktest.Faults{FS: disk.OS, At: at, Kill: die}
		}
		os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	testscript.Main(m, map[string]func(){
		"akin": func() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// die ends this process as SIGKILL does, at once and without a last word.
func die() {
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Kill()
	}
	select {}
}

// TestScripts runs testdata/script: each file has commands and what
// they must print. $FLAGS and $GOLDEN are the reference data, $ONNX tiny networks, $DEPS what set-up
// fetched; a script that asks for what is absent is skipped.
func TestScripts(t *testing.T) {
	t.Parallel()
	_, file, _, _ := runtime.Caller(0)
	root := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("AKIN_HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("FLAGS", filepath.Join(filepath.Dir(root), "shared", "flags"))
			e.Setenv("GOLDEN", filepath.Join(filepath.Dir(root), "shared", "golden"))
			if libraries, _ := filepath.Glob(filepath.Join(root, ".deps", "lib", "*onnxruntime*.so*")); len(libraries) > 0 {
				e.Setenv("AKIN_ONNXRUNTIME", libraries[0])
			}
			e.Setenv("AKIN_MODELS", filepath.Join(root, ".deps", "models"))
			e.Setenv("METADATA", filepath.Join(root, "internal", "picture", "testdata", "metadata"))
			e.Setenv("CROP", filepath.Join(root, "cmd", "akin", "testdata", "crop.jpg"))
			e.Setenv("ONNX", filepath.Join(root, "internal", "onnx", "testdata"))
			return nil
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "models": // ONNX Runtime and the default weights
				_, err := os.Stat(filepath.Join(root, ".deps", "models", "mobilenetv2-gem"))
				return err == nil, nil
			case "golden":
				_, err := os.Stat(filepath.Join(filepath.Dir(root), "shared", "golden", "models"))
				return err == nil, nil
			case "flags":
				_, err := os.Stat(filepath.Join(filepath.Dir(root), "shared", "flags", "images"))
				return err == nil, nil
			}
			return false, nil
		},
		RequireExplicitExec: true,
	})
}
