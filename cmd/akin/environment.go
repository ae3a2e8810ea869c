package main

import (
	"os"
	"path/filepath"
	"strconv"

	"github.com/akin-search/akin"
)

// What the environment says of where the library finds and keeps things. The library itself reads none of it.

// userHome is the folder of the user's data.
func userHome() akin.Home { return akin.Home(os.Getenv("AKIN_HOME")) }

// modelFolders are more folders that hold models.
func modelFolders() []string { return filepath.SplitList(os.Getenv("AKIN_MODELS")) }

// onnxRuntime is ONNX Runtime's shared library, or "".
func onnxRuntime() string { return os.Getenv("AKIN_ONNXRUNTIME") }

// clusterCache is how many bytes of a cluster's vectors may be copied to this machine, as akin.Options has it.
func clusterCache() (int64, error) {
	given := os.Getenv("AKIN_CLUSTER_CACHE")
	if given == "" {
		return 0, nil
	}
	gb, err := strconv.ParseFloat(given, 64)
	if err != nil || !(gb >= 0 && gb < 1e9) {
		return 0, usagef("$AKIN_CLUSTER_CACHE is %q, which is not a number of GB", given)
	}
	if gb == 0 {
		return -1, nil
	}
	return int64(gb * (1 << 30)), nil
}
