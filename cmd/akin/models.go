package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

func (a *app) modelsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List the models: dimension, size, licence, and whether they are here",
		Example: `  akin models
  akin models add mine mine.onnx --preprocess mine.json
  akin models remove mine`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			models := akin.Models(a.options())
			if a.json {
				return a.writeJSON(models)
			}
			t := term.Table{Columns: []term.Column{
				{Header: "model"}, {Header: "dim", Right: true}, {Header: "input"}, {Header: "size", Right: true},
				{Header: "speed"}, {Header: "licence"}, {Header: "here"}, {Header: "good at"},
			}}
			for _, m := range models {
				here := "no"
				if m.Present {
					here = "yes"
				}
				t.Add(m.Name, fmt.Sprint(m.Dim), fmt.Sprintf("%dx%d", m.Input[0], m.Input[1]), bytesText(m.Bytes), m.Speed, m.Licence, here, m.About)
			}
			return t.Write(a.screen)
		},
	}
	cmd.AddCommand(a.addModelCommand(), a.removeModelCommand())
	return cmd
}

func (a *app) addModelCommand() *cobra.Command {
	var preprocess string
	cmd := &cobra.Command{
		Use:   "add NAME FILE.onnx",
		Short: "Make an ONNX file of yours a model",
		Long: `Makes an ONNX file a model of that name, and runs it once to see that it works.
The file stays where it is and is linked to.

How pictures are prepared is told in JSON, in the fields of transformers'
preprocessor_config.json: size, image_mean and image_std, and, where they are not
the usual ones, crop_size, resample (2 bilinear, 3 bicubic) and rescale_factor.
Without --preprocess, that file beside FILE.onnx is taken. Further fields, all
optional: "output" and "input" name one of several; "pool" makes one embedding of an
output: "first" or "mean" of (n, tokens, dim), "mean" of a plane (n, c, h, w);
"licence" and "about" are shown by "akin models".`,
		Example: `  akin models add mine mine.onnx --preprocess mine.json
  akin index ~/Pictures -m mine

mine.json:
  {
    "size": {"height": 224, "width": 224}, "resample": 2,
    "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]
  }`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := akin.AddModel(cmd.Context(), args[0], args[1], preprocess, a.options())
			if err != nil {
				return err
			}
			if a.json {
				return a.writeJSON(m)
			}
			_, err = fmt.Fprintf(a.out, "%s: %d dimensions, pictures of %d x %d, %.1f million parameters\n",
				m.Name, m.Dim, m.Input[0], m.Input[1], float64(m.Params)/1e6)
			return err
		},
	}
	cmd.Flags().StringVar(&preprocess, "preprocess", "", "how pictures are prepared, as `JSON` (else what lies beside the file)")
	return cmd
}

func (a *app) removeModelCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Forget a model that was added, or pulled from a folder",
		Long: `Takes away what "akin models add", or "akin pull" of a folder, linked. Your own
files stay, and so do the embeddings of collections.`,
		Example: "  akin models remove mine",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := akin.RemoveModel(args[0], a.options()); err != nil {
				return err
			}
			a.notef("akin: removed %s", args[0])
			return nil
		},
	}
}
