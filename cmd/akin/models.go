package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

func (a *app) modelsCommand() *cobra.Command {
	installed := false
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List models: dimension, size, licence, and which are installed",
		Long: `Lists the models that akin knows: dimension, size, licence, and which are installed.
Install others with "akin pull", or your own with "akin models add".`,
		Example: `  akin models
  akin models --installed
  akin models add mine mine.onnx --preprocess mine.json
  akin models remove mine`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			models := akin.Models(a.options())
			if installed {
				models = slices.DeleteFunc(models, func(m api.ModelInfo) bool { return !m.Present })
			}
			return a.Result(models, func() error { return a.Models(models) })
		},
	}
	cmd.Flags().BoolVar(&installed, "installed", false, "list only those that are installed")
	cmd.AddCommand(a.addModelCommand(), a.removeModelCommand())
	return cmd
}

type addModelOptions struct{ preprocess string }

func (a *app) addModelCommand() *cobra.Command {
	var o addModelOptions
	cmd := &cobra.Command{
		Use:   "add NAME FILE.onnx",
		Short: "Add an ONNX file as a model",
		Long: `Adds an ONNX file as a model of that name, and runs it once to check that it works. The
file is linked to, and stays where it is.

How pictures are preprocessed is described in JSON, with the fields of transformers'
preprocessor_config.json: size, image_mean and image_std, and, if they are not the usual
ones, crop_size, resample (2 bilinear, 3 bicubic) and rescale_factor. Without
--preprocess, that file next to FILE.onnx is used. More fields, all optional: "output"
and "input" name one of several; "pool" makes one embedding of an output: "first" or
"mean" of (n, tokens, dim), "mean" of a plane (n, c, h, w); "licence" and "about" are shown
by "akin models".`,
		Example: `  akin models add mine mine.onnx --preprocess mine.json
  akin index ~/Pictures -m mine

mine.json:
  {
    "size": {"height": 224, "width": 224}, "resample": 2,
    "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]
  }`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args[0], args[1]) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *addModelOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.preprocess, "preprocess", "", "how pictures are preprocessed, as `JSON` (default: the file next to the model)")
}

func (o *addModelOptions) run(ctx context.Context, a *app, name, file string) error {
	m, err := akin.AddModel(ctx, name, file, o.preprocess, a.options())
	if err != nil {
		return err
	}
	return a.Result(m, func() error { return a.AddedModel(m) })
}

func (a *app) removeModelCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a model that was added, or pulled from a folder",
		Long: `Removes the link that "akin models add", or "akin pull" of a folder, made. Your own files
stay, and so do the embeddings in collections.`,
		Example: "  akin models remove mine",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := akin.RemoveModel(args[0], a.options()); err != nil {
				return err
			}
			a.Notef("removed %s", args[0])
			return a.Result(map[string]string{"removed": args[0]}, func() error { return nil })
		},
	}
}
