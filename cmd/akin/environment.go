package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin/weaviate"
)

// environment is what akin reads from the environment.
type environment struct {
	collection string
	token      string
	clusterKey string
}

// variables are all environment variables that akin reads, as its help lists them.
var variables = []struct{ name, about string }{
	{"AKIN_COLLECTION", "the collection, where --collection is not given"},
	{"AKIN_HOME", "the data folder: collections, added models, the token of akin serve (default: the system's folder for a user's data)"},
	{"AKIN_MODELS", "more folders of models, separated as in PATH"},
	{"AKIN_ONNXRUNTIME", "the ONNX Runtime library"},
	{"AKIN_TOKEN", "the token that clients of akin serve must send"},
	{"AKIN_WEAVIATE_API_KEY", "the API key of weaviate:// collections"},
	{"AKIN_CLUSTER_CACHE", "largest local copy of a collection in a cluster, in GB; 0 for none"},
	{"HF_HOME, HF_HUB_CACHE", "where checkpoints are stored, shared with Python tools"},
	{"HF_ENDPOINT, HF_TOKEN, HF_TOKEN_PATH, HF_HUB_OFFLINE", "how checkpoints are downloaded, as in Python tools"},
	{"TORCH_HOME", "where PyTorch stores checkpoints"},
	{"COLUMNS, NO_COLOR, TERM, COLORTERM", "how tables and pictures are shown in the terminal"},
}

func readEnvironment() environment {
	return environment{
		collection: os.Getenv("AKIN_COLLECTION"),
		token:      os.Getenv("AKIN_TOKEN"),
		clusterKey: os.Getenv("AKIN_WEAVIATE_API_KEY"),
	}
}

// apply makes collections in Weaviate clusters known.
func (e environment) apply() { weaviate.Register(e.clusterKey) }

// environmentTopic is the help topic `akin help environment`.
func environmentTopic() *cobra.Command {
	var b strings.Builder
	b.WriteString("akin reads these environment variables:\n")
	for _, v := range variables {
		b.WriteString("\n  " + v.name + "\n      " + v.about)
	}
	return &cobra.Command{Use: "environment", Short: "Environment variables that akin reads", Long: b.String()}
}
