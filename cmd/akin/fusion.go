package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/akin-search/akin/api"
)

// fusionFlags choose how the hits of several models become one ranking.
type fusionFlags struct {
	method  string
	weights []string
}

func (f *fusionFlags) flags(flags *pflag.FlagSet) {
	flags.StringVar(&f.method, "fusion", api.FuseRanks, "how models are fused: rrf (reciprocal rank fusion), scores (sum of standard scores), or csls (standard scores corrected for hubs)")
	flags.StringSliceVar(&f.weights, "weights", nil, "weights of models in the fusion, e.g. clip=2,vgg16=0.5; 1 for the others")
}

func (f *fusionFlags) given() bool { return f.method != api.FuseRanks || len(f.weights) > 0 }

func (f *fusionFlags) read() (api.Fusion, error) {
	out := api.Fusion{Method: f.method}
	if !slices.Contains(api.FusionMethods, f.method) {
		return out, usagef("--fusion %s: use one of %s", f.method, strings.Join(api.FusionMethods, ", "))
	}
	for _, text := range f.weights {
		model, number, ok := strings.Cut(text, "=")
		weight, err := strconv.ParseFloat(number, 64)
		if !ok || model == "" || err != nil || !(weight >= 0 && weight <= 1e6) {
			return out, usagef("--weights %s: use MODEL=NUMBER, e.g. clip=2", text)
		}
		if out.Weights == nil {
			out.Weights = map[string]float64{}
		}
		out.Weights[model] = weight
	}
	return out, nil
}
