package main

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/weaviate"
)

// environment is what akin reads from the environment. The library reads none of it: what it
// needs are options.
type environment struct {
	collection   string
	home         akin.Home
	modelDirs    []string
	library      string // ONNX Runtime
	openVINO     string
	precision    string // the default of --precision
	hub          api.Hub
	jpegInGo     bool // AKIN_JPEG=go, to compare decoders
	token        string
	keys         map[string]string // of the store engines, by name
	clusterCache int64             // as akin.Options has it
	pager        string            // the program that shows long answers, "" for none
	updates      string            // where `akin update --check` asks
	problem      error             // of a value that cannot be used
}

// variable is an environment variable, and what its help says.
type variable struct{ name, about string }

// engines are the stores of remote collections: the scheme of their addresses, the variable with the API key, and what
// makes package akin open them.
var engines = []struct {
	name, key string
	register  func(key string)
}{
	{"weaviate", "AKIN_WEAVIATE_API_KEY", weaviate.Register},
}

// variables are all environment variables that akin reads, as its help lists them.
var variables = slices.Concat([]variable{
	{"AKIN_COLLECTION", "the collection, where --collection is not given"},
	{"AKIN_HOME", "the data folder: collections, added models, the token of akin serve (default: the system's folder for a user's data)"},
	{"AKIN_MODELS", "more folders of models, separated as in PATH"},
	{"AKIN_ONNXRUNTIME", "the ONNX Runtime library"},
	{"AKIN_OPENVINO", "OpenVINO's library libopenvino_c, for bf16 and Intel's graphics and neural processors"},
	{"AKIN_PRECISION", "the precision, where --precision is not given; fp32 to begin no embeddings in bf16"},
	{"AKIN_JPEG", "go: decode JPEG without libjpeg-turbo"},
	{"AKIN_TOKEN", "the token that clients of akin serve must send"},
}, keyVariables(), []variable{
	{"AKIN_CLUSTER_CACHE", "largest local copy of a collection in a cluster, in GB; 0 for none"},
	{"AKIN_PAGER", "the program that shows answers longer than the screen; cat for none (default: $PAGER, else less)"},
	{"AKIN_UPDATES", "where akin update --check asks for the newest release"},
	{"HF_HOME, HF_HUB_CACHE", "where checkpoints are stored, shared with Python tools"},
	{"HF_ENDPOINT, HF_TOKEN, HF_TOKEN_PATH, HF_HUB_OFFLINE", "how checkpoints are downloaded, as in Python tools"},
	{"TORCH_HOME", "where PyTorch stores checkpoints"},
	{"COLUMNS, NO_COLOR, TERM, COLORTERM", "how tables and pictures are shown in the terminal"},
})

func keyVariables() (all []variable) {
	for _, e := range engines {
		all = append(all, variable{e.key, "the API key of " + e.name + ":// collections"})
	}
	return all
}

func readEnvironment() environment {
	e := environment{
		collection: os.Getenv("AKIN_COLLECTION"),
		home:       akin.Home(os.Getenv("AKIN_HOME")),
		modelDirs:  filepath.SplitList(os.Getenv("AKIN_MODELS")),
		library:    os.Getenv("AKIN_ONNXRUNTIME"),
		openVINO:   os.Getenv("AKIN_OPENVINO"),
		precision:  cmp.Or(os.Getenv("AKIN_PRECISION"), "auto"),
		hub:        akin.HubFromEnvironment(os.Getenv),
		jpegInGo:   os.Getenv("AKIN_JPEG") == "go",
		token:      os.Getenv("AKIN_TOKEN"),
		keys:       map[string]string{},
		pager:      pagerFrom(os.LookupEnv),
		updates:    os.Getenv("AKIN_UPDATES"),
	}
	for _, engine := range engines {
		e.keys[engine.name] = os.Getenv(engine.key)
	}
	e.clusterCache, e.problem = clusterCache(os.Getenv("AKIN_CLUSTER_CACHE"))
	return e
}

// clusterCache parses a number of GB as akin.Options.ClusterCache.
func clusterCache(given string) (int64, error) {
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
	return int64(gb * 1e9), nil
}

// apply registers the store engines, and sets what is set for the whole process.
func (e environment) apply() {
	for _, engine := range engines {
		engine.register(e.keys[engine.name])
	}
	if e.jpegInGo {
		picture.DisableSystemJPEG()
	}
}

// environmentTopic is the help topic `akin help environment`.
func environmentTopic() *cobra.Command {
	var b strings.Builder
	b.WriteString("akin reads these environment variables:\n")
	for _, v := range variables {
		b.WriteString("\n  " + v.name + "\n      " + v.about)
	}
	return &cobra.Command{Use: "environment", Short: "Environment variables that akin reads", Long: b.String()}
}
