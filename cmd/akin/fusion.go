package main

import (
	"strconv"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/spf13/cobra"
)

// fusionFlags say how several models' answers become one.
type fusionFlags struct {
	method  string
	weights []string
}

func (f *fusionFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.method, "fusion", api.FuseRanks, "how models are fused: rrf adds up reciprocal ranks, scores standard scores, csls these without hubs")
	cmd.Flags().StringSliceVar(&f.weights, "weights", nil, "how much models count in the fusion, as clip=2,vgg16=0.5 (1 where not named)")
}

func (f *fusionFlags) given() bool { return f.method != api.FuseRanks || len(f.weights) > 0 }

func (f *fusionFlags) read() (api.Fusion, error) {
	out := api.Fusion{Method: f.method}
	switch f.method {
	case api.FuseRanks, api.FuseScores, api.FuseCSLS:
	default:
		return out, usagef("--fusion %s: want rrf, scores or csls", f.method)
	}
	for _, text := range f.weights {
		model, number, ok := strings.Cut(text, "=")
		weight, err := strconv.ParseFloat(number, 64)
		if !ok || model == "" || err != nil || !(weight >= 0 && weight <= 1e6) {
			return out, usagef("--weights %s: want MODEL=NUMBER, as clip=2", text)
		}
		if out.Weights == nil {
			out.Weights = map[string]float64{}
		}
		out.Weights[model] = weight
	}
	return out, nil
}
